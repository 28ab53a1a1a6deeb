//! The exponential function.
//!
//! Reduction: `n = round(x / ln 2)`, `r = x - n ln 2`, so that `exp(x) = 2^n exp(r)` with
//! `|r| <= ln(2) / 2`. `ln 2` is the sum of `LN2_HIGH`, which is so short that `n * LN2_HIGH` is
//! exact, and `LN2_LOW`. As `x` is near `n * LN2_HIGH`, their difference is exact too, with or
//! without a fused multiply-add.
//!
//! Polynomial: `exp(r) = 1 + r + r^2 q(r)`.
//!
//! Reconstruction: `exp(r) 2^n` in two steps, because `2^n` itself need not be a normal number.
//!
//! `x` is first clamped to a range beyond which the result is certainly zero or infinite, so that
//! `n` stays in range. Both comparisons are false for NaN, which passes through the arithmetic.

use super::bits::{ROUND_F32, ROUND_F64, fma, rounded_f64, scale_f64};
use super::lanes::Lanes;

/// Largest error of [`exp_f32`] over all arguments, in units in the last place.
pub const EXP_F32_MAX_ULP: f64 = 1.03; // measured over all 2^32: fused, at 59.29

/// Largest error of [`exp_f64`] measured, in units in the last place.
pub const EXP_F64_MAX_ULP: f64 = 0.98; // measured at 60 000 arguments: fused

/// Arguments outside `[LOW, HIGH]` give 0 or infinity; `LOW < ln(2^-150)`, `HIGH > ln(f32::MAX)`.
pub(super) const LOW_F32: f32 = -104.0;
pub(super) const HIGH_F32: f32 = 89.0;
/// `LOW < ln(2^-1075)`, `HIGH > ln(f64::MAX)`.
pub(super) const LOW_F64: f64 = -746.0;
pub(super) const HIGH_F64: f64 = 710.0;

/// `round(2^16 ln 2) / 2^16`: the product with an integer `|n| < 2^8` is exact. The sum with
/// `LN2_LOW_F32` is off `ln 2` by less than 2^-41.
pub(super) const LN2_HIGH_F32: f32 = 0.69314575;
pub(super) const LN2_LOW_F32: f32 = 1.4286068e-06;

/// `round(2^42 ln 2) / 2^42`: the product with an integer `|n| < 2^11` is exact. The sum with
/// `LN2_LOW_F64` is off `ln 2` by less than 2^-96.
pub(super) const LN2_HIGH_F64: f64 = 0.6931471805598903;
pub(super) const LN2_LOW_F64: f64 = 5.497923018708371e-14;

/// `q` for f32 on `|r| <= ln(2) / 2 + 2^-10`: relative error 2^-28.2 of `exp(r)`.
pub(super) const Q_F32: [f32; 5] = [0.4999999, 0.1666652, 0.041668955, 0.0083688535, 0.0013783597];

/// `q` for f64 on `|r| <= ln(2) / 2 + 2^-10`: relative error 2^-57.9 of `exp(r)`.
pub(super) const Q_F64: [f64; 10] = [
    0.5000000000000011,
    0.1666666666666641,
    0.04166666666652597,
    0.008333333333494964,
    0.0013888888944789425,
    0.0001984126950753374,
    2.4801491836432166e-05,
    2.7557583615027314e-06,
    2.7630719797870836e-07,
    2.5001551134544854e-08,
];

/// `x = n ln 2 + r + c` with `|r| <= ln(2) / 2`; `c` is the rounding error of `r`.
pub(super) struct Reduced<T> {
    /// `n`, in the bits of a float, see [`ROUND_F32`].
    pub sum: T,
    pub r: T,
    pub c: T,
}

/// The reduction for `LOW_F32 <= x <= HIGH_F32`; `round` is [`ROUND_F32`], plus an even bias if the
/// caller wants one in `sum`.
#[inline(always)]
pub(super) fn reduce_f32<V: Lanes>(x: V, round: f32) -> Reduced<V> {
    let c = V::splat;
    let sum = x.mul_add(c(core::f32::consts::LOG2_E), c(round));
    let n = sum - c(round);
    let high = n.mul_add(c(-LN2_HIGH_F32), x);
    let low = n * c(LN2_LOW_F32);
    let r = high - low;
    Reduced { sum, r, c: (high - r) - low }
}

/// The reduction for `LOW_F64 <= x <= HIGH_F64`; `round` is [`ROUND_F64`], plus an even bias if the
/// caller wants one in `sum`.
#[inline(always)]
pub(super) fn reduce_f64(x: f64, round: f64) -> Reduced<f64> {
    let sum = fma(x, core::f64::consts::LOG2_E, round);
    let n = sum - round;
    let high = fma(n, -LN2_HIGH_F64, x);
    let low = n * LN2_LOW_F64;
    let r = high - low;
    Reduced { sum, r, c: (high - r) - low }
}

/// `(exp(r) - 1 - r) / r^2`.
#[inline(always)]
pub(super) fn q_f32<V: Lanes>(r: V) -> V {
    let c = V::splat;
    let z = r * r;
    let low = r.mul_add(c(Q_F32[1]), c(Q_F32[0]));
    let high = z.mul_add(c(Q_F32[4]), r.mul_add(c(Q_F32[3]), c(Q_F32[2])));
    z.mul_add(high, low)
}

/// `(exp(r) - 1 - r) / r^2`.
#[inline(always)]
pub(super) fn q_f64(r: f64) -> f64 {
    let z = r * r;
    let z2 = z * z;
    let q01 = fma(r, Q_F64[1], Q_F64[0]);
    let q23 = fma(r, Q_F64[3], Q_F64[2]);
    let q45 = fma(r, Q_F64[5], Q_F64[4]);
    let q67 = fma(r, Q_F64[7], Q_F64[6]);
    let q89 = fma(r, Q_F64[9], Q_F64[8]);
    let low = fma(z, q23, q01);
    let high = fma(z2, q89, fma(z, q67, q45));
    fma(z2, high, low)
}

/// Clamps `x` to `[low, high]`; NaN stays NaN.
#[inline(always)]
pub(super) fn clamp<T: PartialOrd>(x: T, low: T, high: T) -> T {
    let x = if x > high { high } else { x };
    if x < low { low } else { x }
}

/// `e^x`, for every `x`: 0 at negative infinity, infinity from 88.73 on, gradual underflow below
/// -87.3, NaN for NaN.
///
/// The error is at most [`EXP_F32_MAX_ULP`].
#[inline(always)]
pub fn exp_f32(x: f32) -> f32 {
    exp_lanes(x)
}

/// [`exp_f32`] in each lane.
#[inline(always)]
pub fn exp_lanes<V: Lanes>(x: V) -> V {
    let Reduced { sum, r, .. } = reduce_f32(x.at_most(HIGH_F32).at_least(LOW_F32), ROUND_F32);
    let (n, e) = (sum.rounded(), V::splat(1.0) + (r * r).mul_add(q_f32(r), r));
    // Multiplies by 2^n as `scale_f64` does.
    let half = V::halve_int(n);
    e * V::pow2(half) * V::pow2(V::sub_int(n, half))
}

/// `e^x`, for every `x`: 0 at negative infinity, infinity from 709.79 on, gradual underflow below
/// -708.4, NaN for NaN.
///
/// The error measured is at most [`EXP_F64_MAX_ULP`].
#[inline(always)]
pub fn exp_f64(x: f64) -> f64 {
    let Reduced { sum, r, .. } = reduce_f64(clamp(x, LOW_F64, HIGH_F64), ROUND_F64);
    scale_f64(1.0 + fma(r * r, q_f64(r), r), rounded_f64(sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_values() {
        assert_eq!(exp_f32(f32::NEG_INFINITY).to_bits(), 0);
        assert_eq!(exp_f32(f32::INFINITY), f32::INFINITY);
        assert_eq!(exp_f32(-0.0), 1.0);
        assert_eq!(exp_f32(1.0), core::f32::consts::E);
        // The largest argument with a finite result, and its successor.
        assert!(exp_f32(f32::from_bits(0x42b1_7217)).is_finite());
        assert_eq!(exp_f32(f32::from_bits(0x42b1_7218)), f32::INFINITY);
        assert!(exp_f32(f32::NAN).is_nan());
        assert_eq!(exp_f64(f64::NEG_INFINITY).to_bits(), 0);
        assert_eq!(exp_f64(f64::INFINITY), f64::INFINITY);
        assert_eq!(exp_f64(0.0), 1.0);
        assert!(exp_f64(f64::NAN).is_nan());
    }

    // e^-103 is 2^(149 - 148.5978) = 1.32 times the smallest subnormal number, 1.4013e-45.
    #[test]
    fn underflow_is_gradual() {
        assert_eq!(exp_f32(-103.0).to_bits(), 1);
        assert_eq!(exp_f32(-104.0).to_bits(), 0);
        assert_eq!(exp_f64(-745.0).to_bits(), 1);
        assert_eq!(exp_f64(-746.0).to_bits(), 0);
    }
}
