//! Powers of two and nearest integers, computed on the bits of a float: the exact steps of an elementary function.

use crate::arithmetic::MulAdd;

/// `1.5 * 2^23`: adding it to `|x| < 2^22` rounds `x` to an integer (ties to even) and leaves that
/// integer, in two's complement, in the low bits of the sum. The factor 1.5 keeps the exponent of
/// the sum for negative `x`.
pub(crate) const ROUND_F32: f32 = 12_582_912.0;

/// `1.5 * 2^52`: like [`ROUND_F32`], for `|x| < 2^51`.
pub(super) const ROUND_F64: f64 = 6_755_399_441_055_744.0;

/// `a * b + c`; a free function because with `std` a method call would find the inherent
/// `f32::mul_add`.
#[inline(always)]
pub(super) fn fma<T: MulAdd>(a: T, b: T, c: T) -> T {
    MulAdd::mul_add(a, b, c)
}

/// The integer that adding [`ROUND_F32`] left in `sum`.
#[inline(always)]
pub(super) fn rounded_f32(sum: f32) -> i32 {
    (sum.to_bits() as i32).wrapping_sub(ROUND_F32.to_bits() as i32)
}

/// The integer that adding [`ROUND_F64`] left in `sum`.
#[inline(always)]
pub(super) fn rounded_f64(sum: f64) -> i64 {
    (sum.to_bits() as i64).wrapping_sub(ROUND_F64.to_bits() as i64)
}

/// `2^(n + k - 127)`, where `n + k`, from 1 to 254, is the integer in `sum`. The shift drops the bits above it.
/// An even `k`, added to [`ROUND_F32`], does not change how ties round.
#[inline(always)]
pub(super) fn power_f32(sum: f32) -> f32 {
    f32::from_bits(sum.to_bits() << 23)
}

/// `2^(n + k - 1023)`: like [`power_f32`], for an integer from 1 to 2046.
#[inline(always)]
pub(super) fn power_f64(sum: f64) -> f64 {
    f64::from_bits(sum.to_bits() << 52)
}

/// `2^n` for `-126 <= n <= 127`.
#[inline(always)]
pub(super) fn pow2_f32(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

/// `2^n` for `-1022 <= n <= 1023`.
#[inline(always)]
pub(super) fn pow2_f64(n: i64) -> f64 {
    f64::from_bits((n.wrapping_add(1023) as u64) << 52)
}

/// `x 2^n` with one rounding, for `1/2 < |x| < 4` and `-2044 <= n <= 2046`.
///
/// This holds even where the result is subnormal or infinite: both halves of `n` are exponents of
/// normal numbers, and the first product is exact.
#[inline(always)]
pub(super) fn scale_f64(x: f64, n: i64) -> f64 {
    let half = half_f64(n);
    x * pow2_f64(half) * pow2_f64(n.wrapping_sub(half))
}

/// `n / 2` rounded down, for `n >= -4096`.
///
/// The bias makes the shift unsigned: AVX2 has no signed right shift of 64-bit integers.
#[inline(always)]
pub(super) fn half_f64(n: i64) -> i64 {
    ((n.wrapping_add(4096) as u64 >> 1) as i64).wrapping_sub(2048)
}
