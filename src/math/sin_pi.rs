//! The sine of `pi x`.
//!
//! Reduction, exact throughout: the sine has period 2 in `x` and is odd, so `t = |x| - 2 n` with the nearest integer `n`
//! to `|x| / 2` leaves `|t| <= 1`. It is symmetric about 1/2, so `y = min(|t|, 1 - |t|)` leaves `0 <= y <= 1/2`. From 1/4 on,
//! `sin(pi y) = cos(pi (1/2 - y))`. (With `sin(x)`, the subtraction of a multiple of `pi` would not be exact.)
//!
//! Polynomials: `sin(pi y) = y pi + y q(y^2)`, where `pi` is rounded and `q` begins with the rest of it, and
//! `cos(pi y) = 1 + y^2 q(y^2)`, both for `y` up to 1/4.
//!
//! `(1 + cos(pi x)) / 2`, the raised cosine of learning rates, is `sin(pi (1 - x) / 2)^2`, which has no cancellation where it
//! is near 0. This is why the sine is here and not the cosine.

use super::bits::fma;
use super::horner::{horner_f32, horner_f64};

/// Largest error of [`sin_pi_f32`] over all arguments, in units in the last place.
pub const SIN_PI_F32_MAX_ULP: f64 = 1.59; // measured over all 2^32: separate, at 0.1666; fused 1.05

/// Largest error of [`sin_pi_f64`] measured, in units in the last place.
pub const SIN_PI_F64_MAX_ULP: f64 = 1.6; // measured at 100 000 arguments: separate 1.56; fused 0.82

/// `q` of the sine for f32 on `0 <= y <= 1/4`: relative error 2^-28.1 of `sin(pi y)`.
pub(super) const SINE_F32: [f32; 4] = [-9.6693604e-08, -5.167708, 2.5497708, -0.5891143];

/// `q` of the cosine for f32 on `0 <= y <= 1/4`: relative error 2^-29.3 of `cos(pi y)`.
pub(super) const COSINE_F32: [f32; 4] = [-4.934802, 4.0586925, -1.3345594, 0.22684339];

/// `q` of the sine for f64 on `0 <= y <= 1/4`: relative error 2^-58.0 of `sin(pi y)`.
pub(super) const SINE_F64: [f64; 7] = [
    1.1224821631714814e-16,
    -5.167712780049954,
    2.5501640398733376,
    -0.5992645289373758,
    0.08214586911697741,
    -0.007370020759201975,
    0.0004615277087706175,
];

/// `q` of the cosine for f64 on `0 <= y <= 1/4`: relative error 2^-58.8 of `cos(pi y)`.
pub(super) const COSINE_F64: [f64; 7] = [
    -4.934802200544679,
    4.0587121264166255,
    -1.3352627688359182,
    0.23533062930217274,
    -0.025806861776754,
    0.0019291586149687366,
    -0.00010205012309289014,
];

/// From here on, every number is an even integer. Below, half of a magnitude plus the constant is rounded to an integer.
const EVEN_F32: f32 = 16_777_216.0;
const HALF_EVEN_F32: f32 = 8_388_608.0;
const EVEN_F64: f64 = 9_007_199_254_740_992.0;
const HALF_EVEN_F64: f64 = 4_503_599_627_370_496.0;

/// `sin(pi x)`, for every `x`: exactly 0 at the integers and 1 or -1 midway between them, odd to the bit, NaN at the
/// infinities and for NaN.
///
/// The error is at most [`SIN_PI_F32_MAX_ULP`].
#[inline(always)]
pub fn sin_pi_f32(x: f32) -> f32 {
    let a = x.abs();
    // 0 for even integers, NaN for infinity and NaN.
    let a = if a < EVEN_F32 { a } else { 0.0 * a };
    let n = (0.5 * a + HALF_EVEN_F32) - HALF_EVEN_F32;
    let t = a - 2.0 * n;
    let y = if t.abs() > 0.5 { 1.0 - t.abs() } else { t.abs() };
    let (z, c) = (y * y, 0.5 - y);
    let sine = fma(y, core::f32::consts::PI, y * horner_f32(z, &SINE_F32));
    let cosine = fma(c * c, horner_f32(c * c, &COSINE_F32), 1.0);
    let value = if y > 0.25 { cosine } else { sine };
    value.copysign(if t < 0.0 { -x } else { x })
}

/// `sin(pi x)`, for every `x`: exactly 0 at the integers and 1 or -1 midway between them, odd to the bit, NaN at the
/// infinities and for NaN.
///
/// The error measured is at most [`SIN_PI_F64_MAX_ULP`].
#[inline(always)]
pub fn sin_pi_f64(x: f64) -> f64 {
    let a = x.abs();
    // 0 for even integers, NaN for infinity and NaN.
    let a = if a < EVEN_F64 { a } else { 0.0 * a };
    let n = (0.5 * a + HALF_EVEN_F64) - HALF_EVEN_F64;
    let t = a - 2.0 * n;
    let y = if t.abs() > 0.5 { 1.0 - t.abs() } else { t.abs() };
    let (z, c) = (y * y, 0.5 - y);
    let sine = fma(y, core::f64::consts::PI, y * horner_f64(z, &SINE_F64));
    let cosine = fma(c * c, horner_f64(c * c, &COSINE_F64), 1.0);
    let value = if y > 0.25 { cosine } else { sine };
    value.copysign(if t < 0.0 { -x } else { x })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_values() {
        for (x, y) in [(0.0, 0.0), (0.5, 1.0), (1.0, 0.0), (1.5, -1.0), (2.0, 0.0), (2.5, 1.0), (3.0, 0.0)] {
            assert_eq!(sin_pi_f32(x), y, "{x}");
            assert_eq!(sin_pi_f64(f64::from(x)), f64::from(y), "{x}");
        }
        assert_eq!(sin_pi_f32(-0.0).to_bits(), (-0.0_f32).to_bits());
        assert_eq!(sin_pi_f64(-0.0).to_bits(), (-0.0_f64).to_bits());
        for x in [f32::INFINITY, f32::NEG_INFINITY, f32::NAN] {
            assert!(sin_pi_f32(x).is_nan() && sin_pi_f64(f64::from(x)).is_nan());
        }
        assert_eq!(sin_pi_f32(f32::MAX), 0.0);
        assert_eq!(sin_pi_f64(f64::MAX), 0.0);
        // The last numbers that are not integers, and the last odd ones.
        assert_eq!(
            (sin_pi_f32(8_388_607.5), sin_pi_f32(8_388_606.5), sin_pi_f32(16_777_215.0)),
            (-1.0, 1.0, 0.0)
        );
        assert_eq!((sin_pi_f64(4_503_599_627_370_495.5), sin_pi_f64(4_503_599_627_370_494.5)), (-1.0, 1.0));
        assert_eq!(sin_pi_f64(9_007_199_254_740_991.0), 0.0);
    }

    // The complements are exact.
    #[test]
    fn odd_and_symmetric_to_the_bit_and_at_most_one() {
        for i in 0..=4096 {
            let (x, rest) = (i as f32 / 4096.0, (4096 - i) as f32 / 4096.0);
            let y = sin_pi_f32(x);
            assert!((0.0..=1.0).contains(&y) && sin_pi_f32(-x).to_bits() == (-y).to_bits(), "{x}");
            assert_eq!(sin_pi_f32(rest), y, "{x}");
            let (x, rest) = (f64::from(x), f64::from(rest));
            let y = sin_pi_f64(x);
            assert!((0.0..=1.0).contains(&y) && sin_pi_f64(-x).to_bits() == (-y).to_bits(), "{x}");
            assert_eq!(sin_pi_f64(rest), y, "{x}");
        }
    }
}
