//! One routine for all three matrix products, in blocks that fit the registers: for processors with vectors.
//!
//! ```text
//! c[m][n] = start + sum_k a[m][k] b[k][n]
//!
//! for each K_BLOCK of the k, ascending:            (the rows of b that are used together stay in the cache)
//!     for each strip of up to 4 vectors of n:
//!         for each block of R rows m:
//!             acc[R][V] = start, or c in later K_BLOCKs
//!             for k: acc[r][v] += a[m + r][k] b[k][v]          (V loads, R broadcasts, R V multiply-adds)
//!             c = acc
//! ```
//!
//! Each element is one chain over ascending k. Between two K_BLOCKs its sum is kept in `c`, which loses nothing. With
//! [`Chained`](super::simd::Chained), it is four chains, which a block computes and adds: `block_of_chains`.
//! The shapes are run-time numbers, so all layers of all networks share one copy of this code; only the numbers of
//! rows and vectors of a block are constants.
//!
//! The last vector of a strip may be partial. It is loaded and stored partially, or begins earlier and overlaps the
//! vector before it, so that a width of 30 costs as much as 32 and no scalar loop is needed.
#![allow(unsafe_code)]
#![allow(
    clippy::needless_range_loop,
    reason = "indices name rows and vectors of a block, as in the pseudocode"
)]

use core::mem::MaybeUninit;

use super::CHAINS;
use super::each::each;
use super::simd::{Beside, Finish, Nothing, Simd, Sums};
use crate::aligned::Aligned;

/// From this stride on, in numbers, rows of `b` are far apart: no processor predicts where the next one is.
const FAR_STRIDE: usize = 128;

/// Numbers in a cache line.
const LINE: usize = 16;

/// Prefetch distance, in rows, for rows of `b` that are far apart and not packed, or of which a single sample reads a part.
const PREFETCH_ROWS: usize = 12;

/// Prefetch distance, in rows, while a strip is packed. Rows 2 KB apart share 16 lines of a first-level cache of 32 KB, so that
/// with 16 they would evict each other.
const PACKING_PREFETCH_ROWS: usize = 8;

/// What the sums start from.
#[derive(Clone, Copy)]
pub enum Start {
    /// Zero.
    Zero,
    /// This row, the same for each `m`.
    Row(*const f32),
    /// What is in `c`.
    Existing,
}

/// `c[m][n] = start + sum_k a[m][k] b[k][n]`, for `m < rows`, `n < width`, `k < depth`. The strides `c_m`, `a_m`,
/// `a_k` and `b_k` are in numbers.
#[derive(Clone, Copy)]
pub struct Product {
    pub c: *mut f32,
    pub c_m: usize,
    pub start: Start,
    pub a: *const f32,
    pub a_m: usize,
    pub a_k: usize,
    pub b: *const f32,
    pub b_k: usize,
    pub rows: usize,
    pub width: usize,
    pub depth: usize,
}

/// A product that is a few vectors wide; the last vector has `last` numbers.
pub struct Strip {
    pub product: Product,
    pub last: usize,
    /// Where to pack the rows of `b`, or null.
    pub packed: *mut f32,
}

impl Product {
    /// Computes the product.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions of `S`, and the caller must be compiled for them.
    ///
    /// All elements of `a`, `b` and the start row within the shapes must be readable, and those of `c` writable;
    /// for [`Start::Existing`], or if other work replaces the sums, those of `c` must also be readable. `c` must
    /// overlap none of the others, and its rows must not overlap. `blocks` must be [`Product::compute_in_blocks`] for `S`.
    #[inline(always)]
    pub unsafe fn compute<S: Simd>(self, blocks: unsafe fn(Product, *mut f32)) {
        // SAFETY: the caller vouches for the same.
        unsafe {
            if S::PACKS && self.b_k >= FAR_STRIDE {
                self.packed::<S>(blocks);
            } else {
                blocks(self, core::ptr::null_mut());
            }
        }
    }

    /// Computes the product with memory for packed strips. (Not inlined, because a large frame costs a call that packs nothing
    /// an access to each of its pages.)
    ///
    /// # Safety
    ///
    /// As for [`Product::compute`].
    #[inline(never)]
    unsafe fn packed<S: Simd>(self, blocks: unsafe fn(Product, *mut f32)) {
        const { assert!(S::K_BLOCK * S::MAX_VECTORS * size_of::<S::V>() <= size_of::<S::Packed>() || !S::PACKS) }
        let mut packed = MaybeUninit::<Aligned<S::Packed>>::uninit();
        // SAFETY: the caller vouches for the same, and strips of `K_BLOCK` rows fit `packed`, as asserted.
        unsafe { blocks(self, packed.as_mut_ptr().cast()) }
    }

    /// Computes the product; `packed` is memory for a strip, or null.
    ///
    /// # Safety
    ///
    /// As for [`Product::compute`]; `packed` must be null or have room for `S::Packed`.
    #[inline(always)]
    pub unsafe fn compute_in_blocks<S: Simd>(self, packed: *mut f32) {
        // SAFETY: the caller vouches for the same; `Nothing` demands nothing.
        unsafe { self.strips::<S, _>(packed, Nothing) };
    }

    /// Computes the product with other work beside it, and returns the state of that work.
    ///
    /// # Safety
    ///
    /// As for [`Product::compute`]; `a_m` must be 1 if `U::CONTIGUOUS`, and `depth` at most `S::K_BLOCK` if
    /// `U::REPLACES`; the sums must start from a row if `U::CHAINED`. What `beside` demands must hold.
    #[inline(always)]
    pub unsafe fn compute_beside<S: Simd, U: Beside>(self, beside: U) -> U {
        // SAFETY: the caller vouches for the same.
        unsafe { self.strips::<S, U>(core::ptr::null_mut(), beside) }
    }

    /// The product, strip after strip.
    ///
    /// # Safety
    ///
    /// As for [`Product::compute_beside`]; `packed` must be null or have room for `S::Packed`.
    #[inline(always)]
    unsafe fn strips<S: Simd, U: Beside>(self, packed: *mut f32, mut beside: U) -> U {
        debug_assert!(self.rows <= 1 || self.width <= self.c_m, "rows of `c` overlap");
        debug_assert!(!U::CONTIGUOUS || self.a_m == 1);
        debug_assert!(
            !U::REPLACES || self.depth <= S::K_BLOCK,
            "sums that are not finished would be replaced"
        );
        let most = S::MAX_VECTORS * S::LANES;
        // Blocks of equal length: in a very short one, loading and storing the sums would hardly pay off.
        let blocks = if U::CHAINED {
            1
        } else if S::PACKS {
            self.depth.div_ceil(S::K_BLOCK)
        } else {
            (self.depth + S::K_BLOCK / 2) / S::K_BLOCK
        };
        let k_block = self.depth.div_ceil(blocks.max(1)).max(1);
        for k in (0..self.depth).step_by(k_block) {
            for n in (0..self.width).step_by(most) {
                let width = (self.width - n).min(most);
                let vectors = width.div_ceil(S::LANES);
                let start = match self.start {
                    _ if k > 0 => Start::Existing,
                    Start::Row(row) => Start::Row(row.wrapping_add(n)),
                    other => other,
                };
                let product = Product {
                    c: self.c.wrapping_add(n),
                    start,
                    a: self.a.wrapping_add(k * self.a_k),
                    b: self.b.wrapping_add(k * self.b_k + n),
                    width,
                    depth: (self.depth - k).min(k_block),
                    ..self
                };
                let strip = Strip { product, last: width - (vectors - 1) * S::LANES, packed };
                // SAFETY: the strip is a part of the product that the caller vouches for, and `1..=MAX_VECTORS`
                // vectors wide. If it is packed, its rows, at most `K_BLOCK` of whole vectors, fit `packed`, as
                // asserted above.
                unsafe { S::strip(&strip, vectors, &mut beside) }
            }
        }
        beside
    }
}

impl Strip {
    /// All rows, in blocks of `R`, then of 4, 2 and 1.
    ///
    /// # Safety
    ///
    /// As for [`Product::compute_beside`]; the strip must be `V` vectors wide, and `packed` must be null or have
    /// room for `depth` rows of `V` vectors.
    #[inline(always)]
    pub unsafe fn rows<S: Simd, U: Beside, const R: usize, const V: usize>(&self, beside: &mut U) {
        debug_assert!((1..=S::LANES).contains(&self.last));
        debug_assert_eq!(
            self.product.width,
            (V - 1) * S::LANES + self.last,
            "the strip is not V vectors wide"
        );
        // SAFETY: the caller vouches for the same, and `WHOLE` says what `last` is. (Whole vectors need no mask,
        // which would take a register of the loop.)
        unsafe {
            if self.last == S::LANES {
                self.blocks::<S, U, R, V, true>(beside)
            } else {
                self.blocks::<S, U, R, V, false>(beside)
            }
        }
    }

    /// All rows; the first block prefetches the rows of `b`, and packs them, if that pays off.
    ///
    /// # Safety
    ///
    /// As for [`Strip::rows`]; the last vector must be whole if `WHOLE`.
    #[inline(always)]
    unsafe fn blocks<S: Simd, U: Beside, const R: usize, const V: usize, const WHOLE: bool>(
        &self,
        beside: &mut U,
    ) {
        let rows = self.product.rows;
        // SAFETY: the caller vouches for the strip. The packing block runs only if there are `2 R` rows, and writes
        // all of the packed copy, `depth` rows of `V` vectors, before the others read it.
        unsafe {
            // (Prefetching for the narrower last strip of wide rows gains nothing.)
            if const { !S::PACKS && (V != S::MAX_VECTORS || U::CONTIGUOUS) } {
                return self.blocks_from::<S, U, R, V, WHOLE>(0, beside);
            }
            let pays = if S::PACKS { !self.packed.is_null() } else { self.product.b_k >= FAR_STRIDE };
            if !pays || rows < 2 * R {
                return self.blocks_from::<S, U, R, V, WHOLE>(0, beside);
            }
            self.block::<S, Sums, U, R, V, WHOLE, true>(0, beside);
            let mut product = self.product;
            if S::PACKS {
                (product.b, product.b_k) = (self.packed, V * S::LANES);
            }
            Strip { product, ..*self }.blocks_from::<S, U, R, V, WHOLE>(R, beside);
        }
    }

    /// The rows from `m` on, in blocks of `R`, then of 4, 2 and 1.
    ///
    /// # Safety
    ///
    /// As for [`Strip::blocks`].
    #[inline(always)]
    unsafe fn blocks_from<S: Simd, U: Beside, const R: usize, const V: usize, const WHOLE: bool>(
        &self,
        mut m: usize,
        beside: &mut U,
    ) {
        let rows = self.product.rows;
        // SAFETY: the caller vouches for the strip; each block lies within it, because `m + R`, `m + 4`, `m + 2` or
        // `m + 1 <= rows`.
        unsafe {
            while m + R <= rows && !(R == 6 && matches!(rows - m, 8 | 9)) {
                self.block::<S, Sums, U, R, V, WHOLE, false>(m, beside);
                m += R;
            }
            while m + 4 <= rows {
                self.block::<S, Sums, U, 4, V, WHOLE, false>(m, beside);
                m += 4;
            }
            if m + 2 <= rows {
                self.block::<S, Sums, U, 2, V, WHOLE, false>(m, beside);
                m += 2;
            }
            if m < rows {
                self.block::<S, Sums, U, 1, V, WHOLE, false>(m, beside);
            }
        }
    }

    /// `R` rows from `m` on; the `FIRST` block of a strip also prefetches the rows of `b`, and packs them for the blocks after
    /// it. (A single row only prefetches them.)
    ///
    /// # Safety
    ///
    /// As for [`Strip::blocks`], with at least `m + R` rows; `packed` must not be null if `FIRST`, `S::PACKS` and `R > 1`.
    #[inline(always)]
    pub unsafe fn block<
        S: Simd,
        F: Finish<S>,
        U: Beside,
        const R: usize,
        const V: usize,
        const WHOLE: bool,
        const FIRST: bool,
    >(
        &self,
        m: usize,
        beside: &mut U,
    ) {
        if U::CHAINED {
            // SAFETY: the caller vouches for the same.
            return unsafe { self.block_of_chains::<S, F, R, V, WHOLE>(m) };
        }
        let p = &self.product;
        debug_assert!(m + R <= p.rows, "a block of {R} rows from {m} on, of {}", p.rows);
        let packs = const { FIRST && S::PACKS && R > 1 };
        debug_assert!(!(packs && self.packed.is_null()));
        // SAFETY: rows `m..m + R`, all `depth` values of k and all numbers of the strip are in the product, which
        // the caller vouches for. Pointers that step beyond the last row or value of k do so by `wrapping_add`, and
        // are not read.
        unsafe {
            let c = |r: usize| p.c.add((m + r) * p.c_m);
            let mut acc = zeros::<S, R, V>();
            match p.start {
                Start::Zero => {}
                Start::Row(row) => {
                    let row = self.load::<S, V, WHOLE>(row);
                    each!(r < R => acc[r] = row);
                }
                Start::Existing => {
                    each!(r < R => acc[r] = self.load::<S, V, WHOLE>(c(r)));
                }
            }
            // One pointer for each row: a single one that steps from row to row would be a longer chain than the
            // multiply-adds.
            let mut a = [p.a; R];
            each!(r < R => {
                a[r] = if U::CONTIGUOUS { p.a.add(m + r) } else { S::row_of_factors(p.a.add((m + r) * p.a_m)) }
            });
            let (mut a_k, mut b, mut packed) = (0, p.b, self.packed);
            if const { S::ROW_IN_PAIRS && R == 1 && V > 1 && !FIRST } {
                for _ in 0..p.depth / 2 {
                    self.step::<S, R, V, WHOLE>(&mut acc, &a, a_k, b);
                    self.step::<S, R, V, WHOLE>(&mut acc, &a, a_k + p.a_k, b.wrapping_add(p.b_k));
                    a_k += 2 * p.a_k;
                    b = b.wrapping_add(2 * p.b_k);
                }
                if !p.depth.is_multiple_of(2) {
                    self.step::<S, R, V, WHOLE>(&mut acc, &a, a_k, b);
                }
            } else {
                for _ in 0..p.depth {
                    // (Not in the small blocks at the end, which would duplicate its code.)
                    if U::STEPS && R > 4 {
                        beside.step();
                    }
                    let row = self.load::<S, V, WHOLE>(b);
                    if FIRST {
                        let rows = if packs { PACKING_PREFETCH_ROWS } else { PREFETCH_ROWS };
                        // (Once for each cache line.)
                        each!(v < V => if v % const { LINE / S::LANES } == 0 {
                            S::prefetch(b.wrapping_add(rows * p.b_k + v * S::LANES));
                        });
                    }
                    if packs {
                        each!(v < V => S::store(packed.add(self.offset::<S, V, WHOLE>(v)), row[v]));
                        packed = packed.wrapping_add(V * S::LANES);
                    }
                    each!(r < R => {
                        let scale = Self::factor::<S, R, V>(a[r].add(a_k));
                        each!(v < V => acc[r][v] = S::mul_add(scale, row[v], acc[r][v]));
                    });
                    a_k += p.a_k;
                    b = b.wrapping_add(p.b_k);
                }
            }
            if U::REPLACES {
                let mut there = acc;
                each!(r < R => there[r] = self.load::<S, V, WHOLE>(c(r)));
                match beside.replace::<S, R, V>(acc, there) {
                    Some(new) => acc = new,
                    None => return,
                }
            }
            each!(r < R => self.store::<S, F, R, V, WHOLE>(c(r), acc[r]));
        }
    }

    /// `R` rows from `m` on, each number as the sum of four [`chains`](super::chains).
    ///
    /// # Safety
    ///
    /// As for [`Strip::blocks`], with at least `m + R` rows, and [`Start::Row`].
    #[inline(always)]
    pub unsafe fn block_of_chains<
        S: Simd,
        F: Finish<S>,
        const R: usize,
        const V: usize,
        const WHOLE: bool,
    >(
        &self,
        m: usize,
    ) {
        let p = &self.product;
        debug_assert!(m + R <= p.rows, "a block of {R} rows from {m} on, of {}", p.rows);
        let Start::Row(start) = p.start else { return };
        // SAFETY: rows `m..m + R`, all `depth` values of k and all numbers of the strip are in the product, which
        // the caller vouches for. Pointers that step beyond the last row or value of k do so by `wrapping_add`, and
        // are not read.
        unsafe {
            let start = self.load::<S, V, WHOLE>(start);
            let mut sums = [zeros::<S, R, V>(), zeros::<S, R, V>(), zeros::<S, R, V>(), zeros::<S, R, V>()];
            each!(r < R => sums[0][r] = start);
            let mut a = [p.a; R];
            each!(r < R => a[r] = S::row_of_factors(p.a.add((m + r) * p.a_m)));
            if R == 1 {
                // In turns, because each would wait for itself.
                let (mut a_k, mut b) = (0, p.b);
                for _ in 0..p.depth / CHAINS {
                    each!(q < CHAINS, at most 4 => {
                        self.step::<S, R, V, WHOLE>(&mut sums[q], &a, a_k, b);
                        a_k += p.a_k;
                        b = b.wrapping_add(p.b_k);
                    });
                }
                each!(q < CHAINS - 1, at most 4 => if q < p.depth % CHAINS {
                    let (a_k, b) = (a_k + q * p.a_k, b.wrapping_add(q * p.b_k));
                    self.step::<S, R, V, WHOLE>(&mut sums[q], &a, a_k, b);
                });
            } else {
                // One after the other, because the rows take all registers.
                each!(q < CHAINS, at most 4 => {
                    let (mut a_k, mut b) = (q * p.a_k, p.b.wrapping_add(q * p.b_k));
                    for _ in 0..(p.depth + CHAINS - 1 - q) / CHAINS {
                        self.step::<S, R, V, WHOLE>(&mut sums[q], &a, a_k, b);
                        a_k += CHAINS * p.a_k;
                        b = b.wrapping_add(CHAINS * p.b_k);
                    }
                });
            }
            let [c0, c1, c2, c3] = sums;
            each!(r < R => {
                let mut joined = c0[r];
                each!(v < V => joined[v] = S::add(S::add(c0[r][v], c1[r][v]), S::add(c2[r][v], c3[r][v])));
                self.store::<S, F, R, V, WHOLE>(p.c.add((m + r) * p.c_m), joined);
            });
        }
    }

    /// Adds the products of one value of k, `a[r][a_k] b[v]`.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions, `a_k` be an offset of each of `a`, and the strip's numbers be readable
    /// at `b`.
    // (Not forced inline without optimisation, where the temporary values of all copies would be on the stack.)
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn step<S: Simd, const R: usize, const V: usize, const WHOLE: bool>(
        &self,
        sums: &mut [[S::V; V]; R],
        a: &[*const f32; R],
        a_k: usize,
        b: *const f32,
    ) {
        // SAFETY: the caller vouches for the same.
        unsafe {
            let row = self.load::<S, V, WHOLE>(b);
            each!(r < R => {
                let scale = Self::factor::<S, R, V>(a[r].add(a_k));
                each!(v < V => sums[r][v] = S::mul_add(scale, row[v], sums[r][v]));
            });
        }
    }

    /// The factor at `a` in each lane.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions, and a number be readable at `a`.
    #[inline(always)]
    unsafe fn factor<S: Simd, const R: usize, const V: usize>(a: *const f32) -> S::V {
        // (Loading 64 numbers of a row takes up all loads of the four cycles of a multiply-add.)
        let loads_wait = R == 1 && V * S::LANES >= 64;
        // SAFETY: the caller vouches for the same.
        unsafe { if loads_wait { S::splat_from_memory(a) } else { S::splat(*a) } }
    }

    /// Where vector `v` of a row begins.
    #[inline(always)]
    fn offset<S: Simd, const V: usize, const WHOLE: bool>(&self, v: usize) -> usize {
        let early = if v + 1 == V && Self::overlaps::<S, V, WHOLE>() { S::LANES - self.last } else { 0 };
        v * S::LANES - early
    }

    /// Whether the last vector begins earlier and overlaps the one before it.
    #[inline(always)]
    const fn overlaps<S: Simd, const V: usize, const WHOLE: bool>() -> bool {
        S::OVERLAPS && !WHOLE && V > 1
    }

    /// Loads a row of the strip.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions, and the strip's numbers be readable at `row`.
    #[inline(always)]
    unsafe fn load<S: Simd, const V: usize, const WHOLE: bool>(&self, row: *const f32) -> [S::V; V] {
        // SAFETY: the caller vouches for the strip's numbers of one row. All vectors but the last are whole; the
        // last is read partially, or whole from inside the one before.
        unsafe {
            let [mut vectors] = zeros::<S, 1, V>();
            each!(v < V - 1 => vectors[v] = S::load(row.add(v * S::LANES)));
            let last = row.add(self.offset::<S, V, WHOLE>(V - 1));
            let whole = WHOLE || Self::overlaps::<S, V, WHOLE>();
            vectors[V - 1] = if whole { S::load(last) } else { S::load_first(last, self.last) };
            vectors
        }
    }

    /// Writes a row of the strip.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions, and the strip's numbers be writable at `row`.
    #[inline(always)]
    unsafe fn store<S: Simd, F: Finish<S>, const R: usize, const V: usize, const WHOLE: bool>(
        &self,
        row: *mut f32,
        vectors: [S::V; V],
    ) {
        // SAFETY: as for `load`.
        unsafe {
            each!(v < V - 1 => S::store(row.add(v * S::LANES), F::finish(vectors[v])));
            let (last, vector) = (row.add(self.offset::<S, V, WHOLE>(V - 1)), F::finish(vectors[V - 1]));
            if WHOLE || Self::overlaps::<S, V, WHOLE>() {
                S::store(last, vector);
            } else if R == 1 {
                S::store_parts(last, vector, self.last);
            } else {
                S::store_first(last, vector, self.last);
            }
        }
    }
}

/// `R` rows of `V` vectors of zeros.
#[inline(always)]
fn zeros<S: Simd, const R: usize, const V: usize>() -> [[S::V; V]; R] {
    // SAFETY: `S::V` is numbers of `f32`, as `Simd` promises; zero bits are the number 0.
    unsafe { core::mem::zeroed() }
}
