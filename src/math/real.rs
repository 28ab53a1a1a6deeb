//! The trait over which activations are generic: a number of either scalar type, or a SIMD vector.

use core::ops::{Add, Div, Mul, Neg, Sub};

use super::lanes::Lanes;
use super::{
    Elementary, bits::fma, exp::exp_lanes, exp_m1::exp_m1_lanes, gelu::gelu_lanes, ln_1p::ln_1p_lanes,
    sigmoid::sigmoid_lanes, tanh::tanh_lanes,
};

/// An `f32`, an `f64`, or a vector of `f32`s ([`Lanes`]).
///
/// Each operation acts on each lane as it does on a single number, and the methods that share a name with one of
/// [`Elementary`] compute the same function. So a formula gives the same bits for numbers and for vectors. The
/// trait cannot be named outside this crate.
pub trait Real:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
    /// The value nearest to `x`, in each lane.
    fn constant(x: f64) -> Self;
    /// `self b + c`, rounded as the numerics class specifies.
    fn mul_add(self, b: Self, c: Self) -> Self;
    /// The absolute value.
    fn abs(self) -> Self;
    /// `limit` where `self > limit`, else `self`; NaN stays NaN.
    fn at_most(self, limit: f64) -> Self;
    /// `limit` where `self < limit`, else `self`; NaN stays NaN.
    fn at_least(self, limit: f64) -> Self;
    /// `positive` where `self > 0`, else `F` of `self`.
    ///
    /// If `self` is NaN, so is the result, provided that `positive` and `F` of `self` are. A number computes `F`
    /// only if it is the result; a vector always does.
    fn if_positive<F: Function>(self, positive: Self) -> Self;
    /// See [`Elementary::exp`].
    fn exp(self) -> Self;
    /// See [`Elementary::exp_m1`].
    fn exp_m1(self) -> Self;
    /// See [`Elementary::ln_1p`].
    fn ln_1p(self) -> Self;
    /// See [`Elementary::tanh`].
    fn tanh(self) -> Self;
    /// See [`Elementary::sigmoid`].
    fn sigmoid(self) -> Self;
    /// See [`Elementary::gelu`].
    fn gelu(self) -> Self;
}

/// A function of one number, with one body for numbers and vectors. Kernels know activations as `Function`s.
///
/// Its body should be `#[inline(always)]`, see [`Task`](crate::kernel::Task).
pub trait Function {
    /// Applies the function to a number, or to each lane of a vector.
    fn of<R: Real>(x: R) -> R;
}

impl<V: Lanes> Real for V {
    #[inline(always)]
    fn constant(x: f64) -> V {
        V::splat(x as f32)
    }

    #[inline(always)]
    fn mul_add(self, b: V, c: V) -> V {
        Lanes::mul_add(self, b, c)
    }

    #[inline(always)]
    fn abs(self) -> V {
        Lanes::abs(self)
    }

    #[inline(always)]
    fn at_most(self, limit: f64) -> V {
        Lanes::at_most(self, limit as f32)
    }

    #[inline(always)]
    fn at_least(self, limit: f64) -> V {
        Lanes::at_least(self, limit as f32)
    }

    #[inline(always)]
    fn if_positive<F: Function>(self, positive: V) -> V {
        Lanes::if_positive::<F>(self, positive)
    }

    #[inline(always)]
    fn exp(self) -> V {
        exp_lanes(self)
    }

    #[inline(always)]
    fn exp_m1(self) -> V {
        exp_m1_lanes(self)
    }

    #[inline(always)]
    fn ln_1p(self) -> V {
        ln_1p_lanes(self)
    }

    #[inline(always)]
    fn tanh(self) -> V {
        tanh_lanes(self)
    }

    #[inline(always)]
    fn sigmoid(self) -> V {
        sigmoid_lanes(self)
    }

    #[inline(always)]
    fn gelu(self) -> V {
        gelu_lanes(self)
    }
}

impl Real for f64 {
    #[inline(always)]
    fn constant(x: f64) -> f64 {
        x
    }

    #[inline(always)]
    fn mul_add(self, b: f64, c: f64) -> f64 {
        fma(self, b, c)
    }

    #[inline(always)]
    fn abs(self) -> f64 {
        f64::abs(self)
    }

    #[inline(always)]
    fn at_most(self, limit: f64) -> f64 {
        if self > limit { limit } else { self }
    }

    #[inline(always)]
    fn at_least(self, limit: f64) -> f64 {
        if self < limit { limit } else { self }
    }

    #[inline(always)]
    fn if_positive<F: Function>(self, positive: f64) -> f64 {
        if self > 0.0 { positive } else { F::of(self) }
    }

    #[inline(always)]
    fn exp(self) -> f64 {
        Elementary::exp(self)
    }

    #[inline(always)]
    fn exp_m1(self) -> f64 {
        Elementary::exp_m1(self)
    }

    #[inline(always)]
    fn ln_1p(self) -> f64 {
        Elementary::ln_1p(self)
    }

    #[inline(always)]
    fn tanh(self) -> f64 {
        Elementary::tanh(self)
    }

    #[inline(always)]
    fn sigmoid(self) -> f64 {
        Elementary::sigmoid(self)
    }

    #[inline(always)]
    fn gelu(self) -> f64 {
        Elementary::gelu(self)
    }
}
