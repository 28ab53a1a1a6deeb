//! The traits that the products of [`blocked`](super::blocked) are generic over: the vectors of a processor, and
//! what is fused into a product.
#![allow(unsafe_code)]

use core::marker::PhantomData;

use super::blocked::Strip;

/// A vector of `f32` of some processor.
///
/// # Safety
///
/// Implementors promise that `load_first`, `store_first` and `store_parts` touch nothing beyond the first `n`
/// numbers, and `store` and `load` nothing beyond `LANES`; and that `V` is `LANES` numbers of `f32`, one after the
/// other.
///
/// The `unsafe` methods may be called only on processors that have the instructions, and must be inlined into code
/// that is compiled for them. Each method says what else it demands.
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
    /// Writes the first `n < LANES` lanes without a mask, for numbers that are read at once: masked stores defeat
    /// store forwarding.
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
    /// `a + b` in each lane.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions.
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V;
    /// The four chains of a product with one output, `start + sum_k a[k] b[k]`, in four lanes of one vector, and
    /// their sum in the first lane. The other lanes hold any numbers.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions, a number be readable at `start`, and `depth` at `a` and at `b`.
    unsafe fn one_output(start: *const f32, a: *const f32, b: *const f32, depth: usize) -> Self::V;
    /// Computes all rows of one strip, in the blocks for its number of vectors, `1..=MAX_VECTORS`.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions; the rest as for [`Strip::rows`], with `vectors` for `V`.
    unsafe fn strip<U: Beside>(strip: &Strip, vectors: usize, beside: &mut U);
    /// The widest strip, in vectors.
    const MAX_VECTORS: usize;
    /// How many rows of `b` are used for all `m` before the next ones, so that a strip of them stays in the cache.
    const K_BLOCK: usize;
    /// A pointer to a row of `a`, made opaque if the compiler would otherwise compute it in the loop.
    #[inline(always)]
    fn row_of_factors(p: *const f32) -> *const f32 {
        p
    }
    /// The number at `p` in each lane, for a single sample and a wide strip, where loads are the bottleneck.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions, and a number must be readable at `p`.
    #[inline(always)]
    unsafe fn splat_from_memory(p: *const f32) -> Self::V {
        // SAFETY: the caller vouches for the same.
        unsafe { Self::splat(*p) }
    }
    /// Prefetches the cache line at `p`, if there is memory there. `p` may point anywhere.
    #[inline(always)]
    fn prefetch(p: *const f32) {
        let _ = p;
    }
    /// Whether a single sample prefetches the rows of `b` if it reads them in parts and they do not fit the first-level cache.
    const PREFETCHES_PARTS: bool = false;
    /// Whether the loop of a single sample has two steps of k. With one, it takes half a cycle longer in some programs than in
    /// others, depending on where it lies in memory: a processor fetches a line of 64 bytes of a loop in each cycle.
    const ROW_IN_PAIRS: bool = false;
    /// Whether the first block of rows packs a contiguous copy of the rows of `b` for the blocks after it, if these
    /// rows are so far apart that they would evict each other from the cache.
    const PACKS: bool;
    /// Memory for that copy, on the stack: `K_BLOCK` rows of `MAX_VECTORS` vectors. It is left uninitialised.
    type Packed;
    /// Whether a partial vector after whole ones begins earlier, so that it is whole: some numbers are computed
    /// twice, with the same bits. For processors on which partial vectors are slow, because they are masked (AVX2)
    /// or take several instructions (NEON).
    const OVERLAPS: bool = false;
    /// A single sample is computed in strips of this many vectors, 8 or 16, then of half as many, then the rest at
    /// once.
    const ROW_VECTORS: usize = 8;
}

/// The last `depth % 4` factors of [`Simd::one_output`], and then, in lanes that must keep their sums, zeros whose
/// product is -0: the only number that changes no sum, not even one of -0.
///
/// # Safety
///
/// `depth` numbers must be readable at `a` and at `b`.
#[inline(always)]
pub unsafe fn last_factors(a: *const f32, b: *const f32, depth: usize) -> Option<([f32; 4], [f32; 4])> {
    let (from, rest) = (depth - depth % 4, depth % 4);
    let (mut x, mut w) = ([-0.0; 4], [0.0; 4]);
    for q in 0..rest {
        // SAFETY: `from + q < depth`.
        unsafe { (x[q], w[q]) = (a.add(from + q).read(), b.add(from + q).read()) }
    }
    (rest > 0).then_some((x, w))
}

/// What is applied to a vector of finished sums before it is stored.
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

/// Other work that is done beside a product, while the sums of a block stay in registers.
///
/// # Safety
///
/// Implementors promise that `step` touches nothing that belongs to the product.
pub unsafe trait Beside: Copy {
    /// Whether there is work at each step of k. It needs registers, so the blocks of sums are then smaller.
    const STEPS: bool = false;
    /// Whether other numbers are stored in place of the sums.
    const REPLACES: bool = false;
    /// Whether each number is the sum of four [`chains`](super::chains). The sums then start from a row.
    const CHAINED: bool = false;
    /// Whether the factors of each step of k are known to be contiguous, `a_m = 1`, so that one pointer serves all
    /// rows. A product with other work beside it is always that of a weight gradient, where they are.
    const CONTIGUOUS: bool = Self::STEPS || Self::REPLACES;

    /// Does work that is independent of the product: it runs in units of the processor that multiply-adds leave
    /// idle.
    ///
    /// # Safety
    ///
    /// As demanded by the code that made the value.
    #[inline(always)]
    unsafe fn step(&mut self) {}

    /// What to store for the finished sums of a block, given what is there; `None` to keep what is there.
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

/// No other work; each number is the sum of four [`chains`](super::chains).
#[derive(Clone, Copy)]
pub struct Chained;

// SAFETY: touches nothing.
unsafe impl Beside for Chained {
    const CHAINED: bool = true;
}
