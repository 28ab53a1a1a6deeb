//! Weights of outputs.

use super::elementwise::{ElementwiseLoss, sum};
use super::weights::{is_weight, nothing};
use super::{Loss, Target};
use crate::scalar::Scalar;

/// A loss whose outputs have weights: `C_x = factor sum_j w_j t(a_j, y_j)`, with a loss `factor sum_j t(a_j, y_j)` that is
/// [a sum over the outputs](ElementwiseLoss).
///
/// `dC_x/da_j` is `w_j` times that of the loss. The factor stays that of the loss, such as `1/k` for
/// [`MeanSquaredError`](crate::MeanSquaredError), whatever the weights. That of
/// [`SigmoidCrossEntropy`](crate::SigmoidCrossEntropy) is `k` times PyTorch's `BCEWithLogitsLoss(weight=w)`. An output of
/// weight 0 has no part in the loss, but its target must be one that the loss accepts.
///
/// Unless all weights are finite and at least 0, the loss accepts no target.
///
/// ```
/// use stackprop::{Loss, OutputWeights, Quadratic};
///
/// let mut gradient = [0.0; 2];
/// let loss = OutputWeights { weights: [2.0, 0.0], loss: Quadratic };
/// assert_eq!(loss.evaluate(&[3.0, 5.0], &[1.0, 6.0], &mut gradient), 4.0);
/// assert_eq!(gradient, [4.0, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OutputWeights<L, const N: usize, T = f32> {
    /// The weight of each output.
    pub weights: [T; N],
    /// The loss of outputs of weight 1.
    pub loss: L,
}

impl<T, Y, L, const N: usize> Loss<[T; N], Y> for OutputWeights<L, N, T>
where
    T: Scalar,
    Y: Target<[T; N]>,
    L: ElementwiseLoss<T> + Loss<[T; N], Y>,
{
    type Takes = L::Takes;

    #[inline(always)]
    fn evaluate(&self, output: &[T; N], target: &Y, gradient: &mut [T; N]) -> T {
        let factor = self.loss.factor(N);
        factor
            * sum(output, target, gradient, |j, a, y| {
                let weight = self.weights.value(j);
                if weight == T::ZERO {
                    return (nothing(&[a], &mut [a]), T::ZERO);
                }
                let (value, derivative) = self.loss.term(a, y, factor);
                (weight * value, weight * derivative)
            })
    }

    #[inline(always)]
    fn accepts(&self, target: &Y) -> bool {
        self.weights.all(is_weight) && self.loss.accepts(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::tests::evaluate;
    use crate::{Class, MeanSquaredError, NegativeLogLikelihood, SigmoidCrossEntropy};

    // squared errors (4, 1) with weights (3, 8): (12 + 8) / 2
    #[test]
    fn hand_computed() {
        let loss = OutputWeights { weights: [3.0, 8.0], loss: MeanSquaredError };
        assert_eq!(evaluate(loss, [3.0, 5.0], [1.0, 6.0]), (10.0, [6.0, -8.0]));
    }

    #[test]
    fn weights_of_1_change_nothing() {
        for (z, y) in [([0.3, -4.0], [0.25, 0.5]), ([700.0, -800.0], [1.0, 1.0])] {
            let loss = OutputWeights { weights: [1.0; 2], loss: SigmoidCrossEntropy };
            assert_eq!(evaluate(loss, z, y), evaluate(SigmoidCrossEntropy, z, y));
        }
    }

    /// The first output has an infinite loss. NaN is not hidden.
    #[test]
    fn a_weight_of_0() {
        let loss = OutputWeights { weights: [0.0, 1.0], loss: NegativeLogLikelihood };
        let class = Class::<2>::new(0).unwrap();
        assert_eq!(evaluate(loss, [0.0, 1.0], class), (0.0, [0.0, 0.0]));
        assert!(evaluate(loss, [f64::NAN, 1.0], class).0.is_nan());
    }

    #[test]
    fn all_weights_and_the_target_are_checked() {
        for bad in [-1.0, f64::NAN, f64::INFINITY] {
            for weights in [[1.0, bad], [bad, 1.0]] {
                assert!(!OutputWeights { weights, loss: MeanSquaredError }.accepts(&[1.0, 0.0]));
            }
        }
        let loss = OutputWeights { weights: [0.0, 3.0], loss: SigmoidCrossEntropy };
        assert!(loss.accepts(&[1.0, 0.5]) && !loss.accepts(&[2.0, 0.5]));
    }
}
