//! The logistic function.
//!
//! `sigmoid(x) = 1 / (1 + exp(-x))`, and `exp(-x) = 2^n (1 + e)` is reduced as in [`exp`](super::exp). The denominator is
//! summed as `(1 + 2^n) + 2^n e`, so that `1 + e` costs no rounding of its own. It would overflow long before the result
//! leaves the range of the type (which follows `exp(x)` down to the subnormal numbers), hence everything is
//! multiplied by `2^-h` with `h = n / 2`:
//!
//! ```text
//! sigmoid(x) = 2^-h / ((2^-h + 2^(n-h)) + 2^(n-h) e)
//! ```
//!
//! One division, and only the last product, the one with the numerator, can underflow.

use super::bits::{fma, half_f64, pow2_f32, pow2_f64};
use super::exp::{Reduced, clamp, q_f32, q_f64, reduce_f32, reduce_f64};

/// Largest error of [`sigmoid_f32`] over all arguments, in units in the last place.
pub const SIGMOID_F32_MAX_ULP: f64 = 2.0;

/// Largest error of [`sigmoid_f64`] measured, in units in the last place.
pub const SIGMOID_F64_MAX_ULP: f64 = 2.0;

/// Beyond this in magnitude the result is 0 or 1.
const LIMIT_F32: f32 = 104.0;
const LIMIT_F64: f64 = 746.0;

/// `1 / (1 + e^-x)`, for every `x`: 0 at negative infinity, 1 at infinity, NaN for NaN; relative accuracy holds into the
/// subnormal numbers.
///
/// The error is at most [`SIGMOID_F32_MAX_ULP`].
#[inline(always)]
pub fn sigmoid_f32(x: f32) -> f32 {
    let Reduced { n, r, .. } = reduce_f32(-clamp(x, -LIMIT_F32, LIMIT_F32));
    let e = fma(r * r, q_f32(r), r);
    let h = n >> 1;
    let (one, power) = (pow2_f32(h.wrapping_neg()), pow2_f32(n.wrapping_sub(h)));
    let sum = one + power;
    let rest = one - (sum - power);
    1.0 / (sum + fma(e, power, rest)) * one
}

/// `1 / (1 + e^-x)`, for every `x`: 0 at negative infinity, 1 at infinity, NaN for NaN; relative accuracy holds into the
/// subnormal numbers.
///
/// The error measured is at most [`SIGMOID_F64_MAX_ULP`].
#[inline(always)]
pub fn sigmoid_f64(x: f64) -> f64 {
    let Reduced { n, r, .. } = reduce_f64(-clamp(x, -LIMIT_F64, LIMIT_F64));
    let e = fma(r * r, q_f64(r), r);
    let h = half_f64(n);
    let (one, power) = (pow2_f64(h.wrapping_neg()), pow2_f64(n.wrapping_sub(h)));
    let sum = one + power;
    let rest = one - (sum - power);
    1.0 / (sum + fma(e, power, rest)) * one
}
