//! The function `z P(z)` and its derivative `P(z) + z p(z)`, with the normal distribution function `P`
//! and its density `p`.
//!
//! Both are elementary functions of their own, because no composition is accurate in the lower tail: `1 + erf`
//! cancels there, `e^(-z^2/2)` magnifies the rounding error of the square, and `P` underflows before `z P` does.
//!
//! With `a = |z|` and the upper tail `Q(a) = P(-a)`, for both signs:
//!
//! ```text
//! z P(z) = max(z, 0) - a Q(a)          P(z) + z p(z) = g, or 1 - g for z > 0, with g = Q(a) - a p(a)
//! ```
//!
//! Tail: `Q(a) = e^(-a^2/2) R(a)`, where `R` is smooth and falls slowly (asymptotically as `1 / (a sqrt(2 pi))`).
//! `R` is approximated by the quotient `N(a) / D(a)` of two polynomials with positive coefficients, in which
//! nothing cancels.
//!
//! Reduction: `a = h + d`, with `h` on a grid so coarse that `h^2` is exact. `-a^2/2 = -h^2/2 - d (a + h) / 2`:
//! the first term is reduced as in [`exp`](super::exp), with an exact difference; the second is small, and is
//! added to the remainder `r`.
//!
//! Reconstruction: everything is multiplied by `2^n` times a constant that keeps the product normal. The last
//! operation multiplies by the inverse of that constant; only this one can underflow.

use super::bits::{ROUND_F32, ROUND_F64, fma, power_f64};
use super::exp::{LN2_HIGH_F32, LN2_HIGH_F64, LN2_LOW_F32, LN2_LOW_F64, q_f32, q_f64};
use super::horner::{two_chains_f32, two_chains_f64};
use super::lanes::Lanes;

/// Largest error of [`gelu_f32`] over all arguments, in units in the last place.
pub const GELU_F32_MAX_ULP: f64 = 6.3; // measured over all 2^32: separate, at -2.774; fused 5.76

/// Largest error of [`gelu_f64`] measured, in units in the last place.
pub const GELU_F64_MAX_ULP: f64 = 6.6; // measured at 60 000 arguments: separate 6.57; fused 4.65

/// Largest error of [`gelu_derivative_f32`], in units in the last place.
///
/// In (-2.5, 0), where the derivative has a zero, the units are those of 0.1 if the result is smaller.
pub const GELU_DERIVATIVE_F32_MAX_ULP: f64 = 10.4; // measured over all 2^32: separate, at -0.531; fused 9.41

/// Largest error of [`gelu_derivative_f64`] measured, in the same units.
pub const GELU_DERIVATIVE_F64_MAX_ULP: f64 = 8.5; // measured at 30 000 arguments: separate 8.0; fused 6.0

/// From here on `a Q(a)` and `a p(a)` round to 0.
const LIMIT_F32: f32 = 15.0;
const LIMIT_F64: f64 = 39.0;

/// Adding this rounds to a multiple of 2^-8: `h` has 12 bits at most, and `d` is at most 2^-9.
const GRID_F32: f32 = ROUND_F32 / (1 << 8) as f32;
/// Likewise to a multiple of 2^-20: `h` has 26 bits at most.
const GRID_F64: f64 = ROUND_F64 / (1 << 20) as f64;

/// `1 / sqrt(2 pi)`
const DENSITY: f64 = 0.398_942_280_401_432_7;

/// Added to `n`, so that `2^(n + SHIFT)` is a normal number.
const SHIFT_F32: i32 = 63;
const SHIFT_F64: i64 = 511;
/// `2^-SHIFT`
const UNSHIFT_F32: f32 = 1.0 / (1_u64 << SHIFT_F32) as f32;
const UNSHIFT_F64: f64 = f64::from_bits(((1023 - SHIFT_F64) as u64) << 52);

/// `N` and `D` for f32 on `0 <= a <= 15`: relative error 2^-25.3.
pub(super) const N_F32: [f32; 5] = [0.5, 0.4392832, 0.1839689, 0.040881075, 0.0041532204];
pub(super) const D_F32: [f32; 6] = [1.0, 1.6764513, 1.2055475, 0.4714082, 0.10247975, 0.01041047];

/// `N` and `D` for f64 on `0 <= a <= 39`: relative error 2^-55.6.
pub(super) const N_F64: [f64; 11] = [
    0.5,
    0.8279452227816783,
    0.6796419826871964,
    0.3573710592382405,
    0.13205936550231623,
    0.035672394322105935,
    0.007124014534723652,
    0.0010399163078561922,
    0.00010659712852499271,
    6.977848356051139e-06,
    2.242543649734841e-07,
];
pub(super) const D_F64: [f64; 12] = [
    1.0,
    2.453775006366222,
    2.8171131586379463,
    2.001547230872917,
    0.9801755160038628,
    0.34835221100336594,
    0.0919891344004028,
    0.01812333138428141,
    0.0026241744927118157,
    0.00026776149868400803,
    1.7490871985395088e-05,
    5.621223319518266e-07,
];

/// `e^(-a^2/2) = 2^-SHIFT e power` with `e` near 1, and `R(a)`.
struct Tail<T> {
    e: T,
    power: T,
    ratio: T,
}

/// For `0 <= a <= LIMIT_F32`.
#[inline(always)]
fn tail_f32<V: Lanes>(a: V) -> Tail<V> {
    let c = V::splat;
    let h = (a + c(GRID_F32)) - c(GRID_F32);
    let (square, rest) = (h * h, (a - h) * (a + h));
    // 127 is the bias that `Lanes::power` expects.
    let round = ROUND_F32 + (SHIFT_F32 + 127) as f32;
    let sum = square.mul_add(c(-0.5 * core::f32::consts::LOG2_E), c(round));
    let n = sum - c(round);
    let high = n.mul_add(c(-LN2_HIGH_F32), square * c(-0.5));
    let r = high - rest.mul_add(c(0.5), n * c(LN2_LOW_F32));
    let e = c(1.0) + (r * r).mul_add(q_f32(r), r);
    Tail { e, power: sum.power(), ratio: two_chains_f32(a, &N_F32) / two_chains_f32(a, &D_F32) }
}

/// For `0 <= a <= LIMIT_F64`.
#[inline(always)]
fn tail_f64(a: f64) -> Tail<f64> {
    let h = (a + GRID_F64) - GRID_F64;
    let (square, rest) = (h * h, (a - h) * (a + h));
    let round = ROUND_F64 + (SHIFT_F64 + 1023) as f64;
    let sum = fma(square, -0.5 * core::f64::consts::LOG2_E, round);
    let n = sum - round;
    let high = fma(n, -LN2_HIGH_F64, square * -0.5);
    let r = high - fma(rest, 0.5, n * LN2_LOW_F64);
    let e = 1.0 + fma(r * r, q_f64(r), r);
    Tail { e, power: power_f64(sum), ratio: two_chains_f64(a, &N_F64) / two_chains_f64(a, &D_F64) }
}

/// `z P(z)`, for every `z`: 0 at negative infinity, infinity at infinity, -0 for -0, NaN for NaN; relative accuracy
/// holds in the lower tail, down to the subnormal numbers.
///
/// The error is at most [`GELU_F32_MAX_ULP`].
#[inline(always)]
pub fn gelu_f32(z: f32) -> f32 {
    gelu_lanes(z)
}

/// [`gelu_f32`] in each lane.
#[inline(always)]
pub fn gelu_lanes<V: Lanes>(z: V) -> V {
    let a = z.abs().at_most(LIMIT_F32);
    let Tail { e, power, ratio } = tail_f32(a);
    (a * ratio * e * power).mul_add(V::splat(-UNSHIFT_F32), z.at_least(0.0))
}

/// [`gelu_f32`] for `f64`.
///
/// The error measured is at most [`GELU_F64_MAX_ULP`].
#[inline(always)]
pub fn gelu_f64(z: f64) -> f64 {
    let a = if z.abs() > LIMIT_F64 { LIMIT_F64 } else { z.abs() };
    let Tail { e, power, ratio } = tail_f64(a);
    let positive = if z < 0.0 { 0.0 } else { z };
    fma(a * ratio * e * power, -UNSHIFT_F64, positive)
}

/// `P(z) + z p(z)`, for every `z`: 0 at negative infinity, 1 at infinity, NaN for NaN.
///
/// The error is at most [`GELU_DERIVATIVE_F32_MAX_ULP`].
#[inline(always)]
pub fn gelu_derivative_f32(z: f32) -> f32 {
    let a = z.abs().at_most(LIMIT_F32);
    let Tail { e, power, ratio } = tail_f32(a);
    let g = fma(a, -DENSITY as f32, ratio) * e * power * UNSHIFT_F32;
    if z > 0.0 { 1.0 - g } else { g }
}

/// [`gelu_derivative_f32`] for `f64`.
///
/// The error measured is at most [`GELU_DERIVATIVE_F64_MAX_ULP`].
#[inline(always)]
pub fn gelu_derivative_f64(z: f64) -> f64 {
    let a = if z.abs() > LIMIT_F64 { LIMIT_F64 } else { z.abs() };
    let Tail { e, power, ratio } = tail_f64(a);
    let g = fma(a, -DENSITY, ratio) * e * power * UNSHIFT_F64;
    if z > 0.0 { 1.0 - g } else { g }
}
