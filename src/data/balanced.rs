//! Each class is drawn equally often.

use super::forward::reordered;
use super::sample_rng::{Purpose, SampleRng};
use super::{DataError, Dataset, Permutation, stratified};
use crate::loss::Class;
use crate::zero::Zero;

/// A data set in which every class is equally frequent: sample `i` is of class `i mod N`.
///
/// So each mini-batch, taken [in order](crate::MiniBatches::in_order), has each class equally often, or one more of some if `N` does
/// not divide its size.
/// A class goes through its samples in a random order, and then in another one, so none is drawn twice before all were drawn once.
/// An order is a function of seed, epoch, class and pass, and is computed, not stored.
///
/// There are as many samples of each class as the largest class has ("oversampling"); [`take`](Dataset::take) makes it less: `N` times the
/// size of the smallest class is "undersampling". The indices by class take memory that the caller provides, 4 bytes a sample. A draw
/// takes the time of a hash of 6 words, and of an index of a [`Permutation`].
///
/// ```
/// use stackprop::data::{Balanced, Dataset};
/// use stackprop::{Class, MiniBatches};
///
/// let class = |index| Class::<2>::new(index).unwrap();
/// let data = [0, 0, 0, 0, 0, 1].map(|index| ([0.0], class(index)));
/// let mut order = [0; 6];
/// let balanced = Balanced::new(&data, 1, &mut order)?; // seed 1
/// for epoch in 0..3 {
///     for batch in MiniBatches::in_order(&balanced.at_epoch(epoch), 4) {
///         assert_eq!(batch.class_counts()?, [batch.len() / 2; 2]);
///     }
/// }
/// # Ok::<(), stackprop::data::DataError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balanced<'i, D, const N: usize> {
    data: D,
    /// By class.
    order: &'i [u32],
    counts: [usize; N],
    len: usize,
    seed: u32,
    epoch: u32,
}

impl<'i, const N: usize, D: Dataset<Target = Class<N>, Input: Zero>> Balanced<'i, D, N> {
    /// Groups the samples of `data` by class, in `order`. Each target is read `N + 1` times.
    ///
    /// # Errors
    ///
    /// [`DataError::EmptyClass`] if a class has no samples. [`DataError::Buffer`] if `order` is shorter than the data set.
    /// [`DataError::Missing`] if a sample is missing.
    pub fn new(data: D, seed: u32, order: &'i mut [u32]) -> Result<Self, DataError> {
        let counts = stratified::counts(&data)?;
        if let Some((class, _)) = (0..N).zip(counts).find(|(_, count)| *count == 0) {
            return Err(DataError::EmptyClass { class });
        }
        let order = stratified::order(&data, order, N, |class, _| class)?;
        let largest = counts.iter().fold(0, |largest: usize, &count| largest.max(count));
        Ok(Self { data, order, counts, len: largest.saturating_mul(N), seed, epoch: 0 })
    }
}

impl<D: Dataset, const N: usize> Balanced<'_, D, N> {
    /// The same with the draws of this epoch. It borrows the data set.
    #[must_use]
    pub const fn at_epoch(&self, epoch: u32) -> Balanced<'_, &D, N> {
        let Self { ref data, order, counts, len, seed, .. } = *self;
        Balanced { data, order, counts, len, seed, epoch }
    }

    fn position(&self, index: usize) -> Option<usize> {
        if index >= self.len {
            return None;
        }
        let (class, draw) = (index.checked_rem(N)?, index.checked_div(N)?);
        let count = *self.counts.get(class)?;
        let start =
            self.counts.iter().take(class).fold(0, |start: usize, &count| start.saturating_add(count));
        let (pass, rank) = (draw.checked_div(count)?, draw.checked_rem(count)?);
        let mut rng = SampleRng::of(Purpose::Balance, self.seed, self.epoch, class).fork(pass);
        let rank = Permutation::random(count, &mut rng).index(rank)?;
        self.order.get(start.saturating_add(rank)).map(|&index| index as usize)
    }

    fn run(&self, _: usize, _: usize) -> Option<usize> {
        None
    }
}

reordered!([D: Dataset, const N: usize] Balanced<'_, D, N>, len |balanced| balanced.len, by epoch true);
