//! The logarithmic losses: cross-entropies on logits, fused with their activation, and the likelihood of probabilities.

use core::slice::from_mut;

use super::elementwise::{ElementwiseLoss, sum_of_terms};
use super::{Loss, Target};
use crate::activation::{Activation, Elementwise, Sigmoid, SoftplusRest};
use crate::kernel::Kernel;
use crate::math::Elementary;
use crate::range::{Distribution, Logits, LogitsOf};
use crate::scalar::Scalar;
use crate::scalar::first_largest;

/// Softmax and cross-entropy in one, on logits: `C_x = -sum_j y_j ln softmax(z)_j`,
/// `dC_x/dz_j = (sum_k y_k) softmax(z)_j - y_j`.
///
/// The target is a [`Class`](crate::Class) or a vector of probabilities. The gradient is the derivative of the
/// loss for every finite target, even if the `y_k` do not add up to 1. If all `y_k` are 0, loss and gradient are
/// 0. The network's last layer has no activation. Softmax preserves the order, so [`argmax`](crate::argmax) of
/// the logits is the class.
///
/// Let `m` be the (first) largest logit, `d_j = z_j - m <= 0`, and `rest` the sum of `e^(d_k)` over all other
/// logits. Then `-ln softmax(z)_j = ln(1 + rest) - d_j`: two terms >= 0, which cannot cancel, however sure the
/// network is. In the gradient, the derivative for the largest logit is computed as
/// `(sum_{k != j} y_k - y_j rest) / (1 + rest)`. For a class, the relative error of the loss and of each
/// derivative is therefore at most `(8 + N + D) u`, where `u` is 2^-24 for f32 and 2^-53 for f64, and `D` is the
/// distance between the largest and the smallest logit: each difference `d_k` is rounded once. (For subnormal
/// results, the error is one unit in the last place.) The bound also holds for the loss of any other target >= 0,
/// but not for the derivatives, which can cancel.
///
/// A logit of negative infinity has the probability 0: if its `y_j` is 0, its loss is 0, so a policy can mask
/// actions that are not allowed. The loss is NaN if a logit is NaN or positive infinity, or if all logits are
/// negative infinity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SoftmaxCrossEntropy;

impl<T: Scalar, Y: Target<[T; N]>, const N: usize> Loss<[T; N], Y> for SoftmaxCrossEntropy {
    type Takes = LogitsOf<N>;

    #[inline(always)]
    fn evaluate(&self, logits: &[T; N], target: &Y, gradient: &mut [T; N]) -> T {
        let (first, largest) = first_largest(logits);
        for (e, &z) in gradient.iter_mut().zip(logits) {
            *e = Elementary::exp(z - largest);
        }
        // The sum over all logits but the largest. It starts with the largest minus itself: 0, or NaN
        // if it is infinite.
        let mut rest = logits.get(first).map_or(T::ZERO, |&z| z - largest);
        for (j, &e) in (0..N).zip(&*gradient) {
            rest += if j == first { T::ZERO } else { e };
        }
        let ln_sum = Elementary::ln_1p(rest);
        let (y, denominator) = (target.value(first), T::ONE + rest);
        let (loss, others) = if let Some(class) = target.class() {
            // The same bits as below, without sums of zeros.
            let z = logits.get(class).copied().unwrap_or(T::ZERO);
            let scale = T::ONE / denominator;
            for g in gradient.iter_mut() {
                *g *= scale;
            }
            if let Some(g) = gradient.get_mut(class) {
                *g -= T::ONE;
            }
            (ln_sum - (z - largest), T::ONE - y)
        } else {
            let mut others = T::ZERO;
            let mut sum = T::ZERO * ln_sum; // so that a target of zeros does not hide a NaN
            for (j, &z) in (0..N).zip(logits) {
                let y = target.value(j);
                sum += if y == T::ZERO { T::ZERO } else { y * (ln_sum - (z - largest)) };
                others += if j == first { T::ZERO } else { y };
            }
            let scale = (y + others) / denominator;
            for (j, g) in (0..N).zip(&mut *gradient) {
                *g = *g * scale - target.value(j);
            }
            (sum, others)
        };
        if let Some(g) = gradient.get_mut(first) {
            *g = (others - y * rest) / denominator;
        }
        loss
    }

    #[inline(always)]
    fn accepts(&self, target: &Y) -> bool {
        target.all(T::is_finite)
    }
}

/// Sigmoid and binary cross-entropy in one, on logits, for targets `y_j` in [0, 1]:
/// `C_x = -sum_j [y_j ln s_j + (1 - y_j) ln(1 - s_j)]`, `dC_x/dz_j = s_j - y_j`, with `s_j = 1 / (1 + e^(-z_j))`.
///
/// The sum is *not* divided by the number of outputs (PyTorch's `BCEWithLogitsLoss` divides by it). The
/// network's last layer has no activation. The gradient does not contain sigma', so a saturated neuron
/// learns in proportion to its error.
///
/// A [`Class`](crate::Class) counts as `N` independent targets, of which one is 1. For one class of `N`, use
/// [`SoftmaxCrossEntropy`].
///
/// Computed as `sum_j |z_j| w_j + ln(1 + e^(-|z_j|))`, where `w_j` is `1 - y_j` for `z_j > 0`, else `y_j`. All
/// terms are >= 0, so the loss has a small relative error. The derivative for `z_j > 0` is computed as
/// `(1 - y_j) - s(-z_j)`, so that it is as accurate for large positive logits that are right as for large
/// negative ones. An infinite logit that is right has a loss of 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SigmoidCrossEntropy;

impl<T: Scalar> ElementwiseLoss<T> for SigmoidCrossEntropy {
    #[inline(always)]
    fn term(&self, z: T, y: T, _: T) -> (T, T) {
        (linear_part(z, y) + SoftplusRest::value(z), sigmoid_error(z, y, Sigmoid::value(-z.abs())))
    }
}

impl<T: Scalar, Y: Target<[T; N]>, const N: usize> Loss<[T; N], Y> for SigmoidCrossEntropy {
    type Takes = Logits;

    #[inline(always)]
    fn evaluate(&self, logits: &[T; N], target: &Y, gradient: &mut [T; N]) -> T {
        self.sum_of_terms(logits, target, gradient)
    }

    #[inline(always)]
    fn evaluate_on<K: Kernel>(&self, kernel: K, logits: &[T; N], target: &Y, gradient: &mut [T; N]) -> T {
        if N < 4 {
            return self.evaluate(logits, target, gradient); // two passes cost more than vectors gain
        }
        // `gradient` holds the logarithms until they are summed.
        *gradient = *logits;
        SoftplusRest::forward_on(kernel, from_mut(gradient));
        let mut sum = T::ZERO;
        for (j, (&z, &logarithm)) in (0..N).zip(logits.iter().zip(&*gradient)) {
            sum += linear_part(z, target.value(j)) + logarithm;
        }
        for (g, &z) in gradient.iter_mut().zip(logits) {
            *g = -z.abs();
        }
        Sigmoid::forward_on(kernel, from_mut(gradient));
        for (j, (g, &z)) in (0..N).zip(gradient.iter_mut().zip(logits)) {
            *g = sigmoid_error(z, target.value(j), *g);
        }
        sum
    }

    /// Accepts targets whose `y_j` are all in [0, 1].
    #[inline(always)]
    fn accepts(&self, target: &Y) -> bool {
        target.all(|y| T::ZERO <= y && y <= T::ONE)
    }
}

/// How wrong the logit's sign is: `1 - y` for `z > 0`, else `y`. This is the weight of `|z|` in the loss.
#[inline(always)]
fn wrong<T: Scalar>(z: T, y: T) -> T {
    if z > T::ZERO { T::ONE - y } else { y }
}

/// `max(z, 0) - y z`, computed without cancellation; 0 for an infinite logit that is right, too.
#[inline(always)]
fn linear_part<T: Scalar>(z: T, y: T) -> T {
    let wrong = wrong(z, y);
    if wrong == T::ZERO { T::ZERO } else { z.abs() * wrong }
}

/// `s(z) - y`, where `smaller` is the smaller of `s(z)` and `1 - s(z)`, which is `s(-|z|)`.
#[inline(always)]
fn sigmoid_error<T: Scalar>(z: T, y: T, smaller: T) -> T {
    let error = smaller - wrong(z, y);
    if z > T::ZERO { -error } else { error }
}

/// Negative log-likelihood of *probabilities*, as a [`Softmax`](crate::Softmax) layer gives them:
/// `C_x = -sum_j y_j ln a_j`, which for a [`Class`](crate::Class) is `-ln a_class`; `dC_x/da_j = -y_j / a_j`.
///
/// A probability that has become 0 has an infinite loss, which training reports; [`SoftmaxCrossEntropy`] is the
/// same loss without that limitation. (PyTorch's `NLLLoss` expects the logarithms of the probabilities instead.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NegativeLogLikelihood;

impl<T: Scalar> ElementwiseLoss<T> for NegativeLogLikelihood {
    #[inline(always)]
    fn term(&self, a: T, y: T, _: T) -> (T, T) {
        // 0 ln 0 is 0: an output whose target is 0 has a loss of 0 (unless it is NaN).
        if y == T::ZERO { (T::ZERO * a, T::ZERO) } else { (-y * Elementary::ln(a), -y / a) }
    }
}

sum_of_terms!(NegativeLogLikelihood, Distribution, |_, y| y.is_finite());

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
        let (loss, gradient) = evaluate(SoftmaxCrossEntropy, z, Class::<2>::new(0).unwrap());
        assert_abs_diff_eq!(loss, 4_f64.ln(), epsilon = 1e-15);
        assert_abs_diff_eq!(gradient[..], [-0.75, 0.75][..], epsilon = 1e-15);
        let (loss, gradient) = evaluate(SoftmaxCrossEntropy, z, [0.5, 0.5]);
        assert_abs_diff_eq!(loss, 4_f64.ln() - 0.5 * 3_f64.ln(), epsilon = 1e-15);
        assert_abs_diff_eq!(gradient[..], [-0.25, 0.25][..], epsilon = 1e-15);
    }

    // sigmoid(ln 3) = 3/4
    #[test]
    fn sigmoid_cross_entropy() {
        let (loss, gradient) = evaluate(SigmoidCrossEntropy, [3_f64.ln(), -(3_f64.ln())], [1.0, 0.5]);
        let expected = -(0.75_f64.ln()) - 0.5 * (0.25_f64.ln() + 0.75_f64.ln());
        assert_abs_diff_eq!(loss, expected, epsilon = 1e-15);
        assert_abs_diff_eq!(gradient[..], [-0.25, -0.25][..], epsilon = 1e-15);
    }

    /// [`SigmoidCrossEntropy`] as a level computes it.
    struct OnLevel<'a, K, const N: usize> {
        kernel: K,
        logits: &'a [f32; N],
        target: &'a [f32; N],
        gradient: &'a mut [f32; N],
    }

    impl<K: Kernel, const N: usize> Task for OnLevel<'_, K, N> {
        type Output = f32;

        #[inline(always)]
        fn run(self) -> f32 {
            let Self { kernel, logits, target, gradient } = self;
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
            let loss = SigmoidCrossEntropy.evaluate(&logits, &target, &mut plain);
            let on_level = dispatch!(|kernel| kernel.run(OnLevel {
                kernel,
                logits: &logits,
                target: &target,
                gradient: &mut vectors
            }));
            assert_eq!(loss.to_bits(), on_level.to_bits(), "{N}");
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
        let (loss, gradient) = evaluate(NegativeLogLikelihood, [0.25, 0.75], Class::<2>::new(0).unwrap());
        assert_abs_diff_eq!(loss, 4_f64.ln(), epsilon = 1e-15);
        assert_eq!(gradient, [-4.0, 0.0]);
        assert_eq!(evaluate(NegativeLogLikelihood, [0.0, 1.0], Class::<2>::new(1).unwrap()).0, 0.0);
    }

    fn assert_close<T: Scalar, const N: usize>(
        found: (T, [T; N]),
        loss: f64,
        gradient: [f64; N],
        units: f64,
    ) {
        // 2^-24 or 2^-53; only the wider type can represent 1 + 2^-30
        let unit = if T::from_f64(1.0 + f64::powi(2.0, -30)) > T::ONE { 53 } else { 24 };
        let bound = units * f64::powi(2.0, -unit);
        let pairs = found.1.into_iter().zip(gradient).chain([(found.0, loss)]);
        for (found, expected) in pairs {
            let error = (found.to_f64() - expected).abs();
            assert!(
                error <= bound * expected.abs(),
                "{found} for {expected}: {} units",
                error * bound / units
            );
        }
    }

    /// The loss and its gradient for class 0 as the target.
    fn first_class<T: Scalar, const N: usize>(logits: [T; N]) -> (T, [T; N]) {
        let mut gradient = [T::ONE / T::ZERO; N];
        (SoftmaxCrossEntropy.evaluate(&logits, &Class::<N>::new(0).unwrap(), &mut gradient), gradient)
    }

    // ln(1 + e^-m) and e^-m / (1 + e^-m), from mpmath. The bound is the documented one, (8 + N + D) u.
    #[test]
    fn a_sure_classifier_still_has_a_loss_and_a_gradient() {
        let loss = 3.059_022_737_137_205e-7;
        let derivative = 3.059_022_269_256_247e-7;
        assert_close(first_class([15.0_f32, 0.0]), loss, [-derivative, derivative], 25.0);
        assert_close(first_class([15.0_f64, 0.0]), loss, [-derivative, derivative], 25.0);
        let loss = 4.139_937_633_089_748e-8;
        let derivative = 4.139_937_547_394_331e-8;
        assert_close(first_class([17.0_f32, 0.0]), loss, [-derivative, derivative], 27.0);
        let loss = 4.539_889_921_686_465e-5;
        let derivative = 4.539_786_870_243_439_4e-5;
        assert_close(first_class([10.0_f32, 0.0]), loss, [-derivative, derivative], 20.0);
        let loss = 4.248_354_255_291_589e-18;
        assert_close(first_class([40.0_f64, 0.0]), loss, [-loss, loss], 50.0);
        assert_close(
            first_class([15.0_f32, 0.0, 1.0]),
            1.137_430_392_731_199_3e-6,
            [-1.137_429_745_857_495_4e-6, 3.059_019_725_594_271e-7, 8.315_277_732_980_682e-7],
            26.0,
        );
    }

    // ln 2, however large the logits
    #[test]
    fn equal_logits_have_the_same_loss_whatever_they_are() {
        for c in [0.0_f32, 1.0, -1e4, 1e4, 1e7, -1e8, 1e8, f32::MAX, f32::MIN] {
            assert_eq!(first_class([c; 2]), (core::f32::consts::LN_2, [-0.5, 0.5]), "{c}");
        }
        for c in [1e16_f64, -1e16, f64::MAX, f64::MIN] {
            assert_eq!(first_class([c; 2]), (core::f64::consts::LN_2, [-0.5, 0.5]), "{c}");
        }
    }

    // softmax (1/2, 1/2): the derivative is (sum y) / 2 - y_j.
    #[test]
    fn the_gradient_is_the_derivative_also_for_targets_that_do_not_sum_to_1() {
        let ln2 = core::f64::consts::LN_2;
        for (target, expected) in [
            ([2.0, 0.0], (2.0 * ln2, [-1.0, 1.0])),
            ([0.0, 2.0], (2.0 * ln2, [1.0, -1.0])),
            ([0.0, 0.0], (0.0, [0.0, 0.0])),
            ([-1.0, 0.0], (-ln2, [0.5, -0.5])),
            ([1.0, 3.0], (4.0 * ln2, [1.0, -1.0])),
        ] {
            assert_eq!(evaluate(SoftmaxCrossEntropy, [0.0, 0.0], target), expected, "{target:?}");
        }
    }

    // Central differences of the loss, with h = 2^-10. Their error is h^2 / 6 times a third
    // derivative of at most 10.
    #[test]
    fn the_gradient_is_the_slope_of_the_loss_for_any_target() {
        let targets = [[0.25, 0.5, 0.25], [3.0, 0.0, 0.5], [-2.0, 1.0, 0.25], [0.0, 0.0, -7.0]];
        for (z, y) in [[0.3, -0.2, 0.1], [4.0, 1.0, -3.0], [-2.0, 0.0, 5.0]].into_iter().zip(targets) {
            let loss = |z| SoftmaxCrossEntropy.evaluate(&z, &y, &mut [0.0; 3]);
            let mut gradient = [f64::NAN; 3];
            SoftmaxCrossEntropy.evaluate(&z, &y, &mut gradient);
            let h = 1.0 / 1024.0;
            for (j, g) in gradient.into_iter().enumerate() {
                let moved = |by| core::array::from_fn(|i| z[i] + if i == j { by } else { 0.0 });
                assert_abs_diff_eq!(g, (loss(moved(h)) - loss(moved(-h))) / (2.0 * h), epsilon = 2e-6);
            }
        }
    }

    #[test]
    fn a_class_is_a_vector_of_one_1() {
        for logits in [[0.25_f32, -3.0, 7.0, 1.0], [20.0, 20.0, -80.0, 3.0], [-1.0, 5.0, 5.0, 5.0]] {
            for class in 0..4 {
                let vector: [f32; 4] = core::array::from_fn(|j| f32::from(j == class));
                let (mut of_class, mut of_vector) = ([0.0; 4], [0.0; 4]);
                let loss =
                    SoftmaxCrossEntropy.evaluate(&logits, &Class::<4>::new(class).unwrap(), &mut of_class);
                assert_eq!(loss, SoftmaxCrossEntropy.evaluate(&logits, &vector, &mut of_vector));
                assert_eq!(of_class, of_vector);
            }
        }
    }

    #[test]
    fn a_masked_logit_has_the_probability_0() {
        let masked = [f32::NEG_INFINITY, 0.0];
        let mut gradient = [f32::NAN; 2];
        let class = |index| Class::<2>::new(index).unwrap();
        assert_eq!(SoftmaxCrossEntropy.evaluate(&masked, &class(1), &mut gradient), 0.0);
        assert_eq!(gradient, [0.0, 0.0]);
        gradient = [f32::NAN; 2];
        assert_eq!(SoftmaxCrossEntropy.evaluate(&masked, &[0.0, 1.0], &mut gradient), 0.0);
        assert_eq!(gradient, [0.0, 0.0]);
        // If the target is the masked class, the loss is infinite.
        assert_eq!(SoftmaxCrossEntropy.evaluate(&masked, &class(0), &mut gradient), f32::INFINITY);
        // Masked logits do not change the results of the others.
        let (loss, [first, second]) = first_class([0.5_f32, -0.25]);
        let among_masked = first_class([0.5, f32::NEG_INFINITY, -0.25, f32::NEG_INFINITY]);
        assert_eq!(among_masked, (loss, [first, 0.0, second, 0.0]));
    }

    #[test]
    fn what_is_not_a_number_is_not_hidden() {
        let (nan, infinity) = (f32::NAN, f32::INFINITY);
        let logits = [
            [nan, 0.0],
            [0.0, nan],
            [nan, nan],
            [-infinity, nan],
            [-infinity; 2],
            [infinity; 2],
            [infinity, 0.0],
        ];
        for logits in logits {
            for target in [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.0, 0.0]] {
                let loss = SoftmaxCrossEntropy.evaluate(&logits, &target, &mut [0.0; 2]);
                assert!(loss.is_nan(), "{logits:?} {target:?}: {loss}");
                if logits.iter().any(|z| z.is_nan()) {
                    let loss = SigmoidCrossEntropy.evaluate(&logits, &target, &mut [0.0; 2]);
                    assert!(loss.is_nan(), "{logits:?} {target:?}: {loss}");
                    let loss = NegativeLogLikelihood.evaluate(&logits, &target, &mut [0.0; 2]);
                    assert!(loss.is_nan(), "{logits:?} {target:?}: {loss}");
                }
            }
        }
        assert!(SoftmaxCrossEntropy.evaluate(&[nan], &[0.0], &mut [0.0]).is_nan());
    }

    // From mpmath: s(-40) = ln(1 + e^-40) to 17 digits; s(-17), ln(1 + e^-17).
    #[test]
    fn a_sigmoid_is_as_accurate_far_up_as_far_down() {
        let tail = 4.248_354_255_291_589e-18;
        for (logits, target) in [([40.0, -40.0], [1.0, 0.0]), ([-40.0, 40.0], [0.0, 1.0])] {
            let sign = if target[0] == 1.0 { -1.0 } else { 1.0 };
            assert_close(
                evaluate(SigmoidCrossEntropy, logits, target),
                2.0 * tail,
                [sign * tail, -sign * tail],
                6.0,
            );
        }
        let mut gradient = [0.0_f32; 4];
        for level in [false, true] {
            let (logits, target) = ([17.0, -17.0, 17.0, -17.0], [1.0, 0.0, 1.0, 0.0]);
            let loss = if level {
                dispatch!(|kernel| kernel.run(OnLevel {
                    kernel,
                    logits: &logits,
                    target: &target,
                    gradient: &mut gradient
                }))
            } else {
                SigmoidCrossEntropy.evaluate(&logits, &target, &mut gradient)
            };
            let (s, ln) = (4.139_937_547_394_331e-8, 4.139_937_633_089_748e-8);
            assert_close((loss, gradient), 4.0 * ln, [-s, s, -s, s], 10.0);
        }
    }

    #[test]
    fn an_infinite_logit_that_is_right_has_no_loss() {
        let infinity = f32::INFINITY;
        let mut gradient = [f32::NAN; 4];
        let (logits, target) = ([infinity, -infinity, infinity, -infinity], [1.0, 0.0, 1.0, 0.0]);
        assert_eq!(SigmoidCrossEntropy.evaluate(&logits, &target, &mut gradient), 0.0);
        assert_eq!(gradient, [0.0; 4]);
        gradient = [f32::NAN; 4];
        let loss = dispatch!(|kernel| kernel.run(OnLevel {
            kernel,
            logits: &logits,
            target: &target,
            gradient: &mut gradient
        }));
        assert_eq!((loss, gradient), (0.0, [0.0; 4]));
        for wrong in [[0.0, 0.0, 1.0, 0.0], [1.0, 0.5, 1.0, 0.0]] {
            assert_eq!(SigmoidCrossEntropy.evaluate(&logits, &wrong, &mut gradient), infinity);
        }
    }

    #[test]
    fn each_loss_accepts_its_own_targets() {
        fn accepted<Y: Target<[f32; 2]>>(y: Y) -> (bool, bool, bool) {
            let accepts = (
                Loss::<[f32; 2], Y>::accepts(&SigmoidCrossEntropy, &y),
                Loss::<[f32; 2], Y>::accepts(&SoftmaxCrossEntropy, &y),
                Loss::<[f32; 2], Y>::accepts(&NegativeLogLikelihood, &y),
            );
            // The squared errors accept what the likelihoods accept.
            assert_eq!(Loss::<[f32; 2], Y>::accepts(&crate::Quadratic, &y), accepts.1);
            assert_eq!(Loss::<[f32; 2], Y>::accepts(&crate::MeanSquaredError, &y), accepts.1);
            assert_eq!(Loss::<[f32; 2], Y>::accepts(&crate::HalfMeanSquaredError, &y), accepts.1);
            accepts
        }
        assert_eq!(accepted([0.0, 1.0]), (true, true, true));
        assert_eq!(accepted([-0.0, 0.5]), (true, true, true));
        assert_eq!(accepted([-1.0, 1.0]), (false, true, true));
        assert_eq!(accepted([0.5, 1.0 + f32::EPSILON]), (false, true, true));
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert_eq!(accepted([bad, 0.0]), (false, false, false));
            assert_eq!(accepted([0.0, bad]), (false, false, false));
        }
        assert_eq!(accepted(Class::<2>::new(1).unwrap()), (true, true, true));
    }

    // For logits of +-1e4 the loss is exactly the margin, 2e4 or 0, and the gradient exactly -1, 0 or 1.
    #[test]
    fn fused_losses_are_stable_for_huge_logits() {
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
