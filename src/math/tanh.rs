//! The hyperbolic tangent.
//!
//! Reduction: `y = |x| - n ln(2) / 2`, so that `exp(2 |x|) = s exp(2 y)` with `s = 2^n` and `n` the nearest integer to
//! `2 |x| / ln(2) - d`. For f64 `d` is 0, for f32 it is 0.2375: `n = 0`, the most exact case, then reaches to
//! `|x| = 0.2556`, and `n = 1` to 0.602, just beyond the arguments whose results are 1/4 and 1/2. There the ULP doubles, so
//! that the cancellation with which the next `n` begins counts half.
//! `n HALF_LN2` is exact for `n <= 7`, and so is `y`.
//!
//! Polynomial: `t = tanh(y) = y + y^3 q(y^2)`, odd and short. What `HALF_LN2` lacks of `ln(2) / 2` is 0.06 ULP at its worst
//! for f32, and left out; for f64 it is subtracted from the small term of `t`, where it costs nothing.
//!
//! Reconstruction: `exp(2 y) = (1 + t) / (1 - t)` turns `tanh |x| = (exp(2 |x|) - 1) / (exp(2 |x|) + 1)` into
//!
//! ```text
//! tanh |x| = ((s - 1) + (s + 1) t) / ((s + 1) + (s - 1) t)
//! ```
//!
//! with one division and no exponential. For `n = 0` it is `t` exactly: small arguments keep the accuracy of the
//! polynomial. The denominator is computed as the numerator plus `2 - 2 t`: for large `s`, where the quotient is
//! close to 1, the rounding of the numerator then cancels (2.3 ULP without, 1.6 with). From `LIMIT_F32` on the quotient
//! rounds to 1. The sign of `x` is put back at the end, so the function is odd to the bit.

use super::bits::{ROUND_F32, ROUND_F64, fma, pow2_f32, pow2_f64, rounded_f32, rounded_f64};
use core::{f32, f64};

/// Largest error of [`tanh_f32`] over all arguments, in units in the last place.
pub const TANH_F32_MAX_ULP: f64 = 2.0;

/// Largest error of [`tanh_f64`] measured, in units in the last place.
pub const TANH_F64_MAX_ULP: f64 = 2.0;

/// `ln(2) / 2`, rounded to 21 bits. It lacks -9.6e-10.
const HALF_LN2_F32: f32 = 0.3465736;

/// `ln(2) / 2`, rounded to 49 bits.
const HALF_LN2_F64: f64 = 0.3465735902799727;
/// `ln(2) / 2 - HALF_LN2_F64`.
const HALF_LN2_REST_F64: f64 = -4.391591716202633e-17;

/// The `d` of the derivation.
const SHIFT_F32: f32 = 0.2375;

/// Beyond this in magnitude the result is 1: `1 - tanh(LIMIT) < 2^-25`.
const LIMIT_F32: f32 = 9.1;
/// `1 - tanh(LIMIT) < 2^-54`.
const LIMIT_F64: f64 = 19.2;

/// `q` for f32 on `|y| <= 0.28`: relative error 2^-27.0 of `tanh(y)`.
const Q_F32: [f32; 3] = [-0.33333227, 0.13323404, -0.05131718];

/// `q` for f64 on `|y| <= ln(2) / 4 + 2^-10`: relative error 2^-65.8 of `tanh(y)`.
const Q_F64: [f64; 7] = [
    -0.3333333333333333,
    0.13333333333331193,
    -0.05396825396126866,
    0.02186948751778456,
    -0.00886315821525998,
    0.0035889441507682977,
    -0.0013881727772250905,
];

/// The hyperbolic tangent, for every `x`: -1 and 1 at the infinities, odd to the bit (-0 for -0), NaN for NaN.
///
/// The error is at most [`TANH_F32_MAX_ULP`].
#[inline(always)]
pub fn tanh_f32(x: f32) -> f32 {
    let a = x.abs();
    let a = if a > LIMIT_F32 { LIMIT_F32 } else { a };
    let sum = fma(a, 2.0 * f32::consts::LOG2_E, -SHIFT_F32) + ROUND_F32;
    let y = fma(sum - ROUND_F32, -HALF_LN2_F32, a);
    let z = y * y;
    let q = fma(z, fma(z, Q_F32[2], Q_F32[1]), Q_F32[0]);
    let t = fma(y * z, q, y);
    let s = pow2_f32(rounded_f32(sum));
    let numerator = fma(s + 1.0, t, s - 1.0);
    (numerator / (numerator + fma(-2.0, t, 2.0))).copysign(x)
}

/// The hyperbolic tangent, for every `x`: -1 and 1 at the infinities, odd to the bit (-0 for -0), NaN for NaN.
///
/// The error measured is at most [`TANH_F64_MAX_ULP`].
#[inline(always)]
pub fn tanh_f64(x: f64) -> f64 {
    let a = x.abs();
    let a = if a > LIMIT_F64 { LIMIT_F64 } else { a };
    let sum = fma(a, 2.0 * f64::consts::LOG2_E, ROUND_F64);
    let n = sum - ROUND_F64;
    let y = fma(n, -HALF_LN2_F64, a);
    let z = y * y;
    let z2 = z * z;
    let low = fma(z, Q_F64[1], Q_F64[0]);
    let middle = fma(z, Q_F64[3], Q_F64[2]);
    let high = fma(z2, Q_F64[6], fma(z, Q_F64[5], Q_F64[4]));
    let t = y + fma(
        y * z,
        fma(z2, fma(z2, high, middle), low),
        n * -HALF_LN2_REST_F64,
    );
    let s = pow2_f64(rounded_f64(sum));
    let numerator = fma(s + 1.0, t, s - 1.0);
    (numerator / (numerator + fma(-2.0, t, 2.0))).copysign(x)
}
