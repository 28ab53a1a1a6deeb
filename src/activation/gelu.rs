//! The Gaussian error linear unit in its exact form and its tanh approximation
//! (Hendrycks, Gimpel 2016, section 2), as in PyTorch's `gelu(approximate="none")` and `"tanh"`.

use super::sigmoid::LIMIT;
use super::{Elementwise, KeepZ, value_is_the_function};
use crate::math::Elementary;
use crate::math::real::{Function, Real};
use crate::range;
use crate::scalar::Scalar;

/// The Gaussian error linear unit: `a = z P(z)`, where `P(z) = (1 + erf(z / sqrt 2)) / 2` is the normal
/// distribution function; `sigma' = P(z) + z p(z)` with the density `p(z) = e^(-z^2/2) / sqrt(2 pi)`.
///
/// Both have a small relative error even in the lower tail: see [`math::gelu`](mod@crate::math::gelu).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gelu;

impl Function for Gelu {
    #[inline(always)]
    fn of<R: Real>(z: R) -> R {
        z.gelu()
    }
}

impl Elementwise for Gelu {
    type Keeps = KeepZ;
    type Range = range::Real;
    const NAME: &'static str = "Gelu";

    value_is_the_function!();

    #[inline(always)]
    fn derivative<T: Scalar>(z: T) -> T {
        Elementary::gelu_derivative(z)
    }
}

/// The tanh approximation of [`Gelu`]: `a = z (1 + tanh u) / 2` with `u = sqrt(2/pi) (z + 0.044715 z^3)`, computed
/// as `a = z s` with the logistic function `s` of `v = 2 u`, which is equal and does not cancel in the lower tail.
///
/// `sigma' = s (1 + z (1 - s) v')`, with `v' = 2 sqrt(2/pi) (1 + 3 * 0.044715 z^2)`. It is cheaper than the exact
/// form, and differs from it by at most about 5e-4. Its relative error grows with `|v|`, because `v` is rounded:
/// it is at most `(8 + 4 |v|) u`, where `u` is 2^-24 for f32 and 2^-53 for f64, and twice that for `sigma'`
/// (except near its zero at -0.75).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GeluTanh;

/// `v = z (LINEAR + CUBIC z^2)`
const LINEAR: f64 = 1.595_769_121_605_730_7; // 2 sqrt(2 / pi)
const CUBIC: f64 = 0.044715 * LINEAR;

impl Function for GeluTanh {
    #[inline(always)]
    fn of<R: Real>(z: R) -> R {
        let z = z.at_least(-LIMIT);
        let slope = (z * z).mul_add(R::constant(CUBIC), R::constant(LINEAR));
        z * (z * slope).sigmoid()
    }
}

impl Elementwise for GeluTanh {
    type Keeps = KeepZ;
    type Range = range::Real;
    const NAME: &'static str = "GeluTanh";

    value_is_the_function!();

    #[inline(always)]
    fn derivative<T: Scalar>(z: T) -> T {
        let z = z.clamp(T::from_f64(-LIMIT), T::from_f64(LIMIT));
        let square = z * z;
        let s = Elementary::sigmoid(z * square.mul_add(T::from_f64(CUBIC), T::from_f64(LINEAR)));
        let slope = square.mul_add(T::from_f64(3.0 * CUBIC), T::from_f64(LINEAR));
        s * (T::ONE + z * (T::ONE - s) * slope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation::tests::check_derivative;

    #[test]
    fn derivatives() {
        check_derivative::<Gelu>(false, &[]);
        check_derivative::<GeluTanh>(false, &[]);
    }

    // P(1) = 0.841344746068542949 (tables of the normal distribution)
    #[test]
    fn normal_distribution() {
        approx::assert_abs_diff_eq!(Gelu::value(1.0_f64), 0.841_344_746_068_543, epsilon = 1e-15);
        approx::assert_abs_diff_eq!(Gelu::value(-1.0_f64), 0.841_344_746_068_543 - 1.0, epsilon = 1e-15);
    }

    #[test]
    fn approximation_is_as_close_as_stated() {
        for i in -600..=600 {
            let z = f64::from(i) / 100.0;
            approx::assert_abs_diff_eq!(Gelu::value(z), GeluTanh::value(z), epsilon = 5e-4);
        }
    }

    #[test]
    fn extremes_stay_finite() {
        for z in [1e4_f32, -1e4] {
            let expected = if z > 0.0 { z } else { 0.0 };
            assert_eq!((Gelu::value(z), GeluTanh::value(z)), (expected, expected));
            assert!(Gelu::derivative(z).is_finite() && GeluTanh::derivative(z).is_finite());
        }
    }
}
