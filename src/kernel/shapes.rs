//! The blocks in which a strip is computed, rows x vectors, for each kind of processor: the number of registers
//! determines their size. (Generic over the vectors, so that tests make the same choices with vectors in plain
//! Rust.)
//!
//! | registers | numbers in a vector | blocks |
//! |---:|---|---|
//! | 32 | 16, or 8 where these are enough | 6x4, 8x3, 8x2 or 10x2, 16x1; with a step beside the product 5x4, 5x3 |
//! | 32 | 4 | 6x4, 8x3, 8x2, 16x1 |
//! | 16 | 8 | 6x2, or 4x2 if sums are short; 8x1 |
//! | 16, of which a product needs one | 4 | 4x2, 8x1 |
#![allow(unsafe_code)]

use super::blocked::Strip;
use super::simd::{Beside, Simd};

/// AVX-512: `Half` is a vector of half the length.
///
/// # Safety
///
/// As for [`Simd::strip`], for both kinds of vectors.
#[cfg(any(test, all(feature = "std", target_arch = "x86_64")))]
#[inline(always)]
pub unsafe fn avx512<S: Simd, Half: Simd, U: Beside>(strip: &Strip, vectors: usize, beside: &mut U) {
    const { assert!(S::LANES == 2 * Half::LANES) }
    // SAFETY: the caller vouches for the processor and for the strip, which is `vectors` vectors wide. A single
    // vector of which at most half is needed is one vector of half the length.
    unsafe {
        match vectors {
            4 if U::STEPS => strip.rows::<S, U, 5, 4>(beside),
            4 => strip.rows::<S, U, 6, 4>(beside),
            3 if U::STEPS => strip.rows::<S, U, 5, 3>(beside),
            3 => strip.rows::<S, U, 8, 3>(beside),
            2 if strip.product.rows.is_multiple_of(10) || strip.product.rows >= 64 => {
                strip.rows::<S, U, 10, 2>(beside)
            }
            2 => strip.rows::<S, U, 8, 2>(beside),
            _ if !U::REPLACES && strip.last <= Half::LANES => strip.rows::<Half, U, 8, 1>(beside),
            _ if U::CHAINED => strip.rows::<S, U, 8, 1>(beside),
            _ => strip.rows::<S, U, 16, 1>(beside),
        }
    }
}

/// Up to this depth, eight sums are faster than twelve: they are just enough to hide the latency of a multiply-add, and
/// then one block overlaps the next, whereas with twelve the processor's queues fill up and each block ends with a wait
/// of some 25 cycles.
#[cfg(any(test, all(feature = "std", target_arch = "x86_64")))]
const SHORT: usize = 128;

/// AVX2.
///
/// # Safety
///
/// As for [`Simd::strip`].
#[cfg(any(test, all(feature = "std", target_arch = "x86_64")))]
#[inline(always)]
pub unsafe fn avx2<S: Simd, U: Beside>(strip: &Strip, vectors: usize, beside: &mut U) {
    // SAFETY: the caller vouches for the processor and for the strip, which is `vectors` vectors wide.
    unsafe {
        match vectors {
            2 if strip.product.depth <= SHORT => strip.rows::<S, U, 4, 2>(beside),
            2 => strip.rows::<S, U, 6, 2>(beside),
            _ => strip.rows::<S, U, 8, 1>(beside),
        }
    }
}

/// SSE2.
///
/// # Safety
///
/// As for [`Simd::strip`].
#[cfg(any(test, portable = "sse2"))]
#[inline(always)]
pub unsafe fn sse2<S: Simd, U: Beside>(strip: &Strip, vectors: usize, beside: &mut U) {
    // SAFETY: the caller vouches for the processor and for the strip, which is `vectors` vectors wide.
    unsafe {
        match vectors {
            2 => strip.rows::<S, U, 4, 2>(beside),
            _ => strip.rows::<S, U, 8, 1>(beside),
        }
    }
}

/// NEON.
///
/// # Safety
///
/// As for [`Simd::strip`].
#[cfg(any(test, portable = "neon"))]
#[inline(always)]
pub unsafe fn neon<S: Simd, U: Beside>(strip: &Strip, vectors: usize, beside: &mut U) {
    // SAFETY: the caller vouches for the processor and for the strip, which is `vectors` vectors wide.
    unsafe {
        match vectors {
            4 => strip.rows::<S, U, 6, 4>(beside),
            3 => strip.rows::<S, U, 8, 3>(beside),
            2 => strip.rows::<S, U, 8, 2>(beside),
            _ => strip.rows::<S, U, 16, 1>(beside),
        }
    }
}
