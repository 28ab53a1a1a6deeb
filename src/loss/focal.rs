//! The focal losses: cross-entropies on logits in which examples that are already classified well count less.
//!
//! Let `p` be the probability of what is right, `q = 1 - p`, and `l = -ln p`. The loss is `q^gamma l`. With the margin
//! `x`, for which `p = 1 / (1 + e^-x)`, `dq/dx = -p q` and `dl/dx = -q`, so its derivative is
//!
//! ```text
//! d/dx (q^gamma l) = -q^gamma (q + gamma p l) = dl/dx q^gamma (1 + gamma p l / q)
//! ```
//!
//! All terms have one sign, so nothing cancels; `l / q` is 1 where both are 0.

use super::cross_entropy::SoftmaxCrossEntropy;
use super::elementwise::{ElementwiseLoss, sum_of_terms};
use super::{Class, Loss};
use crate::activation::{Elementwise, Sigmoid, Softplus};
use crate::math::Elementary;
use crate::range::{Logits, LogitsOf};
use crate::scalar::Scalar;

/// The focal loss `q^gamma l`, and the factor by which its derivative differs from that of `l`.
#[inline(always)]
fn focus<T: Scalar>(gamma: T, p: T, q: T, l: T) -> (T, T) {
    let weight = if gamma == T::ZERO { T::ONE } else { Elementary::exp(gamma * Elementary::ln(q)) };
    // If `p` is 0, `l` may be infinite. If `q` is 0, the weight is 0, or `gamma` is.
    let steeper = if p == T::ZERO || q == T::ZERO { T::ZERO } else { gamma * p * (l / q) };
    (weight * l, weight * (T::ONE + steeper))
}

#[inline(always)]
fn is_gamma<T: Scalar>(gamma: T) -> bool {
    gamma.is_finite() & (gamma >= T::ZERO)
}

/// The focal loss of independent binary targets, on logits, for targets `y_j` that are 0 or 1:
/// `C_x = -sum_j alpha_t (1 - p_t)^gamma ln p_t`.
///
/// `p_t` is the probability of the target, `s(z_j)` for a `y_j` of 1 and `s(-z_j)` for 0, with `s(z) = 1 / (1 + e^(-z))`.
/// `alpha_t` is `alpha` for a `y_j` of 1 and `1 - alpha` for 0, and 1 for both if `alpha` is `None`. With
/// `x = z_j` for a `y_j` of 1 and `x = -z_j` for 0,
/// `dC_x/dx = -alpha_t (1 - p_t)^gamma [(1 - p_t) - gamma p_t ln p_t]`.
///
/// (Lin, Goyal, Girshick, He, Dollar 2017, "Focal Loss for Dense Object Detection", equation 5.) It is torchvision's
/// `sigmoid_focal_loss`, summed over the outputs and *not* divided by their number. With `gamma = 0` and no `alpha`, it is
/// [`SigmoidCrossEntropy`](crate::SigmoidCrossEntropy). A [`Class`] counts as `N` independent targets, of which one is 1.
///
/// The network's last layer has no activation. The loss is stable for logits of any size: the relative error of each
/// term and of each derivative is at most `(16 + 8 gamma + 2 gamma |z_j|) u`, where `u` is 2^-24 for f32 and 2^-53 for
/// f64. An infinite logit that is right has a loss of 0.
///
/// With a `gamma` that is negative, infinite or NaN, or an `alpha` outside [0, 1], the loss accepts no target.
///
/// ```
/// use stackprop::{Loss, SigmoidFocal};
///
/// let mut gradient = [0.0];
/// let loss = SigmoidFocal { gamma: 2.0, alpha: None };
/// assert_eq!(loss.evaluate(&[0.0], &[1.0], &mut gradient), 0.25 * 2_f32.ln()); // (1/2)^2 ln 2
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SigmoidFocal<T = f32> {
    /// How much less the well classified count; at least 0.
    pub gamma: T,
    /// The weight of targets of 1, from 0 to 1; targets of 0 have `1 - alpha`.
    pub alpha: Option<T>,
}

impl<T: Scalar> Default for SigmoidFocal<T> {
    /// `gamma` 2 and `alpha` 1/4, as in the paper and in torchvision.
    fn default() -> Self {
        Self { gamma: T::from_f64(2.0), alpha: Some(T::QUARTER) }
    }
}

impl<T: Scalar> ElementwiseLoss<T> for SigmoidFocal<T> {
    #[inline(always)]
    fn term(&self, z: T, y: T, _: T) -> (T, T) {
        let right = y == T::ONE;
        let x = if right { z } else { -z };
        let q = Sigmoid::value(-x);
        let (loss, factor) = focus(self.gamma, Sigmoid::value(x), q, Softplus::value(-x));
        let alpha = match self.alpha {
            None => T::ONE,
            Some(alpha) if right => alpha,
            Some(alpha) => T::ONE - alpha,
        };
        let slope = alpha * factor * q;
        (alpha * loss, if right { -slope } else { slope })
    }
}

sum_of_terms!(SigmoidFocal<T>, Logits, |loss, y| {
    let of_classes = loss.alpha.is_none_or(|alpha| T::ZERO <= alpha && alpha <= T::ONE);
    is_gamma(loss.gamma) & of_classes & ((y == T::ZERO) | (y == T::ONE))
});

/// The focal loss of one of `N` classes, on logits: `C_x = -(1 - p)^gamma ln p`, with `p = softmax(z)_c` for the
/// class `c`.
///
/// `dC_x/dz_j = (1 - p)^gamma (1 - gamma p ln p / (1 - p)) (softmax(z)_j - y_j)`, where `y` is 1 for the class and 0
/// elsewhere. The target is a [`Class`]. With `gamma = 0` it is [`SoftmaxCrossEntropy`]; the weights `alpha` of the
/// classes are [`ClassWeights`](crate::ClassWeights). (Lin et al. 2017, as for [`SigmoidFocal`].) PyTorch has no such
/// class.
///
/// The network's last layer has no activation. The loss is stable for logits of any size, with the relative error of
/// [`SoftmaxCrossEntropy`] for a class, multiplied by `2 + gamma`, and `(8 + 2 gamma L) u` more, where `L` is
/// `-ln(1 - p)`.
///
/// With a `gamma` that is negative, infinite or NaN, the loss accepts no target.
///
/// ```
/// use stackprop::{Class, Loss, SoftmaxFocal};
///
/// let mut gradient = [0.0; 2];
/// let loss = SoftmaxFocal { gamma: 1.0 };
/// assert_eq!(loss.evaluate(&[0.0, 0.0], &Class::<2>::new(0).unwrap(), &mut gradient), 0.5 * 2_f32.ln());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SoftmaxFocal<T = f32> {
    /// How much less the well classified count; at least 0.
    pub gamma: T,
}

impl<T: Scalar> Default for SoftmaxFocal<T> {
    /// `gamma` 2, as in the paper.
    fn default() -> Self {
        Self { gamma: T::from_f64(2.0) }
    }
}

impl<T: Scalar, const N: usize> Loss<[T; N], Class<N>> for SoftmaxFocal<T> {
    type Takes = LogitsOf<N>;

    #[inline(always)]
    fn evaluate(&self, logits: &[T; N], target: &Class<N>, gradient: &mut [T; N]) -> T {
        let l = SoftmaxCrossEntropy.evaluate(logits, target, gradient);
        // The derivative for the class is p - 1, computed without a difference where p is near 1.
        let q = gradient.get(target.index()).map_or(T::ZERO, |&g| -g);
        let (loss, factor) = focus(self.gamma, Elementary::exp(-l), q, l);
        for g in gradient.iter_mut() {
            *g *= factor;
        }
        loss
    }

    #[inline(always)]
    fn accepts(&self, _: &Class<N>) -> bool {
        is_gamma(self.gamma)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::tests::evaluate;
    use crate::{SigmoidCrossEntropy, SoftmaxCrossEntropy};
    use approx::assert_abs_diff_eq;

    // s(ln 3) = 3/4. Logit 1, y = 1: p = 3/4, weight 1/16. Logit 2, y = 0: p = 1/4, weight 9/16.
    // -dC/dx = q^2 (q + 2 p l): 1/16 (1/4 + 3/2 ln(4/3)) and 9/16 (3/4 + 1/2 ln 4).
    #[test]
    fn sigmoid_focal() {
        let (z, y) = ([3_f64.ln(), 3_f64.ln()], [1.0, 0.0]);
        let (first, second) = ((4.0_f64 / 3.0).ln(), 4_f64.ln());
        let (loss, gradient) = evaluate(SigmoidFocal { gamma: 2.0, alpha: None }, z, y);
        assert_abs_diff_eq!(loss, first / 16.0 + second * 9.0 / 16.0, epsilon = 1e-15);
        let slopes = [-(0.25 + 1.5 * first) / 16.0, (0.75 + 0.5 * second) * 9.0 / 16.0];
        assert_abs_diff_eq!(gradient[..], slopes[..], epsilon = 1e-15);
        let (loss, gradient) = evaluate(SigmoidFocal::default(), z, y);
        assert_abs_diff_eq!(loss, 0.25 * first / 16.0 + 0.75 * second * 9.0 / 16.0, epsilon = 1e-15);
        assert_abs_diff_eq!(gradient[..], [0.25 * slopes[0], 0.75 * slopes[1]][..], epsilon = 1e-15);
    }

    // softmax (1/4, 3/4), class 0: q = 3/4, l = ln 4, p l / q = ln 4 / 3; the derivatives of l are -3/4 and 3/4.
    #[test]
    fn softmax_focal() {
        let class = Class::<2>::new(0).unwrap();
        let mut gradient = [f64::NAN; 2];
        let loss = SoftmaxFocal { gamma: 2.0 }.evaluate(&[0.0, 3_f64.ln()], &class, &mut gradient);
        assert_abs_diff_eq!(loss, 9.0 / 16.0 * 4_f64.ln(), epsilon = 1e-15);
        let slope = 27.0 / 64.0 * (1.0 + 2.0 / 3.0 * 4_f64.ln());
        assert_abs_diff_eq!(gradient[..], [-slope, slope][..], epsilon = 1e-15);
    }

    #[test]
    fn without_gamma_it_is_the_cross_entropy() {
        for z in [[0.5_f64, -3.0], [40.0, 2.0], [-700.0, 700.0], [0.0, 0.0]] {
            for index in [0, 1] {
                let class = Class::<2>::new(index).unwrap();
                let softmax = evaluate(SoftmaxCrossEntropy, z, class);
                let mut gradient = [f64::NAN; 2];
                let loss = SoftmaxFocal { gamma: 0.0 }.evaluate(&z, &class, &mut gradient);
                assert_eq!((loss, gradient), softmax, "{z:?}");
                let focal = evaluate(SigmoidFocal { gamma: 0.0, alpha: None }, z, class);
                let sigmoid = evaluate(SigmoidCrossEntropy, z, class);
                assert_abs_diff_eq!(focal.0, sigmoid.0, epsilon = 1e-15 * sigmoid.0);
                assert_abs_diff_eq!(focal.1[..], sigmoid.1[..], epsilon = 1e-15);
            }
        }
    }

    #[test]
    fn infinite_logits() {
        let infinity = f64::INFINITY;
        for gamma in [0.0, 0.5, 1.0, 2.0] {
            let loss = SigmoidFocal { gamma, alpha: None };
            let right = evaluate(loss, [infinity, -infinity], [1.0, 0.0]);
            assert_eq!(right, (0.0, [0.0; 2]), "{gamma}");
            assert_eq!(evaluate(loss, [infinity, -infinity], [0.0, 1.0]), (infinity, [1.0, -1.0]));
            let mut gradient = [f64::NAN; 2];
            let class = Class::<2>::new(1).unwrap();
            let loss = SoftmaxFocal { gamma }.evaluate(&[-infinity, 0.0], &class, &mut gradient);
            assert_eq!((loss, gradient), (0.0, [0.0; 2]), "{gamma}");
        }
    }

    #[test]
    fn what_is_not_a_number_is_not_hidden() {
        for z in [[f64::NAN, 0.0], [0.0, f64::NAN]] {
            assert!(evaluate(SigmoidFocal::default(), z, [1.0, 0.0]).0.is_nan());
            let class = Class::<2>::new(0).unwrap();
            assert!(SoftmaxFocal::default().evaluate(&z, &class, &mut [0.0; 2]).is_nan());
        }
    }

    #[test]
    fn targets_and_settings() {
        let accepts = |gamma, alpha, y| SigmoidFocal { gamma, alpha }.accepts(&[y]);
        assert!(accepts(0.0, None, 0.0) && accepts(2.0, Some(0.0), 1.0) && accepts(0.5, Some(1.0), 1.0));
        for y in [0.5, -1.0, f64::NAN] {
            assert!(!accepts(2.0, None, y), "{y}");
        }
        for bad in [-0.5, f64::NAN, f64::INFINITY] {
            assert!(!accepts(bad, None, 1.0) && !accepts(2.0, Some(bad), 1.0), "{bad}");
            let class = Class::<2>::new(0).unwrap();
            assert!(!Loss::<[f64; 2], _>::accepts(&SoftmaxFocal { gamma: bad }, &class));
        }
        assert!(!accepts(2.0, Some(1.5), 1.0));
    }
}
