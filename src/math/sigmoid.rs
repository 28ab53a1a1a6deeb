//! The logistic function.
//!
//! With `E = exp(-|x|) <= 1`, reduced as in [`exp`](super::exp),
//!
//! ```text
//! sigmoid(x) = 1 / (1 + E)  for x >= 0
//! sigmoid(x) = E / (1 + E)  for x < 0
//! ```
//!
//! so there is one division and no overflow, and for very negative `x` the result is `E` itself, subnormal numbers
//! included. `1 / (1 + exp(-x))` on both sides would be less exact: just below 1/2 the rounding of a sum
//! just above 2 costs a whole ULP (2.0 ULP in all).

use super::bits::{fma, half_f64, pow2_f32, pow2_f64};
use super::exp::{Reduced, q_f32, q_f64, reduce_f32, reduce_f64};

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
    let a = x.abs();
    let a = if a > LIMIT_F32 { LIMIT_F32 } else { a };
    let Reduced { n, r, .. } = reduce_f32(-a);
    // E = p 2^n in two steps, see `scale_f32`; the sum takes the second step along.
    let half = n >> 1;
    let p = (1.0 + fma(r * r, q_f32(r), r)) * pow2_f32(half);
    let scale = pow2_f32(n.wrapping_sub(half));
    let numerator = if x < 0.0 { p * scale } else { 1.0 };
    numerator / fma(p, scale, 1.0)
}

/// `1 / (1 + e^-x)`, for every `x`: 0 at negative infinity, 1 at infinity, NaN for NaN; relative accuracy holds into the
/// subnormal numbers.
///
/// The error measured is at most [`SIGMOID_F64_MAX_ULP`].
#[inline(always)]
pub fn sigmoid_f64(x: f64) -> f64 {
    let a = x.abs();
    let a = if a > LIMIT_F64 { LIMIT_F64 } else { a };
    let Reduced { n, r, .. } = reduce_f64(-a);
    // E = p 2^n in two steps, see `scale_f64`; the sum takes the second step along.
    let half = half_f64(n);
    let p = (1.0 + fma(r * r, q_f64(r), r)) * pow2_f64(half);
    let scale = pow2_f64(n.wrapping_sub(half));
    let numerator = if x < 0.0 { p * scale } else { 1.0 };
    numerator / fma(p, scale, 1.0)
}
