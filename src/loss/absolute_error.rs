//! Losses that grow as `|e|` for large errors `e = a - y`, so that an outlier does not dominate the gradient.

use super::elementwise::{ElementwiseLoss, one_of, sum_of_terms};
use crate::math::Elementary;
use crate::range::Anything;
use crate::scalar::Scalar;

/// `x` for a positive `e`, `-x` for a negative one, and `e` itself if it is 0 or NaN.
#[inline(always)]
fn with_sign_of<T: Scalar>(e: T, x: T) -> T {
    if e > T::ZERO {
        x
    } else if e < T::ZERO {
        -x
    } else {
        e
    }
}

/// The mean absolute error: `C_x = 1/k sum_j |a_j - y_j|`, `dC_x/da_j = sign(a_j - y_j) / k`, with `k` outputs.
///
/// The derivative is 0 where the error is 0. Averaged over a mini-batch it is PyTorch's `L1Loss`.
///
/// ```
/// use stackprop::{Loss, MeanAbsoluteError};
///
/// let mut gradient = [0.0; 2];
/// assert_eq!(MeanAbsoluteError.evaluate(&[3.0, 5.0], &[1.0, 6.0], &mut gradient), 1.5);
/// assert_eq!(gradient, [0.5, -0.5]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeanAbsoluteError;

impl<T: Scalar> ElementwiseLoss<T> for MeanAbsoluteError {
    #[inline(always)]
    fn factor(&self, k: usize) -> T {
        one_of(k)
    }

    #[inline(always)]
    fn term(&self, a: T, y: T, factor: T) -> (T, T) {
        let e = a - y;
        (e.abs(), with_sign_of(e, factor))
    }
}

sum_of_terms!(MeanAbsoluteError, Anything, |_, y| y.is_finite());

/// Huber's loss: `C_x = 1/k sum_j h(a_j - y_j)`, with `h(e) = e^2 / 2` for `|e| <= delta`, else
/// `delta (|e| - delta / 2)`.
///
/// `dC_x/da_j = e / k` for `|e| <= delta`, else `delta sign(e) / k`, with `k` outputs. `delta` is above 0; with any
/// other, or one that is infinite or NaN, the loss accepts no target. (Huber 1964, "Robust Estimation of a Location
/// Parameter".) Averaged over a mini-batch it is PyTorch's `HuberLoss`.
///
/// ```
/// use stackprop::{Huber, Loss};
///
/// let mut gradient = [0.0; 2];
/// assert_eq!(Huber { delta: 2.0 }.evaluate(&[4.0, 5.0], &[1.0, 6.0], &mut gradient), 2.25);
/// assert_eq!(gradient, [1.0, -0.5]);
/// assert!(!Huber { delta: -1.0 }.accepts(&[1.0, 6.0]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Huber<T = f32> {
    /// The largest error that is squared, above 0.
    pub delta: T,
}

impl<T: Scalar> Default for Huber<T> {
    /// PyTorch's `delta`, 1.
    fn default() -> Self {
        Self { delta: T::ONE }
    }
}

impl<T: Scalar> ElementwiseLoss<T> for Huber<T> {
    #[inline(always)]
    fn factor(&self, k: usize) -> T {
        one_of(k)
    }

    #[inline(always)]
    fn term(&self, a: T, y: T, factor: T) -> (T, T) {
        let (e, delta, half) = (a - y, self.delta, T::from_f64(0.5));
        if e.abs() <= delta {
            (half * e * e, factor * e)
        } else {
            (delta * (e.abs() - half * delta), factor * with_sign_of(e, delta))
        }
    }
}

sum_of_terms!(Huber<T>, Anything, |loss, y| {
    y.is_finite() & loss.delta.is_finite() & (loss.delta > T::ZERO)
});

/// The smooth mean absolute error: `C_x = 1/k sum_j h(a_j - y_j)`, with `h(e) = e^2 / (2 beta)` for `|e| < beta`,
/// else `|e| - beta / 2`.
///
/// `dC_x/da_j = e / (beta k)` for `|e| < beta`, else `sign(e) / k`, with `k` outputs. It is [`Huber`]'s loss with
/// `delta = beta`, divided by `beta`, and with `beta = 0` it is [`MeanAbsoluteError`]. With a `beta` that is negative,
/// infinite or NaN, the loss accepts no target. (Girshick 2015, "Fast R-CNN", equation 3.) Averaged over a mini-batch it
/// is PyTorch's `SmoothL1Loss`.
///
/// ```
/// use stackprop::{Loss, SmoothL1};
///
/// let mut gradient = [0.0; 2];
/// assert_eq!(SmoothL1 { beta: 2.0 }.evaluate(&[4.0, 5.0], &[1.0, 6.0], &mut gradient), 1.125);
/// assert_eq!(gradient, [0.5, -0.25]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SmoothL1<T = f32> {
    /// From this error on, the loss is linear; at least 0.
    pub beta: T,
}

impl<T: Scalar> Default for SmoothL1<T> {
    /// PyTorch's `beta`, 1.
    fn default() -> Self {
        Self { beta: T::ONE }
    }
}

impl<T: Scalar> ElementwiseLoss<T> for SmoothL1<T> {
    #[inline(always)]
    fn factor(&self, k: usize) -> T {
        one_of(k)
    }

    #[inline(always)]
    fn term(&self, a: T, y: T, factor: T) -> (T, T) {
        let (e, beta, half) = (a - y, self.beta, T::from_f64(0.5));
        if e.abs() < beta {
            // The ratio is below 1, so nothing overflows.
            let ratio = e / beta;
            (half * e * ratio, factor * ratio)
        } else {
            (e.abs() - half * beta, with_sign_of(e, factor))
        }
    }
}

sum_of_terms!(SmoothL1<T>, Anything, |loss, y| {
    y.is_finite() & loss.beta.is_finite() & (loss.beta >= T::ZERO)
});

/// The logarithm of the hyperbolic cosine: `C_x = 1/k sum_j ln cosh(a_j - y_j)`,
/// `dC_x/da_j = tanh(a_j - y_j) / k`, with `k` outputs.
///
/// About `e^2 / 2` for small errors and `|e| - ln 2` for large ones, smooth between. Keras has it as `LogCosh`, with
/// the same mean over the outputs.
///
/// The relative error of each term is at most 16 `u`, where `u` is 2^-24 for f32 and 2^-53 for f64: below an error of 1
/// it is `ln(1 + t^2 / (2 (1 + t)))` with `t = e^|e| - 1`, which does not cancel, and from there on
/// `|e| + ln(1 + (e^(-2 |e|) - 1) / 2)`, which does not overflow.
///
/// ```
/// use stackprop::{LogCosh, Loss};
///
/// let mut gradient = [0.0];
/// assert_eq!(LogCosh.evaluate(&[1e4_f32], &[0.0], &mut gradient), 1e4 - 2_f32.ln());
/// assert_eq!(gradient, [1.0]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogCosh;

impl<T: Scalar> ElementwiseLoss<T> for LogCosh {
    #[inline(always)]
    fn factor(&self, k: usize) -> T {
        one_of(k)
    }

    #[inline(always)]
    fn term(&self, a: T, y: T, factor: T) -> (T, T) {
        let (e, half) = (a - y, T::from_f64(0.5));
        let size = e.abs();
        let value = if size < T::ONE {
            let t = Elementary::exp_m1(size);
            Elementary::ln_1p(half * t * (t / (T::ONE + t)))
        } else {
            size + Elementary::ln_1p(half * Elementary::exp_m1(-(size + size)))
        };
        (value, factor * Elementary::tanh(e))
    }
}

sum_of_terms!(LogCosh, Anything, |_, y| y.is_finite());

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::Loss;
    use crate::loss::tests::evaluate;
    use approx::assert_abs_diff_eq;

    // errors (2, -1), k = 2
    #[test]
    fn hand_computed() {
        let (a, y) = ([3.0, 5.0], [1.0, 6.0]);
        assert_eq!(evaluate(MeanAbsoluteError, a, y), (1.5, [0.5, -0.5]));
        // 1.5 (2 - 0.75) = 1.875 and 1/2
        assert_eq!(evaluate(Huber { delta: 1.5 }, a, y), (2.375 / 2.0, [0.75, -0.5]));
        // 2 - 1 = 1 and 1/4
        assert_eq!(evaluate(SmoothL1 { beta: 2.0 }, a, y), (1.25 / 2.0, [0.5, -0.25]));
        // cosh(ln 2) = 5/4, tanh(ln 2) = 3/5; cosh(ln 4) = 17/8, tanh(ln 4) = 15/17
        let (loss, gradient) = evaluate(LogCosh, [2_f64.ln(), -(4_f64.ln())], [0.0, 0.0]);
        assert_abs_diff_eq!(loss, (1.25_f64.ln() + 2.125_f64.ln()) / 2.0, epsilon = 1e-15);
        assert_abs_diff_eq!(gradient[..], [0.3, -7.5 / 17.0][..], epsilon = 1e-15);
    }

    /// Where the pieces meet, and at an error of 0, the loss and its derivative are those of both sides.
    #[test]
    fn the_pieces_meet() {
        assert_eq!(evaluate(MeanAbsoluteError, [1.0, 1.0], [1.0, 3.0]), (1.0, [0.0, -0.5]));
        assert_eq!(evaluate(Huber { delta: 2.0 }, [3.0, -1.0], [1.0, 1.0]), (2.0, [1.0, -1.0]));
        assert_eq!(evaluate(SmoothL1 { beta: 2.0 }, [3.0, -1.0], [1.0, 1.0]), (1.0, [0.5, -0.5]));
        assert_eq!(evaluate(SmoothL1 { beta: 0.0 }, [1.0, 1.0], [1.0, 3.0]), (1.0, [0.0, -0.5]));
    }

    #[test]
    fn settings_that_define_no_loss_accept_no_target() {
        let accepts = |loss: &dyn Fn(f64) -> bool| [-1.0, 0.0, 1.0, f64::NAN, f64::INFINITY].map(loss);
        let huber = accepts(&|delta| Huber { delta }.accepts(&[1.0_f64]));
        assert_eq!(huber, [false, false, true, false, false]);
        let smooth = accepts(&|beta| SmoothL1 { beta }.accepts(&[1.0_f64]));
        assert_eq!(smooth, [false, true, true, false, false]);
    }

    #[test]
    fn what_is_not_a_number_is_not_hidden() {
        let y = [0.0, 0.0];
        for a in [[f64::NAN, 0.0], [0.0, f64::NAN]] {
            assert!(evaluate(MeanAbsoluteError, a, y).0.is_nan());
            assert!(evaluate(Huber::default(), a, y).0.is_nan());
            assert!(evaluate(SmoothL1::default(), a, y).0.is_nan());
            assert!(evaluate(LogCosh, a, y).0.is_nan());
        }
    }
}
