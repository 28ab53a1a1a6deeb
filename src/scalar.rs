//! The scalar types of networks.

use core::fmt::{Debug, Display, LowerExp};
use core::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

use rand::Rng;

use crate::arithmetic::MulAdd;
use crate::math::Elementary;
use crate::math::real::Function;
use crate::zero::Zero;

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// `f32` or `f64`, with arithmetic whose bits are the same on every target.
///
/// In code that is generic over `T: Scalar`, `x.exp()` and the other elementary functions are this crate's own
/// ([`Elementary`]). On a *concrete* `f32`, the standard library's method of the same name takes precedence, and its
/// bits differ between platforms; write `Elementary::exp(x)` there. Multiply-add and the square root are those of
/// [`MulAdd`].
pub trait Scalar:
    sealed::Sealed
    + MulAdd
    + Elementary
    + Zero
    + Copy
    + PartialOrd
    + Send
    + Sync
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

    /// A quarter.
    const QUARTER: Self;

    /// The smallest positive normal number: 2^-126 for `f32`, 2^-1022 for `f64`.
    const MIN_POSITIVE: Self;

    /// The value nearest to `x`. Meant for constants, which the compiler folds.
    fn from_f64(x: f64) -> Self;

    /// The value nearest to a count.
    fn from_usize(n: usize) -> Self;

    /// The value nearest to a count, which on a 32-bit target may be larger than a `usize`.
    fn from_u64(n: u64) -> Self;

    /// This value as `f64`, exactly.
    fn to_f64(self) -> f64;

    /// The bits; those of an `f32` are in the lower half.
    fn to_bits(self) -> u64;

    /// The number with these bits; for an `f32`, those of the lower half.
    fn from_bits(bits: u64) -> Self;

    /// The absolute value.
    fn abs(self) -> Self;

    /// Whether the value is neither infinite nor NaN.
    fn is_finite(self) -> bool;

    /// The absolute value as an integer with the same order. Infinity is larger than all numbers, NaN larger than
    /// infinity.
    type Magnitude: Copy + Ord + Default + core::ops::BitOr<Output = Self::Magnitude>;

    /// The magnitude of infinity.
    const INFINITE: Self::Magnitude;

    /// The magnitude.
    fn magnitude(self) -> Self::Magnitude;

    /// The largest absolute value: 0 for an empty slice, infinite or NaN if any value is.
    fn largest(values: &[Self]) -> Self;

    /// A uniform random number in [0, 1): the upper 24 bits of one `u32` for `f32`, 53 bits of one `u64` for `f64`.
    ///
    /// Defined here rather than taken from a distribution of `rand`, so that the weights for a seed depend on the
    /// generator alone.
    fn random<R: Rng + ?Sized>(rng: &mut R) -> Self;

    /// A function that has one body for numbers and for vectors.
    #[doc(hidden)]
    fn apply<F: Function>(x: Self) -> Self;

    /// The larger of the two; NaN if either is.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        // `partial_cmp` of a NaN with itself is `None`.
        if self > other || self.partial_cmp(&self).is_none() { self } else { other }
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

            const QUARTER: $t = 0.25;

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
            fn from_u64(n: u64) -> $t {
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
            fn from_bits(bits: u64) -> $t {
                $t::from_bits(bits as _)
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
                // All bits but the sign.
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

            #[inline(always)]
            fn apply<F: Function>(x: $t) -> $t {
                F::of(x)
            }
        }
    };
}

scalar!(f32, u32, next_u32, 8, 1.0 / (1_u32 << 24) as f32);
scalar!(f64, u64, next_u64, 11, 1.0 / (1_u64 << 53) as f64);

/// The index of the largest element.
///
/// If several are equal, the result is the index of the first; for an empty slice, 0. If an element is NaN, it is the
/// index of the first NaN, as in NumPy and PyTorch.
///
/// For the outputs of a classifier, it is the predicted class:
///
/// ```
/// use stackprop::argmax;
///
/// assert_eq!(argmax(&[0.1, 0.7, 0.2]), 1);
/// assert_eq!(argmax(&[1.0, 3.0, 3.0]), 1);
/// assert_eq!(argmax(&[3.0, f64::NAN, 2.0]), 1);
/// ```
#[must_use]
pub fn argmax<T: Scalar>(values: &[T]) -> usize {
    let (mut best, mut largest) = (0, -T::ONE / T::ZERO);
    for (index, &value) in (0..values.len()).zip(values) {
        if value <= largest {
            continue;
        }
        (best, largest) = (index, value);
        if value.partial_cmp(&value).is_none() {
            break; // the first NaN
        }
    }
    best
}

/// The index of the first largest element, and that element, ignoring NaN. If no element is above negative infinity,
/// the result is 0 and negative infinity.
#[inline(always)]
pub(crate) fn first_largest<T: Scalar>(values: &[T]) -> (usize, T) {
    let (mut first, mut largest) = (0, -T::ONE / T::ZERO);
    for (index, &value) in (0..values.len()).zip(values) {
        if value > largest {
            (first, largest) = (index, value);
        }
    }
    (first, largest)
}

/// The first `n` elements, or all of them if there are fewer. Has no panic path, unlike `slice[..n]`.
#[inline(always)]
pub(crate) fn head<X>(slice: &[X], n: usize) -> &[X] {
    slice.get(..n).unwrap_or(slice)
}

/// The first `n` elements, or all of them if there are fewer. Has no panic path, unlike `slice[..n]`.
#[inline(always)]
pub(crate) fn head_mut<X>(slice: &mut [X], n: usize) -> &mut [X] {
    let n = n.min(slice.len());
    match slice.split_at_mut_checked(n) {
        Some((first, _)) => first,
        None => &mut [],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAN: f32 = f32::NAN;
    const INFINITY: f32 = f32::INFINITY;

    // numpy.argmax and torch.argmax return the same.
    #[test]
    fn argmax_is_the_first_nan_or_the_first_of_the_largest() {
        let cases: [(&[f32], usize); 14] = [
            (&[], 0),
            (&[NAN], 0),
            (&[1.0, NAN, 2.0], 1),
            (&[NAN, 1.0, 2.0], 0),
            (&[3.0, NAN, 2.0], 1),
            (&[1.0, 2.0, NAN, NAN], 2),
            (&[INFINITY, NAN], 1),
            (&[1.0, -NAN, INFINITY], 1),
            (&[2.0, 3.0, 3.0, 1.0, 3.0], 1),
            (&[0.0, -0.0], 0),
            (&[-0.0, 0.0], 0),
            (&[-INFINITY, -INFINITY], 0),
            (&[-INFINITY, f32::MIN], 1),
            (&[f32::MAX, INFINITY, INFINITY], 1),
        ];
        for (values, index) in cases {
            assert_eq!(argmax(values), index, "{values:?}");
            let wide: std::vec::Vec<f64> = values.iter().map(|&x| x.into()).collect();
            assert_eq!(argmax(&wide), index, "{values:?}");
        }
    }

    #[test]
    fn the_larger_and_the_limited_keep_a_nan() {
        assert_eq!(
            (Scalar::max(1.0, 2.0), Scalar::max(2.0, 1.0), Scalar::max(-INFINITY, -1.0)),
            (2.0, 2.0, -1.0)
        );
        for x in [1.0, -INFINITY, INFINITY, NAN] {
            assert!(Scalar::max(NAN, x).is_nan() && Scalar::max(x, NAN).is_nan());
        }
        assert!(Scalar::clamp(NAN, -1.0, 1.0).is_nan());
        assert_eq!((Scalar::clamp(-INFINITY, -1.0, 1.0), Scalar::clamp(INFINITY, -1.0, 1.0)), (-1.0, 1.0));
    }

    #[test]
    fn the_first_largest_passes_over_nan() {
        assert_eq!(first_largest(&[1.0, NAN, 2.0, 2.0]), (2, 2.0));
        assert_eq!(first_largest(&[NAN, -INFINITY]), (0, -INFINITY));
        assert_eq!(first_largest::<f32>(&[]), (0, -INFINITY));
    }
}
