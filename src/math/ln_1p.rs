//! The natural logarithm of one plus the argument, accurate near zero.
//!
//! The rounded sum `1 + x` is used only for the exponent `k` with `2^-k (1 + x)` near 1. Then
//! `f = 2^-k (1 + x) - 1 = 2^-k x + (2^-k - 1)` is computed from `x` itself: the product is exact,
//! and the sum rounds once, or not at all for `k = 0`. The rest is as in [`ln`](super::ln).

use super::lanes::Lanes;
use super::ln::{exponent_f64, float_f64, sum_f32, sum_f64};

/// Largest error of [`ln_1p_f32`] over all arguments, in units in the last place.
pub const LN_1P_F32_MAX_ULP: f64 = 1.65; // measured over all 2^32: separate, at 0.4512; fused 1.62

/// Largest error of [`ln_1p_f64`] measured, in units in the last place.
pub const LN_1P_F64_MAX_ULP: f64 = 1.32; // measured at 100 000 arguments: both

/// Up to this magnitude, the result is `x`.
const TINY_F32: f32 = f32::EPSILON / 8.0;
const TINY_F64: f64 = f64::EPSILON / 8.0;

/// `ln(1 + x)`: negative infinity at -1, NaN below, infinity at infinity, -0 for -0, NaN for NaN.
///
/// The error is at most [`LN_1P_F32_MAX_ULP`].
#[inline(always)]
pub fn ln_1p_f32(x: f32) -> f32 {
    ln_1p_lanes(x)
}

/// [`ln_1p_f32`] in each lane.
#[inline(always)]
pub fn ln_1p_lanes<V: Lanes>(x: V) -> V {
    let c = V::splat;
    let k = (c(1.0) + x).exponent();
    // From x = 2^30 on, 2^-k - 1 rounds to -1 anyway. For the largest x, 2^-k would be subnormal.
    let f = x.scale_down(k) + (V::pow2(V::neg_int(V::min_int(k, 30))) - c(1.0));
    let result = sum_f32(V::float(k), f);
    let result = V::select_at_most(x.abs(), c(TINY_F32), x, result);
    let finite = V::select_at_most(x, c(f32::MAX), result, x);
    let pole = V::select_at_most(c(-1.0), x, c(f32::NEG_INFINITY), c(f32::NAN));
    V::select_at_most(x, c(-1.0), pole, finite)
}

/// `ln(1 + x)`: negative infinity at -1, NaN below, infinity at infinity, -0 for -0, NaN for NaN.
///
/// The error measured is at most [`LN_1P_F64_MAX_ULP`].
#[inline(always)]
pub fn ln_1p_f64(x: f64) -> f64 {
    let k = exponent_f64(1.0 + x);
    let scaled = f64::from_bits(x.to_bits().wrapping_sub((k as u64) << 52));
    // From x = 2^60 on, 2^-k - 1 rounds to -1 anyway. For the largest x, 2^-k would be subnormal.
    let small = if k < 60 { k } else { 60 };
    let f = scaled + (super::bits::pow2_f64(small.wrapping_neg()) - 1.0);
    let result = sum_f64(float_f64(k), f);
    let result = if x.abs() <= TINY_F64 { x } else { result };
    let finite = if x < f64::INFINITY { result } else { x };
    let pole = if x == -1.0 { f64::NEG_INFINITY } else { f64::NAN };
    if x <= -1.0 { pole } else { finite }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_values() {
        assert_eq!(ln_1p_f32(-1.0), f32::NEG_INFINITY);
        assert!(ln_1p_f32(-1.5).is_nan() && ln_1p_f32(f32::NEG_INFINITY).is_nan());
        assert_eq!(ln_1p_f32(f32::INFINITY), f32::INFINITY);
        assert_eq!(ln_1p_f32(-0.0).to_bits(), (-0.0_f32).to_bits());
        assert_eq!(ln_1p_f32(1e-40), 1e-40);
        assert_eq!(ln_1p_f32(1.0), core::f32::consts::LN_2);
        assert!(ln_1p_f32(f32::NAN).is_nan());
        assert_eq!(ln_1p_f64(-1.0), f64::NEG_INFINITY);
        assert!(ln_1p_f64(-1.5).is_nan());
        assert_eq!(ln_1p_f64(f64::INFINITY), f64::INFINITY);
        assert_eq!(ln_1p_f64(-0.0).to_bits(), (-0.0_f64).to_bits());
        assert_eq!(ln_1p_f64(1.0), core::f64::consts::LN_2);
        assert!(ln_1p_f64(f64::NAN).is_nan());
    }
}
