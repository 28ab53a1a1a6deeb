//! The logistic function.
//!
//! `sigmoid(x) = 1 / (1 + exp(-x))`, and `exp(-x) = 2^n (1 + e)` is reduced as in
//! [`exp`](super::exp). The denominator is summed as `(1 + 2^n) + 2^n e`, so that `1 + e` costs no
//! rounding of its own. It would overflow long before the result leaves the range of the type
//! (which follows `exp(x)` down to the subnormal numbers), hence everything is multiplied by `2^-h`
//! with `h = n / 2`:
//!
//! ```text
//! sigmoid(x) = 2^-h / ((2^-h + 2^(n-h)) + 2^(n-h) e)
//! ```
//!
//! One division, and only the last product, the one with the numerator, can underflow.

use super::bits::{fma, half_f64, pow2_f64};
use super::exp::{Reduced, clamp, q_f32, q_f64, reduce_f32, reduce_f64};
use super::lanes::Lanes;

/// Largest error of [`sigmoid_f32`] over all arguments, in units in the last place.
pub const SIGMOID_F32_MAX_ULP: f64 = 1.75; // measured over all 2^32: separate, at -1.100; fused 1.69

/// Largest error of [`sigmoid_f64`] measured, in units in the last place.
pub const SIGMOID_F64_MAX_ULP: f64 = 1.49; // measured at 60 000 arguments: both

/// Beyond this in magnitude the result is 0 or 1.
const LIMIT_F32: f32 = 104.0;
const LIMIT_F64: f64 = 746.0;

/// `1 / (1 + e^-x)`, for every `x`: 0 at negative infinity, 1 at infinity, NaN for NaN; relative
/// accuracy holds into the subnormal numbers.
///
/// The error is at most [`SIGMOID_F32_MAX_ULP`].
#[inline(always)]
pub fn sigmoid_f32(x: f32) -> f32 {
    sigmoid_lanes(x)
}

/// [`sigmoid_f32`] in each lane.
#[inline(always)]
pub fn sigmoid_lanes<V: Lanes>(x: V) -> V {
    let Reduced { n, r, .. } = reduce_f32(-(x.at_most(LIMIT_F32).at_least(-LIMIT_F32)));
    let e = (r * r).mul_add(q_f32(r), r);
    let h = V::half(n);
    let (one, power) = (V::pow2(V::negative(h)), V::pow2(V::difference(n, h)));
    let sum = one + power;
    let rest = one - (sum - power);
    V::splat(1.0) / (sum + e.mul_add(power, rest)) * one
}

/// `1 / (1 + e^-x)`, for every `x`: 0 at negative infinity, 1 at infinity, NaN for NaN; relative
/// accuracy holds into the subnormal numbers.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_values() {
        assert_eq!(sigmoid_f32(f32::NEG_INFINITY).to_bits(), 0);
        assert_eq!(sigmoid_f32(f32::INFINITY), 1.0);
        assert_eq!(sigmoid_f32(0.0), 0.5);
        // e^-103 is 1.32 times the smallest subnormal number, e^-745 nearly one.
        assert_eq!(sigmoid_f32(-103.0).to_bits(), 1);
        assert!(sigmoid_f32(f32::NAN).is_nan());
        assert_eq!(sigmoid_f64(f64::NEG_INFINITY).to_bits(), 0);
        assert_eq!(sigmoid_f64(f64::INFINITY), 1.0);
        assert_eq!(sigmoid_f64(0.0), 0.5);
        assert_eq!(sigmoid_f64(-745.0).to_bits(), 1);
        assert!(sigmoid_f64(f64::NAN).is_nan());
    }

    #[test]
    fn never_above_one() {
        for i in 0..20_000 {
            let x = i as f32 / 128.0;
            assert!(sigmoid_f32(x) <= 1.0 && sigmoid_f64(f64::from(x)) <= 1.0, "{x}");
        }
    }
}
