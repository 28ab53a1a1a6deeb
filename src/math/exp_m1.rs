//! The exponential function minus one, accurate near zero.
//!
//! With the reduction of [`exp`](super::exp), `exp(x) - 1 = 2^n e + (2^n - 1)` where
//! `e = exp(r) - 1 = r + r^2 q(r)`. For `n = 0` this is `e`. Otherwise `|e| <= 0.42` and
//! `|2^n - 1| >= 1/2`, so little cancels. The rounding error of `r` is added back. The sum is
//! computed at half its size, so that `2^(n - 1)` is finite wherever the result is.

use super::bits::{ROUND_F32, ROUND_F64, fma, power_f64};
use super::exp::{HIGH_F32, HIGH_F64, Reduced, clamp, q_f32, q_f64, reduce_f32, reduce_f64};
use super::lanes::Lanes;

/// Largest error of [`exp_m1_f32`] over all arguments, in units in the last place.
pub const EXP_M1_F32_MAX_ULP: f64 = 1.72; // measured over all 2^32: separate, at 0.3467; fused 1.58

/// Largest error of [`exp_m1_f64`] measured, in units in the last place.
pub const EXP_M1_F64_MAX_ULP: f64 = 1.47; // measured at 60 000 arguments: both

/// At and below this, the result is -1.
const LOW_F32: f32 = -20.0;
const LOW_F64: f64 = -40.0;

/// Up to this magnitude, the result is `x`.
const TINY_F32: f32 = f32::EPSILON / 8.0;
const TINY_F64: f64 = f64::EPSILON / 8.0;

/// `e^x - 1`, for every `x`: -1 at negative infinity, infinity from 88.73 on, -0 for -0, NaN for
/// NaN.
///
/// The error is at most [`EXP_M1_F32_MAX_ULP`].
#[inline(always)]
pub fn exp_m1_f32(x: f32) -> f32 {
    exp_m1_lanes(x)
}

/// [`exp_m1_f32`] in each lane.
#[inline(always)]
pub fn exp_m1_lanes<V: Lanes>(x: V) -> V {
    // The bias 126 makes `sum.power()` half of 2^n.
    let Reduced { sum, r, c } = reduce_f32(x.at_most(HIGH_F32).at_least(LOW_F32), ROUND_F32 + 126.0);
    let e = r + (r * r).mul_add(q_f32(r), c);
    let half = sum.power();
    let result = V::splat(2.0) * half.mul_add(e, half - V::splat(0.5));
    // The formula loses the sign of -0 and the last bit of subnormal numbers.
    V::select_at_most(x.abs(), V::splat(TINY_F32), x, result)
}

/// `e^x - 1`, for every `x`: -1 at negative infinity, infinity from 709.79 on, -0 for -0, NaN for
/// NaN.
///
/// The error measured is at most [`EXP_M1_F64_MAX_ULP`].
#[inline(always)]
pub fn exp_m1_f64(x: f64) -> f64 {
    let Reduced { sum, r, c } = reduce_f64(clamp(x, LOW_F64, HIGH_F64), ROUND_F64 + 1022.0);
    let e = r + fma(r * r, q_f64(r), c);
    let half = power_f64(sum);
    let result = 2.0 * fma(half, e, half - 0.5);
    // The formula loses the sign of -0 and the last bit of subnormal numbers.
    if x.abs() <= TINY_F64 { x } else { result }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_values() {
        assert_eq!(exp_m1_f32(f32::NEG_INFINITY), -1.0);
        assert_eq!(exp_m1_f32(f32::INFINITY), f32::INFINITY);
        assert_eq!(exp_m1_f32(-0.0).to_bits(), (-0.0_f32).to_bits());
        assert_eq!(exp_m1_f32(1e-40), 1e-40);
        assert!(exp_m1_f32(f32::NAN).is_nan());
        assert_eq!(exp_m1_f64(f64::NEG_INFINITY), -1.0);
        assert_eq!(exp_m1_f64(f64::INFINITY), f64::INFINITY);
        assert_eq!(exp_m1_f64(-0.0).to_bits(), (-0.0_f64).to_bits());
        assert_eq!(exp_m1_f64(1e-310), 1e-310);
        assert!(exp_m1_f64(f64::NAN).is_nan());
    }
}
