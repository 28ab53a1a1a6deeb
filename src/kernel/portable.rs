//! The products in plain Rust, in the simplest form that the compiler vectorises.
//!
//! ```text
//! affine           for each sample s:          z = b;   for each input i ascending:   z += x[s][i] w[i]
//! weight_gradient  for each input i:                    for each sample s ascending:  dw[i] += x[s][i] delta[s]
//! bias_gradient                                         for each sample s ascending:  db += delta[s]
//! input_gradient   for each sample s, LANES inputs i:   for each output o ascending:  dx[i] += delta[s][o] w[i][o]
//! ```
//!
//! In the first three, a step is a whole row of OUT outputs, which are contiguous. In the last, the sum itself runs
//! along the rows; LANES sums are interleaved there, because a single sum would wait for each addition.
//!
//! `M` says how a product is added to a sum.
#![allow(
    clippy::needless_range_loop,
    reason = "indices as in the pseudocode; and `zip` is not inlined in a profile with `lto = \"off\"`"
)]

use core::ops::Range;

#[cfg(portable = "plain")]
use super::Kernel;
use super::{CHAINS, chains, sealed};
use crate::arithmetic::MulAdd;
use crate::math::real::Function;
use crate::scalar::Scalar;

/// Code for the features that the whole program is compiled for.
#[derive(Clone, Copy, Debug)]
pub struct Portable;

impl sealed::Sealed for Portable {}

#[cfg(portable = "plain")]
impl Kernel for Portable {
    type Multiply = ByClass;
}

/// How `a b + c` is computed.
pub trait Multiply {
    /// Whether `a b + c` is rounded only once.
    const FUSED: bool;

    /// `a b + c`
    fn add<T: Scalar>(a: T, b: T, c: T) -> T;
}

/// See [`Kernel::map`](super::Kernel::map).
#[inline(always)]
pub fn map<F: Function, T: Scalar>(numbers: &mut [T]) {
    for x in numbers {
        *x = T::apply::<F>(*x);
    }
}

/// Rounds as the numerics class of the build does.
#[derive(Clone, Copy, Debug)]
pub struct ByClass;

impl Multiply for ByClass {
    const FUSED: bool = <f32 as MulAdd>::FUSED;

    #[inline(always)]
    fn add<T: Scalar>(a: T, b: T, c: T) -> T {
        MulAdd::mul_add(a, b, c)
    }
}

/// Rounds twice. Where `std` detects the processor at run time, a fused multiply-add in code that is not compiled
/// for the instruction is a call to the system's library, which is far too slow for a product.
#[cfg(any(test, portable = "sse2"))]
#[derive(Clone, Copy, Debug)]
pub struct Separate;

#[cfg(any(test, portable = "sse2"))]
impl Multiply for Separate {
    const FUSED: bool = false;

    #[inline(always)]
    fn add<T: Scalar>(a: T, b: T, c: T) -> T {
        a * b + c
    }
}

/// `acc += scale row`, element by element.
#[inline(always)]
fn add_scaled<M: Multiply, T: Scalar, const N: usize>(acc: &mut [T; N], scale: T, row: &[T; N]) {
    for o in 0..N {
        acc[o] = M::add(scale, row[o], acc[o]);
    }
}

/// See [`super::Kernel::affine`].
#[inline(always)]
pub fn affine<M: Multiply, T: Scalar, const IN: usize, const OUT: usize>(
    x: &[[T; IN]],
    w: &[[T; OUT]; IN],
    b: &[T; OUT],
    z: &mut [[T; OUT]],
) {
    let mut rows = z.iter_mut();
    for x in x {
        let Some(z) = rows.next() else { return };
        // A local array, so that the compiler sees that nothing else refers to it.
        let mut acc = *b;
        if chains(IN, OUT) == 1 {
            add_rows::<M, T, IN, OUT>(&mut acc, x, w, (0, 1));
        } else {
            let [c0, c1, c2, c3] = four_chains::<M, T, IN, OUT>(x, w, b);
            for o in 0..OUT {
                acc[o] = (c0[o] + c1[o]) + (c2[o] + c3[o]);
            }
        }
        *z = acc;
    }
}

/// The four [`chains`] of a narrow layer.
#[inline(always)]
fn four_chains<M: Multiply, T: Scalar, const IN: usize, const OUT: usize>(
    x: &[T; IN],
    w: &[[T; OUT]; IN],
    b: &[T; OUT],
) -> [[T; OUT]; CHAINS] {
    let mut sums = [[T::ZERO; OUT]; CHAINS];
    sums[0] = *b;
    if OUT <= 4 {
        // In turns: all sums fit the registers.
        let (x, x_rest) = x.as_chunks::<CHAINS>();
        let (w, w_rest) = w.as_chunks::<CHAINS>();
        for (x, w) in x.iter().zip(w) {
            for q in 0..CHAINS {
                add_scaled::<M, T, OUT>(&mut sums[q], x[q], &w[q]);
            }
        }
        for ((x, w), sums) in x_rest.iter().zip(w_rest).zip(&mut sums) {
            add_scaled::<M, T, OUT>(sums, *x, w);
        }
    } else {
        for q in 0..CHAINS {
            add_rows::<M, T, IN, OUT>(&mut sums[q], x, w, (q, CHAINS));
        }
    }
    sums
}

/// `acc += x[i] w[i]` for `i = first, first + step, ...`
#[inline(always)]
fn add_rows<M: Multiply, T: Scalar, const IN: usize, const OUT: usize>(
    acc: &mut [T; OUT],
    x: &[T; IN],
    w: &[[T; OUT]; IN],
    (first, step): (usize, usize),
) {
    let mut i = first;
    while i < IN {
        add_scaled::<M, T, OUT>(acc, x[i], &w[i]);
        i += step;
    }
}

/// See [`super::Kernel::weight_gradient`].
#[inline(always)]
pub fn weight_gradient<M: Multiply, T: Scalar, const IN: usize, const OUT: usize>(
    x: &[[T; IN]],
    delta: &[[T; OUT]],
    first: usize,
    dw: &mut [[T; OUT]],
) {
    let (mut i, mut rows) = (first, dw.iter_mut());
    // (A bound that the compiler sees at every opt-level, so that no index needs a check.)
    while i < IN
        && let Some(dw) = rows.next()
    {
        let mut acc = *dw;
        for (x, delta) in x.iter().zip(delta) {
            add_scaled::<M, T, OUT>(&mut acc, x[i], delta);
        }
        *dw = acc;
        i += 1;
    }
}

/// See [`super::Kernel::weight_gradient_rows`].
#[inline(always)]
pub fn weight_gradient_rows<M: Multiply, T: Scalar, const IN: usize, const OUT: usize>(
    x: &[[T; IN]],
    delta: &[[T; OUT]],
    rows: Range<usize>,
    mut visit: impl FnMut(usize, &[[T; OUT]]),
) {
    for i in rows.start..rows.end.min(IN) {
        let mut row = [T::ZERO; OUT];
        for (x, delta) in x.iter().zip(delta) {
            add_scaled::<M, T, OUT>(&mut row, x[i], delta);
        }
        visit(i, core::array::from_ref(&row));
    }
}

/// See [`super::Kernel::bias_gradient`].
#[inline(always)]
pub fn bias_gradient<T: Scalar, const OUT: usize>(delta: &[[T; OUT]], db: &mut [T; OUT]) {
    for delta in delta {
        for o in 0..OUT {
            db[o] += delta[o];
        }
    }
}

/// Interleaved sums in [`input_gradient`]: a multiply-add takes four cycles, and two start in each cycle.
const LANES: usize = 8;

/// See [`super::Kernel::input_gradient`].
#[inline(always)]
pub fn input_gradient<M: Multiply, T: Scalar, const IN: usize, const OUT: usize>(
    delta: &[[T; OUT]],
    w: &[[T; OUT]; IN],
    dx: &mut [[T; IN]],
) {
    let (w_blocks, w_rest) = w.as_chunks::<LANES>();
    for (delta, dx) in delta.iter().zip(dx) {
        let (dx_blocks, dx_rest) = dx.as_chunks_mut::<LANES>();
        for (w, dx) in w_blocks.iter().zip(dx_blocks) {
            *dx = dot_products::<M, T, OUT, LANES>(delta, w);
        }
        for (w, dx) in w_rest.iter().zip(dx_rest) {
            [*dx] = dot_products::<M, T, OUT, 1>(delta, core::array::from_ref(w));
        }
    }
}

/// `sum_o delta[o] w[l][o]` for each of `L` rows.
#[inline(always)]
pub fn dot_products<M: Multiply, T: Scalar, const OUT: usize, const L: usize>(
    delta: &[T; OUT],
    w: &[[T; OUT]; L],
) -> [T; L] {
    let mut sums = [T::ZERO; L];
    for o in 0..OUT {
        for l in 0..L {
            sums[l] = M::add(delta[o], w[l][o], sums[l]);
        }
    }
    sums
}
