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
//! How long that is, is a matter of types: [`Layer::Inner`](crate::Layer::Inner) and its kin add up (a pair) what must
//! be there at once and overlay ([`Overlay`]) what must not.
#![allow(unsafe_code)]

use core::mem::MaybeUninit;

use crate::Vector;

/// Memory for an `A` or for a `B`, not for both.
#[derive(Clone, Copy)]
pub union Overlay<A: Copy, B: Copy> {
    _a: A,
    _b: B,
}

/// Zeroed memory of the size of an `S`, made of arrays of scalars and [`Overlay`]s and pairs of such.
pub(crate) struct Memory<S: Copy> {
    bytes: MaybeUninit<S>,
    /// Aligned for scalars, even if `S` is empty.
    _aligned: [u64; 0],
}

impl<S: Copy> Memory<S> {
    #[inline(always)]
    pub fn new() -> Self {
        Self { bytes: MaybeUninit::zeroed(), _aligned: [] }
    }

    #[inline(always)]
    pub fn tape(&mut self) -> Tape<'_> {
        let first = (&raw mut self.bytes).cast::<u8>();
        // SAFETY: the bytes are those of `self.bytes`, borrowed as `self` is, and all of them are initialised: they were
        // zeroed, and an `S` of arrays of one scalar has no padding that a move could lose.
        Tape { bytes: unsafe { core::slice::from_raw_parts_mut(first, size_of::<S>()) } }
    }
}

/// See the [module](self).
pub struct Tape<'m> {
    bytes: &'m mut [u8],
}

/// The vectors that lie one behind the other in these bytes; none if the bytes are not aligned for them.
#[inline(always)]
fn vectors<V: Vector>(bytes: &[u8]) -> &[V] {
    if !bytes.as_ptr().cast::<V>().is_aligned() {
        return &[];
    }
    // SAFETY: aligned, in bounds, borrowed alike. `Vector` is sealed: arrays of `f32` or `f64`, for which any bytes are a
    // value.
    unsafe { core::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len() / size_of::<V>().max(1)) }
}

/// As [`vectors`], to be changed.
#[inline(always)]
fn vectors_mut<V: Vector>(bytes: &mut [u8]) -> &mut [V] {
    if !bytes.as_ptr().cast::<V>().is_aligned() {
        return &mut [];
    }
    // SAFETY: as in `vectors`; and any vector is good as bytes, too.
    unsafe { core::slice::from_raw_parts_mut(bytes.as_mut_ptr().cast(), bytes.len() / size_of::<V>().max(1)) }
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
}

impl Tape<'_> {
    /// The rows to read, wherever they are.
    #[inline(always)]
    pub fn read<'a, X: Vector>(&'a self, rows: Rows<'a, X>) -> &'a [X] {
        match rows {
            Rows::Given(rows) => rows,
            Rows::At(End::Low, n) => vectors(self.bytes.get(..n * size_of::<X>()).unwrap_or_default()),
            Rows::At(End::High, n) => {
                let start = self.bytes.len().wrapping_sub(n * size_of::<X>());
                vectors(self.bytes.get(start..).unwrap_or_default())
            }
        }
    }

    /// The rows to read, and as many to write at the other end.
    #[inline(always)]
    pub fn read_and_write<'a, X: Vector, Y: Vector>(
        &'a mut self,
        rows: Rows<'a, X>,
    ) -> (&'a [X], &'a mut [Y]) {
        let (x_bytes, y_bytes) = (rows.len() * size_of::<X>(), rows.len() * size_of::<Y>());
        let length = self.bytes.len();
        match rows {
            Rows::Given(rows) => (rows, vectors_mut(self.bytes.get_mut(..y_bytes).unwrap_or_default())),
            Rows::At(End::Low, _) => match self.bytes.split_at_mut_checked(length.wrapping_sub(y_bytes)) {
                Some((low, high)) => (vectors(low.get(..x_bytes).unwrap_or_default()), vectors_mut(high)),
                None => (&[], &mut []),
            },
            Rows::At(End::High, _) => match self.bytes.split_at_mut_checked(length.wrapping_sub(x_bytes)) {
                Some((low, high)) => (vectors(high), vectors_mut(low.get_mut(..y_bytes).unwrap_or_default())),
                None => (&[], &mut []),
            },
        }
    }
}
