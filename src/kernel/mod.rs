//! The products, the only place that multiplies matrices, and the only one that knows the processor.
//!
//! # The order contract
//!
//! Each element of a product is one chain of multiply-adds in ascending index order:
//!
//! | product | element | starts from |
//! |---|---|---|
//! | [`affine`](Kernel::affine) `Z = X W + b` | `z[s][o] = b[o] + sum_i x[s][i] w[i][o]` | the bias |
//! | [`weight_gradient`](Kernel::weight_gradient) `dW += X^T delta` | `dw[i][o] += sum_s x[s][i] delta[s][o]` | what is there |
//! | [`weight_gradient_rows`](Kernel::weight_gradient_rows) `dW = X^T delta` | `dw[i][o] = sum_s x[s][i] delta[s][o]` | zero |
//! | [`bias_gradient`](Kernel::bias_gradient) `db += delta` | `db[o] += sum_s delta[s][o]` | what is there |
//! | [`input_gradient`](Kernel::input_gradient) `dX = delta W^T` | `dx[s][i] = sum_o delta[s][o] w[i][o]` | zero |
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
//! A [`Kernel`] is the code of one level, and proof that the processor has its instructions. It is chosen once, where a
//! network is called ([`dispatch!`]), and handed down the chain of layers, so that everything below is compiled for
//! these instructions: products, activations, costs and updates.
//!
//! [`Portable`] is plain Rust, written so that the compiler vectorises it; it is all there is for `f64`, and the oracle in
//! tests. On x86-64 with `std`, `blocked` with the vectors of `x86_64` computes whole tiles of `f32`. On a Cortex-M with a
//! single-precision unit, `vfp` is the code for `f32`.

pub mod arithmetic;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod blocked;
mod level;
mod portable;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod tiles;
mod update;
#[cfg(fma_f32 = "vfp")]
mod vfp;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod x86_64;

pub(crate) use level::{Code, code};
pub use level::{Level, Numerics, level, numerics};
#[cfg(test)]
pub use portable::Portable;

use crate::Scalar;
use crate::activation::Elementwise;
use portable::Multiply;
pub(crate) use update::Update;

mod sealed {
    pub trait Sealed {}
}

/// Evaluates an expression with the [`Kernel`] of the level at hand: `dispatch!(|kernel| ...)`.
macro_rules! dispatch {
    (|$kernel:ident| $body:expr) => {
        match $crate::kernel::code() {
            $crate::kernel::Code::Portable($kernel) => $body,
            #[cfg(all(feature = "std", target_arch = "x86_64"))]
            $crate::kernel::Code::Avx2($kernel) => $body,
            #[cfg(all(feature = "std", target_arch = "x86_64"))]
            $crate::kernel::Code::Avx512($kernel) => $body,
        }
    };
}
pub(crate) use dispatch;

/// Something to be compiled for the instructions of a level: a tag, followed by what it works on.
///
/// [`run`](Task::run), and what it calls, should be `#[inline(always)]`: what is not inlined is compiled for the
/// instructions of the whole program. (Hence no closures: they are inlined only if the compiler likes to.)
pub trait Task {
    /// What comes out.
    type Output;

    /// Does it.
    fn run(self) -> Self::Output;
}

/// `(Largest, values)`: the largest absolute value, infinite or NaN if any value is.
pub(crate) struct Largest;

impl<T: Scalar> Task for (Largest, &[T]) {
    type Output = T;

    #[inline(always)]
    fn run(self) -> T {
        T::largest(self.1)
    }
}

/// The code of one level: the products, and a way to run anything else with the level's instructions.
///
/// A value of it is proof that the processor has them, so only this crate makes one.
pub trait Kernel: sealed::Sealed + Copy {
    /// How the products of this level add a product to a sum.
    #[doc(hidden)]
    type Multiply: Multiply;

    /// Whether a store of some lanes of a vector is one instruction.
    #[doc(hidden)]
    const STORES_MASKED: bool;

    /// Runs a task, compiled for the instructions of this level.
    fn run<J: Task>(self, task: J) -> J::Output;

    /// Applies an activation in place with the level's vectors; `false` if there is no code for that, and nothing was done.
    #[doc(hidden)]
    #[inline(always)]
    fn map_lanes<E: Elementwise, T: Scalar>(self, values: &mut [T]) -> bool {
        let _ = values;
        false
    }

    /// `z[s] = b + x[s] W`: `x: [n][IN]`, `w: [IN][OUT]`, `b: [OUT]`, `z: [n][OUT]`.
    #[inline(always)]
    fn affine<T: Scalar, const IN: usize, const OUT: usize>(
        self,
        x: &[[T; IN]],
        w: &[[T; OUT]; IN],
        b: &[T; OUT],
        z: &mut [[T; OUT]],
    ) {
        portable::affine::<Self::Multiply, _, _, _>(x, w, b, z)
    }

    /// `dw[i] += sum_s x[s][i] delta[s]`: `x: [n][IN]`, `delta: [n][OUT]`, `dw: [IN][OUT]`.
    #[inline(always)]
    fn weight_gradient<T: Scalar, const IN: usize, const OUT: usize>(
        self,
        x: &[[T; IN]],
        delta: &[[T; OUT]],
        dw: &mut [[T; OUT]; IN],
    ) {
        portable::weight_gradient::<Self::Multiply, _, _, _>(x, delta, dw)
    }

    /// The rows `dw[i] = sum_s x[s][i] delta[s]`, a few at a time and each once: `visit(i, rows from i on)`. They exist in
    /// memory only while they are visited.
    #[inline(always)]
    fn weight_gradient_rows<T: Scalar, const IN: usize, const OUT: usize>(
        self,
        x: &[[T; IN]],
        delta: &[[T; OUT]],
        visit: impl FnMut(usize, &[[T; OUT]]),
    ) {
        portable::weight_gradient_rows::<Self::Multiply, _, _, _>(x, delta, visit)
    }

    /// `db += sum_s delta[s]`: `delta: [n][OUT]`, `db: [OUT]`.
    #[inline(always)]
    fn bias_gradient<T: Scalar, const OUT: usize>(self, delta: &[[T; OUT]], db: &mut [T; OUT]) {
        portable::bias_gradient(delta, db)
    }

    /// `dx[s][i] = sum_o delta[s][o] w[i][o]`: `delta: [n][OUT]`, `w: [IN][OUT]`, `dx: [n][IN]`.
    #[inline(always)]
    fn input_gradient<T: Scalar, const IN: usize, const OUT: usize>(
        self,
        delta: &[[T; OUT]],
        w: &[[T; OUT]; IN],
        dx: &mut [[T; IN]],
    ) {
        portable::input_gradient::<Self::Multiply, _, _, _>(delta, w, dx)
    }
}
