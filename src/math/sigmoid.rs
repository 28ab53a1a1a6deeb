//! The logistic function.
//!
//! `sigmoid(x) = 1 / (1 + exp(-x))`, and `exp(-x) = 2^n (1 + e)` is reduced as in
//! [`exp`](super::exp). The denominator is summed as `(1 + 2^n) + 2^n e`, so that `1 + e` costs no
//! rounding of its own. The denominator would overflow long before the result underflows, because the
//! result follows `exp(x)` down to the subnormal numbers. So everything is multiplied by a `u` so
//! small that `2^n u` is a normal number for every `n` that occurs:
//!
//! ```text
//! sigmoid(x) = u / ((u + 2^n u) + 2^n u e),    u = 2^-65 (f32) or 2^-513 (f64)
//! ```
//!
//! There is one division, and only it can underflow.

use super::bits::{ROUND_F32, ROUND_F64, fma, power_f64};
use super::exp::{LOW_F32, LOW_F64, Reduced, clamp, q_f32, q_f64, reduce_f32, reduce_f64};
use super::lanes::Lanes;

/// Largest error of [`sigmoid_f32`] over all arguments, in units in the last place.
pub const SIGMOID_F32_MAX_ULP: f64 = 1.75; // measured over all 2^32: separate, at -1.100; fused 1.69

/// Largest error of [`sigmoid_f64`] measured, in units in the last place.
pub const SIGMOID_F64_MAX_ULP: f64 = 1.49; // measured at 60 000 arguments: both

/// From here on the result is 1.
const HIGH: f32 = 40.0;

/// `u`
const UNIT_F32: f32 = 1.0 / (1_u128 << 65) as f32;
const UNIT_F64: f64 = f64::from_bits((1023 - 513) << 52);

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
    // The bias 62 makes `sum.power()` equal to 2^n u.
    let Reduced { sum, r, .. } = reduce_f32(-(x.at_most(HIGH).at_least(LOW_F32)), ROUND_F32 + 62.0);
    let e = (r * r).mul_add(q_f32(r), r);
    let (unit, power) = (V::splat(UNIT_F32), sum.power());
    let sum = unit + power;
    let rest = unit - (sum - power);
    unit / (sum + e.mul_add(power, rest))
}

/// `1 / (1 + e^-x)`, for every `x`: 0 at negative infinity, 1 at infinity, NaN for NaN; relative
/// accuracy holds into the subnormal numbers.
///
/// The error measured is at most [`SIGMOID_F64_MAX_ULP`].
#[inline(always)]
pub fn sigmoid_f64(x: f64) -> f64 {
    // The bias 510 makes `power` equal to 2^n u.
    let Reduced { sum, r, .. } = reduce_f64(-clamp(x, LOW_F64, HIGH.into()), ROUND_F64 + 510.0);
    let e = fma(r * r, q_f64(r), r);
    let power = power_f64(sum);
    let sum = UNIT_F64 + power;
    let rest = UNIT_F64 - (sum - power);
    UNIT_F64 / (sum + fma(e, power, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_values() {
        assert_eq!(sigmoid_f32(f32::NEG_INFINITY).to_bits(), 0);
        assert_eq!(sigmoid_f32(f32::INFINITY), 1.0);
        assert_eq!(sigmoid_f32(0.0), 0.5);
        // e^-103 is 1.32 times the smallest subnormal number of f32, e^-745 is 0.57 times that of f64.
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
