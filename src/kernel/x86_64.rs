//! Vectors of x86-64, and the products of [`blocked`](super::blocked) compiled for them.
//!
//! | level | numbers in a vector | registers | blocks, rows x vectors |
//! |---|---:|---:|---|
//! | AVX-512 | 16 | 32 | 6x4, 8x3, 8x2 or 10x2, 16x1; with a step beside the product 5x4, 5x3 |
//! | AVX2 and FMA | 8 | 16 | 6x2, or 4x2 if sums are short; 8x1 |
//!
//! A block needs a register for each of its sums, one for each vector of the row, and one for the factor. It must have
//! at least 8 (AVX2) or 4 (AVX-512, whose multiply-adds start half as often) sums to hide the four cycles that a
//! multiply-add takes.
#![allow(unsafe_code)]

mod lanes;
#[cfg(portable = "sse2")]
mod sse2;

use core::arch::{asm, x86_64::*};

use super::blocked::{Product, Strip};
use super::descent::{self, weight_descent};
use super::f32s::{f32s, f32s_mut, is_for_vectors, pointer, pointer_mut};
use super::portable::{self, ByClass};
use super::row::{row, row_of_halves};
use super::simd::{Activated, Beside, Chained, Finish, Simd, Sums, last_factors};
use super::tiles::{self, PANEL_INPUTS, activated_row, blocked_products, has_row, transpose_squares};
use super::{Kernel, SHORT_CODE, Task, chains, descend_by_rows, descend_remaining_rows, sealed, shapes};
use crate::math::real::Function;
use crate::scalar::Scalar;
use lanes::{map_avx2, map_avx512};

/// Code for AVX-512.
#[derive(Clone, Copy, Debug)]
pub struct Avx512(());

// SAFETY: every method consists of instructions of AVX-512F, DQ and AVX2 and touches only what the trait says; a
// register is its lanes, one after the other.
unsafe impl Simd for Avx512 {
    type V = __m512;
    const LANES: usize = 16;
    const MAX_VECTORS: usize = 4;
    // A strip of 256 KB stays in the second-level cache: the loop waits for its sums, not for that cache.
    const K_BLOCK: usize = 1024;
    const PACKS: bool = false;
    type Packed = ();

    #[inline(always)]
    unsafe fn splat(x: f32) -> __m512 {
        // SAFETY: the caller vouches for the processor.
        unsafe { _mm512_set1_ps(x) }
    }

    #[inline(always)]
    unsafe fn load(p: *const f32) -> __m512 {
        // SAFETY: the caller vouches for the processor and for the numbers at `p`.
        unsafe { _mm512_loadu_ps(p) }
    }

    #[inline(always)]
    unsafe fn load_first(p: *const f32, n: usize) -> __m512 {
        // SAFETY: what is masked out is not touched; the caller vouches for the rest.
        unsafe { _mm512_maskz_loadu_ps(first_lanes(n), p) }
    }

    #[inline(always)]
    unsafe fn store(p: *mut f32, v: __m512) {
        // SAFETY: the caller vouches for the processor and for the numbers at `p`.
        unsafe { _mm512_storeu_ps(p, v) }
    }

    #[inline(always)]
    unsafe fn store_first(p: *mut f32, v: __m512, n: usize) {
        // SAFETY: what is masked out is not touched; the caller vouches for the rest.
        unsafe { _mm512_mask_storeu_ps(p, first_lanes(n), v) }
    }

    #[inline(always)]
    unsafe fn store_parts(p: *mut f32, v: __m512, n: usize) {
        // SAFETY: 8 numbers, if `n` has them, and the rest; the caller vouches for `n` of them.
        unsafe {
            let (mut p, mut rest) = (p, _mm512_castps512_ps256(v));
            if n & 8 != 0 {
                _mm256_storeu_ps(p, rest);
                (p, rest) = (p.add(8), _mm512_extractf32x8_ps::<1>(v));
            }
            Avx2::store_first(p, rest, n & 7);
        }
    }

    #[inline(always)]
    unsafe fn splat_from_memory(p: *const f32) -> __m512 {
        // Through a general register, because a broadcast from memory takes as long as the load of a whole vector.
        // To the compiler, the empty assembly may have changed the number, which keeps it from broadcasting from
        // memory.
        // SAFETY: the caller vouches for the processor and the number, which is as wide as an `i32` and as aligned.
        unsafe {
            let mut x = p.cast::<i32>().read();
            asm!("/* {0:e} */", inout(reg) x, options(pure, nomem, nostack, preserves_flags));
            _mm512_castsi512_ps(_mm512_set1_epi32(x))
        }
    }

    #[inline(always)]
    fn prefetch(p: *const f32) {
        // SAFETY: a hint that reads nothing; every x86-64 processor accepts it.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(p.cast()) }
    }

    #[inline(always)]
    unsafe fn mul_add(a: __m512, b: __m512, c: __m512) -> __m512 {
        // SAFETY: the caller vouches for the processor.
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    unsafe fn add(a: __m512, b: __m512) -> __m512 {
        // SAFETY: the caller vouches for the processor.
        unsafe { _mm512_add_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn one_output(start: *const f32, a: *const f32, b: *const f32, depth: usize) -> __m512 {
        // SAFETY: the caller vouches for the same; a processor with AVX-512 has AVX2.
        unsafe { _mm512_zextps256_ps512(Avx2::one_output(start, a, b, depth)) }
    }

    #[inline(always)]
    unsafe fn strip<U: Beside>(strip: &Strip, vectors: usize, beside: &mut U) {
        // SAFETY: the caller vouches for the same; a processor with AVX-512 has AVX2.
        unsafe { shapes::avx512::<Self, Avx2, U>(strip, vectors, beside) }
    }
}

#[inline(always)]
fn first_lanes(n: usize) -> __mmask16 {
    (0xffff_u32 >> (16 - n as u32)) as __mmask16
}

/// Code for AVX2 and FMA.
#[derive(Clone, Copy, Debug)]
pub struct Avx2(());

/// Eight lanes that are on, then eight that are off: a mask for the first `n` begins at `8 - n`.
static MASK: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];

// SAFETY: as above, with AVX2 and FMA.
unsafe impl Simd for Avx2 {
    type V = __m256;
    const LANES: usize = 8;
    const MAX_VECTORS: usize = 2;
    // A packed strip of 64 KB streams from the second-level cache as fast as from the first. Each end of a loop over k
    // costs some 30 cycles, so fewer and longer loops are faster.
    const K_BLOCK: usize = 1024;
    const ROW_IN_PAIRS: bool = true;
    const PACKS: bool = true;
    type Packed = [[f32; 2 * 8]; Self::K_BLOCK];
    const OVERLAPS: bool = true;
    const PREFETCHES_PARTS: bool = true;

    #[inline(always)]
    fn prefetch(p: *const f32) {
        // SAFETY: a hint that reads nothing; every x86-64 processor accepts it.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(p.cast()) }
    }

    #[inline(always)]
    unsafe fn splat(x: f32) -> __m256 {
        // SAFETY: the caller vouches for the processor.
        unsafe { _mm256_set1_ps(x) }
    }

    #[inline(always)]
    unsafe fn load(p: *const f32) -> __m256 {
        // SAFETY: the caller vouches for the processor and for the numbers at `p`.
        unsafe { _mm256_loadu_ps(p) }
    }

    #[inline(always)]
    unsafe fn load_first(p: *const f32, n: usize) -> __m256 {
        // SAFETY: what is masked out is not touched; `n <= 8`, so that the mask lies in `MASK`. The caller vouches
        // for the rest.
        unsafe { _mm256_maskload_ps(p, mask(n)) }
    }

    #[inline(always)]
    unsafe fn store(p: *mut f32, v: __m256) {
        // SAFETY: the caller vouches for the processor and for the numbers at `p`.
        unsafe { _mm256_storeu_ps(p, v) }
    }

    #[inline(always)]
    unsafe fn store_first(p: *mut f32, v: __m256, n: usize) {
        // In parts: a masked store of AVX2 is microcode on some processors.
        // SAFETY: 4, 2 and 1 numbers, as far as `n` has them; the caller vouches for that many.
        unsafe {
            let (mut p, mut rest) = (p, _mm256_castps256_ps128(v));
            if n & 4 != 0 {
                _mm_storeu_ps(p, rest);
                (p, rest) = (p.add(4), _mm256_extractf128_ps::<1>(v));
            }
            if n & 2 != 0 {
                // (The same instruction as `_mm_storel_pd`, which requires the alignment of an `f64`.)
                _mm_storel_epi64(p.cast(), _mm_castps_si128(rest));
                (p, rest) = (p.add(2), _mm_movehl_ps(rest, rest));
            }
            if n & 1 != 0 {
                _mm_store_ss(p, rest);
            }
        }
    }

    #[inline(always)]
    unsafe fn mul_add(a: __m256, b: __m256, c: __m256) -> __m256 {
        // SAFETY: the caller vouches for the processor.
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    unsafe fn add(a: __m256, b: __m256) -> __m256 {
        // SAFETY: the caller vouches for the processor.
        unsafe { _mm256_add_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn one_output(start: *const f32, a: *const f32, b: *const f32, depth: usize) -> __m256 {
        // SAFETY: four numbers from `k` on are among the `depth` that the caller vouches for, as the processor.
        unsafe {
            let mut sums = _mm_load_ss(start);
            for k in 0..depth / 4 {
                sums = _mm_fmadd_ps(_mm_loadu_ps(a.add(4 * k)), _mm_loadu_ps(b.add(4 * k)), sums);
            }
            if let Some((x, w)) = last_factors(a, b, depth) {
                sums = _mm_fmadd_ps(_mm_loadu_ps(x.as_ptr()), _mm_loadu_ps(w.as_ptr()), sums);
            }
            let halves = _mm_add_ps(sums, _mm_movehdup_ps(sums));
            _mm256_zextps128_ps256(_mm_add_ss(halves, _mm_movehl_ps(halves, halves)))
        }
    }

    #[inline(always)]
    unsafe fn strip<U: Beside>(strip: &Strip, vectors: usize, beside: &mut U) {
        // SAFETY: the caller vouches for the same.
        unsafe { shapes::avx2::<Self, U>(strip, vectors, beside) }
    }
}

/// A mask for the first `n` lanes.
///
/// # Safety
///
/// The processor must have AVX, and `n` be at most 8.
#[inline(always)]
unsafe fn mask(n: usize) -> __m256i {
    debug_assert!(n <= 8);
    // SAFETY: the caller vouches for `n <= 8`: eight integers from `8 - n` on are in `MASK`.
    unsafe { _mm256_loadu_si256(MASK.as_ptr().add(8 - n).cast()) }
}

impl Avx512 {
    /// The kernel that this build uses: that of AVX2 where code is to be short ([`SHORT_CODE`](super::SHORT_CODE)), which has
    /// the same bits.
    #[cfg(all(debug_assertions, not(test)))]
    #[inline(always)]
    pub fn of_this_build(self) -> Avx2 {
        Avx2(())
    }

    /// The kernel that this build uses.
    #[cfg(not(all(debug_assertions, not(test))))]
    #[inline(always)]
    pub fn of_this_build(self) -> Self {
        self
    }
}

impl Avx2 {
    /// The kernel that this build uses.
    #[inline(always)]
    pub fn of_this_build(self) -> Self {
        self
    }
}

/// Makes a [`Kernel`] of a level: `$run` and `$product` name functions that are compiled for its instructions,
/// `$map` is the level's function in `lanes`, `$narrow` is the product of narrow layers, and `$row` computes single samples; `$more` are methods that the
/// other level leaves at their defaults.
macro_rules! kernel {
    (
        $level:ident, $run:ident, $map:ident, $product:ident, $narrow:ident, $row:ident,
        $features:literal, [$($feature:tt),*], { $($more:tt)* }
    ) => {
        impl $level {
            /// The level, if the processor has it.
            pub fn detect() -> Option<Self> {
                ($(std::is_x86_feature_detected!($feature))&&*).then_some(Self(()))
            }

            /// The level, without asking the processor.
            ///
            /// # Safety
            ///
            /// The processor must have it.
            #[inline(always)]
            pub unsafe fn assume() -> Self {
                Self(())
            }
        }

        /// Runs a task, compiled for the level.
        ///
        /// # Safety
        ///
        /// The processor must have the instructions.
        #[target_feature(enable = $features)]
        #[inline]
        fn $run<J: Task>(task: J) -> J::Output {
            task.run()
        }

        /// # Safety
        ///
        /// The processor must have the instructions; the rest as for [`Product::compute`].
        #[target_feature(enable = $features)]
        #[inline(never)]
        unsafe fn $product(product: Product) {
            /// # Safety
            ///
            /// As for [`Product::compute_in_blocks`].
            #[target_feature(enable = $features)]
            #[inline(never)]
            unsafe fn blocks(product: Product, packed: *mut f32) {
                // SAFETY: the caller vouches for the same.
                unsafe { product.compute_in_blocks::<$level>(packed) }
            }
            // SAFETY: the caller vouches for the same.
            unsafe { product.compute::<$level>(blocks) }
        }

        /// # Safety
        ///
        /// As for the other product, with [`Start::Row`](super::blocked::Start::Row).
        #[target_feature(enable = $features)]
        #[inline(never)]
        unsafe fn $narrow(product: Product) {
            // SAFETY: the caller vouches for the same.
            unsafe { product.compute_beside::<$level, Chained>(Chained) };
        }

        impl sealed::Sealed for $level {}

        impl Kernel for $level {
            type Multiply = ByClass;
            const UPDATE_BLOCK: usize = 2 * <$level as Simd>::LANES;
            const LONGER_TILES: bool = <$level as Simd>::PACKS;

            #[inline(always)]
            fn run<J: Task>(self, task: J) -> J::Output {
                // SAFETY: a `self` is made only if the processor was found to have the level.
                unsafe { $run(task) }
            }

            #[inline(always)]
            fn map<F: Function, T: Scalar>(self, numbers: &mut [T]) {
                if let Some(numbers) = f32s_mut(numbers) {
                    // SAFETY: a `self` is made only if the processor was found to have the level.
                    unsafe { $map::<F>(numbers) }
                } else {
                    portable::map::<F, T>(numbers);
                }
            }

            $($more)*

            activated_row!($row);
            blocked_products!(ByClass, $product, $narrow, transpose, $row);
        }
    };
}

kernel!(
    Avx512,
    run_avx512,
    map_avx512,
    avx512,
    narrow_avx512,
    row_avx512,
    "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma",
    ["avx512f", "avx512vl", "avx512dq", "avx512bw", "avx2", "fma"],
    {
        weight_descent!(Avx512, avx512, avx512_beside);
    }
);
kernel!(Avx2, run_avx2, map_avx2, avx2, narrow_avx2, row_avx2, "avx2,fma", ["avx2", "fma"], {});

/// # Safety
///
/// As for [`Product::compute_beside`]; the processor must have AVX-512 and the other features.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
#[inline(never)]
unsafe fn avx512_beside<U: Beside>(product: Product, beside: U) -> U {
    // SAFETY: the caller vouches for the same.
    unsafe { product.compute_beside::<Avx512, U>(beside) }
}

/// A single sample, see [`row_of_halves`].
///
/// # Safety
///
/// The processor must have AVX-512F and DQ, AVX2 and FMA; the rest as for [`row`].
#[inline(always)]
unsafe fn row_avx512<F: Finish<Avx512> + Finish<Avx2>, const OUT: usize>(
    c: *mut f32,
    start: *const f32,
    a: *const f32,
    b: *const f32,
    depth: usize,
) {
    // SAFETY: the caller vouches for the same.
    unsafe { row_of_halves::<Avx512, Avx2, F, OUT>(c, start, a, b, depth) }
}

/// A single sample, see [`row`].
///
/// # Safety
///
/// The processor must have AVX2 and FMA; the rest as for [`row`].
#[inline(always)]
unsafe fn row_avx2<F: Finish<Avx2>, const OUT: usize>(
    c: *mut f32,
    start: *const f32,
    a: *const f32,
    b: *const f32,
    depth: usize,
) {
    // SAFETY: the caller vouches for the same.
    unsafe { row::<Avx2, F, OUT>(c, start, a, b, depth) }
}

/// See [`Transpose`](super::tiles::Transpose).
///
/// # Safety
///
/// The processor must have AVX2; the rest as for [`transpose_squares`].
#[target_feature(enable = "avx2")]
unsafe fn transpose(w: *const f32, step: usize, panel: *mut f32, shape: (usize, usize)) {
    // SAFETY: the caller vouches for the same.
    unsafe { transpose_squares::<8>(transpose_8x8, w, step, panel, shape) }
}

/// # Safety
///
/// The processor must have AVX2. 8 rows of 8 numbers must be readable at `w`, and writable at `panel`, with the
/// strides of [`transpose`].
#[target_feature(enable = "avx2")]
unsafe fn transpose_8x8(w: *const f32, step: usize, panel: *mut f32) {
    // SAFETY: `i < 8`, and the caller vouches for that many rows.
    let row = |i: usize| unsafe { _mm256_loadu_ps(w.add(i * step)) };
    // Interleaves pairs of rows, then fours, then joins the halves of eights.
    let pairs = |i: usize| {
        let (a, b) = (row(i), row(i + 1));
        (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b))
    };
    let fours = |i: usize| {
        let ((a, b), (c, d)) = (pairs(i), pairs(i + 2));
        [
            _mm256_shuffle_ps::<0x44>(a, c),
            _mm256_shuffle_ps::<0xee>(a, c),
            _mm256_shuffle_ps::<0x44>(b, d),
            _mm256_shuffle_ps::<0xee>(b, d),
        ]
    };
    let (low, high) = (fours(0), fours(4));
    for o in 0..4 {
        // SAFETY: the caller vouches for the same.
        unsafe {
            let (first, second) = (panel.add(o * PANEL_INPUTS), panel.add((o + 4) * PANEL_INPUTS));
            _mm256_storeu_ps(first, _mm256_permute2f128_ps::<0x20>(low[o], high[o]));
            _mm256_storeu_ps(second, _mm256_permute2f128_ps::<0x31>(low[o], high[o]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tanh;
    use crate::kernel::edges;
    use crate::kernel::oracle::level_is_the_oracle;
    #[cfg(portable = "sse2")]
    use sse2::row_sse2;

    #[test]
    fn edges_of_avx512() {
        if let Some(kernel) = Avx512::detect() {
            edges::of(kernel);
        }
    }

    #[test]
    fn edges_of_avx2() {
        if let Some(kernel) = Avx2::detect() {
            edges::of(kernel);
        }
    }

    level_is_the_oracle!(
        avx512_is_the_oracle,
        more_of_avx512,
        Avx512::detect(),
        avx512,
        narrow_avx512,
        row_avx512,
        transpose,
        f32::mul_add,
        with Tanh
    );
    level_is_the_oracle!(
        avx2_is_the_oracle,
        more_of_avx2,
        Avx2::detect(),
        avx2,
        narrow_avx2,
        row_avx2,
        transpose,
        f32::mul_add,
        with Tanh
    );
    #[cfg(portable = "sse2")]
    level_is_the_oracle!(
        sse2_is_the_oracle,
        more_of_sse2,
        Some(portable::Portable),
        sse2::sse2,
        sse2::narrow_sse2,
        row_sse2,
        sse2::transpose,
        |a, b, c| a * b + c
    );
}
