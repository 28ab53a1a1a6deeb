//! The step of a layer's weights, fused into the product that computes their gradient: for processors with many
//! registers.
//!
//! A step needs little arithmetic and many memory accesses, a product the opposite. If one follows the other, each
//! waits for units that the other leaves idle. There are two ways to fuse them. Which one is better was measured
//! when they were written (AVX-512, `cargo bench --bench workloads` with and without them, side by side):
//!
//! - [`in_registers`]: if the step changes one number for each weight, and a block of the product has whole rows, the
//!   finished sums of a block become new weights before they leave the registers. 784-30 by 10 samples with
//!   gradient descent: 11.3 us for a training step instead of 11.6.
//! - [`one_piece_behind`]: if the step changes several numbers, whose square roots and divisions take long, the step for one
//!   piece of the gradient is spread over all steps of k, while the product computes the next piece. 784-128-10 by
//!   32 samples with Adam: 8 % more samples a second.
//!
//! Otherwise the step for each piece follows once the piece is computed (`descend_by_rows`). The bits are the same.
#![allow(unsafe_code)]
#![allow(clippy::needless_range_loop, reason = "indices name lanes, rows and vectors of a block")]

use core::marker::PhantomData;
use core::mem::{MaybeUninit, transmute_copy};

use super::blocked::Product;
use super::each::each;
use super::f32s::{is_f32, pointer_mut};
use super::simd::{Beside, Simd};
use super::tiles::outer;
use super::update::{block, one_by_one};
use crate::scalar::Scalar;

/// [`weight_descent`](super::Kernel::weight_descent) fused into the product for the layers that gain from it: for a
/// level whose vectors have [`LANES`] numbers. `$product` is its [`Product::compute`], `$beside` its
/// [`Product::compute_beside`].
macro_rules! weight_descent {
    ($level:ident, $product:ident, $beside:ident) => {
        #[inline(always)]
        fn weight_descent<T: Scalar, const IN: usize, const OUT: usize, const W: usize>(
            self,
            x: &[[T; IN]],
            delta: &[[T; OUT]],
            first: usize,
            mut values: [&mut [[T; OUT]]; W],
            rule: impl Fn(T, [T; W]) -> [T; W] + Copy + Sync,
        ) -> bool {
            if const { SHORT_CODE } {
                return descend_by_rows(self, x, delta, first, values, rule);
            }
            let samples = x.len().min(delta.len());
            // (The constants are blocks of their own, because a fused product that a layer does not need would otherwise be
            // generated for it, and removed later.)
            if const { is_for_vectors::<T, IN, OUT>() && descent::suits_in_registers::<OUT, W>() }
                && (2..=<$level as Simd>::K_BLOCK).contains(&samples)
            {
                // SAFETY: the processor has the level, as `self` shows; `T` is `f32`; there are samples; they are
                // one block of k, so that sums are finished before they are stored.
                let done = unsafe { descent::in_registers($beside, x, delta, first, &mut values, rule) };
                let values = values.map(|values| values.get_mut(done..).unwrap_or_default());
                return values.iter().all(|values| values.is_empty())
                    || descend_remaining_rows(self, x, delta, first + done, values, rule);
            }
            if const { is_for_vectors::<T, IN, OUT>() && descent::suits_one_piece_behind::<IN, OUT, W>() }
                && samples > 1
            {
                // SAFETY: the processor has the level, as `self` shows; `T` is `f32`; there is a sample.
                return unsafe {
                    descent::one_piece_behind($product, $beside, x, delta, first, values, rule)
                };
            }
            descend_by_rows(self, x, delta, first, values, rule)
        }
    };
}
pub(super) use weight_descent;

/// How many numbers an AVX-512 vector has.
const LANES: usize = 16;

/// Applies the step to the weights that are there, given the finished sums of a block, which are their gradient.
#[derive(Clone, Copy)]
pub struct InRegisters<T, Q, const W: usize> {
    rule: Q,
    /// How many rows have made their step.
    rows: usize,
    /// Whether a result was not finite: from there on, nothing changes.
    stopped: bool,
    scalar: PhantomData<fn() -> T>,
}

// SAFETY: it has no `step`.
unsafe impl<T: Scalar, Q, const W: usize> Beside for InRegisters<T, Q, W>
where
    Q: Fn(T, [T; W]) -> [T; W] + Copy,
{
    const REPLACES: bool = true;

    #[inline(always)]
    unsafe fn replace<S: Simd, const R: usize, const V: usize>(
        &mut self,
        sums: [[S::V; V]; R],
        there: [[S::V; V]; R],
    ) -> Option<[[S::V; V]; R]> {
        if W != 1 || S::LANES != LANES || size_of::<[T; LANES]>() != size_of::<S::V>() {
            self.stopped = true;
            return None;
        }
        let mut new = sums;
        let mut largest = [T::Magnitude::default(); LANES];
        each!(r < R => {
            each!(v < V => {
                // SAFETY: a vector is `LANES` numbers of `f32`, and `T` is `f32`, as `in_registers` demands; the lengths
                // were compared above.
                let (gradient, old): ([T; LANES], [T; LANES]) =
                    unsafe { (transmute_copy(&sums[r][v]), transmute_copy(&there[r][v])) };
                let mut results = [T::ZERO; LANES];
                for i in 0..LANES {
                    results[i] = (self.rule)(gradient[i], [old[i]; W])[0];
                    largest[i] = largest[i].max(results[i].magnitude());
                }
                // SAFETY: as above, the other way.
                new[r][v] = unsafe { transmute_copy(&results) };
            });
        });
        let mut finite = true;
        for i in 0..LANES {
            finite &= largest[i] < T::INFINITE;
        }
        if self.stopped || !finite {
            self.stopped = true;
            return None;
        }
        self.rows += R;
        Some(new)
    }
}

/// Whether [`in_registers`] suits a layer with `W` numbers for each weight: `W` is 1, and rows are at most as wide as a
/// block, but not so narrow that half a vector is enough.
pub const fn suits_in_registers<const OUT: usize, const W: usize>() -> bool {
    W == 1 && LANES / 2 < OUT && OUT <= 4 * LANES
}

/// Replaces weights, row after row from row `first` on, by `rule(dw[i][o], weight)` with `dw = x^T delta`, until a
/// result would not be finite. Returns how many rows have changed.
///
/// # Safety
///
/// `compute` must be for this processor and `T` be `f32`; [`suits_in_registers`] must be true; there must be a sample, and
/// not more samples than `compute` sums without storing unfinished sums.
#[inline(always)]
pub unsafe fn in_registers<T: Scalar, Q, const IN: usize, const OUT: usize, const W: usize>(
    compute: unsafe fn(Product, InRegisters<T, Q, W>) -> InRegisters<T, Q, W>,
    x: &[[T; IN]],
    delta: &[[T; OUT]],
    first: usize,
    values: &mut [&mut [[T; OUT]]; W],
    rule: Q,
) -> usize
where
    Q: Fn(T, [T; W]) -> [T; W] + Copy,
{
    debug_assert!(suits_in_registers::<OUT, W>() && x.len().min(delta.len()) > 0);
    let rows = first..first.saturating_add(values[0].len());
    let c = pointer_mut(values[0].as_flattened_mut());
    let in_registers = InRegisters { rule, rows: 0, stopped: false, scalar: PhantomData };
    // SAFETY: `x` and `delta` have as many samples as the product is deep; `values[0]` has at least as many rows of
    // `OUT` numbers as the product and is borrowed mutably; `outer` has `a_m = 1`. The caller vouches for the
    // processor, for `T` and for the number of samples.
    unsafe { compute(Product { c, ..outer(x, delta, rows) }, in_registers).rows }
}

/// The step for one piece of a gradient, a vector at a time, until a result is not finite.
#[derive(Clone, Copy)]
pub struct OnePieceBehind<T, Q, const W: usize> {
    gradient: *const T,
    length: usize,
    values: [*mut T; W],
    rule: Q,
    /// How much becomes due at each step of k, and how much is due so far, in parts of a vector.
    pace: usize,
    due: usize,
    /// How many numbers are done.
    done: usize,
    end: usize,
}

impl<T: Scalar, Q, const W: usize> OnePieceBehind<T, Q, W>
where
    Q: Fn(T, [T; W]) -> [T; W] + Copy,
{
    /// Updates the numbers that are left. Returns whether all results were finite.
    ///
    /// # Safety
    ///
    /// `length` numbers of the gradient must be readable, as many of each of the values writable, and nothing else
    /// may refer to them.
    #[inline(always)]
    unsafe fn finish(mut self) -> bool {
        debug_assert!(self.done <= self.end && self.end <= self.length);
        self.pace = self.end * PARTS;
        // SAFETY: the caller vouches for the numbers, which is all that `step` and `one_by_one` demand; a slice of
        // them is made after the last `step`.
        unsafe {
            self.step();
            let gradient = core::slice::from_raw_parts(self.gradient, self.length);
            one_by_one(gradient, self.values, self.rule, self.done, true)
        }
    }
}

// SAFETY: only `one_piece_behind` makes one, and gives it a piece of the scratch memory and of the values that the product
// does not touch.
unsafe impl<T: Scalar, Q, const W: usize> Beside for OnePieceBehind<T, Q, W>
where
    Q: Fn(T, [T; W]) -> [T; W] + Copy,
{
    const STEPS: bool = true;

    #[inline(always)]
    unsafe fn step(&mut self) {
        self.due += self.pace;
        let stop = self.end.min(self.due / PARTS * LANES);
        while self.done < stop {
            // SAFETY: `done + LANES <= end`, and there are at least `end` numbers, as `one_piece_behind` vouches; an array
            // needs no more alignment than its numbers.
            unsafe {
                let gradient = &*self.gradient.add(self.done).cast::<[T; LANES]>();
                if !block(gradient, self.values, self.done, self.rule) {
                    self.end = self.done;
                    return;
                }
            }
            self.done += LANES;
        }
    }
}

/// How many numbers a piece of a gradient has, 8 KB: two pieces fit the first-level cache beside what the product
/// reads.
const PIECE: usize = 2048;

/// How many vectors of the step are due by the end of one block of the product: as many as a block has vectors of
/// sums.
const BLOCK_VECTORS: usize = 20;

/// Parts per vector in `pace` and `due`.
const PARTS: usize = 64;

/// Whether [`one_piece_behind`] suits a layer with `W` numbers for each weight: `W` is more than 1, there are enough pieces,
/// and they have enough rows for the blocks that leave registers to the step.
pub const fn suits_one_piece_behind<const IN: usize, const OUT: usize, const W: usize>() -> bool {
    W > 1 && IN * OUT >= 4 * PIECE && OUT * 5 <= PIECE
}

/// How many rows a piece has: if possible whole blocks that fill whole vectors, otherwise whole vectors, otherwise
/// as many as fit.
const fn piece_rows(out: usize) -> usize {
    let most = PIECE / out;
    // This many rows fill whole vectors.
    let whole = LANES >> if out.trailing_zeros() < 4 { out.trailing_zeros() } else { 4 };
    let blocks = match whole {
        _ if out > 2 * LANES => 5 * whole,
        16 => 16,
        _ => 8,
    };
    match most {
        _ if blocks <= most => most / blocks * blocks,
        _ if whole <= most => most / whole * whole,
        _ => most,
    }
}

/// Replaces the numbers `values[..][i][o]`, from row `first` on, by `rule(dw[i][o], numbers)` with `dw = x^T delta`,
/// unless a result is not finite. Returns whether all results were finite.
///
/// # Safety
///
/// `alone` and `beside` must be for this processor, `T` be `f32`, [`suits_one_piece_behind`] true, and there must be a sample
/// (otherwise the scratch memory would stay uninitialised).
#[inline(always)]
pub unsafe fn one_piece_behind<T: Scalar, Q, const IN: usize, const OUT: usize, const W: usize>(
    alone: unsafe fn(Product),
    beside: unsafe fn(Product, OnePieceBehind<T, Q, W>) -> OnePieceBehind<T, Q, W>,
    x: &[[T; IN]],
    delta: &[[T; OUT]],
    first: usize,
    values: [&mut [[T; OUT]]; W],
    rule: Q,
) -> bool
where
    Q: Fn(T, [T; W]) -> [T; W] + Copy,
{
    debug_assert!(is_f32::<T>() && suits_one_piece_behind::<IN, OUT, W>() && x.len().min(delta.len()) > 0);
    let mut scratch = MaybeUninit::<[f32; 2 * PIECE]>::uninit();
    let scratch: *mut f32 = scratch.as_mut_ptr().cast();
    let rows = values.iter().map(|values| values.len()).min().unwrap_or(0);
    let product = outer(x, delta, first..first.saturating_add(rows));
    let mut beginning = [core::ptr::null_mut(); W];
    each!(w < W, few => beginning[w] = values[w].as_flattened_mut().as_mut_ptr());
    let (most, pace) = (piece_rows(OUT), (BLOCK_VECTORS * PARTS).div_ceil(product.depth.max(1)));
    let (mut row, mut half, mut finite) = (0, 0, true);
    let mut before: Option<OnePieceBehind<T, Q, W>> = None;
    while row < product.rows {
        let rows = (product.rows - row).min(most);
        // SAFETY: the product writes `rows * OUT <= PIECE` numbers to one half of the scratch memory, while the
        // piece before is read from the other. Each of the values has as many numbers from `row` on, is borrowed
        // mutably, and is reached only through `beginning`. Rows `row..row + rows` are rows of the product; `outer`
        // has `a_m = 1`. The caller vouches for the processor and for `T`.
        unsafe {
            let (c, a) = (scratch.add(half), product.a.add(row));
            let product = Product { c, a, rows, ..product };
            match before {
                None => alone(product),
                Some(before) => finite &= beside(product, before).finish(),
            }
            let mut values = beginning;
            each!(w < W, few => values[w] = beginning[w].add(row * OUT));
            let length = rows * OUT;
            before = Some(OnePieceBehind {
                gradient: c.cast(),
                length,
                values,
                rule,
                pace,
                due: 0,
                done: 0,
                end: length / LANES * LANES,
            });
        }
        (row, half) = (row + rows, PIECE - half);
    }
    // SAFETY: as above: the last piece was written, and nothing else refers to it or to the values.
    finite & before.is_none_or(|last| unsafe { last.finish() })
}
