//! The Kullback-Leibler divergence, on logits.

use super::cross_entropy::SoftmaxCrossEntropy;
use super::{Loss, Target};
use crate::math::Elementary;
use crate::range::LogitsOf;
use crate::scalar::Scalar;

/// Softmax and the Kullback-Leibler divergence from the target, on logits:
/// `C_x = sum_j y_j (ln y_j - ln softmax(z)_j)`, `dC_x/dz_j = (sum_k y_k) softmax(z)_j - y_j`.
///
/// The target is a vector of probabilities, none below 0, and `0 ln 0` is 0. It need not add up to 1; the gradient is
/// the derivative of the loss in any case. The gradient is that of [`SoftmaxCrossEntropy`], from which the loss differs by
/// the entropy of the target: it is 0 where the outputs are the target. A [`Class`](crate::Class) has no entropy, so both
/// losses are the same. The network's last layer has no activation.
///
/// Averaged over a mini-batch it is PyTorch's `KLDivLoss(reduction="batchmean")` of `log_softmax(z)`; PyTorch expects
/// the logarithms of probabilities, which no layer here has as outputs.
///
/// Computed as cross-entropy minus entropy. Near its minimum, 0, the two cancel: the error is relative to the
/// entropy of the target then, not to the loss, which can round to a number just below 0.
///
/// ```
/// use stackprop::{KlDivergence, Loss};
///
/// let mut gradient = [0.0; 2];
/// assert_eq!(KlDivergence.evaluate(&[3.0, 3.0], &[1.0, 0.0], &mut gradient), 2_f32.ln());
/// assert_eq!(gradient, [-0.5, 0.5]);
/// assert_eq!(KlDivergence.evaluate(&[3.0, 3.0], &[0.5, 0.5], &mut gradient), 0.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KlDivergence;

impl<T: Scalar, Y: Target<[T; N]>, const N: usize> Loss<[T; N], Y> for KlDivergence {
    type Takes = LogitsOf<N>;

    #[inline(always)]
    fn evaluate(&self, logits: &[T; N], target: &Y, gradient: &mut [T; N]) -> T {
        let cross_entropy = SoftmaxCrossEntropy.evaluate(logits, target, gradient);
        if target.class().is_some() {
            return cross_entropy;
        }
        let mut sum = T::ZERO; // minus the entropy
        for j in 0..N {
            let y = target.value(j);
            sum += if y == T::ZERO { T::ZERO } else { y * Elementary::ln(y) };
        }
        cross_entropy + sum
    }

    /// Accepts targets whose `y_j` are all finite and at least 0.
    #[inline(always)]
    fn accepts(&self, target: &Y) -> bool {
        target.all(|y| y.is_finite() & (y >= T::ZERO))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Class;
    use crate::loss::tests::evaluate;
    use approx::assert_abs_diff_eq;

    // softmax (1/4, 3/4), target (1/2, 1/2): 1/2 ln 2 + 1/2 ln(2/3)
    #[test]
    fn hand_computed() {
        let z = [0.0, 3_f64.ln()];
        let (loss, gradient) = evaluate(KlDivergence, z, [0.5, 0.5]);
        assert_abs_diff_eq!(loss, 0.5 * (4.0_f64 / 3.0).ln(), epsilon = 1e-15);
        assert_abs_diff_eq!(gradient[..], [-0.25, 0.25][..], epsilon = 1e-15);
        assert_abs_diff_eq!(evaluate(KlDivergence, z, [0.25, 0.75]).0, 0.0, epsilon = 1e-15);
        // A target with the sum 3: 1 ln 4 + 2 ln(8/3)
        let (loss, gradient) = evaluate(KlDivergence, z, [1.0, 2.0]);
        assert_abs_diff_eq!(loss, 4_f64.ln() + 2.0 * (8.0_f64 / 3.0).ln(), epsilon = 1e-15);
        assert_abs_diff_eq!(gradient[..], [-0.25, 0.25][..], epsilon = 1e-15);
    }

    #[test]
    fn zeros_in_the_target() {
        let z = [0.0, 3_f64.ln()];
        let class = Class::<2>::new(1).unwrap();
        assert_eq!(evaluate(KlDivergence, z, [0.0, 1.0]), evaluate(KlDivergence, z, class));
        assert_eq!(evaluate(KlDivergence, z, [0.0, 0.0]), (0.0, [0.0, 0.0]));
        assert!(evaluate(KlDivergence, [f64::NAN, 0.0], [0.0, 0.0]).0.is_nan());
    }

    #[test]
    fn no_target_is_negative() {
        let accepts = |y| KlDivergence.accepts(&[0.5, y]);
        assert!(accepts(0.0) && accepts(-0.0) && accepts(3.0));
        assert!(!accepts(-1e-9) && !accepts(f64::NAN) && !accepts(f64::INFINITY));
        assert!(Loss::<[f64; 2], _>::accepts(&KlDivergence, &Class::<2>::new(1).unwrap()));
    }
}
