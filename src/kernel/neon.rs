//! The portable level of aarch64: NEON, which every processor with floating point has. The products are those of
//! [`blocked`](super::blocked).
//!
//! A vector has 4 numbers, and there are 32 registers, as many as with AVX-512, so the blocks are the same: 6x4,
//! 8x3, 8x2 and 16x1, rows x vectors. A multiply-add takes four cycles, and large processors start four in each
//! cycle, so that a block needs 16 sums. The factor need not be copied to all lanes: `fmla` takes it from one lane.
#![allow(unsafe_code)]

mod lanes;

use core::arch::{aarch64::*, asm};

use super::blocked::{Product, Strip};
use super::f32s::{f32s, f32s_mut, is_for_vectors, pointer, pointer_mut};
use super::portable::{self, ByClass, Portable};
use super::row::row;
use super::simd::{Activated, Beside, Chained, Finish, Simd, Sums, last_factors};
use super::tiles::{self, PANEL_INPUTS, activated_row, blocked_products, has_row, transpose_squares};
use super::{Kernel, SHORT_CODE, chains, shapes};
use crate::math::real::Function;
use crate::scalar::Scalar;
use lanes::map_neon;

/// NEON.
struct Neon;

// SAFETY: every method consists of NEON instructions and touches only what the trait says; a register is its lanes,
// one after the other.
unsafe impl Simd for Neon {
    type V = float32x4_t;
    const LANES: usize = 4;
    const MAX_VECTORS: usize = 4;
    const K_BLOCK: usize = 256;
    // A row of a strip is one cache line: rows that are a power of two apart would share few sets of the cache.
    const PACKS: bool = true;
    type Packed = [[f32; 4 * 4]; Self::K_BLOCK];
    const OVERLAPS: bool = true;
    // 30 outputs are one strip of eight vectors; two strips of four would wait twice.
    const ROW_VECTORS: usize = 16;

    #[inline(always)]
    unsafe fn splat(x: f32) -> float32x4_t {
        // SAFETY: the caller vouches for the processor.
        unsafe { vdupq_n_f32(x) }
    }

    #[inline(always)]
    unsafe fn load(p: *const f32) -> float32x4_t {
        // SAFETY: the caller vouches for the processor and for the numbers at `p`.
        unsafe { vld1q_f32(p) }
    }

    #[inline(always)]
    unsafe fn load_first(p: *const f32, n: usize) -> float32x4_t {
        // Numbers beyond the first `n` are not touched.
        // SAFETY: no case touches more than `n` numbers; the caller vouches for that many.
        unsafe {
            let zeros = vdupq_n_f32(0.0);
            match n {
                1 => vld1q_lane_f32::<0>(p, zeros),
                2 => vcombine_f32(vld1_f32(p), vdup_n_f32(0.0)),
                3 => vld1q_lane_f32::<2>(p.add(2), vcombine_f32(vld1_f32(p), vdup_n_f32(0.0))),
                _ => vld1q_f32(p),
            }
        }
    }

    #[inline(always)]
    unsafe fn store(p: *mut f32, v: float32x4_t) {
        // SAFETY: the caller vouches for the processor and for the numbers at `p`.
        unsafe { vst1q_f32(p, v) }
    }

    #[inline(always)]
    unsafe fn store_first(p: *mut f32, v: float32x4_t, n: usize) {
        // SAFETY: no case touches more than `n` numbers; the caller vouches for that many.
        unsafe {
            match n {
                1 => vst1q_lane_f32::<0>(p, v),
                2 => vst1_f32(p, vget_low_f32(v)),
                3 => {
                    vst1_f32(p, vget_low_f32(v));
                    vst1q_lane_f32::<2>(p.add(2), v);
                }
                _ => vst1q_f32(p, v),
            }
        }
    }

    #[inline(always)]
    unsafe fn mul_add(a: float32x4_t, b: float32x4_t, c: float32x4_t) -> float32x4_t {
        // SAFETY: the caller vouches for the processor.
        unsafe { vfmaq_f32(c, b, a) }
    }

    #[inline(always)]
    #[allow(
        clippy::pointers_in_nomem_asm_block,
        reason = "the empty piece of code does not follow the pointer"
    )]
    fn row_of_factors(p: *const f32) -> *const f32 {
        let mut p = p;
        // If the compiler knew how far apart the rows are, it would step one pointer from row to row with `ld1r`,
        // which takes the place of a multiply-add. With separate pointers it loads by `ldr`, and `fmla` takes the
        // factor from its lane.
        // SAFETY: the assembly is empty; to the compiler, it may have changed the pointer.
        unsafe { asm!("/* {0} */", inout(reg) p, options(pure, nomem, nostack, preserves_flags)) }
        p
    }

    #[inline(always)]
    unsafe fn add(a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: the caller vouches for the processor.
        unsafe { vaddq_f32(a, b) }
    }

    #[inline(always)]
    unsafe fn one_output(start: *const f32, a: *const f32, b: *const f32, depth: usize) -> float32x4_t {
        // SAFETY: four numbers from `k` on are among the `depth` that the caller vouches for, as the processor.
        unsafe {
            let mut sums = vld1q_lane_f32::<0>(start, vdupq_n_f32(0.0));
            for k in 0..depth / 4 {
                sums = vfmaq_f32(sums, vld1q_f32(a.add(4 * k)), vld1q_f32(b.add(4 * k)));
            }
            if let Some((x, w)) = last_factors(a, b, depth) {
                sums = vfmaq_f32(sums, vld1q_f32(x.as_ptr()), vld1q_f32(w.as_ptr()));
            }
            let halves = vpaddq_f32(sums, sums);
            vpaddq_f32(halves, halves)
        }
    }

    #[inline(always)]
    unsafe fn strip<U: Beside>(strip: &Strip, vectors: usize, beside: &mut U) {
        // SAFETY: the caller vouches for the same.
        unsafe { shapes::neon::<Self, U>(strip, vectors, beside) }
    }
}

/// Computes a product.
///
/// # Safety
///
/// As for [`Product::compute`].
#[inline(never)]
unsafe fn neon(product: Product) {
    /// # Safety
    ///
    /// As for [`Product::compute_in_blocks`].
    #[inline(never)]
    unsafe fn blocks(product: Product, packed: *mut f32) {
        // SAFETY: the caller vouches for the same; every processor of the target has NEON.
        unsafe { product.compute_in_blocks::<Neon>(packed) }
    }
    // SAFETY: the caller vouches for the same.
    unsafe { product.compute::<Neon>(blocks) }
}

/// Computes a product of several chains.
///
/// # Safety
///
/// As for [`Product::compute_beside`].
#[inline(never)]
unsafe fn narrow_neon(product: Product) {
    // SAFETY: the caller vouches for the same; every processor of the target has NEON.
    unsafe { product.compute_beside::<Neon, Chained>(Chained) };
}

/// A single sample, see [`row`].
///
/// # Safety
///
/// As for [`row`].
#[inline(always)]
unsafe fn row_neon<F: Finish<Neon>, const OUT: usize>(
    c: *mut f32,
    start: *const f32,
    a: *const f32,
    b: *const f32,
    depth: usize,
) {
    // SAFETY: the caller vouches for the same; every processor of the target has NEON.
    unsafe { row::<Neon, F, OUT>(c, start, a, b, depth) }
}

/// See [`Transpose`](tiles::Transpose).
///
/// # Safety
///
/// As for [`transpose_squares`].
unsafe fn transpose(w: *const f32, step: usize, panel: *mut f32, shape: (usize, usize)) {
    // SAFETY: the caller vouches for the same; every processor of the target has NEON.
    unsafe { transpose_squares::<4>(transpose_4x4, w, step, panel, shape) }
}

/// # Safety
///
/// 4 rows of 4 numbers must be readable at `w`, and writable at `panel`, with the strides of [`transpose`].
#[inline(always)]
unsafe fn transpose_4x4(w: *const f32, step: usize, panel: *mut f32) {
    // SAFETY: the caller vouches for the same; every processor of the target has NEON.
    unsafe {
        // The numbers with even and with odd indices from two rows: [a0 b0 a2 b2], [a1 b1 a3 b3].
        let pairs = |i: usize| {
            let (a, b) = (vld1q_f32(w.add(i * step)), vld1q_f32(w.add((i + 1) * step)));
            (vreinterpretq_f64_f32(vtrn1q_f32(a, b)), vreinterpretq_f64_f32(vtrn2q_f32(a, b)))
        };
        let ((even, odd), (even_below, odd_below)) = (pairs(0), pairs(2));
        let transposed = [
            vtrn1q_f64(even, even_below),
            vtrn1q_f64(odd, odd_below),
            vtrn2q_f64(even, even_below),
            vtrn2q_f64(odd, odd_below),
        ];
        for (o, row) in transposed.into_iter().enumerate() {
            vst1q_f32(panel.add(o * PANEL_INPUTS), vreinterpretq_f32_f64(row));
        }
    }
}

impl Kernel for Portable {
    type Multiply = ByClass;

    #[inline(always)]
    fn map<F: Function, T: Scalar>(self, numbers: &mut [T]) {
        if let Some(numbers) = f32s_mut(numbers) {
            map_neon::<F>(numbers);
        } else {
            portable::map::<F, T>(numbers);
        }
    }

    activated_row!(row_neon);
    blocked_products!(ByClass, neon, narrow_neon, transpose, row_neon);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tanh;
    use crate::kernel::oracle::level_is_the_oracle;

    level_is_the_oracle!(
        neon_is_the_oracle,
        more_of_neon,
        Some(Portable),
        neon,
        narrow_neon,
        row_neon,
        transpose,
        f32::mul_add,
        with Tanh
    );
}
