//! Matrix products: the only module that multiplies matrices, and the only one that knows the processor it runs on.
//!
//! # The order contract
//!
//! Each element of a product is one chain of multiply-adds in ascending index order, or the sum of four:
//!
//! | product | element | starts from |
//! |---|---|---|
//! | [`affine`](Kernel::affine) `Z = X W + b` | `z[s][o] = b[o] + sum_i x[s][i] w[i][o]`, as [`chains`] `(IN, OUT)` chains: of four, chain `q` has the `i = q mod 4`, and `z = (c0 + c1) + (c2 + c3)` | the bias; `c1`, `c2`, `c3` from zero |
//! | [`weight_gradient`](Kernel::weight_gradient) `dW += X^T delta` | `dw[i][o] += sum_s x[s][i] delta[s][o]` | what is there |
//! | [`weight_gradient_rows`](Kernel::weight_gradient_rows) `dW = X^T delta` | `dw[i][o] = sum_s x[s][i] delta[s][o]` | zero |
//! | [`bias_gradient`](Kernel::bias_gradient) `db += delta` | `db[o] += sum_s delta[s][o]` | what is there |
//! | [`input_gradient`](Kernel::input_gradient) `dX = delta W^T` | `dx[s][i] = sum_o delta[s][o] w[i][o]` | zero |
//!
//! A kernel chooses which elements it computes in parallel, never the order within an element. Hence neither tiling
//! nor vectors can change a bit of the result. Nor can the split of a mini-batch: gradients continue the chain that
//! is already there, so two halves added one after the other give the same bits as the whole.
//!
//! In the fused class, a chain consists of fused multiply-adds. In the separate class, it consists of products and
//! sums, each of which is rounded. See [`numerics`].
//!
//! # Levels
//!
//! A [`Kernel`] is the code of one level, and proof that the processor has its instructions. It is chosen once,
//! where a network is called ([`dispatch!`]), and passed down the chain of layers, so that everything it runs is
//! compiled for these instructions: products, activations, losses and updates.
//!
//! The portable level needs only what every processor of the target has. The module `portable` is plain Rust,
//! written so that the compiler vectorises it. It is the only code for `f64`. For `f32` there is more:
//!
//! | target | code | level |
//! |---|---|---|
//! | x86-64 with `std` | `blocked` with vectors of `x86_64`: AVX-512, AVX2 with FMA | `avx512`, `avx2`: if the processor has it |
//! | x86-64 with `std` | `blocked` with SSE2, unless the target has FMA or the feature `exact` is on | `portable` |
//! | aarch64 | `blocked` with `neon` | `portable` |
//! | Cortex-M with a single-precision unit | `vfp` | `portable` |
//!
//! # How fast, and why
//!
//! The loop and its pseudocode are in `blocked`: a block of sums stays in registers during the loop over k. A block
//! must be large enough to hide the four cycles of a multiply-add and to use each loaded number several times. The
//! block sizes that the registers allow are in `x86_64` and `neon`.
//!
//! A single sample of a wide layer has one chain for each output, so 784 inputs take at least 784 times four cycles,
//! however wide the layer is. That is the price of using the same order everywhere. With at most 16 outputs, processors
//! would mostly wait, so there are four chains: 64-10 takes 40 ns instead of 85 until the outputs are there. All
//! figures here were measured on Zen 4.
//! 784-30-10 waits for 784 + 10 steps, 847 ns of its 921 ns at 3.75 GHz, and so can hardly reach the 870 ns that reading
//! its weights takes. In 13-64-64-4 the chains are 13 + 64 + 18 steps, 101 ns of 151 ns. The two layers of tanh take
//! another 22 ns, and the middle layer does not only wait for its chains: it also reads 16 KB, which takes 78 ns.
//! (The next call hardly overlaps this one, because waiting instructions fill the processor's queues.) So the sums
//! of a strip become activations while they are in registers, and each vector is stored before the next one is
//! begun, so that the next layer can start on it.
//!
//! In a training step, the products take some 80 % of the time. The rest is one pass over the inputs (contiguous
//! inputs are not copied), the activations, and the update, whose piece of the gradient is still in the first-level
//! cache. With AVX-512, the update of the weights is fused into the product: see `descent`.
//!
//! `src/kernel/TRIED.md` lists what was tried and rejected.

#[cfg(any(test, blocked))]
mod blocked;
#[cfg(any(test, all(feature = "std", target_arch = "x86_64")))]
mod descent;
mod each;
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
#[cfg(feature = "threads")]
mod parallel;
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

use core::ops::Range;

#[cfg(test)]
use crate::activation::Relu;
use crate::array::map;
use crate::math::real::Function;
use crate::scalar::Scalar;
use portable::Multiply;
use update::Update;
pub(crate) use update::join;

mod sealed {
    pub trait Sealed {}
}

/// Whether code is to be short rather than fast: without optimisation, what is generated for each layer and each rule takes
/// most of the time of a build. The bits are the same. (The tests of this crate need all code.)
#[cfg(any(test, blocked))]
pub(crate) const SHORT_CODE: bool = cfg!(all(debug_assertions, not(test)));

/// The chains of a narrow product.
pub(crate) const CHAINS: usize = 4;

/// The number of chains that each output of a dense layer is: 4 in a narrow layer, of at most 16 outputs and at
/// least 8 inputs, and 1 in any other.
///
/// Chain `q` has the inputs `q`, `q + 4`, `q + 8`, ... in ascending order. Chain 0 starts from the bias, the others
/// start from zero, and the output is `(c0 + c1) + (c2 + c3)`, before the activation. A program in another language
/// needs this to compute the same bits.
///
/// ```
/// assert_eq!(stackprop::chains(64, 10), 4);
/// assert_eq!(stackprop::chains(64, 64), 1);
/// assert_eq!(stackprop::chains(2, 3), 1);
/// ```
#[must_use]
#[inline(always)]
pub const fn chains(inputs: usize, outputs: usize) -> usize {
    if outputs <= 16 && inputs >= 2 * CHAINS { CHAINS } else { 1 }
}

/// Work to be compiled for the instructions of a level: a struct of the data it works on.
///
/// [`run`](Task::run) and everything it calls should be `#[inline(always)]`: code that is not inlined is compiled
/// for the instructions of the whole program. (A task is not a closure, because the compiler decides whether to
/// inline closures.)
pub trait Task {
    /// The result.
    type Output;

    /// Runs the task.
    fn run(self) -> Self::Output;
}

/// The largest absolute value of some numbers; infinite or NaN if any of them is.
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

/// The kernel for many samples: with feature `threads`, it divides large products.
#[cfg(feature = "threads")]
#[inline(always)]
pub(crate) fn on_all_cores<K: Kernel>(kernel: K) -> parallel::Parallel<K> {
    parallel::Parallel(kernel)
}

/// The kernel for many samples: with feature `threads`, it divides large products.
#[cfg(not(feature = "threads"))]
#[inline(always)]
pub(crate) fn on_all_cores<K: Kernel>(kernel: K) -> K {
    kernel
}

/// The code of one level: the products, and a way to run anything else with the level's instructions.
///
/// A value is proof that the processor has these instructions, so only this crate makes one.
///
/// Every shape is valid, and slices may have unequal lengths: only rows that both slices have are used, and further
/// rows of a result stay as they are. An empty sum is the value it starts from: the bias, zero, or what is there.
/// So `affine` without inputs gives the bias, `input_gradient` without outputs gives zero, and no gradient changes
/// without samples.
pub trait Kernel: sealed::Sealed + Copy + Send + Sync {
    /// How the products of this level add a product to a sum.
    #[doc(hidden)]
    type Multiply: Multiply;

    /// How many results the update checks before it stores them: 16 or 32 numbers, which are a few vectors, or 0
    /// for one by one.
    #[doc(hidden)]
    const UPDATE_BLOCK: usize = 0;

    /// Whether a batch is inferred in longer tiles: for a level that copies the weights of wide layers for each tile, which
    /// waits for the outer caches.
    #[doc(hidden)]
    const LONGER_TILES: bool = false;

    /// Runs a task, compiled for the instructions of this level.
    #[inline]
    fn run<J: Task>(self, task: J) -> J::Output {
        task.run()
    }

    /// Applies a function to each number in place, with the level's vectors if it has any.
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

    /// `a = F(b + x W)` for one sample: `x: [IN]`, `w: [IN][OUT]`, `b, a: [OUT]`. The function is applied to the
    /// sums while they are still in registers. Returns `false`, and does nothing, if the level has no code for
    /// that.
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

    /// `dw[i] += sum_s x[s][i] delta[s]`: `x: [n][IN]`, `delta: [n][OUT]`. `dw` has the rows from `i = first` on.
    #[inline(always)]
    fn weight_gradient<T: Scalar, const IN: usize, const OUT: usize>(
        self,
        x: &[[T; IN]],
        delta: &[[T; OUT]],
        first: usize,
        dw: &mut [[T; OUT]],
    ) {
        portable::weight_gradient::<Self::Multiply, _, _, _>(x, delta, first, dw)
    }

    /// Computes `dw[i] = sum_s x[s][i] delta[s]` for the `rows` i, a few at a time and each once, and calls
    /// `visit(i, rows from i on)`. The rows are in memory only while they are visited.
    #[inline(always)]
    fn weight_gradient_rows<T: Scalar, const IN: usize, const OUT: usize>(
        self,
        x: &[[T; IN]],
        delta: &[[T; OUT]],
        rows: Range<usize>,
        visit: impl FnMut(usize, &[[T; OUT]]),
    ) {
        portable::weight_gradient_rows::<Self::Multiply, _, _, _>(x, delta, rows, visit)
    }

    /// A step of the weights: replaces the numbers `values[..][i][o]` by `rule(dw[i][o], numbers)`, where
    /// `dw[i] = sum_s x[s][i] delta[s]`, unless a result is not finite. Returns whether all results were finite.
    /// Each of the `values` has the rows from `i = first` on.
    #[must_use]
    #[inline(always)]
    fn weight_descent<T: Scalar, const IN: usize, const OUT: usize, const W: usize>(
        self,
        x: &[[T; IN]],
        delta: &[[T; OUT]],
        first: usize,
        values: [&mut [[T; OUT]]; W],
        rule: impl Fn(T, [T; W]) -> [T; W] + Copy + Sync,
    ) -> bool {
        descend_by_rows(self, x, delta, first, values, rule)
    }

    /// A step: for each `i`, replaces the numbers `values[..][i]` by `rule(gradient[i], numbers)`, unless one of the
    /// results is not finite. Returns whether all results were finite. If the slices differ in length, nothing is done,
    /// and the result is `false`.
    #[must_use]
    #[inline(always)]
    fn update<T: Scalar, const W: usize>(
        self,
        gradient: &[T],
        values: [&mut [T]; W],
        rule: impl Fn(T, [T; W]) -> [T; W] + Copy + Sync,
    ) -> bool {
        self.run(Update { kernel: self, gradient, values, rule })
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

/// [`Kernel::weight_descent`], a few rows at a time.
#[inline(always)]
fn descend_by_rows<K: Kernel, T: Scalar, const IN: usize, const OUT: usize, const W: usize>(
    kernel: K,
    x: &[[T; IN]],
    delta: &[[T; OUT]],
    first: usize,
    mut values: [&mut [[T; OUT]]; W],
    rule: impl Fn(T, [T; W]) -> [T; W] + Copy + Sync,
) -> bool {
    let mut finite = true;
    let end = values.first().map_or(first, |values| first.saturating_add(values.len()));
    kernel.weight_gradient_rows(x, delta, first..end, |i, rows: &[[T; OUT]]| {
        let same = map(values.each_mut(), |values| {
            let values = values.get_mut(i.wrapping_sub(first)..).unwrap_or_default();
            values.get_mut(..rows.len()).unwrap_or_default().as_flattened_mut()
        });
        finite &= kernel.update(rows.as_flattened(), same, rule);
    });
    finite
}

/// [`descend_by_rows`] for the rows that are left after a result was not finite, which is rare.
#[cfg(any(test, all(feature = "std", target_arch = "x86_64")))]
#[cold]
#[inline(never)]
fn descend_remaining_rows<K: Kernel, T: Scalar, const IN: usize, const OUT: usize, const W: usize>(
    kernel: K,
    x: &[[T; IN]],
    delta: &[[T; OUT]],
    first: usize,
    values: [&mut [[T; OUT]]; W],
    rule: impl Fn(T, [T; W]) -> [T; W] + Copy + Sync,
) -> bool {
    descend_by_rows(kernel, x, delta, first, values, rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_of_the_portable_level() {
        edges::of(Portable);
    }
}
