//! The Gaussian error linear unit in its exact form and its tanh approximation
//! (Hendrycks, Gimpel 2016, section 2), as in PyTorch's `gelu(approximate="none")` and `"tanh"`.

use super::{Elementwise, KeepZ};
use crate::Scalar;
use crate::math::{Elementary, erf::erf_lanes, lanes::Lanes, tanh::tanh_lanes};

const FRAC_1_SQRT_2: f64 = core::f64::consts::FRAC_1_SQRT_2;
/// sqrt(2 / pi)
const SQRT_2_OVER_PI: f64 = 0.797_884_560_802_865_4;
/// The cubic term of the tanh approximation.
const CUBIC: f64 = 0.044715;

/// The Gaussian error linear unit: `a = z P(z)`, where `P(z) = (1 + erf(z / sqrt 2)) / 2` is the normal
/// distribution's; `sigma' = P(z) + z p(z)` with its density `p(z) = e^(-z^2/2) / sqrt(2 pi)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gelu;

impl Gelu {
    #[inline(always)]
    fn distribution<T: Scalar>(z: T) -> T {
        T::from_f64(0.5) * (T::ONE + Elementary::erf(z * T::from_f64(FRAC_1_SQRT_2)))
    }
}

impl Elementwise for Gelu {
    type Keeps = KeepZ;

    #[inline(always)]
    fn value<T: Scalar>(z: T) -> T {
        z * Self::distribution(z)
    }

    #[inline(always)]
    fn lanes<V: Lanes>(z: V) -> Option<V> {
        let c = V::splat;
        Some(z * (c(0.5) * (c(1.0) + erf_lanes(z * c(FRAC_1_SQRT_2 as f32)))))
    }

    #[inline(always)]
    fn derivative<T: Scalar>(z: T) -> T {
        let density = T::from_f64(0.5 * SQRT_2_OVER_PI) * Elementary::exp(T::from_f64(-0.5) * z * z);
        Self::distribution(z) + z * density
    }
}

/// The tanh approximation of [`Gelu`]: `a = z (1 + tanh u) / 2` with `u = sqrt(2/pi) (z + 0.044715 z^3)`.
///
/// `sigma' = (1 + t) / 2 + z (1 - t^2) u' / 2` with `t = tanh u`, `u' = sqrt(2/pi) (1 + 3 * 0.044715 z^2)`.
/// It needs no erf, and differs from the exact form by at most about 5e-4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GeluTanh;

impl GeluTanh {
    #[inline(always)]
    fn t<T: Scalar>(z: T) -> T {
        Elementary::tanh(T::from_f64(SQRT_2_OVER_PI) * (z + T::from_f64(CUBIC) * z * z * z))
    }
}

impl Elementwise for GeluTanh {
    type Keeps = KeepZ;

    #[inline(always)]
    fn value<T: Scalar>(z: T) -> T {
        T::from_f64(0.5) * z * (T::ONE + Self::t(z))
    }

    #[inline(always)]
    fn lanes<V: Lanes>(z: V) -> Option<V> {
        let c = V::splat;
        let t = tanh_lanes(c(SQRT_2_OVER_PI as f32) * (z + c(CUBIC as f32) * z * z * z));
        Some(c(0.5) * z * (c(1.0) + t))
    }

    #[inline(always)]
    fn derivative<T: Scalar>(z: T) -> T {
        let t = Self::t(z);
        let du = T::from_f64(SQRT_2_OVER_PI) * (T::ONE + T::from_f64(3.0 * CUBIC) * z * z);
        T::from_f64(0.5) * ((T::ONE + t) + z * (T::ONE - t) * (T::ONE + t) * du)
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
