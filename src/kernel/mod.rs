//! The products, the only place that multiplies matrices, and the only one that knows the processor.
//!
//! # The order contract
//!
//! Each element of a product is one chain of multiply-adds in ascending index order:
//!
//! | product | element | starts from |
//! |---|---|---|
//! | [`affine`] `Z = X W + b` | `z[s][o] = b[o] + sum_i x[s][i] w[i][o]` | the bias |
//! | [`weight_gradient`] `dW += X^T delta` | `dw[i][o] += sum_s x[s][i] delta[s][o]` | what is there |
//! | [`bias_gradient`] `db += delta` | `db[o] += sum_s delta[s][o]` | what is there |
//! | [`input_gradient`] `dX = delta W^T` | `dx[s][i] = sum_o delta[s][o] w[i][o]` | zero |
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
//! `portable` is plain Rust, written so that the compiler vectorises it. On x86-64 with `std` the
//! same code is compiled a second time for AVX2 and FMA and taken where the processor has them.

pub mod arithmetic;
mod level;
mod portable;

pub use level::{Level, Numerics, numerics};

use crate::Scalar;

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
            Level::Avx2 => vectorised(|| portable::$product::<portable::ByClass, _, _, _>($($argument),*)),
        }
    };
}

/// `z[s] = b + x[s] W`: `x: [n][IN]`, `w: [IN][OUT]`, `b: [OUT]`, `z: [n][OUT]`.
#[inline]
pub(crate) fn affine<T: Scalar, const IN: usize, const OUT: usize>(
    x: &[[T; IN]],
    w: &[[T; OUT]; IN],
    b: &[T; OUT],
    z: &mut [[T; OUT]],
) {
    dispatch!(affine(x, w, b, z))
}

/// `dw[i] += sum_s x[s][i] delta[s]`: `x: [n][IN]`, `delta: [n][OUT]`, `dw: [IN][OUT]`.
#[inline]
pub(crate) fn weight_gradient<T: Scalar, const IN: usize, const OUT: usize>(
    x: &[[T; IN]],
    delta: &[[T; OUT]],
    dw: &mut [[T; OUT]; IN],
) {
    dispatch!(weight_gradient(x, delta, dw))
}

/// `db += sum_s delta[s]`: `delta: [n][OUT]`, `db: [OUT]`.
#[inline]
pub(crate) fn bias_gradient<T: Scalar, const OUT: usize>(delta: &[[T; OUT]], db: &mut [T; OUT]) {
    vectorised(|| portable::bias_gradient(delta, db))
}

/// `dx[s][i] = sum_o delta[s][o] w[i][o]`: `delta: [n][OUT]`, `w: [IN][OUT]`, `dx: [n][IN]`.
#[inline]
pub(crate) fn input_gradient<T: Scalar, const IN: usize, const OUT: usize>(
    delta: &[[T; OUT]],
    w: &[[T; OUT]; IN],
    dx: &mut [[T; IN]],
) {
    dispatch!(input_gradient(delta, w, dx))
}
