//! Vectors in plain Rust, with the lanes, blocks and settings of each level. With them, all products, the rows of
//! single samples and the fused steps run on every machine, and under Miri, which detects each access out of bounds
//! and each read of an uninitialised number.
#![allow(unsafe_code)]

use core::array::from_fn;

use super::blocked::{Product, Strip};
use super::descent::weight_descent;
use super::f32s::{f32s, f32s_mut, is_for_vectors, pointer, pointer_mut};
use super::oracle::{a_large_descent, all_descents, all_panels, all_rows, all_shapes};
use super::portable::{self, Separate};
use super::row::{row, row_of_halves};
use super::simd::{Activated, Beside, Chained, Finish, Simd, Sums, last_factors};
use super::tiles::{self, PANEL_INPUTS, activated_row, blocked_products, has_row, transpose_squares};
use super::{
    Kernel, SHORT_CODE, chains, descend_by_rows, descend_remaining_rows, descent, edges, sealed, shapes,
};
use crate::activation::Relu;
use crate::math::real::Function;
use crate::scalar::Scalar;

/// A test that runs only without optimisation: with it, the shapes take minutes to compile, and the test shows
/// nothing more.
macro_rules! test {
    ($name:ident: $body:expr) => {
        #[test]
        #[cfg_attr(not(debug_assertions), ignore = "only without optimisation")]
        fn $name() {
            if cfg!(debug_assertions) {
                $body
            }
        }
    };
}

/// Defines a level `Plain`: its vectors, its kernel, and its tests. `$blocks` is the level's function in `shapes`
/// for its vectors and `U`, and `$single` computes single samples of `OUT` outputs, finished by `F`; `$more` are
/// further methods of the kernel.
macro_rules! plain {
    (
        $lanes:literal lanes, $vectors:literal vectors, $k_block:literal k,
        packs $packs:literal, overlaps $overlaps:literal, row $row_vectors:literal, transpose $transpose:literal,
        strip $blocks:expr, single [$($bounds:tt)*] $single:expr, { $($more:tt)* }
    ) => {
        use super::*;

        #[derive(Clone, Copy)]
        pub struct Plain;

        // SAFETY: no instructions; each access is to as many numbers as the trait says.
        unsafe impl Simd for Plain {
            type V = [f32; $lanes];
            const LANES: usize = $lanes;
            const MAX_VECTORS: usize = $vectors;
            const K_BLOCK: usize = $k_block;
            const PACKS: bool = $packs;
            type Packed = [[[f32; $lanes]; $vectors]; $k_block];
            const OVERLAPS: bool = $overlaps;
            const PREFETCHES_PARTS: bool = true;
            const ROW_VECTORS: usize = $row_vectors;

            unsafe fn splat(x: f32) -> Self::V {
                [x; $lanes]
            }

            unsafe fn load(p: *const f32) -> Self::V {
                // SAFETY: the caller vouches for the numbers at `p`.
                unsafe { p.cast::<Self::V>().read() }
            }

            unsafe fn load_first(p: *const f32, n: usize) -> Self::V {
                assert!((1..=$lanes).contains(&n));
                // SAFETY: `i < n`, and the caller vouches for that many numbers at `p`.
                from_fn(|i| if i < n { unsafe { p.add(i).read() } } else { 0.0 })
            }

            unsafe fn store(p: *mut f32, v: Self::V) {
                // SAFETY: the caller vouches for the numbers at `p`.
                unsafe { p.cast::<Self::V>().write(v) }
            }

            unsafe fn store_first(p: *mut f32, v: Self::V, n: usize) {
                assert!((1..=$lanes).contains(&n));
                for (i, x) in v.into_iter().enumerate().take(n) {
                    // SAFETY: `i < n`, and the caller vouches for that many numbers at `p`.
                    unsafe { p.add(i).write(x) }
                }
            }

            unsafe fn mul_add(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
                // (A plain loop, because Miri spends most of its time here.)
                let (mut sums, mut i) = (c, 0);
                while i < $lanes {
                    sums[i] += a[i] * b[i];
                    i += 1;
                }
                sums
            }

            unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
                from_fn(|i| a[i] + b[i])
            }

            unsafe fn one_output(start: *const f32, a: *const f32, b: *const f32, depth: usize) -> Self::V {
                // SAFETY: four numbers from `k` on are among the `depth` that the caller vouches for.
                unsafe {
                    let mut sums = [start.read(), 0.0, 0.0, 0.0];
                    let mut add = |x: [f32; 4], w: [f32; 4]| (0..4).for_each(|q| sums[q] += x[q] * w[q]);
                    for k in 0..depth / 4 {
                        add(a.add(4 * k).cast::<[f32; 4]>().read(), b.add(4 * k).cast::<[f32; 4]>().read());
                    }
                    if let Some((x, w)) = last_factors(a, b, depth) {
                        add(x, w);
                    }
                    [(sums[0] + sums[1]) + (sums[2] + sums[3]); $lanes]
                }
            }

            unsafe fn strip<U: Beside>(strip: &Strip, vectors: usize, beside: &mut U) {
                // SAFETY: the caller vouches for the strip.
                unsafe { $blocks(strip, vectors, beside) }
            }
        }

        // SAFETY: no instructions.
        unsafe impl<F: Function> Finish<Plain> for Activated<F> {
            unsafe fn finish(sums: [f32; $lanes]) -> [f32; $lanes] {
                sums.map(F::of)
            }
        }

        /// # Safety
        ///
        /// As for [`Product::compute_in_blocks`].
        unsafe fn blocks(product: Product, packed: *mut f32) {
            // SAFETY: the caller vouches for the same.
            unsafe { product.compute_in_blocks::<Plain>(packed) }
        }

        /// # Safety
        ///
        /// As for [`Product::compute`].
        unsafe fn product(product: Product) {
            // SAFETY: the caller vouches for the same.
            unsafe { product.compute::<Plain>(blocks) }
        }

        /// # Safety
        ///
        /// As for [`Product::compute_beside`].
        unsafe fn narrow(product: Product) {
            // SAFETY: the caller vouches for the same.
            unsafe { product.compute_beside::<Plain, Chained>(Chained) };
        }

        /// # Safety
        ///
        /// As for [`row`].
        unsafe fn single<F: Finish<Plain> $($bounds)*, const OUT: usize>(
            c: *mut f32,
            start: *const f32,
            a: *const f32,
            b: *const f32,
            depth: usize,
        ) {
            // SAFETY: the caller vouches for the same.
            unsafe { $single(c, start, a, b, depth) }
        }

        /// # Safety
        ///
        /// As for [`transpose_squares`].
        unsafe fn transpose(w: *const f32, step: usize, panel: *mut f32, shape: (usize, usize)) {
            // SAFETY: the caller vouches for the same.
            unsafe { transpose_squares::<$transpose>(square::<$transpose>, w, step, panel, shape) }
        }

        impl sealed::Sealed for Plain {}

        impl Kernel for Plain {
            type Multiply = Separate;
            const UPDATE_BLOCK: usize = 16;

            $($more)*

            activated_row!(single);
            blocked_products!(Separate, product, narrow, transpose, single);
        }

        test!(products: all_shapes((product, narrow), separate, true));
        test!(rows: {
            all_rows!(single, Sums, separate, short);
            all_rows!(single, Relu, separate, short);
        });
        test!(panels: all_panels((product, transpose), separate, true));
        test!(descents: all_descents(Plain, separate, true));
        test!(edges: edges::of(Plain));
    };
}

/// The multiply-add of the kernels here, for the oracle.
fn separate(a: f32, b: f32, c: f32) -> f32 {
    a * b + c
}

/// # Safety
///
/// `N` rows of `N` numbers must be readable at `w`, and writable at `panel`, with the strides of
/// [`transpose_squares`].
unsafe fn square<const N: usize>(w: *const f32, step: usize, panel: *mut f32) {
    for i in 0..N {
        for o in 0..N {
            // SAFETY: `i < N` and `o < N`, and the caller vouches for these.
            unsafe { panel.add(o * PANEL_INPUTS + i).write(w.add(i * step + o).read()) }
        }
    }
}

mod sse2 {
    plain!(4 lanes, 2 vectors, 1024 k, packs true, overlaps false, row 8, transpose 64,
        strip shapes::sse2::<Plain, U>, single [] row::<Plain, F, OUT>, {});
}

mod avx2 {
    plain!(8 lanes, 2 vectors, 1024 k, packs true, overlaps true, row 8, transpose 8,
        strip shapes::avx2::<Plain, U>, single [] row::<Plain, F, OUT>, {});
}

mod neon {
    plain!(4 lanes, 4 vectors, 256 k, packs true, overlaps true, row 16, transpose 4,
        strip shapes::neon::<Plain, U>, single [] row::<Plain, F, OUT>, {});
}

mod avx512 {
    plain!(16 lanes, 4 vectors, 1024 k, packs false, overlaps false, row 8, transpose 8,
        strip shapes::avx512::<Plain, avx2::Plain, U>,
        single [+ Finish<avx2::Plain>] row_of_halves::<Plain, avx2::Plain, F, OUT>,
        { weight_descent!(Plain, product, beside); });

    test!(descent_beside_the_product: a_large_descent(Plain, separate));

    /// # Safety
    ///
    /// As for [`Product::compute_beside`].
    unsafe fn beside<U: Beside>(product: Product, beside: U) -> U {
        // SAFETY: the caller vouches for the same.
        unsafe { product.compute_beside::<Plain, U>(beside) }
    }
}
