//! The portable level of x86-64: SSE2, which every processor has, and separate multiplications and additions.

use core::arch::x86_64::*;

use crate::kernel::blocked::{Product, Strip};
use crate::kernel::f32s::{f32s, f32s_mut, is_for_vectors, pointer, pointer_mut};
use crate::kernel::portable::{self, Portable, Separate};
use crate::kernel::row::row;
use crate::kernel::simd::{Beside, Chained, Finish, Simd, Sums, last_factors};
use crate::kernel::tiles::{self, PANEL_INPUTS, blocked_products, has_row};
use crate::kernel::{Kernel, SHORT_CODE, Task, chains, shapes};
use crate::scalar::Scalar;

/// SSE2.
pub(super) struct Sse2;

// SAFETY: every method consists of SSE2 instructions and touches only what the trait says; a register is its lanes,
// one after the other.
unsafe impl Simd for Sse2 {
    type V = __m128;
    const LANES: usize = 4;
    // More would need too many registers: each product needs one of its own before it is added.
    const MAX_VECTORS: usize = 2;
    const K_BLOCK: usize = 1024;
    const PACKS: bool = true;
    type Packed = [[f32; 2 * 4]; Self::K_BLOCK];

    #[inline(always)]
    unsafe fn splat(x: f32) -> __m128 {
        // SAFETY: the caller vouches for the processor.
        unsafe { _mm_set1_ps(x) }
    }

    #[inline(always)]
    unsafe fn load(p: *const f32) -> __m128 {
        // SAFETY: the caller vouches for the processor and for the numbers at `p`.
        unsafe { _mm_loadu_ps(p) }
    }

    #[inline(always)]
    unsafe fn load_first(p: *const f32, n: usize) -> __m128 {
        // Numbers beyond the first `n` are not touched. (Pairs are loaded and stored by the integer intrinsics,
        // because those of `f64`, the same instructions, require an alignment of 8.)
        // SAFETY: no case touches more than `n` numbers; the caller vouches for that many.
        unsafe {
            match n {
                1 => _mm_load_ss(p),
                2 => _mm_castsi128_ps(_mm_loadl_epi64(p.cast())),
                3 => _mm_movelh_ps(_mm_castsi128_ps(_mm_loadl_epi64(p.cast())), _mm_load_ss(p.add(2))),
                _ => _mm_loadu_ps(p),
            }
        }
    }

    #[inline(always)]
    unsafe fn store(p: *mut f32, v: __m128) {
        // SAFETY: the caller vouches for the processor and for the numbers at `p`.
        unsafe { _mm_storeu_ps(p, v) }
    }

    #[inline(always)]
    unsafe fn store_first(p: *mut f32, v: __m128, n: usize) {
        // SAFETY: no case touches more than `n` numbers; the caller vouches for that many.
        unsafe {
            match n {
                1 => _mm_store_ss(p, v),
                2 => _mm_storel_epi64(p.cast(), _mm_castps_si128(v)),
                3 => {
                    _mm_storel_epi64(p.cast(), _mm_castps_si128(v));
                    _mm_store_ss(p.add(2), _mm_movehl_ps(v, v));
                }
                _ => _mm_storeu_ps(p, v),
            }
        }
    }

    #[inline(always)]
    unsafe fn mul_add(a: __m128, b: __m128, c: __m128) -> __m128 {
        // SAFETY: the caller vouches for the processor.
        unsafe { _mm_add_ps(_mm_mul_ps(a, b), c) }
    }

    #[inline(always)]
    unsafe fn add(a: __m128, b: __m128) -> __m128 {
        // SAFETY: the caller vouches for the processor.
        unsafe { _mm_add_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn one_output(start: *const f32, a: *const f32, b: *const f32, depth: usize) -> __m128 {
        // SAFETY: four numbers from `k` on are among the `depth` that the caller vouches for; every processor has
        // SSE2.
        unsafe {
            let mut sums = _mm_load_ss(start);
            for k in 0..depth / 4 {
                sums = Self::mul_add(_mm_loadu_ps(a.add(4 * k)), _mm_loadu_ps(b.add(4 * k)), sums);
            }
            if let Some((x, w)) = last_factors(a, b, depth) {
                sums = Self::mul_add(_mm_loadu_ps(x.as_ptr()), _mm_loadu_ps(w.as_ptr()), sums);
            }
            let halves = _mm_add_ps(sums, _mm_shuffle_ps::<0b11_11_01_01>(sums, sums));
            _mm_add_ss(halves, _mm_movehl_ps(halves, halves))
        }
    }

    #[inline(always)]
    unsafe fn strip<U: Beside>(strip: &Strip, vectors: usize, beside: &mut U) {
        // SAFETY: the caller vouches for the same.
        unsafe { shapes::sse2::<Self, U>(strip, vectors, beside) }
    }
}

/// Computes a product.
///
/// # Safety
///
/// As for [`Product::compute`].
#[inline(never)]
pub(super) unsafe fn sse2(product: Product) {
    /// # Safety
    ///
    /// As for [`Product::compute_in_blocks`].
    #[inline(never)]
    unsafe fn blocks(product: Product, packed: *mut f32) {
        // SAFETY: the caller vouches for the same; every processor has SSE2.
        unsafe { product.compute_in_blocks::<Sse2>(packed) }
    }
    // SAFETY: the caller vouches for the same.
    unsafe { product.compute::<Sse2>(blocks) }
}

/// Computes a product of several chains.
///
/// # Safety
///
/// As for [`Product::compute_beside`].
#[inline(never)]
pub(super) unsafe fn narrow_sse2(product: Product) {
    // SAFETY: the caller vouches for the same; every processor has SSE2.
    unsafe { product.compute_beside::<Sse2, Chained>(Chained) };
}

/// A single sample, see [`row`].
///
/// # Safety
///
/// As for [`row`].
#[inline(always)]
pub(super) unsafe fn row_sse2<F: Finish<Sse2>, const OUT: usize>(
    c: *mut f32,
    start: *const f32,
    a: *const f32,
    b: *const f32,
    depth: usize,
) {
    // SAFETY: the caller vouches for the same; every processor has SSE2.
    unsafe { row::<Sse2, F, OUT>(c, start, a, b, depth) }
}

/// See [`Transpose`](tiles::Transpose).
///
/// # Safety
///
/// `inputs` rows of `outputs` numbers must be readable at `w`, and the first `inputs` numbers of `outputs` rows be
/// writable at `panel`.
pub(super) unsafe fn transpose(
    w: *const f32,
    step: usize,
    panel: *mut f32,
    (inputs, outputs): (usize, usize),
) {
    for i in 0..inputs {
        for o in 0..outputs {
            // SAFETY: `i < inputs` and `o < outputs`, and the caller vouches for these.
            unsafe { *panel.add(o * PANEL_INPUTS + i) = *w.add(i * step + o) }
        }
    }
}

impl Kernel for Portable {
    type Multiply = Separate;
    const UPDATE_BLOCK: usize = 16;

    // Not inlined, because this level, which hardly any processor needs, must not get in the way of the others.
    #[inline(never)]
    fn run<J: Task>(self, task: J) -> J::Output {
        task.run()
    }

    blocked_products!(Separate, sse2, narrow_sse2, transpose, row_sse2);
}
