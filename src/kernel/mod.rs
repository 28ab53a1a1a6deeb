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
//! these instructions: products, activations, losses and updates.
//!
//! The portable level is what every processor of the target has. `portable` is plain Rust, written so that the compiler
//! vectorises it; it is all there is for `f64`, and the oracle in tests. For `f32` there is more:
//!
//! | target | code | level |
//! |---|---|---|
//! | x86-64 with `std` | `blocked` with vectors of `x86_64`: AVX-512, AVX2 with FMA | `avx512`, `avx2`: if the processor has it |
//! | the same | `blocked` with SSE2: what is not known to have a fused multiply-add | `portable` |
//! | aarch64 | `blocked` with `neon` | `portable` |
//! | Cortex-M with a single-precision unit | `vfp` | `portable` |
//!
//! # How fast, and why so
//!
//! The loop and its pseudocode are in `blocked`: a block of sums stays in registers while k runs. A block must be large
//! enough to hide the four cycles of a multiply-add, and to use each loaded number several times; what the registers
//! allow is in `x86_64` and `neon`.
//!
//! A single sample has one chain for each output, so that 784 inputs take at least 784 times four cycles, however wide the
//! layer: that is the price of one order everywhere. 784-30-10 waits for 814 steps, 868 ns of 925 at 3.75 GHz, and so cannot
//! reach the 870 ns in which its weights are read. In 13-64-64-4 the chains are 13 + 64 + 64 steps, 150 ns of 187; the two
//! layers of tanh take 22 more, and the middle layer is not even alone with its chains: it reads 16 KB, for which Zen 4, on
//! which all figures here were measured, takes 78 ns. (The next call hardly begins before: what waits fills the
//! processor's queues.) So the sums of a strip become activations where they are, in registers, and each vector is stored
//! before the next is begun, for the next layer to start with.
//!
//! In a training step, the products take some 80 % of the time; the rest is one pass over inputs (not copied if they lie
//! side by side), activations, and the update, which finds its piece of the gradient in the first-level cache. With AVX-512
//! the update of the weights is a part of the product: see `descent`.
//!
//! What was tried and lost is told in `src/kernel/TRIED.md`.

#[cfg(any(test, blocked))]
mod blocked;
#[cfg(any(test, all(feature = "std", target_arch = "x86_64")))]
mod descent;
#[cfg(test)]
mod edges;
#[cfg(any(test, blocked, portable = "vfp"))]
mod f32s;
#[cfg(test)]
mod guarded;
mod inline;
pub(crate) mod level;
#[cfg(blocked)]
mod map;
#[cfg(portable = "neon")]
mod neon;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod plain;
mod portable;
#[cfg(any(test, blocked))]
mod row;
#[cfg(any(test, blocked))]
mod shapes;
#[cfg(any(test, blocked))]
mod simd;
#[cfg(any(test, blocked))]
mod tiles;
mod update;
#[cfg(portable = "vfp")]
mod vfp;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod x86_64;

pub(crate) use inline::Inline;
pub(crate) use level::dispatch;
pub use level::{Level, Numerics, level, numerics};
#[cfg(test)]
pub use portable::Portable;

#[cfg(test)]
use crate::activation::Relu;
use crate::math::real::Function;
use crate::scalar::Scalar;
use portable::Multiply;
pub(crate) use update::{Update, join};

mod sealed {
    pub trait Sealed {}
}

/// Something to be compiled for the instructions of a level: a struct of what it works on.
///
/// [`run`](Task::run), and what it calls, should be `#[inline(always)]`: what is not inlined is compiled for the
/// instructions of the whole program. (Hence no closures: they are inlined only if the compiler likes to.)
pub trait Task {
    /// The result.
    type Output;

    /// Runs the task.
    fn run(self) -> Self::Output;
}

/// The largest absolute value of some numbers, infinite or NaN if any is.
pub(crate) struct Largest<'a, T> {
    pub values: &'a [T],
}

impl<T: Scalar> Task for Largest<'_, T> {
    type Output = T;

    #[inline(always)]
    fn run(self) -> T {
        T::largest(self.values)
    }
}

/// The code of one level: the products, and a way to run anything else with the level's instructions.
///
/// A value of it is proof that the processor has them, so only this crate makes one.
///
/// Every shape has a result, and so have slices of unequal length: the rows that both have count, further rows of a result stay
/// as they are, and a sum over nothing is what it starts from, the bias, zero, or what is there. So `affine` without inputs
/// is the bias, `input_gradient` without outputs is zero, and without samples no gradient changes.
pub trait Kernel: sealed::Sealed + Copy {
    /// How the products of this level add a product to a sum.
    #[doc(hidden)]
    type Multiply: Multiply;

    /// How many results the update looks at before it stores them: 16 or 32 numbers, a few vectors, or 0 for one by one.
    #[doc(hidden)]
    const UPDATE_BLOCK: usize = 0;

    /// Runs a task, compiled for the instructions of this level.
    #[inline]
    fn run<J: Task>(self, task: J) -> J::Output {
        task.run()
    }

    /// Applies a function to each of these numbers, in place: by the level's vectors where it has some.
    #[doc(hidden)]
    #[inline(always)]
    fn map<F: Function, T: Scalar>(self, numbers: &mut [T]) {
        portable::map::<F, T>(numbers)
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

    /// `a = F(b + x W)` for one sample: `x: [IN]`, `w: [IN][OUT]`, `b, a: [OUT]`, with the function applied to sums that are still
    /// in registers; `false` if there is no code for that, and nothing was done.
    #[doc(hidden)]
    #[must_use]
    #[inline(always)]
    fn activated_row<F: Function, T: Scalar, const IN: usize, const OUT: usize>(
        self,
        x: &[T; IN],
        w: &[[T; OUT]; IN],
        b: &[T; OUT],
        a: &mut [T; OUT],
    ) -> bool {
        let _ = (x, w, b, a);
        false
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

    /// A step of the weights: replaces the numbers `values[..][i][o]` by `rule(dw[i][o], numbers)`, where
    /// `dw[i] = sum_s x[s][i] delta[s]`, unless a result is not finite; says whether all were.
    #[must_use]
    #[inline(always)]
    fn weight_descent<T: Scalar, const IN: usize, const OUT: usize, const W: usize>(
        self,
        x: &[[T; IN]],
        delta: &[[T; OUT]],
        values: [&mut [[T; OUT]; IN]; W],
        rule: impl Fn(T, [T; W]) -> [T; W] + Copy,
    ) -> bool {
        descend_by_rows(self, x, delta, values, rule, 0)
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

/// See [`Kernel::weight_descent`]: the rows from `from` on, a few at a time.
#[inline(always)]
fn descend_by_rows<K: Kernel, T: Scalar, const IN: usize, const OUT: usize, const W: usize>(
    kernel: K,
    x: &[[T; IN]],
    delta: &[[T; OUT]],
    mut values: [&mut [[T; OUT]; IN]; W],
    rule: impl Fn(T, [T; W]) -> [T; W] + Copy,
    from: usize,
) -> bool {
    let mut finite = true;
    kernel.weight_gradient_rows(x, delta, |first, rows: &[[T; OUT]]| {
        let begin = first.max(from);
        let rows = rows.get(begin - first..).unwrap_or_default();
        let same = values.each_mut().map(|values| {
            let values = values.get_mut(begin..).unwrap_or_default();
            values.get_mut(..rows.len()).unwrap_or_default().as_flattened_mut()
        });
        finite &= kernel.run(Update { kernel, gradient: rows.as_flattened(), values: same, rule });
    });
    finite
}

/// [`descend_by_rows`] from a row on where a result was not finite: that is seldom.
#[cfg(any(test, all(feature = "std", target_arch = "x86_64")))]
#[cold]
#[inline(never)]
fn descend_the_rest<K: Kernel, T: Scalar, const IN: usize, const OUT: usize, const W: usize>(
    kernel: K,
    x: &[[T; IN]],
    delta: &[[T; OUT]],
    values: [&mut [[T; OUT]; IN]; W],
    rule: impl Fn(T, [T; W]) -> [T; W] + Copy,
    from: usize,
) -> bool {
    descend_by_rows(kernel, x, delta, values, rule, from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_of_the_portable_level() {
        edges::of(Portable);
    }
}
