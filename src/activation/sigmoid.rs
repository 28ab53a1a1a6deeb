//! The logistic function, `sigma(z) = 1 / (1 + e^-z)`, `sigma' = a (1 - a)`.

use super::{Elementwise, KeepA, value_is_the_function};
use crate::math::real::{Function, Real};
use crate::range;
use crate::scalar::Scalar;

/// The logistic function: `a = 1 / (1 + e^-z)`, in (0, 1).
///
/// `sigma' = a (1 - a)`, at most 1/4, and near 0 if the neuron is saturated: a quadratic loss then learns slowly,
/// see [`SigmoidCrossEntropy`](crate::SigmoidCrossEntropy). It has a small relative error for the stored `a`. But
/// `a` is rounded: from `z` = 17 (f32) or 37 (f64) on, it is 1, and `sigma'` is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sigmoid;

/// Turns each logit into a probability, `1 / (1 + e^-z)`.
///
/// Use it on the outputs of a network that was trained with
/// [`SigmoidCrossEntropy`](crate::SigmoidCrossEntropy). The result has the same bits as [`Sigmoid`].
///
/// ```
/// let [a, b] = stackprop::sigmoid(&[3_f32.ln(), 0.0]);
/// assert!((a - 0.75).abs() < 1e-6 && b == 0.5);
/// ```
#[must_use]
pub fn sigmoid<T: Scalar, const N: usize>(logits: &[T; N]) -> [T; N] {
    logits.map(Sigmoid::value)
}

impl Function for Sigmoid {
    #[inline(always)]
    fn of<R: Real>(z: R) -> R {
        z.sigmoid()
    }
}

impl Elementwise for Sigmoid {
    type Keeps = KeepA;
    type Range = range::Probability;
    const NAME: &'static str = "Sigmoid";

    value_is_the_function!();

    #[inline(always)]
    fn derivative<T: Scalar>(a: T) -> T {
        a * (T::ONE - a)
    }
}

/// From `-LIMIT` down, the logistic function of both types is 0. An argument clamped to `-LIMIT` is finite, so
/// its product with the logistic function is 0, too.
pub(super) const LIMIT: f64 = 746.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivative() {
        crate::activation::tests::check_derivative::<Sigmoid>(true, &[]);
    }

    // sigma(ln 3) = 3/4, sigma'(ln 3) = 3/16
    #[test]
    fn hand_computed() {
        let a = Sigmoid::value(3_f64.ln());
        approx::assert_abs_diff_eq!(a, 0.75, epsilon = 1e-15);
        approx::assert_abs_diff_eq!(Sigmoid::derivative(a), 0.1875, epsilon = 1e-15);
    }
}
