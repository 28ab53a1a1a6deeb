//! Cost functions, each with its gradient and its convention.
//!
//! A cost compares the output `a: [k]` of *one* sample with its target `y` and is `C_x(a, y)`. A mini-batch of `n`
//! samples costs the average `C = 1/n sum_x C_x`, and so does its gradient: the `1/n` is applied by
//! [`Network::gradient`](crate::Network::gradient), once, to the gradients that come out of here (BP1 of the
//! averaged cost). The factors that stand *inside* `C_x` differ in the literature:
//!
//! | type | `C_x` | `dC_x/da_j` | same as |
//! |---|---|---|---|
//! | [`Quadratic`] | `1/2 sum_j (a_j - y_j)^2` | `a_j - y_j` | Nielsen eq. 6 |
//! | [`HalfMeanSquaredError`] | `1/(2k) sum_j (a_j - y_j)^2` | `(a_j - y_j) / k` | |
//! | [`MeanSquaredError`] | `1/k sum_j (a_j - y_j)^2` | `2 (a_j - y_j) / k` | PyTorch `MSELoss` |
//! | [`SoftmaxCrossEntropy`] | `-sum_j y_j ln softmax(z)_j` | `softmax(z)_j - y_j` | PyTorch `CrossEntropyLoss` |
//! | [`SigmoidCrossEntropy`] | `-sum_j [y_j ln s(z_j) + (1 - y_j) ln(1 - s(z_j))]` | `s(z_j) - y_j` | Nielsen eq. 63; `k` times PyTorch `BCEWithLogitsLoss` |
//! | [`NegativeLogLikelihood`] | `-sum_j y_j ln a_j` | `-y_j / a_j` | Nielsen eq. 80 |
//!
//! The two cross-entropies are fused with their activation: the network ends in
//! [`Identity`](crate::Identity), its outputs are the logits `z`, and they are stable for logits of any size.

use crate::activation::softmax;
use crate::math::Elementary;
use crate::{Scalar, Vector};

/// A cost function: compares an output of type `A` with a target of type `Y`.
pub trait Loss<A: Vector, Y> {
    /// Writes `dC_x/da` to `gradient` and returns `C_x`.
    fn evaluate(&self, output: &A, target: &Y, gradient: &mut A) -> A::Scalar;
}

/// A target for outputs of type `A`: values to be reached, probabilities of classes, or one [`Class`].
#[diagnostic::on_unimplemented(
    message = "target mismatch: `{Self}` is not a target for a network's output of `{A}`",
    label = "the network produces `{A}`",
    note = "a target for `[T; N]` is `[T; N]` or `Class<N>`"
)]
pub trait Target<A: Vector> {
    /// `y_j`.
    fn value(&self, j: usize) -> A::Scalar;
}

impl<T: Scalar, const N: usize> Target<[T; N]> for [T; N] {
    #[inline(always)]
    fn value(&self, j: usize) -> T {
        self.get(j).copied().unwrap_or(T::ZERO)
    }
}

/// The index of one of `N` classes; as a target, the vector with 1 at that index and 0 elsewhere.
///
/// It is checked once, when it is made, so that no training step has to:
///
/// ```
/// use stackprop::Class;
///
/// assert_eq!(Class::<10>::new(3).map(Class::index), Some(3));
/// assert_eq!(Class::<10>::new(10), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Class<const N: usize>(u16);

impl<const N: usize> Class<N> {
    /// The class of this index, `None` unless `index < N`.
    pub const fn new(index: usize) -> Option<Self> {
        const {
            assert!(
                0 < N && N <= 1 << 16,
                "a Class is one of at least 1 and at most 65536"
            )
        }
        if index < N {
            Some(Self(index as u16))
        } else {
            None
        }
    }

    /// The index, below `N`.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl<T: Scalar, const N: usize> Target<[T; N]> for Class<N> {
    #[inline(always)]
    fn value(&self, j: usize) -> T {
        if j == self.index() { T::ONE } else { T::ZERO }
    }
}

/// Evaluates a cost that is a sum over the outputs: `term(a_j, y_j)` gives the summand and its derivative.
/// The sum runs in ascending order from zero.
#[inline(always)]
fn sum_over_outputs<T: Scalar, const N: usize>(
    output: &[T; N],
    target: &impl Target<[T; N]>,
    gradient: &mut [T; N],
    term: impl Fn(T, T) -> (T, T),
) -> T {
    let mut sum = T::ZERO;
    for (j, (&a, gradient)) in output.iter().zip(gradient).enumerate() {
        let (cost, derivative) = term(a, target.value(j));
        *gradient = derivative;
        sum += cost;
    }
    sum
}

/// Implements a cost `factor * sum_j (a_j - y_j)^2` with the gradient `2 factor (a_j - y_j)`.
macro_rules! squared_error {
    ($(#[$doc:meta])* $name:ident, $n:ident => $factor:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name;

        impl<T: Scalar, Y: Target<[T; N]>, const N: usize> Loss<[T; N], Y> for $name {
            #[inline]
            fn evaluate(&self, output: &[T; N], target: &Y, gradient: &mut [T; N]) -> T {
                let $n = N as f64;
                let (factor, twice) = (T::from_f64($factor), T::from_f64(2.0 * $factor));
                factor * sum_over_outputs(output, target, gradient, |a, y| {
                    let error = a - y;
                    (error * error, twice * error)
                })
            }
        }
    };
}

squared_error! {
    /// The quadratic cost: `C_x = 1/2 ||a - y||^2`, `dC_x/da_j = a_j - y_j`.
    ///
    /// Averaged over `n` samples it is the `1/(2n) sum_x ||a - y||^2` of Nielsen, chapter 1, equation 6.
    ///
    /// ```
    /// use stackprop::{Loss, Quadratic};
    ///
    /// let mut gradient = [0.0; 2];
    /// assert_eq!(Quadratic.evaluate(&[3.0, 5.0], &[1.0, 6.0], &mut gradient), 2.5);
    /// assert_eq!(gradient, [2.0, -1.0]);
    /// ```
    Quadratic, k => { let _ = k; 0.5 }
}

squared_error! {
    /// Half the mean squared error: `C_x = 1/(2k) sum_j (a_j - y_j)^2`, `dC_x/da_j = (a_j - y_j) / k`, with `k` outputs.
    HalfMeanSquaredError, k => 0.5 / k
}

squared_error! {
    /// The mean squared error: `C_x = 1/k sum_j (a_j - y_j)^2`, `dC_x/da_j = 2 (a_j - y_j) / k`, with `k` outputs.
    ///
    /// Averaged over a mini-batch it is PyTorch's `MSELoss`: the mean over all elements, without a 1/2.
    MeanSquaredError, k => 1.0 / k
}

/// Softmax and cross-entropy in one, on logits: `C_x = -sum_j y_j ln softmax(z)_j`, `dC_x/dz_j = softmax(z)_j - y_j`.
///
/// The target is a [`Class`] or a vector of probabilities that add up to 1. The network's last layer has no
/// activation; softmax keeps the order, so [`argmax`](crate::argmax) of the logits is the class.
///
/// Computed as `sum_j y_j (m + ln sum_k e^(z_k - m) - z_j)` with `m = max z`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SoftmaxCrossEntropy;

impl<T: Scalar, Y: Target<[T; N]>, const N: usize> Loss<[T; N], Y> for SoftmaxCrossEntropy {
    #[inline]
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
    #[inline]
    fn evaluate(&self, logits: &[T; N], target: &Y, gradient: &mut [T; N]) -> T {
        sum_over_outputs(logits, target, gradient, |z, y| {
            // max(z, 0) - y z with the product's cancellation taken out: z (1 - y) or -z y, both of them >= 0.
            let linear = if z > T::ZERO {
                z * (T::ONE - y)
            } else {
                -z * y
            };
            (
                linear + Elementary::ln_1p(Elementary::exp(-z.abs())),
                Elementary::sigmoid(z) - y,
            )
        })
    }
}

/// Negative log-likelihood of *probabilities*, as a [`Softmax`](crate::Softmax) layer gives them:
/// `C_x = -sum_j y_j ln a_j`, which for a [`Class`] is `-ln a_class`; `dC_x/da_j = -y_j / a_j`.
///
/// A probability that has become 0 costs an infinity, which training reports; [`SoftmaxCrossEntropy`] is the same
/// cost without that limit. (PyTorch's `NLLLoss` expects the logarithms of the probabilities instead.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NegativeLogLikelihood;

impl<T: Scalar, Y: Target<[T; N]>, const N: usize> Loss<[T; N], Y> for NegativeLogLikelihood {
    #[inline]
    fn evaluate(&self, output: &[T; N], target: &Y, gradient: &mut [T; N]) -> T {
        sum_over_outputs(output, target, gradient, |a, y| {
            // 0 ln 0 is 0: an output that the target says nothing about costs nothing.
            if y == T::ZERO {
                (T::ZERO, T::ZERO)
            } else {
                (-y * Elementary::ln(a), -y / a)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    fn evaluate<Y: Target<[f64; 2]>>(
        loss: impl Loss<[f64; 2], Y>,
        a: [f64; 2],
        y: Y,
    ) -> (f64, [f64; 2]) {
        let mut gradient = [f64::NAN; 2];
        (loss.evaluate(&a, &y, &mut gradient), gradient)
    }

    // errors (2, -1): sum of squares 5, k = 2
    #[test]
    fn squared_errors() {
        let (a, y) = ([3.0, 5.0], [1.0, 6.0]);
        assert_eq!(evaluate(Quadratic, a, y), (2.5, [2.0, -1.0]));
        assert_eq!(evaluate(HalfMeanSquaredError, a, y), (1.25, [1.0, -0.5]));
        assert_eq!(evaluate(MeanSquaredError, a, y), (2.5, [2.0, -1.0]));
        assert_eq!(
            evaluate(Quadratic, a, Class::<2>::new(1).unwrap()),
            (0.5 * (9.0 + 16.0), [3.0, 4.0])
        );
    }

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
        let (cost, gradient) =
            evaluate(SigmoidCrossEntropy, [3_f64.ln(), -(3_f64.ln())], [1.0, 0.5]);
        let expected = -(0.75_f64.ln()) - 0.5 * (0.25_f64.ln() + 0.75_f64.ln());
        assert_abs_diff_eq!(cost, expected, epsilon = 1e-15);
        assert_abs_diff_eq!(gradient[..], [-0.25, -0.25][..], epsilon = 1e-15);
    }

    #[test]
    fn negative_log_likelihood() {
        let (cost, gradient) = evaluate(
            NegativeLogLikelihood,
            [0.25, 0.75],
            Class::<2>::new(0).unwrap(),
        );
        assert_abs_diff_eq!(cost, 4_f64.ln(), epsilon = 1e-15);
        assert_eq!(gradient, [-4.0, 0.0]);
        assert_eq!(
            evaluate(
                NegativeLogLikelihood,
                [0.0, 1.0],
                Class::<2>::new(1).unwrap()
            )
            .0,
            0.0
        );
    }

    // For logits of +-1e4 the cost is exactly the margin, 2e4 or 0, and the gradient exactly -1, 0 or 1.
    #[test]
    fn fused_costs_are_stable_for_huge_logits() {
        let mut gradient = [0.0_f32; 2];
        let logits = [1e4_f32, -1e4];
        let class = |index| Class::<2>::new(index).unwrap();
        assert_eq!(
            SoftmaxCrossEntropy.evaluate(&logits, &class(0), &mut gradient),
            0.0
        );
        assert_eq!(gradient, [0.0, 0.0]);
        assert_eq!(
            SoftmaxCrossEntropy.evaluate(&logits, &class(1), &mut gradient),
            2e4
        );
        assert_eq!(gradient, [1.0, -1.0]);
        assert_eq!(
            SigmoidCrossEntropy.evaluate(&logits, &[1.0, 0.0], &mut gradient),
            0.0
        );
        assert_eq!(gradient, [0.0, 0.0]);
        assert_eq!(
            SigmoidCrossEntropy.evaluate(&logits, &[0.0, 1.0], &mut gradient),
            2e4
        );
        assert_eq!(gradient, [1.0, -1.0]);
    }
}
