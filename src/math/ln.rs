//! The natural logarithm.
//!
//! Reduction: `x = 2^k m` with `sqrt(1/2) <= m < sqrt(2)`; `f = m - 1` is exact, and
//! `ln(x) = k ln 2 + ln(1 + f)`. A subnormal `x` is first multiplied by a power of two.
//!
//! Polynomial for f32: `ln(1 + f) = f + f^2 q(f)`. For f64 that would take 20 coefficients and lose accuracy,
//! so there `s = f / (2 + f)` and `ln(1 + f) = 2 atanh(s) = 2 s + s z q(z)` with `z = s^2`; because
//! `2 s = f - s f`, this is `f - s (f - z q(z))`, whose leading term is again the exact `f`.
//!
//! Reconstruction: `k LN2_HIGH` is exact (see [`exp`](super::exp)), and the rest is added smallest
//! first.

use super::bits::fma;
use super::exp::{LN2_HIGH_F32, LN2_HIGH_F64, LN2_LOW_F32, LN2_LOW_F64};
use super::lanes::Lanes;

/// Largest error of [`ln_f32`] over all arguments, in units in the last place.
pub const LN_F32_MAX_ULP: f64 = 1.08; // measured over all 2^32: both, at 0.7068

/// Largest error of [`ln_f64`] measured, in units in the last place.
pub const LN_F64_MAX_ULP: f64 = 0.82; // measured at 70 000 arguments: both

/// `q` for f32 on `sqrt(1/2) - 1 <= f <= sqrt(2) - 1`: relative error 2^-26.4 of `ln(1 + f)`.
pub(super) const Q_F32: [f32; 9] = [
    -0.49999997,
    0.33333313,
    -0.25000814,
    0.20002681,
    -0.1662748,
    0.14173205,
    -0.1308389,
    0.12922409,
    -0.0804237,
];

/// `q` for f64 on `|s| <= 3 - 2 sqrt(2)`: relative error 2^-57.6 of `2 atanh(s)`.
pub(super) const Q_F64: [f64; 7] = [
    0.666666666666667,
    0.3999999999989944,
    0.28571428626122075,
    0.2222221110597495,
    0.1818289129407561,
    0.1533165059461242,
    0.1461729813366502,
];

/// The bits of `sqrt(1/2)`: after they are subtracted from those of `x`, the exponent field is `k`.
pub(crate) const ROOT_HALF_F32: u32 = core::f32::consts::FRAC_1_SQRT_2.to_bits();
pub(super) const ROOT_HALF_F64: u64 = core::f64::consts::FRAC_1_SQRT_2.to_bits();

/// The `k` of a positive normal `x`.
#[inline(always)]
pub(super) fn exponent_f32(x: f32) -> i32 {
    (x.to_bits().wrapping_sub(ROOT_HALF_F32) as i32) >> 23
}

/// The `k` of a positive normal `x`. The bias makes the shift unsigned: AVX2 has no signed right
/// shift of 64-bit integers.
#[inline(always)]
pub(super) fn exponent_f64(x: f64) -> i64 {
    let biased = x.to_bits().wrapping_sub(ROOT_HALF_F64).wrapping_add(1 << 62) >> 52;
    (biased as i64).wrapping_sub(1 << 10)
}

/// `k` as a float, without the conversion of 64-bit integers that AVX2 lacks.
#[inline(always)]
pub(super) fn float_f64(k: i64) -> f64 {
    use super::bits::ROUND_F64;
    f64::from_bits(ROUND_F64.to_bits().wrapping_add(k as u64)) - ROUND_F64
}

/// `k ln 2 + ln(1 + f)` for `sqrt(1/2) - 1 <= f <= sqrt(2) - 1`.
#[inline(always)]
pub(super) fn sum_f32<V: Lanes>(k: V, f: V) -> V {
    let c = V::splat;
    let z = f * f;
    let z2 = z * z;
    let q01 = f.mul_add(c(Q_F32[1]), c(Q_F32[0]));
    let q23 = f.mul_add(c(Q_F32[3]), c(Q_F32[2]));
    let q45 = f.mul_add(c(Q_F32[5]), c(Q_F32[4]));
    let q67 = f.mul_add(c(Q_F32[7]), c(Q_F32[6]));
    let high = z2.mul_add(c(Q_F32[8]), z.mul_add(q67, q45));
    let q = z2.mul_add(high, z.mul_add(q23, q01));
    k.mul_add(c(LN2_HIGH_F32), f + k.mul_add(c(LN2_LOW_F32), z * q))
}

/// `k ln 2 + ln(1 + f)` for `sqrt(1/2) - 1 <= f <= sqrt(2) - 1`.
#[inline(always)]
pub(super) fn sum_f64(k: f64, f: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    let z2 = z * z;
    let low = fma(z, Q_F64[1], Q_F64[0]);
    let middle = fma(z, Q_F64[3], Q_F64[2]);
    let high = fma(z2, Q_F64[6], fma(z, Q_F64[5], Q_F64[4]));
    let q = fma(z2, fma(z2, high, middle), low);
    fma(k, LN2_HIGH_F64, f + fma(k, LN2_LOW_F64, s * fma(z, q, -f)))
}

/// The natural logarithm: negative infinity at 0 and -0, NaN below, infinity at infinity, NaN for
/// NaN.
///
/// The error is at most [`LN_F32_MAX_ULP`].
#[inline(always)]
pub fn ln_f32(x: f32) -> f32 {
    let subnormal = x < f32::MIN_POSITIVE;
    let normal = if subnormal { x * 8_388_608.0 } else { x };
    let k = exponent_f32(normal);
    let m = f32::from_bits(normal.to_bits().wrapping_sub((k as u32) << 23));
    let k = k as f32 - if subnormal { 23.0 } else { 0.0 };
    let result = sum_f32(k, m - 1.0);
    let finite = if x < f32::INFINITY { result } else { x };
    let pole = if x == 0.0 { f32::NEG_INFINITY } else { f32::NAN };
    if x <= 0.0 { pole } else { finite }
}

/// The natural logarithm: negative infinity at 0 and -0, NaN below, infinity at infinity, NaN for
/// NaN.
///
/// The error measured is at most [`LN_F64_MAX_ULP`].
#[inline(always)]
pub fn ln_f64(x: f64) -> f64 {
    let subnormal = x < f64::MIN_POSITIVE;
    let normal = if subnormal { x * 4_503_599_627_370_496.0 } else { x };
    let k = exponent_f64(normal);
    let m = f64::from_bits(normal.to_bits().wrapping_sub((k as u64) << 52));
    let k = float_f64(k) - if subnormal { 52.0 } else { 0.0 };
    let result = sum_f64(k, m - 1.0);
    let finite = if x < f64::INFINITY { result } else { x };
    let pole = if x == 0.0 { f64::NEG_INFINITY } else { f64::NAN };
    if x <= 0.0 { pole } else { finite }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_values() {
        assert_eq!(ln_f32(0.0), f32::NEG_INFINITY);
        assert_eq!(ln_f32(-0.0), f32::NEG_INFINITY);
        assert!(ln_f32(-1.0).is_nan() && ln_f32(f32::NEG_INFINITY).is_nan());
        assert_eq!(ln_f32(f32::INFINITY), f32::INFINITY);
        assert!(ln_f32(f32::NAN).is_nan());
        assert_eq!(ln_f32(1.0).to_bits(), 0);
        assert_eq!(ln_f32(2.0), core::f32::consts::LN_2);
        assert_eq!(ln_f64(0.0), f64::NEG_INFINITY);
        assert!(ln_f64(-1.0).is_nan());
        assert_eq!(ln_f64(f64::INFINITY), f64::INFINITY);
        assert!(ln_f64(f64::NAN).is_nan());
        assert_eq!(ln_f64(1.0).to_bits(), 0);
        assert_eq!(ln_f64(2.0), core::f64::consts::LN_2);
    }

    // The smallest subnormal numbers are 2^-149 and 2^-1074; the products are rounded by hand to 9
    // digits.
    #[test]
    fn subnormal_arguments() {
        assert_eq!(ln_f32(f32::from_bits(1)), -103.278_93);
        assert!((ln_f64(f64::from_bits(1)) + 744.440_071_921).abs() < 1e-9);
    }
}
