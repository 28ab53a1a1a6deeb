//! The products, the only place that multiplies matrices, and the only one that knows the processor.
//!
//! # The order contract
//!
//! Each element of a product is one chain of multiply-adds in ascending index order:
//!
//! | product | element | starts from |
//! |---|---|---|
//! | [`affine`](Products::affine) `Z = X W + b` | `z[s][o] = b[o] + sum_i x[s][i] w[i][o]` | the bias |
//! | [`weight_gradient`](Products::weight_gradient) `dW += X^T delta` | `dw[i][o] += sum_s x[s][i] delta[s][o]` | what is there |
//! | [`bias_gradient`](Products::bias_gradient) `db += delta` | `db[o] += sum_s delta[s][o]` | what is there |
//! | [`input_gradient`](Products::input_gradient) `dX = delta W^T` | `dx[s][i] = sum_o delta[s][o] w[i][o]` | zero |
//!
//! A kernel chooses which elements it computes side by side, never the order inside one. Hence neither tiling, nor
//! vectors, nor the split of a batch can change a bit. That gradients continue the chain they find makes it so
//! for batches, too: two halves added one after the other are the whole.
//!
//! Chains are fused multiply-adds in the fused class and products and sums with a rounding each in the separate
//! class, see [`numerics`].
//!
//! # Levels
//!
//! `portable` is plain Rust, written so that the compiler vectorises it; it is all there is for `f64`, and the oracle in
//! tests. On x86-64 with `std` it is compiled a second time for AVX2 and FMA, for single samples, and `blocked` with the
//! vectors of `x86_64` computes whole tiles. On a Cortex-M with a single-precision unit, `vfp` is the code for `f32`.

pub mod arithmetic;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod blocked;
mod level;
mod portable;
#[cfg(fma_f32 = "vfp")]
mod vfp;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod x86_64;

pub use level::{Level, Numerics, numerics};

/// The code that the kernels run as on this processor.
pub fn level() -> Level {
    level::level()
}

/// Runs `f` as code for the processor's vector instructions: elementwise work, whose result cannot depend on them.
#[inline(always)]
pub(crate) fn vectorised<R>(f: impl FnOnce() -> R) -> R {
    level::vectorised(f)
}

/// Calls a product of [`portable`] with the multiplication and the instructions of the level at hand.
macro_rules! dispatch {
    ($product:ident($($argument:expr),*)) => {
        match level() {
            Level::Portable => portable::$product::<level::PortableMultiply, _, _, _>($($argument),*),
            #[cfg(all(feature = "std", target_arch = "x86_64"))]
            Level::Avx2 | Level::Avx512 => vectorised(|| portable::$product::<portable::ByClass, _, _, _>($($argument),*)),
        }
    };
}

#[cfg(all(feature = "std", target_arch = "x86_64"))]
use dispatch;

/// The products of one scalar.
pub trait Products: Sized {
    /// `z[s] = b + x[s] W`: `x: [n][IN]`, `w: [IN][OUT]`, `b: [OUT]`, `z: [n][OUT]`.
    fn affine<const IN: usize, const OUT: usize>(
        x: &[[Self; IN]],
        w: &[[Self; OUT]; IN],
        b: &[Self; OUT],
        z: &mut [[Self; OUT]],
    );

    /// `dw[i] += sum_s x[s][i] delta[s]`: `x: [n][IN]`, `delta: [n][OUT]`, `dw: [IN][OUT]`.
    fn weight_gradient<const IN: usize, const OUT: usize>(
        x: &[[Self; IN]],
        delta: &[[Self; OUT]],
        dw: &mut [[Self; OUT]; IN],
    );

    /// `db += sum_s delta[s]`: `delta: [n][OUT]`, `db: [OUT]`.
    fn bias_gradient<const OUT: usize>(delta: &[[Self; OUT]], db: &mut [Self; OUT]);

    /// `dx[s][i] = sum_o delta[s][o] w[i][o]`: `delta: [n][OUT]`, `w: [IN][OUT]`, `dx: [n][IN]`.
    fn input_gradient<const IN: usize, const OUT: usize>(
        delta: &[[Self; OUT]],
        w: &[[Self; OUT]; IN],
        dx: &mut [[Self; IN]],
    );
}

/// The products of a scalar at the level at hand.
macro_rules! products {
    ($t:ident) => {
        impl Products for $t {
            #[inline]
            fn affine<const IN: usize, const OUT: usize>(
                x: &[[$t; IN]],
                w: &[[$t; OUT]; IN],
                b: &[$t; OUT],
                z: &mut [[$t; OUT]],
            ) {
                dispatch!(affine(x, w, b, z))
            }

            #[inline]
            fn weight_gradient<const IN: usize, const OUT: usize>(
                x: &[[$t; IN]],
                delta: &[[$t; OUT]],
                dw: &mut [[$t; OUT]; IN],
            ) {
                dispatch!(weight_gradient(x, delta, dw))
            }

            #[inline]
            fn bias_gradient<const OUT: usize>(delta: &[[$t; OUT]], db: &mut [$t; OUT]) {
                vectorised(|| portable::bias_gradient(delta, db))
            }

            #[inline]
            fn input_gradient<const IN: usize, const OUT: usize>(
                delta: &[[$t; OUT]],
                w: &[[$t; OUT]; IN],
                dx: &mut [[$t; IN]],
            ) {
                dispatch!(input_gradient(delta, w, dx))
            }
        }
    };
}

#[cfg(not(any(fma_f32 = "vfp", all(feature = "std", target_arch = "x86_64"))))]
products!(f32);
products!(f64);
