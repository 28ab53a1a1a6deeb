//! What the products of [`blocked`](super::blocked) are written for: the vectors of a processor, and what is fused into a product.
#![allow(unsafe_code)]

use core::marker::PhantomData;

use super::blocked::Strip;

/// A vector of `f32` of some processor.
///
/// # Safety
///
/// Implementors promise that `load_first`, `store_first` and `store_parts` touch nothing beyond the first `n` numbers, and `store` and
/// `load` nothing beyond `LANES`; and that `V` is `LANES` numbers of `f32`, one after the other.
///
/// The `unsafe` methods may be called only on processors that have the instructions, and must be inlined into code that is
/// compiled for them; what else each demands stands with it.
pub unsafe trait Simd {
    /// `LANES` numbers.
    type V: Copy;
    /// How many numbers a vector has.
    const LANES: usize;

    /// The same number in each lane.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions.
    unsafe fn splat(x: f32) -> Self::V;
    /// The numbers from `p` on.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions, and `LANES` numbers must be readable at `p`.
    unsafe fn load(p: *const f32) -> Self::V;
    /// The first `n` numbers from `p` on, then zeros: `1 <= n <= LANES`.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions, `n` be in its range, and `n` numbers be readable at `p`.
    unsafe fn load_first(p: *const f32, n: usize) -> Self::V;
    /// Writes all lanes.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions, and `LANES` numbers must be writable at `p`.
    unsafe fn store(p: *mut f32, v: Self::V);
    /// Writes the first `n` lanes: `1 <= n <= LANES`.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions, `n` be in its range, and `n` numbers be writable at `p`.
    unsafe fn store_first(p: *mut f32, v: Self::V, n: usize);
    /// The same without masks, for `n < LANES` numbers that are read at once: they reach who reads them only through the
    /// cache if a mask was used.
    ///
    /// # Safety
    ///
    /// As for [`store_first`](Simd::store_first), with `n < LANES`.
    #[inline(always)]
    unsafe fn store_parts(p: *mut f32, v: Self::V, n: usize) {
        // SAFETY: the caller vouches for the same.
        unsafe { Self::store_first(p, v, n) }
    }
    /// `a b + c` in each lane, rounded as this level rounds.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions.
    unsafe fn mul_add(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// All rows of one strip, by the block for its number of vectors, `1..=MAX_VECTORS`.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions; the rest as for [`Strip::rows`], with `vectors` for `V`.
    unsafe fn strip<U: Beside>(strip: &Strip, vectors: usize, beside: &mut U);
    /// The widest strip, in vectors.
    const MAX_VECTORS: usize;
    /// So many rows of `b` are used for all `m` before the next, so that a strip of them stays in the cache.
    const K_BLOCK: usize;
    /// A pointer to a row of `a`, as a value of its own if the compiler would otherwise compute it in the loop.
    #[inline(always)]
    fn row_of_factors(p: *const f32) -> *const f32 {
        p
    }
    /// The number at `p` in each lane, where loads are what takes the time: for a single sample and a wide strip.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions, and a number must be readable at `p`.
    #[inline(always)]
    unsafe fn splat_alone(p: *const f32) -> Self::V {
        // SAFETY: the caller vouches for the same.
        unsafe { Self::splat(*p) }
    }
    /// Has the line of memory at `p` brought to the cache, if there is one. It may lie anywhere.
    #[inline(always)]
    fn fetch(p: *const f32) {
        let _ = p;
    }
    /// Whether the first block of rows leaves a copy of the rows of `b` side by side, for the blocks after it, where they lie
    /// so far apart that they would drive each other out of the cache.
    const PACKS: bool;
    /// Whether a partial vector after whole ones begins so much earlier that it is whole: some numbers are computed twice, and
    /// have the same bits twice. For processors without masks, whose loads of a part are several instructions.
    const OVERLAPS: bool = false;
    /// A single sample is computed in strips of so many vectors, 8 or 16, then of half as many, then the rest at once.
    const ROW_VECTORS: usize = 8;
}

/// What becomes of a vector of finished sums before it is stored.
///
/// # Safety
///
/// Implementors promise to use instructions of `S` only.
pub unsafe trait Finish<S: Simd> {
    /// The vector to be stored.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions of `S`.
    unsafe fn finish(sums: S::V) -> S::V;
}

/// The sums themselves.
pub struct Sums;

// SAFETY: no instructions.
unsafe impl<S: Simd> Finish<S> for Sums {
    #[inline(always)]
    unsafe fn finish(sums: S::V) -> S::V {
        sums
    }
}

/// The function `F` of each sum: a layer's activations.
pub struct Activated<F>(PhantomData<F>);

/// Other work that a product does by the way. The sums of a block stay in registers meanwhile.
///
/// # Safety
///
/// Implementors promise that `step` touches nothing that belongs to the product.
pub unsafe trait Beside: Copy {
    /// Whether there is something to do at each step of k. It needs registers, which the block of sums then leaves to it.
    const STEPS: bool = false;
    /// Whether what is stored are not the sums.
    const REPLACES: bool = false;
    /// Whether the product is known to have its factors of a step side by side, `a_m = 1`: then one pointer serves all rows. With
    /// other work beside it, it is always that of a gradient, where they do.
    const CONTIGUOUS: bool = Self::STEPS || Self::REPLACES;

    /// Something that has nothing to do with the product: it runs in units of the processor that multiply-adds leave idle.
    ///
    /// # Safety
    ///
    /// As whoever made the value demands.
    #[inline(always)]
    unsafe fn step(&mut self) {}

    /// What is to be stored for the finished sums of a block, given what is there; `None` if that shall stay.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions of `S`.
    #[inline(always)]
    unsafe fn replace<S: Simd, const R: usize, const V: usize>(
        &mut self,
        sums: [[S::V; V]; R],
        there: [[S::V; V]; R],
    ) -> Option<[[S::V; V]; R]> {
        let _ = there;
        Some(sums)
    }
}

/// No other work.
#[derive(Clone, Copy)]
pub struct Nothing;

// SAFETY: touches nothing.
unsafe impl Beside for Nothing {}
