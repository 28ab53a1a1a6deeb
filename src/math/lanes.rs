//! The trait over which the elementary functions of `f32` are generic: one number, or a SIMD vector. ([`ln`](super::ln)
//! and [`sin_pi`](super::sin_pi) are not: no activation needs them.)
//!
//! Each operation acts on each lane as it does on a single number, so a function gives the same bits in every
//! lane of every vector type.
#![allow(unsafe_code)]

use core::ops::{Add, Div, Mul, Neg, Sub};

use super::bits::{fma, pow2_f32, power_f32, rounded_f32};
use super::ln::exponent_f32;
use super::real::Function;

/// An `f32`, or a SIMD vector of `f32`s.
///
/// # Safety
///
/// The methods are safe to call, so that functions can be written as for numbers, but they may compile to
/// instructions that not every processor has. An implementation must ensure that its type is used only by
/// `unsafe` functions that require such a processor of their callers: `kernel::map` has them. The trait cannot be
/// implemented or named outside this crate.
pub unsafe trait Lanes:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
    /// Integers, one for each lane.
    type Int: Copy;

    /// The same number in each lane.
    fn splat(x: f32) -> Self;
    /// `self b + c`, rounded as the numerics class specifies.
    fn mul_add(self, b: Self, c: Self) -> Self;
    /// The absolute value.
    fn abs(self) -> Self;
    /// `self` with the sign of `sign`.
    fn copysign(self, sign: Self) -> Self;
    /// `limit` where `self > limit`, else `self`; NaN stays NaN.
    fn at_most(self, limit: f32) -> Self;
    /// `limit` where `self < limit`, else `self`; NaN stays NaN.
    fn at_least(self, limit: f32) -> Self;
    /// `then` where `a <= b`, else `otherwise`; `otherwise` if either is NaN.
    fn select_at_most(a: Self, b: Self, then: Self, otherwise: Self) -> Self;
    /// See [`Real::if_positive`](super::real::Real::if_positive). A vector computes both values.
    #[inline(always)]
    fn if_positive<F: Function>(self, positive: Self) -> Self {
        Self::select_at_most(self, Self::splat(0.0), F::of(self), positive)
    }
    /// Rounds to the nearest integer `n`, and returns `(sum, n)` with `sum = self + round`, where `round` is
    /// `ROUND_F32` plus an even integer.
    #[inline(always)]
    fn nearest(self, round: f32) -> (Self, Self) {
        let sum = self + Self::splat(round);
        (sum, sum - Self::splat(round))
    }
    /// The integer that adding `ROUND_F32` left in the low bits of this sum.
    fn rounded(self) -> Self::Int;
    /// `2^(n + k - 127)`, where `n + k`, from 1 to 254, is the integer in this sum: `k` was added to `ROUND_F32`.
    fn power(self) -> Self;
    /// The `k` for which `sqrt(1/2) <= 2^-k self < sqrt(2)`, for a positive normal number.
    fn exponent(self) -> Self::Int;
    /// `2^-k self`, by subtracting `k` from the exponent field; not for zero and subnormal numbers.
    fn scale_down(self, k: Self::Int) -> Self;
    /// `n` as a float, for `|n| < 2^24`.
    fn float(n: Self::Int) -> Self;
    /// The smaller of `n` and `limit`.
    fn min_int(n: Self::Int, limit: i32) -> Self::Int;
    /// `a - b`
    fn sub_int(a: Self::Int, b: Self::Int) -> Self::Int;
    /// `-n`
    fn neg_int(n: Self::Int) -> Self::Int;
    /// `n / 2`, rounded down.
    fn halve_int(n: Self::Int) -> Self::Int;
    /// `2^n` for `-126 <= n <= 127`.
    fn pow2(n: Self::Int) -> Self;
}

// SAFETY: the methods are operations on single numbers, which every processor has.
unsafe impl Lanes for f32 {
    type Int = i32;

    #[inline(always)]
    fn splat(x: f32) -> f32 {
        x
    }

    #[inline(always)]
    fn mul_add(self, b: f32, c: f32) -> f32 {
        fma(self, b, c)
    }

    #[inline(always)]
    fn abs(self) -> f32 {
        f32::abs(self)
    }

    #[inline(always)]
    fn copysign(self, sign: f32) -> f32 {
        f32::copysign(self, sign)
    }

    #[inline(always)]
    fn at_most(self, limit: f32) -> f32 {
        if self > limit { limit } else { self }
    }

    #[inline(always)]
    fn at_least(self, limit: f32) -> f32 {
        if self < limit { limit } else { self }
    }

    #[inline(always)]
    fn select_at_most(a: f32, b: f32, then: f32, otherwise: f32) -> f32 {
        if a <= b { then } else { otherwise }
    }

    #[inline(always)]
    fn if_positive<F: Function>(self, positive: f32) -> f32 {
        if self > 0.0 { positive } else { F::of(self) }
    }

    #[inline(always)]
    fn rounded(self) -> i32 {
        rounded_f32(self)
    }

    #[inline(always)]
    fn power(self) -> f32 {
        power_f32(self)
    }

    #[inline(always)]
    fn exponent(self) -> i32 {
        exponent_f32(self)
    }

    #[inline(always)]
    fn scale_down(self, k: i32) -> f32 {
        f32::from_bits(self.to_bits().wrapping_sub((k as u32) << 23))
    }

    #[inline(always)]
    fn float(n: i32) -> f32 {
        n as f32
    }

    #[inline(always)]
    fn min_int(n: i32, limit: i32) -> i32 {
        if n < limit { n } else { limit }
    }

    #[inline(always)]
    fn sub_int(a: i32, b: i32) -> i32 {
        a.wrapping_sub(b)
    }

    #[inline(always)]
    fn neg_int(n: i32) -> i32 {
        n.wrapping_neg()
    }

    #[inline(always)]
    fn halve_int(n: i32) -> i32 {
        n >> 1
    }

    #[inline(always)]
    fn pow2(n: i32) -> f32 {
        pow2_f32(n)
    }
}
