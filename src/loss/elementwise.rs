//! Losses that are a sum over the outputs: each gives the term of one output, and the sum is here.
//!
//! `C_x = factor sum_j t(a_j, y_j)`, `dC_x/da_j = factor dt/da(a_j, y_j)`. The sum runs in ascending order from zero.

use super::Target;
use crate::scalar::Scalar;

/// A loss that is a sum over the outputs, `C_x = factor sum_j t(a_j, y_j)`, so that
/// [`OutputWeights`](crate::OutputWeights) can weight each output.
///
/// For a loss of your own, write the term, and let [`evaluate`](crate::Loss::evaluate) call
/// [`sum_of_terms`](ElementwiseLoss::sum_of_terms):
///
/// ```
/// use stackprop::range::Anything;
/// use stackprop::{ElementwiseLoss, Loss, OutputWeights, Target};
///
/// /// The sum of `e^4`, with the error `e = a - y`.
/// struct Quartic;
///
/// impl ElementwiseLoss<f32> for Quartic {
///     fn term(&self, a: f32, y: f32, factor: f32) -> (f32, f32) {
///         let cube = (a - y) * (a - y) * (a - y);
///         (cube * (a - y), factor * 4.0 * cube)
///     }
/// }
///
/// impl<Y: Target<[f32; N]>, const N: usize> Loss<[f32; N], Y> for Quartic {
///     type Takes = Anything;
///
///     fn evaluate(&self, output: &[f32; N], target: &Y, gradient: &mut [f32; N]) -> f32 {
///         self.sum_of_terms(output, target, gradient)
///     }
/// }
///
/// let mut gradient = [0.0; 2];
/// let weighted = OutputWeights { weights: [1.0, 0.5], loss: Quartic };
/// assert_eq!(weighted.evaluate(&[3.0, 1.0], &[1.0, 2.0], &mut gradient), 16.5);
/// assert_eq!(gradient, [32.0, -2.0]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a sum over the outputs, so its outputs cannot have weights",
    label = "expected a loss such as `MeanSquaredError`, `Huber` or `SigmoidCrossEntropy`",
    note = "for weights of classes, use `ClassWeights`; for weights of samples, `SampleWeights`",
    note = "a loss of your own is such a sum if it implements `ElementwiseLoss`"
)]
pub trait ElementwiseLoss<T: Scalar> {
    /// The factor of the sum for `k` outputs: 1 by default, `1/k` for a mean.
    #[inline(always)]
    fn factor(&self, k: usize) -> T {
        let _ = k;
        T::ONE
    }

    /// Returns `t(a, y)`, without the factor, and the derivative of the loss, `factor dt/da`.
    fn term(&self, a: T, y: T, factor: T) -> (T, T);

    /// The loss: writes `dC_x/da` to `gradient` and returns `C_x`.
    #[inline(always)]
    fn sum_of_terms<const N: usize>(
        &self,
        output: &[T; N],
        target: &impl Target<[T; N]>,
        gradient: &mut [T; N],
    ) -> T {
        let factor = self.factor(N);
        factor * sum(output, target, gradient, |_, a, y| self.term(a, y, factor))
    }
}

/// The sum of `term(j, a_j, y_j)`, which gives the summand and its derivative.
#[inline(always)]
pub(super) fn sum<T: Scalar, const N: usize>(
    output: &[T; N],
    target: &impl Target<[T; N]>,
    gradient: &mut [T; N],
    term: impl Fn(usize, T, T) -> (T, T),
) -> T {
    let mut sum = T::ZERO;
    // (Not `enumerate`: it has a panic path where overflow is checked.)
    for (j, (&a, gradient)) in (0..N).zip(output.iter().zip(gradient)) {
        let (loss, derivative) = term(j, a, target.value(j));
        *gradient = derivative;
        sum += loss;
    }
    sum
}

/// `1/k`, the factor of a mean over `k` outputs.
#[inline(always)]
pub(super) fn one_of<T: Scalar>(k: usize) -> T {
    T::from_f64(1.0 / k as f64)
}

/// Implements [`Loss`](super::Loss) for an [`ElementwiseLoss`]: what it takes, and which targets it accepts.
macro_rules! sum_of_terms {
    ($name:ty, $takes:ty, |$loss:pat_param, $y:pat_param| $accepts:expr) => {
        impl<T: $crate::scalar::Scalar, Y: $crate::loss::Target<[T; N]>, const N: usize>
            $crate::loss::Loss<[T; N], Y> for $name
        {
            type Takes = $takes;

            #[inline(always)]
            fn evaluate(&self, output: &[T; N], target: &Y, gradient: &mut [T; N]) -> T {
                self.sum_of_terms(output, target, gradient)
            }

            #[inline(always)]
            fn accepts(&self, target: &Y) -> bool {
                let $loss = self;
                target.all(|$y| $accepts)
            }
        }
    };
}
pub(super) use sum_of_terms;
