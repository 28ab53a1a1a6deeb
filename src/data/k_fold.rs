//! k-fold cross-validation.

use super::{DataError, Dataset, Indexed, Part, stratified};
use crate::loss::Class;
use crate::zero::Zero;

/// The folds of a data set: for each of `k` folds, a data set for training (all others) and one for validation (the fold).
///
/// The folds are those of scikit-learn's `KFold`: contiguous, and the first `n mod k` have one sample more than the rest, `n / k`. For
/// folds of random samples, shuffle the data set: `KFold::new(data.shuffled(&mut rng), 5)`.
///
/// ```
/// use stackprop::data::{Dataset, KFold};
///
/// let data = [([0.0], 0), ([1.0], 1), ([2.0], 2), ([3.0], 3), ([4.0], 4)];
/// let mut sizes = vec![];
/// for (train, validation) in KFold::new(&data, 3)? {
///     sizes.push((train.len(), validation.len()));
/// }
/// assert_eq!(sizes, [(3, 2), (3, 2), (4, 1)]);
/// # Ok::<(), stackprop::data::DataError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KFold<D> {
    data: D,
    samples: usize,
    folds: usize,
}

impl<D: Dataset + Copy> KFold<D> {
    /// `folds` folds of `data`, which is a reference or another data set that can be copied.
    ///
    /// # Errors
    ///
    /// [`DataError::Folds`] unless there are at least two folds, and at least as many samples.
    pub fn new(data: D, folds: usize) -> Result<Self, DataError> {
        let samples = data.len();
        if folds < 2 || folds > samples {
            return Err(DataError::Folds { folds, samples });
        }
        Ok(Self { data, samples, folds })
    }

    /// The data sets for training and validation of fold `fold`; `None` unless there is such a fold.
    #[must_use]
    pub fn fold(&self, fold: usize) -> Option<(Part<D>, Part<D>)> {
        let whole = self.samples.checked_div(self.folds)?;
        let larger = self.samples.wrapping_sub(whole.wrapping_mul(self.folds));
        if fold >= self.folds {
            return None;
        }
        let first = fold.wrapping_mul(whole).wrapping_add(fold.min(larger));
        let len = whole.wrapping_add(usize::from(fold < larger));
        Some((Part::without(self.data, first, len), Part::new(self.data, first, len)))
    }
}

impl<'i, D: Dataset + Copy> KFold<Indexed<'i, D>> {
    /// Folds in each of which every class is in proportion: the counts of a class differ at most by one from fold to fold, as do the
    /// sizes of the folds. They are those of scikit-learn's `StratifiedKFold`, which numbers classes by their first samples.
    ///
    /// Sample `r` of a class goes to fold `(s + r) mod k`, where `s` samples are of smaller classes. The order, in which the samples of
    /// a fold follow each other, needs memory that the caller provides: 4 bytes a sample. (Without memory, each access would
    /// have to search all samples for one of a class.) Each target is read `folds + 1` times.
    ///
    /// ```
    /// use stackprop::Class;
    /// use stackprop::data::{Dataset, KFold};
    ///
    /// let class = |index| Class::<2>::new(index).unwrap();
    /// let data = [0, 0, 0, 0, 1, 1].map(|index| ([0.0], class(index)));
    /// let mut order = [0; 6];
    /// for (train, validation) in KFold::stratified(&data, 2, &mut order)? {
    ///     assert_eq!(train.class_counts()?, [2, 1]);
    ///     assert_eq!(validation.class_counts()?, [2, 1]);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::Folds`] for fewer than two folds, or if no class has a sample for each fold. [`DataError::Buffer`] if `order` is
    /// shorter than the data set. [`DataError::Missing`] if a sample is missing.
    pub fn stratified<const N: usize>(data: D, folds: usize, order: &'i mut [u32]) -> Result<Self, DataError>
    where
        D: Dataset<Target = Class<N>, Input: Zero>,
    {
        let samples = data.len();
        let counts = stratified::counts(&data)?;
        let largest = counts.iter().fold(0, |largest: usize, &count| largest.max(count));
        if folds < 2 || folds > largest {
            return Err(DataError::Folds { folds, samples: largest });
        }
        let mut smaller = 0_usize;
        let starts = counts.map(|count| {
            let start = smaller;
            smaller = smaller.saturating_add(count);
            start
        });
        let order = stratified::order(&data, order, folds, |class, rank| {
            let start = starts.get(class).copied().unwrap_or(0);
            start.wrapping_add(rank).checked_rem(folds).unwrap_or(0)
        })?;
        Ok(Self { data: Indexed::new(data, order), samples, folds })
    }
}

impl<D: Dataset + Copy> IntoIterator for KFold<D> {
    type Item = (Part<D>, Part<D>);
    type IntoIter = Folds<D>;

    fn into_iter(self) -> Folds<D> {
        Folds { of: self, next: 0 }
    }
}

/// The data sets for training and validation of each fold of a [`KFold`], in order.
#[derive(Clone, Debug)]
pub struct Folds<D> {
    of: KFold<D>,
    next: usize,
}

impl<D: Dataset + Copy> Iterator for Folds<D> {
    type Item = (Part<D>, Part<D>);

    fn next(&mut self) -> Option<Self::Item> {
        let fold = self.of.fold(self.next)?;
        self.next = self.next.saturating_add(1);
        Some(fold)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let folds = self.of.folds.saturating_sub(self.next);
        (folds, Some(folds))
    }
}

impl<D: Dataset + Copy> ExactSizeIterator for Folds<D> {}
