//! The numbers a network is made of, and vectors of them.

use core::fmt::{Debug, Display, LowerExp};
use core::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

use rand::Rng;

use crate::Zero;
use crate::kernel::arithmetic::MulAdd;
use crate::math::Elementary;

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
    impl<T: Sealed, const N: usize> Sealed for [T; N] {}
}

/// `f32` or `f64`, with the arithmetic whose bits are the same on every target.
///
/// In code that is generic over `T: Scalar`, `x.exp()` and its kin are this crate's own functions
/// ([`Elementary`]). On a *concrete* `f32` the standard library's method of that name wins instead, and its
/// bits differ between platforms: there write `Elementary::exp(x)`.
pub trait Scalar:
    sealed::Sealed
    + MulAdd
    + Elementary
    + Zero
    + Copy
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + Debug
    + Display
    + LowerExp
    + Send
    + Sync
    + 'static
{
    /// One.
    const ONE: Self;

    /// The smallest positive number that is normal: 2^-126 for `f32`, 2^-1022 for `f64`.
    const MIN_POSITIVE: Self;

    /// The nearest value; meant for constants, which the compiler folds.
    fn from_f64(x: f64) -> Self;

    /// The nearest value of a count.
    fn from_usize(n: usize) -> Self;

    /// This value as `f64`, exactly.
    fn to_f64(self) -> f64;

    /// The bits, those of an `f32` in the lower half.
    fn to_bits(self) -> u64;

    /// The absolute value.
    fn abs(self) -> Self;

    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;

    /// The absolute value as an integer, in the same order: an infinity is larger than all numbers, a NaN than that.
    type Magnitude: Copy + Ord + Default + core::ops::BitOr<Output = Self::Magnitude>;

    /// The magnitude of infinity.
    const INFINITE: Self::Magnitude;

    /// The magnitude.
    fn magnitude(self) -> Self::Magnitude;

    /// The largest absolute value, 0 for none; infinite or NaN if any value is.
    fn largest(values: &[Self]) -> Self;

    /// A uniform random number in [0, 1): the upper 24 bits of one `u32` for `f32`, 53 bits of one `u64` for `f64`.
    ///
    /// Spelled out here rather than taken from a distribution, so that a seed's weights depend on the
    /// generator alone.
    fn random<R: Rng + ?Sized>(rng: &mut R) -> Self;

    /// The larger of the two, `other` if `self` is NaN.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        if self > other { self } else { other }
    }

    /// `self` limited to `[low, high]`; a NaN stays NaN.
    #[inline(always)]
    fn clamp(self, low: Self, high: Self) -> Self {
        let x = if self < low { low } else { self };
        if x > high { high } else { x }
    }
}

macro_rules! scalar {
    ($t:ident, $bits:ident, $next:ident, $discard:literal, $ulp:expr) => {
        impl Scalar for $t {
            const ONE: $t = 1.0;

            const MIN_POSITIVE: $t = $t::MIN_POSITIVE;

            #[inline(always)]
            fn from_f64(x: f64) -> $t {
                x as $t
            }

            #[inline(always)]
            fn from_usize(n: usize) -> $t {
                n as $t
            }

            #[inline(always)]
            fn to_f64(self) -> f64 {
                self.into()
            }

            #[inline(always)]
            fn to_bits(self) -> u64 {
                self.to_bits().into()
            }

            #[inline(always)]
            fn abs(self) -> $t {
                $t::abs(self)
            }

            #[inline(always)]
            fn is_finite(self) -> bool {
                $t::is_finite(self)
            }

            type Magnitude = $bits;

            const INFINITE: $bits = $t::INFINITY.to_bits();

            #[inline(always)]
            fn magnitude(self) -> $bits {
                // All but the sign.
                self.to_bits() & ($bits::MAX >> 1)
            }

            #[inline(always)]
            fn largest(values: &[$t]) -> $t {
                $t::from_bits(values.iter().fold(0, |largest, x| largest.max(x.magnitude())))
            }

            #[inline(always)]
            fn random<R: Rng + ?Sized>(rng: &mut R) -> $t {
                (rng.$next() >> $discard) as $t * $ulp
            }
        }
    };
}

scalar!(f32, u32, next_u32, 8, 1.0 / (1_u32 << 24) as f32);
scalar!(f64, u64, next_u64, 11, 1.0 / (1_u64 << 53) as f64);

/// An array of scalars: what goes into a layer and comes out of it.
pub trait Vector: sealed::Sealed + Zero + Copy {
    /// The type of its elements.
    type Scalar: Scalar;

    /// The number of its elements.
    const LEN: usize;

    /// The elements.
    fn as_slice(&self) -> &[Self::Scalar];

    /// The elements, to be changed.
    fn as_mut_slice(&mut self) -> &mut [Self::Scalar];
}

impl<T: Scalar, const N: usize> Vector for [T; N] {
    type Scalar = T;
    const LEN: usize = N;

    #[inline(always)]
    fn as_slice(&self) -> &[T] {
        self
    }

    #[inline(always)]
    fn as_mut_slice(&mut self) -> &mut [T] {
        self
    }
}

/// The index of the largest element, the first of several; 0 for an empty slice.
///
/// The class that a classifier's outputs name:
///
/// ```
/// assert_eq!(stackprop::argmax(&[0.1, 0.7, 0.2]), 1);
/// ```
pub fn argmax<T: Scalar>(values: &[T]) -> usize {
    let mut best = 0;
    let mut largest = None;
    for (index, &value) in values.iter().enumerate() {
        if largest.is_none_or(|l| value > l) {
            (best, largest) = (index, Some(value));
        }
    }
    best
}

/// The first `n` elements, or all of them if there are fewer: a slice without a panic path.
#[inline(always)]
pub(crate) fn head<X>(slice: &[X], n: usize) -> &[X] {
    slice.get(..n).unwrap_or(slice)
}

/// The first `n` elements, or all of them if there are fewer: a slice without a panic path.
#[inline(always)]
pub(crate) fn head_mut<X>(slice: &mut [X], n: usize) -> &mut [X] {
    let n = n.min(slice.len());
    match slice.split_at_mut_checked(n) {
        Some((first, _)) => first,
        None => &mut [],
    }
}
