//! A single sample: one row, inlined into every layer.
#![allow(unsafe_code)]

use super::blocked::{Product, Start, Strip};
use super::chains;
use super::simd::{Finish, Nothing, Simd};

/// How many numbers fit a first-level cache, from which nothing needs to be prefetched: 32 KB.
const FIRST_LEVEL: usize = 8192;

/// One row, `c[n] = start[n] + sum_k a[k] b[k][n]`, for `k < depth` and `n < WIDTH`, in strips as wide as the
/// registers allow: of 8 vectors (or 16), then of half as many, then the rest at once. It is inlined into every
/// layer of every network, so the choices are constants: code that a width does not need is not generated.
///
/// # Safety
///
/// The processor must have the instructions of `S`, and the caller must be compiled for them. `a` must have
/// `depth > 0` numbers, `start` and `c` `WIDTH`, and `b` `depth` rows of `WIDTH`; `c` must be writable and overlap
/// none of the others.
#[inline(always)]
pub unsafe fn row<S: Simd, F: Finish<S>, const WIDTH: usize>(
    c: *mut f32,
    start: *const f32,
    a: *const f32,
    b: *const f32,
    depth: usize,
) {
    debug_assert!(depth > 0, "no row of `b` to point into");
    // (Known when the layer is compiled, as `depth` is.)
    let narrow = chains(depth, WIDTH) > 1;
    let mut n = 0;
    macro_rules! block {
        ($vectors:literal, $whole:literal, $width:expr) => {{
            let width = $width;
            let product = Product {
                c: c.add(n),
                c_m: WIDTH,
                start: Start::Row(start.add(n)),
                a,
                a_m: depth,
                a_k: 1,
                b: b.add(n),
                b_k: WIDTH,
                rows: 1,
                width,
                depth,
            };
            let strip =
                Strip { product, last: width - ($vectors - 1) * S::LANES, packed: core::ptr::null_mut() };
            if narrow {
                strip.block_of_chains::<S, F, 1, $vectors, $whole>(0);
            } else if const { S::PREFETCHES_PARTS && WIDTH > S::ROW_VECTORS * S::LANES }
                && depth * WIDTH > FIRST_LEVEL
            {
                // A strip reads a part of each row. Between the parts are gaps, and the processor does not fetch such
                // rows ahead as well as contiguous ones.
                strip.block::<S, F, Nothing, 1, $vectors, $whole, true>(0, &mut Nothing);
            } else {
                strip.block::<S, F, Nothing, 1, $vectors, $whole, false>(0, &mut Nothing);
            }
            n += width;
        }};
    }
    macro_rules! rest {
        ($($vectors:literal),*) => {
            match const { row_rest::<S>(WIDTH).div_ceil(S::LANES) } {
                $($vectors => if const { row_rest::<S>(WIDTH).is_multiple_of(S::LANES) } {
                    block!($vectors, true, row_rest::<S>(WIDTH));
                } else {
                    block!($vectors, false, row_rest::<S>(WIDTH));
                },)*
                _ => {}
            }
        };
    }
    if const { WIDTH == 1 } && narrow {
        // SAFETY: the caller vouches for the same.
        unsafe { S::store_parts(c, F::finish(S::one_output(start, a, b, depth)), 1) }
        return;
    }
    // SAFETY: the strips tile `0..WIDTH`: none reaches beyond the numbers of a row that the caller vouches for.
    unsafe {
        if const { S::ROW_VECTORS == 16 && WIDTH >= 16 * S::LANES } {
            while WIDTH - n >= 16 * S::LANES {
                block!(16, true, 16 * S::LANES);
            }
        }
        if const {
            WIDTH % (S::ROW_VECTORS * S::LANES) >= 8 * S::LANES
                || S::ROW_VECTORS == 8 && WIDTH >= 8 * S::LANES
        } {
            while WIDTH - n >= 8 * S::LANES {
                block!(8, true, 8 * S::LANES);
            }
        }
        if const { S::ROW_VECTORS == 8 && WIDTH % (8 * S::LANES) > 4 * S::LANES } {
            block!(4, true, 4 * S::LANES);
        }
        rest!(1, 2, 3, 4, 5, 6, 7, 8);
    }
    let _ = n;
}

/// One row, which is computed in vectors of half the length if it has at most two vectors, because fewer of these
/// cross a cache line: for AVX-512.
///
/// # Safety
///
/// As for [`row`], with the instructions of both.
#[cfg(any(test, all(feature = "std", target_arch = "x86_64")))]
#[inline(always)]
pub unsafe fn row_of_halves<S: Simd, Half: Simd, F: Finish<S> + Finish<Half>, const WIDTH: usize>(
    c: *mut f32,
    start: *const f32,
    a: *const f32,
    b: *const f32,
    depth: usize,
) {
    // SAFETY: the caller vouches for the same.
    unsafe {
        if const { WIDTH <= 2 * S::LANES } {
            row::<Half, F, WIDTH>(c, start, a, b, depth)
        } else {
            row::<S, F, WIDTH>(c, start, a, b, depth)
        }
    }
}

/// The width that is left for the last strip of a row.
const fn row_rest<S: Simd>(width: usize) -> usize {
    let rest = width % (8 * S::LANES);
    if S::ROW_VECTORS == 8 && rest > 4 * S::LANES { rest - 4 * S::LANES } else { rest }
}
