//! Augmentation: inputs that are changed at random each time they are read.
//!
//! | augmentation | what it does to an input | source |
//! |---|---|---|
//! | [`Noise`] | adds normal noise, of one deviation or one for each feature | Bishop 1995 |
//! | [`Scale`] | multiplies it by a random factor | Um et al. 2017 |
//! | [`Affine`] | rotates, zooms and shifts an image, in one bilinear interpolation | LeCun et al. 1998 |
//! | [`Shift`] | shifts an image by whole pixels | |
//! | [`FlipHorizontal`], [`FlipVertical`] | mirrors an image, one time in two | |
//! | [`Erase`] | overwrites a rectangle of an image ("cutout") | DeVries, Taylor 2017 |
//! | [`Sometimes`] | another augmentation, in some percent of all cases | |
//! | `(A, B)` | `A`, then `B` | |
//! | a closure `Fn(&mut X, &mut SampleRng)` | your own | |
//!
//! [`Dataset::augmented`] applies one to a data set; [`Mixup`](super::Mixup) mixes two samples. The random
//! numbers for a sample are a function of a seed, the epoch and the sample's [source index](super::Dataset::source_index) alone, so the bits depend
//! neither on the order, nor on mini-batches, nor on the tile.
//!
//! Images have `H` rows of `W` pixels of `C` channels, channels last: any [`Vector`](crate::Vector) of `H W C` numbers.
//!
//! ```
//! use stackprop::data::augment::{Affine, Noise};
//! use stackprop::{Dataset, MiniBatches};
//!
//! let images = [([0.5; 64], 'a'), ([0.25; 64], 'b')];
//! let affine = Affine::<8, 8> { degrees: 10.0, zoom: 0.1, shift: 1.0, fill: 0.0 };
//! let augmented = images.augmented((affine, Noise { deviation: 0.05 }), 1)?; // seed 1
//! for epoch in 0..2 {
//!     let augmented = augmented.at_epoch(epoch);
//!     for batch in MiniBatches::in_order(&augmented, 1) {
//!         // trainer.step(.., &batch)
//!         # let mut input = [0.0_f32; 64];
//!         # assert!(batch.sample(0, &mut input).is_some());
//!     }
//! }
//! # Ok::<(), stackprop::data::augment::AugmentError>(())
//! ```

use core::fmt;

use super::forward::types_of;
use super::{Dataset, SampleRng};
use crate::zero::Zero;

mod affine;
mod image;
mod numbers;

pub use affine::Affine;
pub use image::{Erase, FlipHorizontal, FlipVertical, Shift};
pub use numbers::{Noise, Scale};

/// A random change of an input `X`.
///
/// ```
/// use stackprop::data::augment::Augment;
/// use stackprop::data::SampleRng;
/// use stackprop::rand::Rng;
///
/// /// Sets one of the numbers to 0.
/// struct DropOne;
///
/// impl<const N: usize> Augment<[f32; N]> for DropOne {
///     fn augment(&self, input: &mut [f32; N], rng: &mut SampleRng) {
///         let place = rng.next_u32() as usize % N;
///         input[place] = 0.0;
///     }
/// }
///
/// let mut input = [1.0; 4];
/// DropOne.augment(&mut input, &mut SampleRng::new(1, 0, 0));
/// assert_eq!(input.iter().sum::<f32>(), 3.0);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an augmentation of `{X}`",
    label = "expected an augmentation, such as `Noise` or `Affine`",
    note = "several augmentations are nested pairs: `(a, (b, c))`"
)]
pub trait Augment<X> {
    /// Asserts what types cannot say, such as that an image has as many pixels as the input. Evaluated by
    /// [`Dataset::augmented`].
    const VALID: () = ();

    /// Changes `input`, with the random numbers of its sample.
    fn augment(&self, input: &mut X, rng: &mut SampleRng);

    /// Checks the settings, once, when a data set is augmented.
    ///
    /// # Errors
    ///
    /// [`AugmentError`] names the setting that is not allowed. The default accepts all.
    fn check(&self) -> Result<(), AugmentError> {
        Ok(())
    }
}

impl<X, F: Fn(&mut X, &mut SampleRng)> Augment<X> for F {
    #[inline]
    fn augment(&self, input: &mut X, rng: &mut SampleRng) {
        self(input, rng);
    }
}

impl<X, A: Augment<X>, B: Augment<X>> Augment<X> for (A, B) {
    const VALID: () = (A::VALID, B::VALID).0;

    #[inline]
    fn augment(&self, input: &mut X, rng: &mut SampleRng) {
        self.0.augment(input, rng);
        self.1.augment(input, rng);
    }

    fn check(&self) -> Result<(), AugmentError> {
        self.0.check()?;
        self.1.check()
    }
}

/// Applies the augmentation `A` to `PERCENT` percent of all inputs, drawn at random.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sometimes<const PERCENT: u32, A>(pub A);

impl<const PERCENT: u32, X, A: Augment<X>> Augment<X> for Sometimes<PERCENT, A> {
    const VALID: () = {
        let () = A::VALID;
        assert!(PERCENT <= 100, "`Sometimes<PERCENT, _>` is at most 100 percent");
    };

    #[inline]
    fn augment(&self, input: &mut X, rng: &mut SampleRng) {
        if u64::from(rng.word()) < (u64::from(PERCENT) << 32) / 100 {
            self.0.augment(input, rng);
        }
    }

    fn check(&self) -> Result<(), AugmentError> {
        self.0.check()
    }
}

/// A data set whose inputs are changed at random: see [`Dataset::augmented`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Augmented<D, A> {
    data: D,
    augment: A,
    seed: u32,
    epoch: u32,
}

impl<D: Dataset, A: Augment<D::Input>> Augmented<D, A> {
    pub(super) fn new(data: D, augment: A, seed: u32) -> Result<Self, AugmentError> {
        augment.check()?;
        Ok(Self { data, augment, seed, epoch: 0 })
    }
}

impl<D, A: Clone> Augmented<D, A> {
    /// The same with the random numbers of this epoch. It borrows the data set.
    #[must_use]
    pub fn at_epoch(&self, epoch: u32) -> Augmented<&D, A> {
        Augmented { data: &self.data, augment: self.augment.clone(), seed: self.seed, epoch }
    }
}

#[diagnostic::do_not_recommend]
impl<D: Dataset, A: Augment<D::Input>> Dataset for Augmented<D, A> {
    types_of!(D, by epoch true);

    fn len(&self) -> usize {
        self.data.len()
    }

    #[inline]
    fn sample(&self, index: usize, input: &mut D::Input) -> Option<D::TargetRef<'_>> {
        let target = self.data.sample(index, input)?;
        let rng = &mut SampleRng::new(self.seed, self.epoch, self.data.source_index(index));
        self.augment.augment(input, rng);
        Some(target)
    }

    #[inline]
    fn target(&self, index: usize) -> Option<D::TargetRef<'_>>
    where
        D::Input: Zero,
    {
        self.data.target(index)
    }

    fn source_index(&self, index: usize) -> usize {
        self.data.source_index(index)
    }
}

/// A setting of an augmentation is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AugmentError {
    /// The augmentation and its setting, such as `Affine::zoom`.
    pub setting: &'static str,
    /// What it must be, such as `at least 0 and less than 1`.
    pub must_be: &'static str,
}

impl AugmentError {
    /// `Ok` if `allowed`.
    ///
    /// # Errors
    ///
    /// This error otherwise.
    pub const fn unless(allowed: bool, setting: &'static str, must_be: &'static str) -> Result<(), Self> {
        if allowed { Ok(()) } else { Err(Self { setting, must_be }) }
    }
}

impl fmt::Display for AugmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` must be {}", self.setting, self.must_be)
    }
}

impl core::error::Error for AugmentError {}
