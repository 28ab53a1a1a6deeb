//! Weights of samples, and what all weights have in common. The weights of classes and outputs are in files of their own.
//!
//! The trainers average over all `n` samples of a mini-batch, whatever their weights: `C = 1/n sum_x w_x C_x`. PyTorch
//! divides a weighted mean by the sum of the weights instead, so a mini-batch of small weights has as large a gradient
//! there as any other. The two agree if the weights have the average 1.
//!
//! A weight of 0 makes loss and gradient 0, even if the loss alone would be infinite; an output that is NaN is not
//! hidden, and makes the loss NaN.

use super::Loss;
use crate::kernel::Kernel;
use crate::scalar::Scalar;
use crate::vector::Vector;
use crate::zero::Zero;

/// Whether a number can be a weight: finite, and not below 0.
#[inline(always)]
pub(super) fn is_weight<T: Scalar>(weight: T) -> bool {
    weight.is_finite() & (weight >= T::ZERO)
}

/// The loss of an output that does not count, and its gradient: 0, or NaN for the loss if an output is NaN.
#[inline(always)]
pub(super) fn nothing<A: Vector>(output: &A, gradient: &mut A) -> A::Scalar {
    gradient.as_mut_slice().fill(A::Scalar::ZERO);
    // `partial_cmp` of a NaN with itself is `None`.
    output.as_slice().iter().fold(A::Scalar::ZERO, |sum, a| if a.partial_cmp(a).is_none() { *a } else { sum })
}

/// Multiplies the loss that `evaluate` returns, and the gradient that it writes, by the weight.
#[inline(always)]
pub(super) fn weighted<A: Vector>(
    weight: A::Scalar,
    output: &A,
    gradient: &mut A,
    evaluate: impl FnOnce(&mut A) -> A::Scalar,
) -> A::Scalar {
    if weight == A::Scalar::ZERO {
        return nothing(output, gradient);
    }
    let loss = evaluate(gradient);
    for g in gradient.as_mut_slice() {
        *g *= weight;
    }
    weight * loss
}

/// A target with the weight of its sample, for [`SampleWeights`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Weighted<Y, T = f32> {
    /// The target.
    pub target: Y,
    /// The weight: finite, and at least 0.
    pub weight: T,
}

/// A loss whose samples have weights, `C_x = w_x L_x`, with the loss `L` and the targets [`Weighted`].
///
/// The average over a mini-batch is `1/n sum_x w_x L_x`: it is divided by the number of samples, not by the sum of
/// their weights as in PyTorch's losses with a `weight`. A sample with weight 0 has loss and gradient 0, but still
/// counts in `n`, and its target must be one that the loss accepts. A target whose weight is negative, infinite or NaN is
/// refused.
///
/// ```
/// use stackprop::{Loss, Quadratic, SampleWeights, Weighted};
///
/// let mut gradient = [0.0; 2];
/// let target = Weighted { target: [1.0, 6.0], weight: 3.0 };
/// assert_eq!(SampleWeights(Quadratic).evaluate(&[3.0, 5.0], &target, &mut gradient), 7.5);
/// assert_eq!(gradient, [6.0, -3.0]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SampleWeights<L>(pub L);

impl<A: Vector, Y, L: Loss<A, Y>> Loss<A, Weighted<Y, A::Scalar>> for SampleWeights<L> {
    type Takes = L::Takes;

    #[inline(always)]
    fn evaluate(&self, output: &A, target: &Weighted<Y, A::Scalar>, gradient: &mut A) -> A::Scalar {
        weighted(target.weight, output, gradient, |g| self.0.evaluate(output, &target.target, g))
    }

    #[inline(always)]
    fn evaluate_on<K: Kernel>(
        &self,
        kernel: K,
        output: &A,
        target: &Weighted<Y, A::Scalar>,
        gradient: &mut A,
    ) -> A::Scalar {
        weighted(target.weight, output, gradient, |g| self.0.evaluate_on(kernel, output, &target.target, g))
    }

    #[inline(always)]
    fn accepts(&self, target: &Weighted<Y, A::Scalar>) -> bool {
        is_weight(target.weight) && self.0.accepts(&target.target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Class, Joined, MeanSquaredError, NegativeLogLikelihood, Quadratic, SigmoidCrossEntropy};

    // errors (2, -1), half the sum of squares 2.5
    #[test]
    fn hand_computed() {
        let (loss, mut gradient) = (SampleWeights(Quadratic), [f64::NAN; 2]);
        let weighted = |weight| Weighted { target: [1.0, 6.0], weight };
        assert_eq!(loss.evaluate(&[3.0, 5.0], &weighted(3.0), &mut gradient), 7.5);
        assert_eq!(gradient, [6.0, -3.0]);
        assert_eq!(loss.evaluate(&[3.0, 5.0], &weighted(0.0), &mut gradient), 0.0);
        assert_eq!(gradient, [0.0, 0.0]);
    }

    /// A weight of 0 hides an infinite loss, but not an output that is NaN.
    #[test]
    fn a_weight_of_0() {
        let target = Weighted { target: Class::<2>::new(0).unwrap(), weight: 0.0 };
        let mut gradient = [f32::NAN; 2];
        assert_eq!(NegativeLogLikelihood.evaluate(&[0.0, 1.0], &target.target, &mut gradient), f32::INFINITY);
        let loss = SampleWeights(NegativeLogLikelihood);
        assert_eq!(loss.evaluate(&[0.0, 1.0], &target, &mut gradient), 0.0);
        assert_eq!(gradient, [0.0, 0.0]);
        assert!(loss.evaluate(&[0.0, f32::NAN], &target, &mut gradient).is_nan());
        assert_eq!(gradient, [0.0, 0.0]);
    }

    #[test]
    fn what_is_no_weight_is_refused() {
        let accepts = |weight, y| {
            Loss::<[f64; 1], _>::accepts(
                &SampleWeights(SigmoidCrossEntropy),
                &Weighted { target: [y], weight },
            )
        };
        assert!(accepts(0.0, 1.0) && accepts(1e300, 0.0) && accepts(-0.0, 1.0));
        assert!(!accepts(-1.0, 1.0) && !accepts(f64::NAN, 1.0) && !accepts(f64::INFINITY, 1.0));
        // Even with weight 0, the target is to be one of the loss.
        assert!(!accepts(0.0, 2.0));
    }

    /// Any loss, for any kind of output.
    #[test]
    fn a_loss_of_two_heads() {
        struct Heads;
        impl Loss<Joined<[f32; 2], [f32; 1]>, [f32; 1]> for Heads {
            type Takes = crate::range::Anything;

            fn evaluate(
                &self,
                output: &Joined<[f32; 2], [f32; 1]>,
                target: &[f32; 1],
                gradient: &mut Joined<[f32; 2], [f32; 1]>,
            ) -> f32 {
                gradient.0 = [1.0, 2.0];
                MeanSquaredError.evaluate(&output.1, target, &mut gradient.1)
            }
        }
        let mut gradient = Joined([0.0; 2], [0.0]);
        let target = Weighted { target: [1.0], weight: 0.5 };
        assert_eq!(SampleWeights(Heads).evaluate(&Joined([0.0; 2], [3.0]), &target, &mut gradient), 2.0);
        assert_eq!(gradient, Joined([0.5, 1.0], [2.0]));
    }
}
