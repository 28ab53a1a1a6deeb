//! The samples of each epoch, and their order.

use std::fmt;

use stackprop::Dataset;
use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};

/// What a network is trained on: a data set, or [`ByEpoch`] if it changes from epoch to epoch.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a data set",
    label = "not a data set",
    note = "a data set is a slice, an array or a `Vec` of pairs `(input, target)`, or `Samples` of two slices",
    note = "data that change by epoch are `&ByEpoch(|epoch| ...)`, with a closure that returns a data set"
)]
pub trait TrainingData {
    /// The input of the network it is for.
    type Input;

    /// What the output for a sample is compared with.
    type Target;

    /// The data set of one epoch.
    type Data<'a>: Dataset<Input = Self::Input, Target = Self::Target>
    where
        Self: 'a;

    /// Whether it is a data set that changes by epoch ([`Dataset::BY_EPOCH`]), but cannot be asked for the one of an epoch.
    #[doc(hidden)]
    const IS_OF_ONE_EPOCH: bool;

    /// The data set of this epoch, counted from 0. The same epoch must always have the same samples, so that a run can go on in
    /// the middle of it.
    fn at_epoch(&self, epoch: u32) -> Self::Data<'_>;
}

impl<D: Dataset + ?Sized> TrainingData for D {
    type Input = D::Input;
    type Target = D::Target;
    type Data<'a>
        = &'a D
    where
        D: 'a;

    const IS_OF_ONE_EPOCH: bool = D::BY_EPOCH;

    fn at_epoch(&self, _epoch: u32) -> &D {
        self
    }
}

/// Training data that change from epoch to epoch: a closure from the epoch, counted from 0, to a data set.
///
/// What it draws at random has to follow from the epoch and the sample alone, so that a resumed run has the bits of the
/// uninterrupted one. The augmentations of [`stackprop::data`] do: `ByEpoch(|epoch| augmented.at_epoch(epoch))`. (As `&augmented`, they do not
/// compile: each epoch would have the same random changes.)
///
/// ```
/// use stackprop::{Dense, Network, Quadratic, Sgd, Trainer};
/// use stackprop_kit::fit::{ByEpoch, Fit};
///
/// type Net = Network<1, Dense<1, 1>>;
/// let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 2>::zeros());
/// // Easy samples first.
/// let data: Vec<([f32; 1], [f32; 1])> = (0..8).map(|i| ([i as f32 / 8.0], [i as f32])).collect();
/// let growing = ByEpoch(|epoch| &data[..(2 + epoch as usize).min(8)]);
/// let history = Fit::new(&mut network, &mut trainer, &Sgd { learning_rate: 0.1 }, &Quadratic, &growing)
///     .epochs(10)
///     .batch(2)
///     .run()?;
/// assert_eq!(history.epochs[9].step, 1 + 2 + 2 + 3 + 3 + 4 * 5);
/// # Ok::<(), stackprop_kit::fit::FitError>(())
/// ```
#[derive(Clone, Copy)]
pub struct ByEpoch<F>(pub F);

impl<F> fmt::Debug for ByEpoch<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByEpoch")
    }
}

impl<D: Dataset, F: Fn(u32) -> D> TrainingData for ByEpoch<F> {
    type Input = D::Input;
    type Target = D::Target;
    type Data<'a>
        = D
    where
        F: 'a;

    const IS_OF_ONE_EPOCH: bool = false;

    fn at_epoch(&self, epoch: u32) -> D {
        self.0(epoch)
    }
}

/// The generator that [`Fit`](super::Fit) shuffles the mini-batches of an epoch with.
///
/// It follows from the seed and the epoch alone, so a checkpoint has no generator. A plain loop with the same mini-batches:
///
/// ```
/// use stackprop::{Dense, MiniBatches, Network, Quadratic, Sgd, Trainer};
/// use stackprop_kit::fit::{Fit, generator};
///
/// type Net = Network<1, Dense<1, 1>>;
/// let (sgd, data) = (Sgd { learning_rate: 0.1 }, [([1.0], [2.0]), ([2.0], [4.0]), ([3.0], [6.0])]);
///
/// let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 2>::zeros());
/// for epoch in 0..5 {
///     let batches = MiniBatches::shuffled(&data, 2, &mut generator(7, epoch));
///     trainer.epoch(&mut network, &sgd, &Quadratic, batches)?;
/// }
///
/// let (mut other, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 2>::zeros());
/// Fit::new(&mut other, &mut trainer, &sgd, &Quadratic, &data).epochs(5).batch(2).seed(7).run()?;
/// assert_eq!(other, network);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn generator(seed: u64, epoch: u32) -> Xoshiro128PlusPlus {
    // The generator hashes this number again. The factor is that of SplitMix64: other epochs are far apart.
    let epoch = u64::from(epoch).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Xoshiro128PlusPlus::seed_from_u64(mix(seed).wrapping_add(epoch))
}

/// A bijection whose results look random: the end of SplitMix64 (Steele, Lea, Flood 2014).
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
