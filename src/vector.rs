//! Inputs and outputs of layers: arrays of scalars, and joined pairs of them.
#![allow(unsafe_code)]

use core::slice::{from_raw_parts, from_raw_parts_mut};

use crate::scalar::Scalar;
use crate::zero::{Zero, zero_struct};

mod sealed {
    pub trait Sealed {}
    impl<T: super::Scalar, const N: usize> Sealed for [T; N] {}
    impl<A: Sealed, B: Sealed> Sealed for super::Joined<A, B> {}
}

/// An input or an output of a layer: [`LEN`](Vector::LEN) scalars in a fixed order, and nothing else.
///
/// An array `[T; N]`, or two vectors that are [`Joined`]. Sealed.
pub trait Vector:
    sealed::Sealed + Zero + Copy + PartialEq + core::fmt::Debug + Send + Sync + 'static
{
    /// The type of its elements.
    type Scalar: Scalar;

    /// The number of its elements.
    const LEN: usize;

    /// The elements.
    fn as_slice(&self) -> &[Self::Scalar];

    /// The elements, mutable.
    fn as_mut_slice(&mut self) -> &mut [Self::Scalar];

    /// The elements of all rows, one row after the other.
    fn flatten(rows: &[Self]) -> &[Self::Scalar];

    /// The numbers as rows, one after the other. Numbers at the end that do not fill a row are left out.
    fn rows_of(numbers: &[Self::Scalar]) -> &[Self];

    /// The same as [`rows_of`](Vector::rows_of), mutable.
    fn rows_of_mut(numbers: &mut [Self::Scalar]) -> &mut [Self];
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

    #[inline(always)]
    fn flatten(rows: &[Self]) -> &[T] {
        rows.as_flattened()
    }

    #[inline(always)]
    fn rows_of(numbers: &[T]) -> &[Self] {
        numbers.as_chunks().0
    }

    #[inline(always)]
    fn rows_of_mut(numbers: &mut [T]) -> &mut [Self] {
        numbers.as_chunks_mut().0
    }
}

/// Two vectors, one after the other: the output of [`Parallel`](crate::Parallel) layers.
///
/// ```
/// use stackprop::{Joined, Vector};
///
/// let Joined(action, value) = Joined([0.2, 0.8], [1.5]);
/// assert_eq!(Joined(action, value).as_slice(), [0.2, 0.8, 1.5]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Joined<A, B>(pub A, pub B);

zero_struct!([A: Zero, B: Zero] Joined<A, B> { 0, 1 });

// The casts below rely on this: `Vector` is sealed, arrays of `T` are the only leaves, and a `repr(C)` pair of vectors
// of the same scalar has no padding. So a `Joined` has the layout of `[T; LEN]`.
impl<A: Vector, B: Vector<Scalar = A::Scalar>> Vector for Joined<A, B> {
    type Scalar = A::Scalar;
    const LEN: usize = {
        assert!(size_of::<Self>() == (A::LEN + B::LEN) * size_of::<A::Scalar>());
        A::LEN + B::LEN
    };

    #[inline(always)]
    fn as_slice(&self) -> &[A::Scalar] {
        Self::flatten(core::slice::from_ref(self))
    }

    #[inline(always)]
    fn as_mut_slice(&mut self) -> &mut [A::Scalar] {
        // SAFETY: `self` has the layout of `LEN` scalars (see above), and is borrowed for as long as the slice.
        unsafe { from_raw_parts_mut((&raw mut *self).cast(), Self::LEN) }
    }

    #[inline(always)]
    fn flatten(rows: &[Self]) -> &[A::Scalar] {
        let numbers = rows.len().saturating_mul(Self::LEN);
        // SAFETY: each row has the layout of `LEN` scalars (see above), so all rows together are `numbers` scalars.
        // (Memory never holds more than `usize::MAX` bytes, so the product does not saturate.)
        unsafe { from_raw_parts(rows.as_ptr().cast(), numbers) }
    }

    #[inline(always)]
    fn rows_of(numbers: &[A::Scalar]) -> &[Self] {
        let rows = numbers.len().checked_div(Self::LEN).unwrap_or(0);
        // SAFETY: a row has the layout of `LEN` scalars (see above), and there are at least `rows * LEN` scalars.
        unsafe { from_raw_parts(numbers.as_ptr().cast(), rows) }
    }

    #[inline(always)]
    fn rows_of_mut(numbers: &mut [A::Scalar]) -> &mut [Self] {
        let rows = numbers.len().checked_div(Self::LEN).unwrap_or(0);
        // SAFETY: as in `rows_of`; the numbers are borrowed for as long as the rows.
        unsafe { from_raw_parts_mut(numbers.as_mut_ptr().cast(), rows) }
    }
}

/// [`as_flattened_mut`](slice::as_flattened_mut), inlined: with `lto = "off"`, that of `core` is a call, after which the compiler
/// does not know how many numbers a single row has.
#[inline(always)]
pub(crate) fn flattened_mut<T: Scalar, const N: usize>(rows: &mut [[T; N]]) -> &mut [T] {
    // SAFETY: arrays are their elements one after the other; their number cannot overflow, as a number is not zero-sized.
    unsafe { from_raw_parts_mut(rows.as_mut_ptr().cast(), rows.len().wrapping_mul(N)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Three = Joined<[f32; 2], [f32; 1]>;

    #[test]
    fn joined_rows_are_numbers_in_order() {
        let mut rows = [Joined([1.0, 2.0], [3.0]), Joined([4.0, 5.0], [6.0])];
        assert_eq!(Three::flatten(&rows), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        rows[1].as_mut_slice()[2] = 7.0;
        assert_eq!(rows[1], Joined([4.0, 5.0], [7.0]));
        assert_eq!(Joined(rows[0], [8.0]).as_slice(), [1.0, 2.0, 3.0, 8.0]);
    }

    #[test]
    fn numbers_are_joined_rows() {
        let mut numbers = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
        assert_eq!(Three::rows_of(&numbers), [Joined([1.0, 2.0], [3.0]), Joined([4.0, 5.0], [6.0])]);
        Three::rows_of_mut(&mut numbers)[1].1 = [9.0];
        assert_eq!(numbers, [1.0, 2.0, 3.0, 4.0, 5.0, 9.0, 7.0]);
        assert_eq!(Joined::<[f32; 0], [f32; 0]>::rows_of(&numbers), []);
    }
}
