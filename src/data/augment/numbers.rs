//! Augmentations of any numbers: noise, and a random factor.

use super::{Augment, AugmentError, SampleRng};
use crate::init::fill_normal;
use crate::scalar::Scalar;
use crate::vector::Vector;
use crate::zero::Zero;

/// Adds independent normal numbers of mean 0: `x_j + deviation n_j`.
///
/// The deviation is a number for all features, or an array with one for each. An input of the noise is made on the stack.
///
/// ```
/// use stackprop::Dataset;
/// use stackprop::data::augment::Noise;
///
/// let data = [([1.0, 10.0], 'a')].augmented(Noise { deviation: [0.0, 0.5] }, 1)?;
/// let mut input = [0.0_f32; 2];
/// data.sample(0, &mut input);
/// assert!(input[0] == 1.0 && input[1] != 10.0);
/// # Ok::<(), stackprop::data::augment::AugmentError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise<S> {
    /// The standard deviation: at least 0.
    pub deviation: S,
}

fn check_deviations<T: Scalar>(deviations: &[T]) -> Result<(), AugmentError> {
    let allowed = deviations.iter().all(|deviation| *deviation >= T::ZERO && deviation.is_finite());
    AugmentError::unless(allowed, "Noise::deviation", "at least 0 and finite")
}

fn normal<X: Vector>(rng: &mut SampleRng) -> X {
    let mut noise = X::ZERO;
    fill_normal(noise.as_mut_slice(), X::Scalar::ZERO, X::Scalar::ONE, rng);
    noise
}

impl<X: Vector<Scalar = T>, T: Scalar> Augment<X> for Noise<T> {
    fn augment(&self, input: &mut X, rng: &mut SampleRng) {
        for (x, noise) in input.as_mut_slice().iter_mut().zip(normal::<X>(rng).as_slice()) {
            *x += self.deviation * *noise;
        }
    }

    fn check(&self) -> Result<(), AugmentError> {
        check_deviations(&[self.deviation])
    }
}

impl<T: Scalar, const N: usize> Augment<[T; N]> for Noise<[T; N]> {
    fn augment(&self, input: &mut [T; N], rng: &mut SampleRng) {
        for ((x, noise), deviation) in input.iter_mut().zip(normal::<[T; N]>(rng)).zip(&self.deviation) {
            *x += *deviation * noise;
        }
    }

    fn check(&self) -> Result<(), AugmentError> {
        check_deviations(&self.deviation)
    }
}

/// Multiplies all numbers of an input by the same random factor, uniform in `[low, high)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale<T> {
    /// The smallest factor.
    pub low: T,
    /// The limit of the factors, which is not reached: at least `low`. If it is `low`, that is the factor.
    pub high: T,
}

impl<X: Vector<Scalar = T>, T: Scalar> Augment<X> for Scale<T> {
    fn augment(&self, input: &mut X, rng: &mut SampleRng) {
        let factor = rng.uniform(self.low, self.high);
        for x in input.as_mut_slice() {
            *x *= factor;
        }
    }

    fn check(&self) -> Result<(), AugmentError> {
        let finite = self.low.is_finite() && (self.high - self.low).is_finite();
        AugmentError::unless(finite, "Scale", "finite factors")?;
        AugmentError::unless(self.low <= self.high, "Scale::high", "at least `low`")
    }
}
