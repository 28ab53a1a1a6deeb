//! Scratch memory: where the outputs between layers are stored during inference.
//!
//! At any time, a chain of layers needs the outputs of two neighbouring layers: one is read, the other is
//! written. They are at opposite ends of one piece of memory. The next layer reads what this one wrote, and
//! overwrites what this one read. So the scratch memory is as long as the two longest neighbours together, not as
//! long as all outputs.
//!
//! ```text
//! layer 1  given input -> [a1         ]
//! layer 2                 [a1      a2 ]
//! layer 3                 [a3      a2 ]     (a1 is not needed any more)
//! layer 4                 [a3         ] -> given output
//! ```
//!
//! Its length follows from the types: [`Layer::Scratch`](crate::Layer::Scratch) says what a layer needs, given
//! where its inputs and outputs are. A layer that reads its inputs, writes its outputs and needs nothing else
//! uses [`Ends`]. Layers made of other layers use [`Both`] for what must exist at the same time, and [`Overlay`]
//! for what need not.
#![allow(unsafe_code)]

use core::mem::MaybeUninit;

use crate::scalar::Scalar;
use crate::vector::Vector;

mod sealed {
    pub trait Sealed {}
    impl Sealed for () {}
    impl<X: super::Vector, const B: usize> Sealed for [X; B] {}
    impl<A: Copy, B: Copy> Sealed for super::Both<A, B> {}
    impl<A: Copy, B: Copy> Sealed for super::Overlay<A, B> {}
    impl Sealed for super::Inside {}
    impl Sealed for super::Outside {}
}

/// Memory that consists of scalars `T` and nothing else: no padding, so that all of it can be read as numbers.
///
/// It is `()`, an array of [`Vector`]s, or [`Both`] or an [`Overlay`] of such.
///
/// # Safety
///
/// The type must have the alignment of `T`, or a smaller one if it is empty; its size must be a multiple of that
/// of `T`; and it must have no padding. Sealed: all implementations are in this file.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not memory for numbers of type `{T}`",
    note = "the scratch memory of a layer is `Ends<X, Y, B, I, O>`, `()`, an array of `[T; N]`, or `Both` or an `Overlay` of such"
)]
pub unsafe trait Layout<T: Scalar>: sealed::Sealed + Copy {}

// SAFETY: empty.
unsafe impl<T: Scalar> Layout<T> for () {}

// SAFETY: `Vector` is sealed, and consists of its scalars.
unsafe impl<X: Vector, const B: usize> Layout<X::Scalar> for [X; B] {}

// SAFETY: `repr(C)`; both fields have the alignment of `T` and sizes that are multiples of it, so that
// there is no padding.
unsafe impl<T: Scalar, A: Layout<T>, B: Layout<T>> Layout<T> for Both<A, B> {}

// SAFETY: `repr(C)`; as large as the larger field, whose size is a multiple of their alignment, so that
// there is no padding.
unsafe impl<T: Scalar, A: Layout<T>, B: Layout<T>> Layout<T> for Overlay<A, B> {}

/// Memory for an `A` and a `B` at the same time.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Both<A: Copy, B: Copy> {
    _a: A,
    _b: B,
}

/// Memory for either an `A` or a `B`.
#[derive(Clone, Copy)]
#[repr(C)]
pub union Overlay<A: Copy, B: Copy> {
    _a: A,
    _b: B,
}

/// Where the inputs or the outputs of a layer are: [`Inside`] the scratch memory or [`Outside`].
pub trait Place: sealed::Sealed {
    /// The scratch memory that inputs or outputs of type `S` take.
    type Of<T: Scalar, S: Layout<T>>: Layout<T>;
}

/// Outside the scratch memory: the input or output of the network.
#[derive(Clone, Copy, Debug)]
pub enum Outside {}

/// At an end of the scratch memory: between two layers.
#[derive(Clone, Copy, Debug)]
pub enum Inside {}

impl Place for Outside {
    type Of<T: Scalar, S: Layout<T>> = ();
}

impl Place for Inside {
    type Of<T: Scalar, S: Layout<T>> = S;
}

/// The scratch memory that `B` rows of `X` in `P` take.
pub type RowsIn<P, X, const B: usize> = <P as Place>::Of<<X as Vector>::Scalar, [X; B]>;

/// The scratch memory of a layer that reads `B` rows of `X` in `I`, writes `B` rows of `Y` in `O`, and
/// needs nothing else.
pub type Ends<X, Y, const B: usize, I, O> = Both<RowsIn<I, X, B>, RowsIn<O, Y, B>>;

/// Zeroed memory of the size of an `S`.
pub(crate) struct Memory<T: Scalar, S: Layout<T>> {
    numbers: MaybeUninit<S>,
    /// Aligned for scalars, even if `S` is empty.
    _aligned: [T; 0],
}

impl<T: Scalar, S: Layout<T>> Memory<T, S> {
    #[inline(always)]
    pub fn new() -> Self {
        Self { numbers: MaybeUninit::zeroed(), _aligned: [] }
    }

    #[inline(always)]
    pub fn scratch(&mut self) -> Scratch<'_, T> {
        let first = (&raw mut self.numbers).cast::<T>();
        // SAFETY: by the contract of `Layout`, the memory of `self.numbers`, which is borrowed with `self`,
        // consists of this many `T`. It is aligned for `T` (`_aligned`), and initialised: it was zeroed, and
        // there is no padding that a move could lose.
        let numbers = unsafe { core::slice::from_raw_parts_mut(first, size_of::<S>() / size_of::<T>()) };
        Scratch { numbers }
    }
}

/// Scratch memory: see the [module](self).
pub struct Scratch<'m, T> {
    numbers: &'m mut [T],
}

/// The rows that a layer reads during inference.
#[derive(Clone, Copy)]
pub enum Rows<'x, X> {
    /// Outside the scratch memory, as the network's inputs are.
    Given(&'x [X]),
    /// This many rows, at an end of the scratch memory, where the layer before left them.
    At(End, usize),
}

/// One of the two ends of [`Scratch`] memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The lower.
    Low,
    /// The upper.
    High,
}

impl<X> Rows<'_, X> {
    /// The end where a layer that reads these rows leaves its outputs: the opposite one.
    pub fn other_end(&self) -> End {
        match self {
            Rows::Given(_) | Rows::At(End::High, _) => End::Low,
            Rows::At(End::Low, _) => End::High,
        }
    }

    /// The number of rows.
    #[allow(clippy::len_without_is_empty, reason = "rows of a tile are never none")]
    pub fn len(&self) -> usize {
        match *self {
            Rows::Given(rows) => rows.len(),
            Rows::At(_, samples) => samples,
        }
    }

    /// The number of scalars in as many rows of type `Y`.
    #[inline(always)]
    fn numbers<Y: Vector>(&self) -> usize {
        self.len().saturating_mul(Y::LEN)
    }
}

/// Asserts that scratch memory is long enough for the rows that a layer asks for. If not,
/// [`Layer::Scratch`](crate::Layer::Scratch) is wrong, and the layer gets no rows.
#[inline(always)]
fn expect_room(has_room: bool) {
    debug_assert!(has_room, "a layer's scratch memory is too short for its rows");
}

impl<'x, X: Vector> Rows<'x, X> {
    /// The same numbers as rows of another type, with as many numbers per row.
    #[inline(always)]
    pub fn regroup<Y: Vector<Scalar = X::Scalar>>(self) -> Rows<'x, Y> {
        const { assert!(X::LEN == Y::LEN, "rows can only be regrouped to rows of as many numbers") }
        match self {
            Rows::Given(rows) => Rows::Given(Y::rows_of(X::flatten(rows))),
            Rows::At(end, samples) => Rows::At(end, samples),
        }
    }
}

impl<T: Scalar> Scratch<'_, T> {
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

    /// The rows to read, and as many rows to write at the other end.
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

    /// The rows to read, and the rest of the memory.
    #[inline(always)]
    pub fn read_and_rest<'a, X: Vector<Scalar = T>>(
        &'a mut self,
        rows: Rows<'a, X>,
    ) -> (&'a [X], Scratch<'a, T>) {
        let numbers = rows.numbers::<X>();
        let end = match rows {
            Rows::Given(rows) => return (rows, Scratch { numbers: self.numbers }),
            Rows::At(end, _) => end,
        };
        let (rows, rest) = take(end, numbers, self.numbers);
        (X::rows_of(rows), Scratch { numbers: rest })
    }

    /// The rows to read, as many rows to write at the other end, and the rest between them.
    #[inline(always)]
    pub fn split<'a, X: Vector<Scalar = T>, Y: Vector<Scalar = T>>(
        &'a mut self,
        rows: Rows<'a, X>,
    ) -> (&'a [X], &'a mut [Y], Scratch<'a, T>) {
        let (numbers, end) = (rows.numbers::<Y>(), rows.other_end());
        let (x, Scratch { numbers: rest }) = self.read_and_rest(rows);
        let (y, rest) = take(end, numbers, rest);
        (x, Y::rows_of_mut(y), Scratch { numbers: rest })
    }

    /// Rows for `samples` samples to write at the lower end, and the rest.
    #[inline(always)]
    pub fn write_and_rest<Y: Vector<Scalar = T>>(&mut self, samples: usize) -> (&mut [Y], Scratch<'_, T>) {
        let (rows, rest) = take(End::Low, samples.saturating_mul(Y::LEN), self.numbers);
        (Y::rows_of_mut(rows), Scratch { numbers: rest })
    }
}

/// Splits off `count` numbers at an end; returns them and the rest.
#[inline(always)]
fn take<T>(end: End, count: usize, numbers: &mut [T]) -> (&mut [T], &mut [T]) {
    expect_room(count <= numbers.len());
    let at = if end == End::Low { count } else { numbers.len().wrapping_sub(count) };
    match (end, numbers.split_at_mut_checked(at)) {
        (End::Low, Some((low, high))) => (low, high),
        (End::High, Some((low, high))) => (high, low),
        (_, None) => (&mut [], &mut []),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Mixed = Overlay<Both<[[f32; 3]; 2], [[f32; 1]; 2]>, Both<(), [[f32; 5]; 2]>>;

    // 2 x 5 numbers are more than 2 x 3 and 2 x 1.
    #[test]
    fn scratch_is_as_long_as_the_longest_neighbours() {
        assert_eq!(size_of::<Mixed>(), 4 * 10);
        assert_eq!(Memory::<f32, Mixed>::new().scratch().numbers, [0.0; 10]);
        assert_eq!(Memory::<f64, ()>::new().scratch().numbers, [0.0; 0]);
    }

    #[test]
    fn rows_lie_at_opposite_ends() {
        let mut memory = Memory::<f32, Mixed>::new();
        let mut scratch = memory.scratch();
        let (given, first) = scratch.read_and_write::<[f32; 2], [f32; 3]>(Rows::Given(&[[1.0, 2.0]; 2]));
        assert_eq!(given, [[1.0, 2.0]; 2]);
        first.copy_from_slice(&[[3.0, 4.0, 5.0], [6.0, 7.0, 8.0]]);
        let (first, second) = scratch.read_and_write::<[f32; 3], [f32; 1]>(Rows::At(End::Low, 2));
        assert_eq!(first, [[3.0, 4.0, 5.0], [6.0, 7.0, 8.0]]);
        second.copy_from_slice(&[[9.0], [10.0]]);
        assert_eq!(scratch.numbers, [3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 0.0, 0.0, 9.0, 10.0]);
        assert_eq!(scratch.read::<[f32; 1]>(Rows::At(End::High, 2)), [[9.0], [10.0]]);
        let (second, third) = scratch.read_and_write::<[f32; 1], [f32; 4]>(Rows::At(End::High, 2));
        assert_eq!((second.len(), third.len()), (2, 2));
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic = "too short"]
    fn scratch_that_is_too_short_is_a_fault_of_the_layer() {
        Memory::<f32, [[f32; 3]; 2]>::new().scratch().read::<[f32; 3]>(Rows::At(End::Low, 3));
    }
}
