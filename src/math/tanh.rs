//! The hyperbolic tangent.
//!
//! Reduction: `y = |x| - n ln(2) / 2`, so that `exp(2 |x|) = s exp(2 y)` with `s = 2^n` and `n` the
//! nearest integer to `2 |x| / ln(2) - 0.2375`: `n = 0`, the most accurate case, then extends to
//! `|x| = 0.2556`, and `n = 1` to 0.602, just beyond the arguments whose results are 1/4 and 1/2.
//! There the ULP doubles, so the cancellation at the start of the next `n` counts half (1.7 ULP
//! instead of 2.3). `n HALF_LN2` is exact for `n <= 7`, and so is `y`.
//!
//! Polynomial: `t = tanh(y) = y + y^3 q(y^2)`, odd and short. The difference between `ln(2) / 2`
//! and `HALF_LN2` accounts for at most 0.06 ULP for f32, and is left out; for f64 it is subtracted
//! from the small term of `t`, where it costs nothing.
//!
//! Reconstruction: `exp(2 y) = (1 + t) / (1 - t)` turns
//! `tanh |x| = (exp(2 |x|) - 1) / (exp(2 |x|) + 1)` into
//!
//! ```text
//! tanh |x| = ((s - 1) + (s + 1) t) / ((s + 1) + (s - 1) t)
//! ```
//!
//! with one division and no exponential. For `n = 0` it is `t` exactly: small arguments keep the
//! accuracy of the polynomial. The denominator is computed as the numerator plus `2 - 2 t`: for
//! large `s`, where the quotient is close to 1, the rounding of the numerator then cancels. From
//! `LIMIT_F32` on the quotient rounds to 1. The sign of `x` is put back at the end, so the function
//! is odd to the bit.

use super::bits::{ROUND_F32, ROUND_F64, fma, power_f64};
use super::lanes::Lanes;

/// Largest error of [`tanh_f32`] over all arguments, in units in the last place.
pub const TANH_F32_MAX_ULP: f64 = 1.75; // measured over all 2^32: fused, at 0.5465; separate 1.67

/// Largest error of [`tanh_f64`] measured, in units in the last place.
pub const TANH_F64_MAX_ULP: f64 = 1.64; // measured at 60 000 arguments: fused; separate 1.48

/// `ln(2) / 2`, rounded to 21 bits: 9.5e-10 too large.
const HALF_LN2_F32: f32 = 0.3465736;

/// `ln(2) / 2`, rounded to 49 bits.
const HALF_LN2_F64: f64 = 0.3465735902799727;
/// `ln(2) / 2 - HALF_LN2_F64`.
const HALF_LN2_REST_F64: f64 = -4.391591716202633e-17;

/// Moves the steps of `n` to larger `|x|`; see the derivation.
const SHIFT_F32: f32 = 0.2375;
const SHIFT_F64: f64 = 0.2375;

/// Beyond this magnitude, the result is 1 or -1: `1 - tanh(LIMIT) < 2^-25`.
const LIMIT_F32: f32 = 9.1;
/// `1 - tanh(LIMIT) < 2^-54`.
const LIMIT_F64: f64 = 19.2;

/// `q` for f32 on `-0.091 <= y <= 0.2556`: relative error 2^-28.1 of `tanh(y)`.
pub(super) const Q_F32: [f32; 3] = [-0.33333227, 0.13323404, -0.05131718];

/// `q` for f64 on `-0.091 <= y <= 0.2556`: relative error 2^-64.1 of `tanh(y)`.
pub(super) const Q_F64: [f64; 8] = [
    -0.33333333333333326,
    0.13333333333329933,
    -0.05396825396273392,
    0.02186948809562478,
    -0.008863215886626292,
    0.003591613750093977,
    -0.0014479604741172583,
    0.0005242998651224642,
];

/// The hyperbolic tangent, for every `x`: -1 and 1 at the infinities, odd to the bit (-0 for -0),
/// NaN for NaN.
///
/// The error is at most [`TANH_F32_MAX_ULP`].
#[inline(always)]
pub fn tanh_f32(x: f32) -> f32 {
    tanh_lanes(x)
}

/// [`tanh_f32`] in each lane.
#[inline(always)]
pub fn tanh_lanes<V: Lanes>(x: V) -> V {
    let c = V::splat;
    let a = x.abs().at_most(LIMIT_F32);
    // The bias 126 makes `sum.power()` half of s. Halving all terms of the quotient changes nothing else.
    let (sum, n) = a.mul_add(c(2.0 * core::f32::consts::LOG2_E), c(-SHIFT_F32)).nearest(ROUND_F32 + 126.0);
    let y = n.mul_add(c(-HALF_LN2_F32), a);
    let z = y * y;
    let q = z.mul_add(z.mul_add(c(Q_F32[2]), c(Q_F32[1])), c(Q_F32[0]));
    let t = (y * z).mul_add(q, y);
    let s = sum.power();
    let numerator = (s + c(0.5)).mul_add(t, s - c(0.5));
    (numerator / (numerator + (c(1.0) - t))).copysign(x)
}

/// The hyperbolic tangent, for every `x`: -1 and 1 at the infinities, odd to the bit (-0 for -0),
/// NaN for NaN.
///
/// The error measured is at most [`TANH_F64_MAX_ULP`].
#[inline(always)]
pub fn tanh_f64(x: f64) -> f64 {
    let a = x.abs();
    let a = if a > LIMIT_F64 { LIMIT_F64 } else { a };
    let round = ROUND_F64 + 1022.0;
    let sum = fma(a, 2.0 * core::f64::consts::LOG2_E, -SHIFT_F64) + round;
    let n = sum - round;
    let y = fma(n, -HALF_LN2_F64, a);
    let z = y * y;
    let z2 = z * z;
    let low = fma(z, Q_F64[1], Q_F64[0]);
    let middle = fma(z, Q_F64[3], Q_F64[2]);
    let high = fma(z2, fma(z, Q_F64[7], Q_F64[6]), fma(z, Q_F64[5], Q_F64[4]));
    let t = y + fma(y * z, fma(z2, fma(z2, high, middle), low), n * -HALF_LN2_REST_F64);
    let s = power_f64(sum);
    let numerator = fma(s + 0.5, t, s - 0.5);
    (numerator / (numerator + (1.0 - t))).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_values() {
        assert_eq!(tanh_f32(f32::INFINITY), 1.0);
        assert_eq!(tanh_f32(f32::NEG_INFINITY), -1.0);
        assert_eq!(tanh_f32(0.0).to_bits(), 0);
        assert_eq!(tanh_f32(-0.0).to_bits(), (-0.0_f32).to_bits());
        assert!(tanh_f32(f32::NAN).is_nan());
        assert_eq!(tanh_f64(f64::INFINITY), 1.0);
        assert_eq!(tanh_f64(f64::NEG_INFINITY), -1.0);
        assert_eq!(tanh_f64(-0.0).to_bits(), (-0.0_f64).to_bits());
        assert!(tanh_f64(f64::NAN).is_nan());
    }

    #[test]
    fn odd_to_the_bit_and_at_most_one() {
        for i in 0..20_000 {
            let x = i as f32 / 997.0;
            let y = tanh_f32(x);
            assert!(y <= 1.0 && tanh_f32(-x).to_bits() == (-y).to_bits(), "{x}");
            let x = f64::from(x);
            let y = tanh_f64(x);
            assert!(y <= 1.0 && tanh_f64(-x).to_bits() == (-y).to_bits(), "{x}");
        }
        assert_eq!(tanh_f32(10.0), 1.0);
        assert_eq!(tanh_f64(20.0), 1.0);
    }
}
