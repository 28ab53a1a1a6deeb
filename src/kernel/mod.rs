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
//! # What was tried and lost
//!
//! Each pair of figures was measured side by side when the thing was tried, by `cargo bench --bench workloads` or by a loop
//! around the one call, on a Zen 4 with AVX-512 where no level is named. What lost is not in the code any more, so no
//! command prints its figure today.
//!
//! | tried | instead | why |
//! |---|---|---|
//! | 12 and 14 rows of 2 vectors (AVX-512) | 8, and 10 for multiples of ten | no gain, and a larger rest: 784-30 by 10 samples 91 for 96 GFLOP/s |
//! | whole stores whose surplus the next row overwrites | stores of parts | overlapping stores: 75 for 95 GFLOP/s |
//! | masked stores of AVX2 | a vector that reaches back; else three stores by halves | microcode on Zen 4: 55 for 86 GFLOP/s; in the update likewise, 400,000 for 620,000 samples/s |
//! | masked stores of AVX-512 for a single sample | parts, as in AVX2 | what reads them waits for the cache: 41 for 17 ns in 1-30 tanh; products keep them, 96 for 119 ns in 1-10 by 16 |
//! | factors of a single sample broadcast from memory (AVX-512) | by way of a general register | a broadcast of 64 bytes is a whole load: 192 for 188 ns in 13-64-64-4. By fours, then shuffled, was as fast, but four inputs that were just written one by one are waited for: 48 for 38 ns in 13-64 tanh |
//! | a single sample's activations all before the first store | each stored at once | 191 for 187 ns in 13-64-64-4 |
//! | 13-64-64-4 as one piece of assembly: without loops; all factors shuffled out of the registers that tanh leaves them in; the first four so, or sixteen; vectors in turns, eight steps each; 32-byte vectors | a layer at a time | 184; 175 to 180; 181; 182; 184; 4 % more than the second; for 185 ns. The second needs all steps written out. Without tanh's division it would be 179, without loading the middle layer's weights 176: Zen 4 keeps some 160 results of vectors that are not final, and the last chain, 64 steps, holds them |
//! | tanh's constants from memory, for fewer registers in use | in registers | 18.8 for 18.9 ns in 1-8-8-1, as half of them need a register anyway; 189 for 188 in 13-64-64-4 |
//! | a row of four vectors as three and one, for the next layer to begin during the last | four | 226 for 192 ns in 13-64-64-4 |
//! | 17 to 32 outputs of a single sample in vectors of 64 bytes | of 32 | more of them lie across two cache lines: 955 for 925 ns in 784-30-10 |
//! | tanh by a polynomial for the exponential, four instructions less | see `math::tanh` | 18.1 for 18.7 ns in 1-8-8-1, no difference in 13-64-64-4; its error was not looked at |
//! | memory between the layers of a single sample that begins at a cache line | at a number | no difference |
//! | a layer's inputs always from memory, not from the registers they are in | as the compiler likes | 22 for 20 ns in 1-8-8-1 |
//! | the new or the old number stored for each, as the new is finite or not | 16 or 32 looked at together, then stored whole | a step of 784-128-10 with Adam: 570 for 460 us (SSE2), 190 for 173 (AVX2), 157 for 156 (AVX-512); the look must be at all of them as a truth value: at the largest, the results go through memory, 14 for 12 us in 784-30-10 |
//! | softmax in written-out vectors | what the compiler makes | its three passes hand rows over through memory: 1.9 for 1.2 ns a number in rows of 10; the floor is the sum's chain |
//! | copying panels of `b` before they are used (AVX2) | the first block of rows leaves the copy | the copy waits for the cache, the block computes meanwhile: 76 for 100 GFLOP/s with 512 outputs |
//! | masked loads of a partial vector (AVX2) | a vector that reaches back into the one before | 84 for 94 GFLOP/s in 784-30 by 10 samples; with AVX-512 no difference |
//! | prefetching the next panel (AVX2) | nothing | no difference |
//! | fetching rows of `b` ahead of the first block of rows (AVX2) | nothing: its copy is ahead | 75,400 for 76,300 samples/s in 784-512-512-10 by 256; with AVX-512, which does not pack, 82,900 for 82,100 |
//! | packing rows of `b` (AVX-512), 96 to 256 of them, beginning at a cache line | as they lie | 77,000 for 82,000 samples/s; the loop alone has 98 % of the limit with rows 2 KB apart |
//! | 96, 128, 256 rows of `b` at once (AVX-512) | 1024, a strip of 256 KB | 80,000, 80,200, 82,800 for 83,600 samples/s; more than 1024 gains nothing with 2048 or 4096 inputs |
//! | prefetching what the update will read, at once or block by block | nothing | a step of 784-30-10 12.4 to 13.3 for 12.0 us |
//! | the update in each block of the product, called through a pointer, one block behind | pieces of 4,096 numbers | 14.2 for 12.0 us, with Adam 784-128-10 167 for 158 us: the calls cost more than overlapping gains |
//! | one number for each weight: a step at the end of each block, row by row | all rows of the block, then all stores | what a mask wrote is waited for by the next row's load: 390,000 for 880,000 samples/s in 784-30-10 |
//! | the same with Adam | beside the next product | 114,000 for 192,000 samples/s in 784-128-10: roots and divisions come in bursts |
//! | gradient descent beside the next product | in registers | 838,000 for 880,000 samples/s in 784-30-10 |
//! | either with AVX2 | pieces | a step and a block of sums are in each other's way in 16 registers: 540,000 for 770,000 samples/s in 784-30-10 |
//! | Adam as `m + (1 - beta1) (g - m)`, and `v` alike: two multiplications less | as in the paper | 216,300 for 215,100 samples/s in 784-128-10, and inexact for small betas. Without root and division it would be 224,500, without the look at results 221,700, with `p - a g` in place of it all 238,800: five times PyTorch's speed is not there |
//! | 10 samples' deltas in registers, all rows of weights past them | blocks | 865,000 for 835,000 samples/s in 784-30-10, but code for each number of samples; steps in registers gain more |
//! | pieces of the gradient from last to first, or in turns, for what the caches hold | from first to last | no difference |
//! | 2 rows of 4 vectors (SSE2) | 4 of 2 | a product needs a register of its own: 53 for 76 % of the limit |
//! | gradients of 1,024 or 8,192 numbers at once | 4,096 | both slower by some percent |
//! | panels turned number by number | 8 by 8 in registers | 1.5 us of 28 in a step of 13-64-64-4 |
//! | the update in two passes, to see and to write | one pass | a third of a step |
//! | closures for what a level compiles | tasks | see [`Task`] |

#[cfg(any(test, blocked))]
mod blocked;
#[cfg(any(test, all(feature = "std", target_arch = "x86_64")))]
mod descent;
#[cfg(test)]
mod edges;
#[cfg(test)]
mod guarded;
mod inline;
mod level;
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
pub(crate) use level::{Code, code};
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

/// Whether a product in this scalar and of this shape is one of `f32` and has a number at all. Code for vectors and in
/// assembly may take it for granted; `portable` computes the others.
#[cfg(any(test, blocked, portable = "vfp"))]
#[inline(always)]
const fn is_for_vectors<T: Scalar, const IN: usize, const OUT: usize>() -> bool {
    is_f32::<T>() && IN > 0 && OUT > 0
}

/// Whether a scalar, `f32` or `f64`, is `f32`.
#[cfg(any(test, blocked, portable = "vfp"))]
#[inline(always)]
const fn is_f32<T: Scalar>() -> bool {
    size_of::<T>() == size_of::<f32>()
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
