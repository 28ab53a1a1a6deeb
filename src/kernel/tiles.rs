//! The products of whole tiles of `f32`: each is one [`Product`] of [`blocked`](super::blocked), or a few.
#![allow(unsafe_code)]

use core::mem::MaybeUninit;
use core::ops::Range;

use super::blocked::{Product, Start};
use super::chains;
use super::f32s::{pointer, pointer_mut};
use crate::scalar::Scalar;

/// Defines the products of a [`Kernel`](super::Kernel) in blocks.
///
/// `$compute` computes a [`Product`] with the level's vectors, `$narrow` one of several [`chains`], `$transpose` is a
/// [`Transpose`], and `$row` computes a single sample: [`row`](super::row::row) with the level's vectors. `self` is the
/// proof that the processor has the instructions.
macro_rules! blocked_products {
    ($multiply:ty, $compute:ident, $narrow:ident, $transpose:ident, $row:ident) => {
        #[inline(always)]
        fn affine<T: Scalar, const IN: usize, const OUT: usize>(
            self,
            x: &[[T; IN]],
            w: &[[T; OUT]; IN],
            b: &[T; OUT],
            z: &mut [[T; OUT]],
        ) {
            if const { is_for_vectors::<T, IN, OUT>() } && (SHORT_CODE || x.len() > 1) {
                // SAFETY: the processor has the level, as `self` shows; `T` is `f32`, and there are inputs and outputs.
                unsafe { tiles::affine(if chains(IN, OUT) == 1 { $compute } else { $narrow }, x, w, b, z) }
            } else if const { !SHORT_CODE && is_for_vectors::<T, IN, OUT>() && has_row(IN, OUT) } {
                let mut rows = z.iter_mut();
                for x in x {
                    let Some(z) = rows.next() else { return };
                    let (c, start) = (pointer_mut(z), pointer(b));
                    let (x, w) = (pointer(x), pointer(w.as_flattened()));
                    // SAFETY: the processor has the level, as `self` shows; `T` is `f32`; the shapes are those of
                    // the types, and there are inputs.
                    unsafe { $row::<Sums, OUT>(c, start, x, w, IN) }
                }
            } else {
                portable::affine::<$multiply, _, _, _>(x, w, b, z)
            }
        }

        #[inline(always)]
        fn weight_gradient<T: Scalar, const IN: usize, const OUT: usize>(
            self,
            x: &[[T; IN]],
            delta: &[[T; OUT]],
            first: usize,
            dw: &mut [[T; OUT]],
        ) {
            if const { is_for_vectors::<T, IN, OUT>() } && x.len() > 1 {
                // SAFETY: the processor has the level, as `self` shows; `T` is `f32`.
                unsafe { tiles::weight_gradient($compute, x, delta, first, dw) }
            } else {
                portable::weight_gradient::<$multiply, _, _, _>(x, delta, first, dw)
            }
        }

        #[inline(always)]
        fn weight_gradient_rows<T: Scalar, const IN: usize, const OUT: usize>(
            self,
            x: &[[T; IN]],
            delta: &[[T; OUT]],
            rows: core::ops::Range<usize>,
            visit: impl FnMut(usize, &[[T; OUT]]),
        ) {
            if const { is_for_vectors::<T, IN, OUT>() }
                && x.len().min(delta.len()) > 1
                && OUT <= tiles::WIDE_SCRATCH / 4
            {
                // SAFETY: the processor has the level, as `self` shows; `T` is `f32`; there are samples and
                // outputs, and the outputs fit the scratch memory.
                unsafe { tiles::weight_gradient_rows($compute, x, delta, rows, visit) }
            } else {
                portable::weight_gradient_rows::<$multiply, _, _, _>(x, delta, rows, visit)
            }
        }

        #[inline(always)]
        fn input_gradient<T: Scalar, const IN: usize, const OUT: usize>(
            self,
            delta: &[[T; OUT]],
            w: &[[T; OUT]; IN],
            dx: &mut [[T; IN]],
        ) {
            if const { is_for_vectors::<T, IN, OUT>() }
                && delta.len() > 1
                && let Some(deltas) = f32s(delta.as_flattened())
                && let Some(w) = f32s(w.as_flattened())
                && let Some(dx) = f32s_mut(dx.as_flattened_mut())
            {
                // SAFETY: the processor has the level, as `self` shows; the shapes are those of the types.
                unsafe { tiles::input_gradient(($compute, $transpose), deltas, w, dx, (IN, OUT)) }
            } else {
                portable::input_gradient::<$multiply, _, _, _>(delta, w, dx)
            }
        }
    };
}
pub(super) use blocked_products;

/// [`activated_row`](super::Kernel::activated_row) with the level's vectors: `$row` as in [`blocked_products`].
macro_rules! activated_row {
    ($row:ident) => {
        #[inline(always)]
        fn activated_row<F: Function, T: Scalar, const IN: usize, const OUT: usize>(
            self,
            x: &[T; IN],
            w: &[[T; OUT]; IN],
            b: &[T; OUT],
            a: &mut [T; OUT],
        ) -> bool {
            if const { SHORT_CODE || !is_for_vectors::<T, IN, OUT>() || !has_row(IN, OUT) } {
                return false;
            }
            let (c, start) = (pointer_mut(a), pointer(b));
            let (x, w) = (pointer(x), pointer(w.as_flattened()));
            // SAFETY: the processor has the level, as `self` shows; `T` is `f32`; the shapes are those of the
            // types, and there are inputs.
            unsafe { $row::<Activated<F>, OUT>(c, start, x, w, IN) }
            true
        }
    };
}
pub(super) use activated_row;

/// Whether single samples are computed with vectors, and not by plain loops. (Of a narrow layer with 2 to 4 outputs, the
/// compiler makes whole vectors of the plain loops, where it unrolls them; `row` has partial ones.)
#[inline(always)]
pub const fn has_row(inputs: usize, outputs: usize) -> bool {
    outputs >= 8 || (outputs == 1 || outputs >= 5 || cfg!(written_out)) && chains(inputs, outputs) > 1
}

/// See [`super::Kernel::affine`].
///
/// # Safety
///
/// `compute` must be for this processor, `T` be `f32`, and `IN` not be 0 (nothing would be written).
#[inline(always)]
pub unsafe fn affine<T: Scalar, const IN: usize, const OUT: usize>(
    compute: unsafe fn(Product),
    x: &[[T; IN]],
    w: &[[T; OUT]; IN],
    b: &[T; OUT],
    z: &mut [[T; OUT]],
) {
    debug_assert!(IN > 0);
    let rows = x.len().min(z.len());
    // SAFETY: `rows` rows of `IN` and `OUT` numbers are in `x` and `z`, `IN` rows of `OUT` in `w`, `OUT` numbers in
    // `b`; `z` is borrowed mutably, so it is none of the others. The caller vouches for the processor and for `T`.
    unsafe {
        compute(Product {
            c: pointer_mut(z.as_flattened_mut()),
            c_m: OUT,
            start: Start::Row(pointer(b)),
            a: pointer(x.as_flattened()),
            a_m: IN,
            a_k: 1,
            b: pointer(w.as_flattened()),
            b_k: OUT,
            rows,
            width: OUT,
            depth: IN,
        });
    }
}

/// These rows of the product `X^T delta`, which has `IN` of them, each a sum over the samples; `c` is left to the
/// caller.
#[inline(always)]
pub fn outer<T: Scalar, const IN: usize, const OUT: usize>(
    x: &[[T; IN]],
    delta: &[[T; OUT]],
    rows: Range<usize>,
) -> Product {
    Product {
        c: core::ptr::null_mut(),
        c_m: OUT,
        start: Start::Zero,
        a: pointer(x.as_flattened()).wrapping_add(rows.start),
        a_m: 1,
        a_k: IN,
        b: pointer(delta.as_flattened()),
        b_k: OUT,
        rows: rows.end.min(IN).saturating_sub(rows.start),
        width: OUT,
        depth: x.len().min(delta.len()),
    }
}

/// See [`super::Kernel::weight_gradient`].
///
/// # Safety
///
/// `compute` must be for this processor and `T` be `f32`.
#[inline(always)]
pub unsafe fn weight_gradient<T: Scalar, const IN: usize, const OUT: usize>(
    compute: unsafe fn(Product),
    x: &[[T; IN]],
    delta: &[[T; OUT]],
    first: usize,
    dw: &mut [[T; OUT]],
) {
    let rows = first..first.saturating_add(dw.len());
    let c = pointer_mut(dw.as_flattened_mut());
    // SAFETY: `x` and `delta` have as many samples as the product is deep; `dw` has at least as many rows of `OUT`
    // numbers as the product and is borrowed mutably. The caller vouches for the processor and for `T`.
    unsafe { compute(Product { c, start: Start::Existing, ..outer(x, delta, rows) }) }
}

/// How many numbers of a gradient are in memory at once: 16 KB, half of a first-level cache.
pub const SCRATCH: usize = 4096;

/// The same for a wide layer, of which 16 KB are so few rows that the product would mostly wait for its deltas: it reads
/// all of them for each piece.
pub const WIDE_SCRATCH: usize = 16384;

/// Rows of any width of which a piece fills whole vectors, so that the update has no rest to do number by number.
const WHOLE_ROWS: usize = 32;

/// See [`super::Kernel::weight_gradient_rows`].
///
/// # Safety
///
/// `compute` must be for this processor, `T` be `f32`, `OUT` be from 1 to `WIDE_SCRATCH`, and there must be a sample
/// (otherwise the scratch memory would stay uninitialised).
#[inline(always)]
pub unsafe fn weight_gradient_rows<T: Scalar, const IN: usize, const OUT: usize>(
    compute: unsafe fn(Product),
    x: &[[T; IN]],
    delta: &[[T; OUT]],
    rows: Range<usize>,
    visit: impl FnMut(usize, &[[T; OUT]]),
) {
    let is_wide = const { WHOLE_ROWS * OUT > SCRATCH };
    // SAFETY: the caller vouches for the same.
    unsafe {
        if is_wide {
            pieces::<T, IN, OUT, WIDE_SCRATCH>(compute, x, delta, rows, visit);
        } else {
            pieces::<T, IN, OUT, SCRATCH>(compute, x, delta, rows, visit);
        }
    }
}

/// [`weight_gradient_rows`] with memory for `LENGTH` numbers.
///
/// # Safety
///
/// As for [`weight_gradient_rows`]; `OUT` must be at most `LENGTH`.
#[inline(always)]
unsafe fn pieces<T: Scalar, const IN: usize, const OUT: usize, const LENGTH: usize>(
    compute: unsafe fn(Product),
    x: &[[T; IN]],
    delta: &[[T; OUT]],
    rows: Range<usize>,
    mut visit: impl FnMut(usize, &[[T; OUT]]),
) {
    let mut scratch = MaybeUninit::<[f32; LENGTH]>::uninit();
    let c: *mut f32 = scratch.as_mut_ptr().cast();
    let product = outer(x, delta, rows.clone());
    debug_assert!(product.depth > 0 && (1..=LENGTH).contains(&OUT));
    let fit = LENGTH / OUT;
    let most = if fit >= WHOLE_ROWS { fit / WHOLE_ROWS * WHOLE_ROWS } else { fit };
    let mut done = 0;
    while done < product.rows {
        let few = (product.rows - done).min(most);
        // SAFETY: `few * OUT <= LENGTH` numbers fit the scratch memory, and `compute` writes all of them, as there is
        // a sample. They are rows of the product. The caller vouches for the processor and for `T`.
        unsafe {
            compute(Product { c, a: product.a.wrapping_add(done), rows: few, ..product });
            visit(rows.start + done, core::slice::from_raw_parts(c.cast(), few));
        }
        done += few;
    }
}

/// Inputs and outputs of the panel of [`input_gradient`].
pub const PANEL_INPUTS: usize = 64;
const PANEL_OUTPUTS: usize = 128;

/// Writes `panel[o][i] = w[i][o]` for `(inputs, outputs)`: `step` is the stride of `w`'s rows, and [`PANEL_INPUTS`]
/// that of the panel's.
pub type Transpose = unsafe fn(w: *const f32, step: usize, panel: *mut f32, (usize, usize));

/// A [`Transpose`] in squares of `N x N`, which `square` transposes in registers; the rest is copied number by
/// number.
///
/// # Safety
///
/// `square` must be for this processor, and transpose `N x N` numbers. `inputs` rows of `outputs` numbers must be
/// readable at `w`, and the first `inputs <= PANEL_INPUTS` numbers of `outputs` rows be writable at `panel`.
#[inline(always)]
pub unsafe fn transpose_squares<const N: usize>(
    square: unsafe fn(w: *const f32, step: usize, panel: *mut f32),
    w: *const f32,
    step: usize,
    panel: *mut f32,
    (inputs, outputs): (usize, usize),
) {
    debug_assert!(inputs <= PANEL_INPUTS && (inputs <= 1 || outputs <= step));
    let (whole_inputs, whole_outputs) = (inputs / N * N, outputs / N * N);
    // SAFETY: `i < inputs` and `o < outputs` everywhere, including the last numbers of a square, because squares
    // are whole; the caller vouches for these.
    unsafe {
        for i in (0..whole_inputs).step_by(N) {
            for o in (0..whole_outputs).step_by(N) {
                square(w.add(i * step + o), step, panel.add(o * PANEL_INPUTS + i));
            }
        }
        for i in 0..inputs {
            let from = if i < whole_inputs { whole_outputs } else { 0 };
            for o in from..outputs {
                *panel.add(o * PANEL_INPUTS + i) = *w.add(i * step + o);
            }
        }
    }
}

/// `dx[s][i] = sum_o delta[s][o] w[i][o]`: `delta: [n][OUT]`, `w: [IN][OUT]`, `dx: [n][IN]`.
///
/// The sum runs along the rows of `w`. With `w` transposed, it is a product like the others, so panels of `w` (32
/// KB each) are transposed once for all samples.
///
/// # Safety
///
/// `compute` and `transpose` must be for this processor; `w` must have `inputs` rows of `outputs`, neither of which
/// may be 0 (nothing would be written).
pub unsafe fn input_gradient(
    (compute, transpose): (unsafe fn(Product), Transpose),
    delta: &[f32],
    w: &[f32],
    dx: &mut [f32],
    (inputs, outputs): (usize, usize),
) {
    debug_assert!(inputs > 0 && outputs > 0);
    debug_assert_eq!(w.len(), inputs * outputs);
    // The compiler does not know that neither is 0, and would link a panic for the divisions.
    if inputs == 0 || outputs == 0 {
        return;
    }
    let rows = (delta.len() / outputs).min(dx.len() / inputs);
    let mut panel = MaybeUninit::<[[f32; PANEL_INPUTS]; PANEL_OUTPUTS]>::uninit();
    let panel: *mut f32 = panel.as_mut_ptr().cast();
    for first_output in (0..outputs).step_by(PANEL_OUTPUTS) {
        let depth = (outputs - first_output).min(PANEL_OUTPUTS);
        for first_input in (0..inputs).step_by(PANEL_INPUTS) {
            let width = (inputs - first_input).min(PANEL_INPUTS);
            // SAFETY: `width <= PANEL_INPUTS` rows of `depth <= PANEL_OUTPUTS` numbers of `w` go to the panel,
            // which is all that the product reads of it. `rows` rows of `outputs` and `inputs` numbers are in
            // `delta` and `dx`, which is borrowed mutably. The caller vouches for the processor.
            unsafe {
                transpose(
                    w.as_ptr().add(first_input * outputs + first_output),
                    outputs,
                    panel,
                    (width, depth),
                );
                compute(Product {
                    c: dx.as_mut_ptr().add(first_input),
                    c_m: inputs,
                    start: if first_output == 0 { Start::Zero } else { Start::Existing },
                    a: delta.as_ptr().add(first_output),
                    a_m: outputs,
                    a_k: 1,
                    b: panel,
                    b_k: PANEL_INPUTS,
                    rows,
                    width,
                    depth,
                });
            }
        }
    }
}
