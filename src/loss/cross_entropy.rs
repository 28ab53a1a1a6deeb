//! The logarithmic costs: cross-entropies on logits, fused with their activation, and likelihood of probabilities.

use core::slice::from_mut;

use super::{Loss, Target, sum_over_outputs};
use crate::Scalar;
use crate::activation::{Activation, Elementwise, Sigmoid, SoftplusRest, softmax};
use crate::kernel::Kernel;
use crate::math::Elementary;

/// Softmax and cross-entropy in one, on logits: `C_x = -sum_j y_j ln softmax(z)_j`, `dC_x/dz_j = softmax(z)_j - y_j`.
///
/// The target is a [`Class`](crate::Class) or a vector of probabilities that add up to 1. The network's last layer has no
/// activation; softmax keeps the order, so [`argmax`](crate::argmax) of the logits is the class.
///
/// Computed as `sum_j y_j (m + ln sum_k e^(z_k - m) - z_j)` with `m = max z`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SoftmaxCrossEntropy;

impl<T: Scalar, Y: Target<[T; N]>, const N: usize> Loss<[T; N], Y> for SoftmaxCrossEntropy {
    #[inline(always)]
    fn evaluate(&self, logits: &[T; N], target: &Y, gradient: &mut [T; N]) -> T {
        *gradient = *logits;
        let ln_sum = softmax(gradient);
        let mut sum = T::ZERO;
        for (j, (&z, gradient)) in logits.iter().zip(gradient).enumerate() {
            let y = target.value(j);
            sum += y * (ln_sum - z);
            *gradient -= y;
        }
        sum
    }
}

/// Sigmoid and binary cross-entropy in one, on logits, for targets `y_j` in [0, 1]:
/// `C_x = -sum_j [y_j ln s_j + (1 - y_j) ln(1 - s_j)]`, `dC_x/dz_j = s_j - y_j`, with `s_j = 1 / (1 + e^(-z_j))`.
///
/// The sum is *not* divided by the number of outputs (PyTorch's `BCEWithLogitsLoss` divides by it).
/// The network's last layer has no activation. The gradient does not contain sigma', so a saturated neuron
/// learns as fast as it is wrong.
///
/// Computed as `sum_j max(z_j, 0) - y_j z_j + ln(1 + e^(-|z_j|))`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SigmoidCrossEntropy;

impl<T: Scalar, Y: Target<[T; N]>, const N: usize> Loss<[T; N], Y> for SigmoidCrossEntropy {
    #[inline(always)]
    fn evaluate(&self, logits: &[T; N], target: &Y, gradient: &mut [T; N]) -> T {
        sum_over_outputs(logits, target, gradient, |z, y| {
            (linear_part(z, y) + SoftplusRest::value(z), Sigmoid::value(z) - y)
        })
    }

    #[inline(always)]
    fn evaluate_on<K: Kernel>(&self, kernel: K, logits: &[T; N], target: &Y, gradient: &mut [T; N]) -> T {
        if N < 4 {
            return self.evaluate(logits, target, gradient); // two passes cost more than vectors gain
        }
        // The logarithms take the gradient's place until they are summed.
        *gradient = *logits;
        SoftplusRest::forward_on(kernel, from_mut(gradient));
        let mut sum = T::ZERO;
        for (j, (&z, &logarithm)) in logits.iter().zip(&*gradient).enumerate() {
            sum += linear_part(z, target.value(j)) + logarithm;
        }
        *gradient = *logits;
        Sigmoid::forward_on(kernel, from_mut(gradient));
        for (j, s) in gradient.iter_mut().enumerate() {
            *s -= target.value(j);
        }
        sum
    }
}

/// `max(z, 0) - y z` with the product's cancellation taken out: `z (1 - y)` or `-z y`, both of them >= 0.
#[inline(always)]
fn linear_part<T: Scalar>(z: T, y: T) -> T {
    if z > T::ZERO { z * (T::ONE - y) } else { -z * y }
}

/// Negative log-likelihood of *probabilities*, as a [`Softmax`](crate::Softmax) layer gives them:
/// `C_x = -sum_j y_j ln a_j`, which for a [`Class`](crate::Class) is `-ln a_class`; `dC_x/da_j = -y_j / a_j`.
///
/// A probability that has become 0 costs an infinity, which training reports; [`SoftmaxCrossEntropy`] is the same
/// cost without that limit. (PyTorch's `NLLLoss` expects the logarithms of the probabilities instead.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NegativeLogLikelihood;

impl<T: Scalar, Y: Target<[T; N]>, const N: usize> Loss<[T; N], Y> for NegativeLogLikelihood {
    #[inline(always)]
    fn evaluate(&self, output: &[T; N], target: &Y, gradient: &mut [T; N]) -> T {
        sum_over_outputs(output, target, gradient, |a, y| {
            // 0 ln 0 is 0: an output that the target says nothing about costs nothing.
            if y == T::ZERO { (T::ZERO, T::ZERO) } else { (-y * Elementary::ln(a), -y / a) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Class;
    use crate::kernel::{Task, dispatch};
    use crate::loss::tests::evaluate;
    use approx::assert_abs_diff_eq;

    // logits (ln 1, ln 3): softmax (1/4, 3/4)
    #[test]
    fn softmax_cross_entropy() {
        let z = [0.0, 3_f64.ln()];
        let (cost, gradient) = evaluate(SoftmaxCrossEntropy, z, Class::<2>::new(0).unwrap());
        assert_abs_diff_eq!(cost, 4_f64.ln(), epsilon = 1e-15);
        assert_abs_diff_eq!(gradient[..], [-0.75, 0.75][..], epsilon = 1e-15);
        let (cost, gradient) = evaluate(SoftmaxCrossEntropy, z, [0.5, 0.5]);
        assert_abs_diff_eq!(cost, 4_f64.ln() - 0.5 * 3_f64.ln(), epsilon = 1e-15);
        assert_abs_diff_eq!(gradient[..], [-0.25, 0.25][..], epsilon = 1e-15);
    }

    // sigmoid(ln 3) = 3/4
    #[test]
    fn sigmoid_cross_entropy() {
        let (cost, gradient) = evaluate(SigmoidCrossEntropy, [3_f64.ln(), -(3_f64.ln())], [1.0, 0.5]);
        let expected = -(0.75_f64.ln()) - 0.5 * (0.25_f64.ln() + 0.75_f64.ln());
        assert_abs_diff_eq!(cost, expected, epsilon = 1e-15);
        assert_abs_diff_eq!(gradient[..], [-0.25, -0.25][..], epsilon = 1e-15);
    }

    /// [`SigmoidCrossEntropy`] as a level computes it: `(OnLevel, kernel, logits, target, gradient)`.
    struct OnLevel;

    impl<K: Kernel, const N: usize> Task for (OnLevel, K, &[f32; N], &[f32; N], &mut [f32; N]) {
        type Output = f32;

        #[inline(always)]
        fn run(self) -> f32 {
            let (OnLevel, kernel, logits, target, gradient) = self;
            SigmoidCrossEntropy.evaluate_on(kernel, logits, target, gradient)
        }
    }

    fn level_changes_no_bit<const N: usize>() {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32
        };
        for round in 0..200 {
            let logits: [f32; N] = core::array::from_fn(|_| (next() - 0.5) * (4 << (round % 8)) as f32);
            let target: [f32; N] = core::array::from_fn(|_| next());
            let (mut plain, mut vectors) = ([0.0; N], [0.0; N]);
            let cost = SigmoidCrossEntropy.evaluate(&logits, &target, &mut plain);
            let on_level = dispatch!(|kernel| kernel.run((OnLevel, kernel, &logits, &target, &mut vectors)));
            assert_eq!(cost.to_bits(), on_level.to_bits(), "{N}");
            assert_eq!(plain.map(f32::to_bits), vectors.map(f32::to_bits), "{N}");
        }
    }

    #[test]
    fn sigmoid_cross_entropy_in_vectors() {
        level_changes_no_bit::<1>();
        level_changes_no_bit::<4>();
        level_changes_no_bit::<7>();
        level_changes_no_bit::<10>();
        level_changes_no_bit::<16>();
        level_changes_no_bit::<30>();
        level_changes_no_bit::<33>();
    }

    #[test]
    fn negative_log_likelihood() {
        let (cost, gradient) = evaluate(NegativeLogLikelihood, [0.25, 0.75], Class::<2>::new(0).unwrap());
        assert_abs_diff_eq!(cost, 4_f64.ln(), epsilon = 1e-15);
        assert_eq!(gradient, [-4.0, 0.0]);
        assert_eq!(evaluate(NegativeLogLikelihood, [0.0, 1.0], Class::<2>::new(1).unwrap()).0, 0.0);
    }

    // For logits of +-1e4 the cost is exactly the margin, 2e4 or 0, and the gradient exactly -1, 0 or 1.
    #[test]
    fn fused_costs_are_stable_for_huge_logits() {
        let mut gradient = [0.0_f32; 2];
        let logits = [1e4_f32, -1e4];
        let class = |index| Class::<2>::new(index).unwrap();
        assert_eq!(SoftmaxCrossEntropy.evaluate(&logits, &class(0), &mut gradient), 0.0);
        assert_eq!(gradient, [0.0, 0.0]);
        assert_eq!(SoftmaxCrossEntropy.evaluate(&logits, &class(1), &mut gradient), 2e4);
        assert_eq!(gradient, [1.0, -1.0]);
        assert_eq!(SigmoidCrossEntropy.evaluate(&logits, &[1.0, 0.0], &mut gradient), 0.0);
        assert_eq!(gradient, [0.0, 0.0]);
        assert_eq!(SigmoidCrossEntropy.evaluate(&logits, &[0.0, 1.0], &mut gradient), 2e4);
        assert_eq!(gradient, [1.0, -1.0]);
    }
}
