//! The memory of inference: a tape with two ends.
//!
//! A chain of layers needs, at any time, the outputs of two neighbouring layers: the one that is read and the one that
//! is written. They lie at opposite ends of one tape; the next layer reads where this one wrote, and writes over what
//! this one read. The tape is therefore as long as the two longest neighbours together, not as all outputs.
//!
//! ```text
//! layer 1  given input -> [a1         ]
//! layer 2                 [a1      a2 ]
//! layer 3                 [a3      a2 ]     (a1 is not needed any more)
//! layer 4                 [a3         ] -> given output
//! ```
//!
//! Its length follows from the types: [`Layer::Inner`](crate::Layer::Inner) and its kin put side by side ([`Both`]) what must
//! be there at once and overlay ([`Overlay`]) what must not.
#![allow(unsafe_code)]

use core::mem::MaybeUninit;

use crate::{Scalar, Vector};

mod sealed {
    pub trait Sealed {}
    impl Sealed for () {}
    impl<X: crate::Vector, const B: usize> Sealed for [X; B] {}
    impl<A: Copy, B: Copy> Sealed for super::Both<A, B> {}
    impl<A: Copy, B: Copy> Sealed for super::Overlay<A, B> {}
}

/// Memory that consists of scalars `T` and nothing else: no padding, so that all of it can be read as numbers.
///
/// It is `()`, an array of [`Vector`]s, or [`Both`] or an [`Overlay`] of such.
///
/// # Safety
///
/// The type must be as aligned as `T`, or less if it is empty; its size must be a multiple of that of `T`; and it must have no padding. Sealed: all
/// implementations stand in this file.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not memory for numbers of type `{T}`",
    note = "the memory of a layer's inference is `()`, an array of `[T; N]`, or `Both` or an `Overlay` of such"
)]
pub unsafe trait Numbers<T: Scalar>: sealed::Sealed + Copy {}

// SAFETY: empty.
unsafe impl<T: Scalar> Numbers<T> for () {}

// SAFETY: `Vector` is sealed: an array of arrays of `T`.
unsafe impl<X: Vector, const B: usize> Numbers<X::Scalar> for [X; B] {}

// SAFETY: `repr(C)`; both fields have the alignment of `T` and sizes that are multiples of it, so that there is no padding.
unsafe impl<T: Scalar, A: Numbers<T>, B: Numbers<T>> Numbers<T> for Both<A, B> {}

// SAFETY: `repr(C)`; as large as the larger field, whose size is a multiple of their alignment, so that there is no padding.
unsafe impl<T: Scalar, A: Numbers<T>, B: Numbers<T>> Numbers<T> for Overlay<A, B> {}

/// Memory for an `A` and for a `B`.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Both<A: Copy, B: Copy> {
    _a: A,
    _b: B,
}

/// Memory for an `A` or for a `B`, not for both.
#[derive(Clone, Copy)]
#[repr(C)]
pub union Overlay<A: Copy, B: Copy> {
    _a: A,
    _b: B,
}

/// Zeroed memory of the size of an `S`.
pub(crate) struct Memory<T: Scalar, S: Numbers<T>> {
    numbers: MaybeUninit<S>,
    /// Aligned for scalars, even if `S` is empty.
    _aligned: [T; 0],
}

impl<T: Scalar, S: Numbers<T>> Memory<T, S> {
    #[inline(always)]
    pub fn new() -> Self {
        Self { numbers: MaybeUninit::zeroed(), _aligned: [] }
    }

    #[inline(always)]
    pub fn tape(&mut self) -> Tape<'_, T> {
        let first = (&raw mut self.numbers).cast::<T>();
        // SAFETY: by the contract of `Numbers` the memory of `self.numbers`, borrowed as `self` is, is that of so many `T`. It is
        // aligned for them (`_aligned`), and initialised: it was zeroed, and there is no padding that a move could lose.
        Tape { numbers: unsafe { core::slice::from_raw_parts_mut(first, size_of::<S>() / size_of::<T>()) } }
    }
}

/// See the [module](self).
pub struct Tape<'m, T> {
    numbers: &'m mut [T],
}

/// The rows that a layer reads during inference.
#[derive(Clone, Copy)]
pub enum Rows<'x, X> {
    /// The network's input.
    Given(&'x [X]),
    /// So many, as the layer before left them at an end of the tape.
    At(End, usize),
}

/// One of the two ends of a [`Tape`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The lower.
    Low,
    /// The upper.
    High,
}

impl<X> Rows<'_, X> {
    /// Where a layer that reads these leaves its own: at the other end.
    pub fn other_end(&self) -> End {
        match self {
            Rows::Given(_) | Rows::At(End::High, _) => End::Low,
            Rows::At(End::Low, _) => End::High,
        }
    }

    /// How many.
    #[allow(clippy::len_without_is_empty, reason = "rows of a tile are never none")]
    pub fn len(&self) -> usize {
        match *self {
            Rows::Given(rows) => rows.len(),
            Rows::At(_, samples) => samples,
        }
    }

    /// How many numbers as many rows of type `Y` have.
    #[inline(always)]
    fn numbers<Y: Vector>(&self) -> usize {
        self.len().saturating_mul(Y::LEN)
    }
}

/// Whether a tape is long enough for the rows that a layer asks it for: otherwise the layer's types of tapes are wrong, and it gets
/// no rows.
#[inline(always)]
fn expect_room(has_room: bool) {
    debug_assert!(has_room, "a layer's tape is too short for its rows");
}

impl<T: Scalar> Tape<'_, T> {
    /// The rows to read, wherever they are.
    #[inline(always)]
    pub fn read<'a, X: Vector<Scalar = T>>(&'a self, rows: Rows<'a, X>) -> &'a [X] {
        let numbers = rows.numbers::<X>();
        let end = match rows {
            Rows::Given(rows) => return rows,
            Rows::At(end, _) => end,
        };
        expect_room(numbers <= self.numbers.len());
        let numbers = match end {
            End::Low => self.numbers.get(..numbers),
            End::High => self.numbers.get(self.numbers.len().wrapping_sub(numbers)..),
        };
        X::rows_of(numbers.unwrap_or_default())
    }

    /// The rows to read, and as many to write at the other end.
    #[inline(always)]
    pub fn read_and_write<'a, X: Vector<Scalar = T>, Y: Vector<Scalar = T>>(
        &'a mut self,
        rows: Rows<'a, X>,
    ) -> (&'a [X], &'a mut [Y]) {
        let (x, y, length) = (rows.numbers::<X>(), rows.numbers::<Y>(), self.numbers.len());
        let (end, x) = match rows {
            Rows::Given(rows) => {
                expect_room(y <= length);
                return (rows, Y::rows_of_mut(self.numbers.get_mut(..y).unwrap_or_default()));
            }
            Rows::At(end, _) => (end, x),
        };
        expect_room(x.saturating_add(y) <= length);
        let at = if end == End::Low { length.wrapping_sub(y) } else { length.wrapping_sub(x) };
        let Some((low, high)) = self.numbers.split_at_mut_checked(at) else { return (&[], &mut []) };
        match end {
            End::Low => (X::rows_of(low.get(..x).unwrap_or_default()), Y::rows_of_mut(high)),
            End::High => (X::rows_of(high), Y::rows_of_mut(low.get_mut(..y).unwrap_or_default())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Mixed = Overlay<Both<[[f32; 3]; 2], [[f32; 1]; 2]>, Both<(), [[f32; 5]; 2]>>;

    // 2 x 5 numbers are more than 2 x 3 and 2 x 1.
    #[test]
    fn a_tape_is_as_long_as_the_longest_neighbours() {
        assert_eq!(size_of::<Mixed>(), 4 * 10);
        assert_eq!(Memory::<f32, Mixed>::new().tape().numbers, [0.0; 10]);
        assert_eq!(Memory::<f64, ()>::new().tape().numbers, [0.0; 0]);
    }

    #[test]
    fn rows_lie_at_opposite_ends() {
        let mut memory = Memory::<f32, Mixed>::new();
        let mut tape = memory.tape();
        let (given, first) = tape.read_and_write::<[f32; 2], [f32; 3]>(Rows::Given(&[[1.0, 2.0]; 2]));
        assert_eq!(given, [[1.0, 2.0]; 2]);
        first.copy_from_slice(&[[3.0, 4.0, 5.0], [6.0, 7.0, 8.0]]);
        let (first, second) = tape.read_and_write::<[f32; 3], [f32; 1]>(Rows::At(End::Low, 2));
        assert_eq!(first, [[3.0, 4.0, 5.0], [6.0, 7.0, 8.0]]);
        second.copy_from_slice(&[[9.0], [10.0]]);
        assert_eq!(tape.numbers, [3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 0.0, 0.0, 9.0, 10.0]);
        assert_eq!(tape.read::<[f32; 1]>(Rows::At(End::High, 2)), [[9.0], [10.0]]);
        let (second, third) = tape.read_and_write::<[f32; 1], [f32; 4]>(Rows::At(End::High, 2));
        assert_eq!((second.len(), third.len()), (2, 2));
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic = "too short"]
    fn a_tape_that_is_too_short_is_a_fault_of_the_layer() {
        Memory::<f32, [[f32; 3]; 2]>::new().tape().read::<[f32; 3]>(Rows::At(End::Low, 3));
    }
}
