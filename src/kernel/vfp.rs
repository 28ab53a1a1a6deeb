//! The products in `f32` on a Cortex-M with a single-precision unit.
//!
//! The unit has 32 registers, loads up to 32 of them with one instruction, and has a fused multiply-add. So a block
//! of L outputs stays in registers while a loop walks the summation index in ascending order:
//!
//! ```text
//! acc[0..L] = the values to start from                     one load
//! for each k:  x = scale[k];  w = row[k][0..L]             one load each (16 outputs: two for the row)
//!              acc[0..L] += x w                            L fused multiply-adds
//! store acc[0..L]                                          one store
//! ```
//!
//! With three loads, two instructions to step the pointers and two for the loop, 16 outputs take 23 instructions
//! for 16 multiply-adds. Widths are split into blocks of 16, 8, 4, 2 and 1 at compile time.
//!
//! The four chains of a narrow layer fill the same registers: all of them for 4, 2 or 1 outputs, or two at a time for 8.
//! A turn of the loop takes four inputs, whose rows lie side by side.
//!
//! It is assembly because stable Rust neither has a fused multiply-add in `core` nor lets an operand be in a
//! register of this unit. It does let such a register be declared *overwritten*, which is all that a whole loop
//! needs.
#![allow(unsafe_code)]

use core::arch::asm;
use core::ops::Range;

use super::f32s::{is_for_vectors, pointer, pointer_mut};
use super::portable::{self, ByClass, Portable};
use super::{CHAINS, Kernel, chains};
use crate::scalar::Scalar;

/// Values at a fixed stride: a pointer to the first, and the stride in bytes.
#[derive(Clone, Copy)]
struct Strided {
    first: *const f32,
    step: usize,
}

/// Defines `unsafe fn name(acc, scale, row, n)`: `acc[j] += sum_k scale[k] row[k][j]`, for a fixed number of
/// outputs `j`.
macro_rules! block {
    ($name:ident, $outputs:literal, $acc:literal, [$($body:literal),* $(,)?]) => {
        /// # Safety
        ///
        /// `acc` must be valid for reads and writes of as many values as the block has, each `row[k]` of `row` for
        /// reads of as many, each `scale[k]` for a read, all for `k < n`, and `n > 0`: the loop tests `n` only
        /// after the first iteration.
        #[inline(always)]
        unsafe fn $name(acc: *mut f32, scale: Strided, row: Strided, n: usize) {
            debug_assert!(n > 0);
            // SAFETY: `n` iterations read and write what the caller vouches for, and no stack; overwritten
            // registers are named.
            unsafe {
                asm!(
                    concat!("vldmia {acc}, ", $acc),
                    "2:",
                    "vldr s31, [{x}]",
                    "add {x}, {x}, {x_step}",
                    $($body,)*
                    "add {w}, {w}, {w_step}",
                    "subs {n}, {n}, #1",
                    "bne 2b",
                    concat!("vstmia {acc}, ", $acc),
                    acc = in(reg) acc,
                    x = inout(reg) scale.first => _,
                    x_step = in(reg) scale.step,
                    w = inout(reg) row.first => _,
                    // From the end of a row's block to the next row.
                    w_step = in(reg) row.step.wrapping_sub($outputs * WORD),
                    n = inout(reg) n => _,
                    out("s0") _, out("s1") _, out("s2") _, out("s3") _,
                    out("s4") _, out("s5") _, out("s6") _, out("s7") _,
                    out("s8") _, out("s9") _, out("s10") _, out("s11") _,
                    out("s12") _, out("s13") _, out("s14") _, out("s15") _,
                    out("s16") _, out("s17") _, out("s18") _, out("s19") _,
                    out("s20") _, out("s21") _, out("s22") _, out("s23") _,
                    out("s31") _,
                    options(nostack),
                );
            }
        }
    };
}

block!(
    block16,
    16,
    "{{s0-s15}}",
    [
        "vldmia {w}!, {{s16-s23}}",
        "vfma.f32 s0, s31, s16",
        "vfma.f32 s1, s31, s17",
        "vfma.f32 s2, s31, s18",
        "vfma.f32 s3, s31, s19",
        "vfma.f32 s4, s31, s20",
        "vfma.f32 s5, s31, s21",
        "vfma.f32 s6, s31, s22",
        "vfma.f32 s7, s31, s23",
        "vldmia {w}!, {{s16-s23}}",
        "vfma.f32 s8, s31, s16",
        "vfma.f32 s9, s31, s17",
        "vfma.f32 s10, s31, s18",
        "vfma.f32 s11, s31, s19",
        "vfma.f32 s12, s31, s20",
        "vfma.f32 s13, s31, s21",
        "vfma.f32 s14, s31, s22",
        "vfma.f32 s15, s31, s23",
    ]
);
block!(
    block8,
    8,
    "{{s0-s7}}",
    [
        "vldmia {w}!, {{s16-s23}}",
        "vfma.f32 s0, s31, s16",
        "vfma.f32 s1, s31, s17",
        "vfma.f32 s2, s31, s18",
        "vfma.f32 s3, s31, s19",
        "vfma.f32 s4, s31, s20",
        "vfma.f32 s5, s31, s21",
        "vfma.f32 s6, s31, s22",
        "vfma.f32 s7, s31, s23",
    ]
);
block!(
    block4,
    4,
    "{{s0-s3}}",
    [
        "vldmia {w}!, {{s16-s19}}",
        "vfma.f32 s0, s31, s16",
        "vfma.f32 s1, s31, s17",
        "vfma.f32 s2, s31, s18",
        "vfma.f32 s3, s31, s19",
    ]
);
block!(
    block2,
    2,
    "{{s0-s1}}",
    ["vldmia {w}!, {{s16-s17}}", "vfma.f32 s0, s31, s16", "vfma.f32 s1, s31, s17",]
);
block!(block1, 1, "{{s0}}", ["vldmia {w}!, {{s16}}", "vfma.f32 s0, s31, s16"]);

/// `acc[j] += sum_k scale[k] row[k][j]` for `j < OUT`, `k < n`.
///
/// # Safety
///
/// `acc` must be valid for reads and writes of `OUT` values, each `row[k]` of `row` for reads of as many, each
/// `scale[k]` for a read, all for `k < n`.
#[inline(always)]
unsafe fn accumulate<const OUT: usize>(acc: *mut f32, scale: Strided, row: Strided, n: usize) {
    if n == 0 {
        return;
    }
    let from = |o| Strided { first: row.first.wrapping_add(o), step: row.step };
    // SAFETY: the blocks tile `0..OUT`, which the caller vouches for, and `n > 0`.
    unsafe {
        let whole = OUT / 16 * 16;
        let mut o = 0;
        while o < whole {
            block16(acc.add(o), scale, from(o), n);
            o += 16;
        }
        if OUT & 8 != 0 {
            block8(acc.add(whole), scale, from(whole), n);
        }
        if OUT & 4 != 0 {
            block4(acc.add(OUT & !7), scale, from(OUT & !7), n);
        }
        if OUT & 2 != 0 {
            block2(acc.add(OUT & !3), scale, from(OUT & !3), n);
        }
        if OUT & 1 != 0 {
            block1(acc.add(OUT & !1), scale, from(OUT & !1), n);
        }
    }
}

/// The start of the chains that do not start from the bias.
static ZEROS: [f32; 12] = [0.0; 12];

/// Loads a row's part, as many numbers as there are sums, adds its products with the factor, and goes on to `$skip`
/// bytes behind it.
macro_rules! step {
    ($skip:literal, $x:literal, $s0:literal) => {
        concat!("vldmia {w}!, {{s16}}\n", step!(@ $skip), "vfma.f32 ", $s0, ", ", $x, ", s16\n")
    };
    ($skip:literal, $x:literal, $s0:literal $s1:literal) => {
        concat!(
            "vldmia {w}!, {{s16-s17}}\n", step!(@ $skip),
            "vfma.f32 ", $s0, ", ", $x, ", s16\n", "vfma.f32 ", $s1, ", ", $x, ", s17\n",
        )
    };
    ($skip:literal, $x:literal, $s0:literal $s1:literal $s2:literal $s3:literal) => {
        concat!(
            "vldmia {w}!, {{s16-s19}}\n", step!(@ $skip),
            "vfma.f32 ", $s0, ", ", $x, ", s16\n", "vfma.f32 ", $s1, ", ", $x, ", s17\n",
            "vfma.f32 ", $s2, ", ", $x, ", s18\n", "vfma.f32 ", $s3, ", ", $x, ", s19\n",
        )
    };
    (
        $skip:literal, $x:literal,
        $s0:literal $s1:literal $s2:literal $s3:literal $s4:literal $s5:literal $s6:literal $s7:literal
    ) => {
        concat!(
            "vldmia {w}!, {{s16-s23}}\n", step!(@ $skip),
            "vfma.f32 ", $s0, ", ", $x, ", s16\n", "vfma.f32 ", $s1, ", ", $x, ", s17\n",
            "vfma.f32 ", $s2, ", ", $x, ", s18\n", "vfma.f32 ", $s3, ", ", $x, ", s19\n",
            "vfma.f32 ", $s4, ", ", $x, ", s20\n", "vfma.f32 ", $s5, ", ", $x, ", s21\n",
            "vfma.f32 ", $s6, ", ", $x, ", s22\n", "vfma.f32 ", $s7, ", ", $x, ", s23\n",
        )
    };
    (@ $skip:literal) => {
        concat!(".if ", $skip, "\nadd {w}, {w}, ", $skip, "\n.endif\n")
    };
}

/// The same for one more factor, if the number of inputs that is left after the fours, `{rest}`, is more than
/// `$more_than`.
macro_rules! last_step {
    ($more_than:literal, $($s:literal)*) => {
        concat!(
            ".if {rest} > ", $more_than, "\nvldmia {x}!, {{s24}}\n",
            step!("{skip}", "s24", $($s)*), ".endif\n",
        )
    };
}

/// Adds registers: `$a += $b`, pair by pair.
macro_rules! sums {
    ($($a:literal += $b:literal),*) => { concat!($("vadd.f32 ", $a, ", ", $a, ", ", $b, "\n"),*) };
}

/// Defines `unsafe fn name<IN, OUT>(x, w, b, z)`: `z[j] = (c0 + c1) + (c2 + c3)` for a fixed number of outputs `j`,
/// where chain `c_q` is the sum of `x[k] w[k OUT + j]` over `k = q, q + 4, ...`, and `c0` starts from `b[j]`.
macro_rules! four_chains {
    (
        $name:ident, $outputs:literal, $first:literal, $others:literal,
        [$($c0:literal)*], [$($c1:literal)*], [$($c2:literal)*], [$($c3:literal)*]
    ) => {
        /// # Safety
        ///
        /// `x` must be valid for reads of `IN` values, `w` of `IN` rows of `OUT`, of each as many as the block has,
        /// `b` of as many, `z` for writes of as many, and `IN >= 4`: the loop tests it only after the first
        /// iteration.
        #[inline(always)]
        unsafe fn $name<const IN: usize, const OUT: usize>(
            x: *const f32,
            w: *const f32,
            b: *const f32,
            z: *mut f32,
        ) {
            debug_assert!(IN >= CHAINS && OUT >= $outputs);
            // SAFETY: `IN / 4` iterations, at least one as the caller vouches, and `IN % 4` steps read and write what
            // the caller vouches for, and no stack; overwritten registers are named.
            unsafe {
                asm!(
                    concat!("vldmia {b}, ", $first),
                    concat!("vldmia {zeros}, ", $others),
                    "2:",
                    "vldmia {x}!, {{s24-s27}}",
                    step!("{skip}", "s24", $($c0)*),
                    step!("{skip}", "s25", $($c1)*),
                    step!("{skip}", "s26", $($c2)*),
                    step!("{skip}", "s27", $($c3)*),
                    "subs {n}, {n}, #1",
                    "bne 2b",
                    last_step!("0", $($c0)*),
                    last_step!("1", $($c1)*),
                    last_step!("2", $($c2)*),
                    sums!($($c0 += $c1),*),
                    sums!($($c2 += $c3),*),
                    sums!($($c0 += $c2),*),
                    concat!("vstmia {z}, ", $first),
                    b = in(reg) b,
                    zeros = in(reg) ZEROS.as_ptr(),
                    x = inout(reg) x => _,
                    w = inout(reg) w => _,
                    n = inout(reg) IN / CHAINS => _,
                    z = in(reg) z,
                    skip = const OUT.saturating_sub($outputs) * WORD,
                    rest = const IN % CHAINS,
                    out("s0") _, out("s1") _, out("s2") _, out("s3") _,
                    out("s4") _, out("s5") _, out("s6") _, out("s7") _,
                    out("s8") _, out("s9") _, out("s10") _, out("s11") _,
                    out("s12") _, out("s13") _, out("s14") _, out("s15") _,
                    out("s16") _, out("s17") _, out("s18") _, out("s19") _,
                    out("s24") _, out("s25") _, out("s26") _, out("s27") _,
                    options(nostack),
                );
            }
        }
    };
}

four_chains!(
    chains4,
    4,
    "{{s0-s3}}",
    "{{s4-s15}}",
    ["s0" "s1" "s2" "s3"],
    ["s4" "s5" "s6" "s7"],
    ["s8" "s9" "s10" "s11"],
    ["s12" "s13" "s14" "s15"]
);
four_chains!(chains2, 2, "{{s0-s1}}", "{{s2-s7}}", ["s0" "s1"], ["s2" "s3"], ["s4" "s5"], ["s6" "s7"]);
four_chains!(chains1, 1, "{{s0}}", "{{s1-s3}}", ["s0"], ["s1"], ["s2"], ["s3"]);

/// Defines `unsafe fn name<IN, OUT>(x, w, start, z)` for two chains of eight outputs, `c_q` from `start`, and
/// `c_(q + 1)` from zero, where `x` and `w` begin with input `q`. The instructions `$join` make `z` of their sum.
macro_rules! two_chains_of_8 {
    ($name:ident, [$($last_step:expr),*], [$($join:expr),*]) => {
        /// # Safety
        ///
        /// As for [`chains4`], with `z` also for reads, `IN` less `q` inputs, and `OUT >= 8`.
        #[inline(always)]
        unsafe fn $name<const IN: usize, const OUT: usize>(
            x: *const f32,
            w: *const f32,
            start: *const f32,
            z: *mut f32,
        ) {
            debug_assert!(IN >= CHAINS && OUT >= 8);
            // SAFETY: as in `chains4`: of each four inputs, two are read, and two are skipped.
            unsafe {
                asm!(
                    "vldmia {start}, {{s0-s7}}",
                    "vldmia {zeros}, {{s8-s15}}",
                    "2:",
                    "vldmia {x}!, {{s24-s25}}",
                    "add {x}, {x}, #8",
                    step!("{skip}", "s24", "s0" "s1" "s2" "s3" "s4" "s5" "s6" "s7"),
                    step!("{skip_two}", "s25", "s8" "s9" "s10" "s11" "s12" "s13" "s14" "s15"),
                    "subs {n}, {n}, #1",
                    "bne 2b",
                    $($last_step,)*
                    sums!(
                        "s0" += "s8", "s1" += "s9", "s2" += "s10", "s3" += "s11",
                        "s4" += "s12", "s5" += "s13", "s6" += "s14", "s7" += "s15"
                    ),
                    $($join,)*
                    "vstmia {z}, {{s0-s7}}",
                    start = in(reg) start,
                    zeros = in(reg) ZEROS.as_ptr(),
                    x = inout(reg) x => _,
                    w = inout(reg) w => _,
                    n = inout(reg) IN / CHAINS => _,
                    z = in(reg) z,
                    skip = const OUT.saturating_sub(8) * WORD,
                    skip_two = const (OUT.saturating_sub(8) + 2 * OUT) * WORD,
                    rest = const IN % CHAINS,
                    out("s0") _, out("s1") _, out("s2") _, out("s3") _,
                    out("s4") _, out("s5") _, out("s6") _, out("s7") _,
                    out("s8") _, out("s9") _, out("s10") _, out("s11") _,
                    out("s12") _, out("s13") _, out("s14") _, out("s15") _,
                    out("s16") _, out("s17") _, out("s18") _, out("s19") _,
                    out("s20") _, out("s21") _, out("s22") _, out("s23") _,
                    out("s24") _, out("s25") _,
                    options(nostack),
                );
            }
        }
    };
}

two_chains_of_8!(
    first_chains8,
    [
        last_step!("0", "s0" "s1" "s2" "s3" "s4" "s5" "s6" "s7"),
        last_step!("1", "s8" "s9" "s10" "s11" "s12" "s13" "s14" "s15")
    ],
    []
);
two_chains_of_8!(
    last_chains8,
    [last_step!("2", "s0" "s1" "s2" "s3" "s4" "s5" "s6" "s7")],
    [
        "vldmia {z}, {{s16-s23}}",
        sums!(
            "s0" += "s16",
            "s1" += "s17",
            "s2" += "s18",
            "s3" += "s19",
            "s4" += "s20",
            "s5" += "s21",
            "s6" += "s22",
            "s7" += "s23"
        )
    ]
);

/// `z = (c0 + c1) + (c2 + c3)`: see [`chains`]. (Not inlined: an image calls it for single samples, for tiles, and for
/// its self-test.)
///
/// # Safety
///
/// `x` must be valid for reads of `IN` values, `w` of `IN` rows of `OUT`, `b` of `OUT`, `z` for reads and writes of
/// `OUT`; and `IN >= 4`.
#[inline(never)]
unsafe fn add_chains<const IN: usize, const OUT: usize>(
    x: *const f32,
    w: *const f32,
    b: *const f32,
    z: *mut f32,
) {
    // SAFETY: the blocks tile `0..OUT`, which the caller vouches for.
    unsafe {
        let mut o = 0;
        while o + 8 <= OUT {
            first_chains8::<IN, OUT>(x, w.add(o), b.add(o), z.add(o));
            last_chains8::<IN, OUT>(x.add(2), w.add(2 * OUT + o), ZEROS.as_ptr(), z.add(o));
            o += 8;
        }
        if OUT & 4 != 0 {
            let o = OUT & !7;
            chains4::<IN, OUT>(x, w.add(o), b.add(o), z.add(o));
        }
        if OUT & 2 != 0 {
            let o = OUT & !3;
            chains2::<IN, OUT>(x, w.add(o), b.add(o), z.add(o));
        }
        if OUT & 1 != 0 {
            let o = OUT & !1;
            chains1::<IN, OUT>(x, w.add(o), b.add(o), z.add(o));
        }
    }
}

/// `[delta . w[0], ..., delta . w[3]]`: four interleaved chains, each over the outputs in ascending order.
///
/// # Safety
///
/// `T` must be `f32`, and `OUT > 0`: the loop tests it only after the first iteration.
#[inline(always)]
unsafe fn four_dot_products<T: Scalar, const OUT: usize>(
    delta: &[T; OUT],
    w: &[[T; OUT]; 4],
    dx: &mut [T; 4],
) {
    debug_assert!(is_for_vectors::<T, 4, OUT>());
    let [w0, w1, w2, w3] = w;
    // SAFETY: `OUT` iterations, at least one as the caller vouches, read `OUT` values from `delta` and each row;
    // the four values of `dx` are written; overwritten registers are named.
    unsafe {
        asm!(
            "vmov s0, {zero}", "vmov.f32 s1, s0", "vmov.f32 s2, s0", "vmov.f32 s3, s0",
            "2:",
            "vldmia {d}!, {{s8}}",
            "vldmia {w0}!, {{s4}}", "vldmia {w1}!, {{s5}}", "vldmia {w2}!, {{s6}}", "vldmia {w3}!, {{s7}}",
            "vfma.f32 s0, s8, s4", "vfma.f32 s1, s8, s5", "vfma.f32 s2, s8, s6", "vfma.f32 s3, s8, s7",
            "subs {n}, {n}, #1",
            "bne 2b",
            "vstmia {dx}, {{s0-s3}}",
            zero = in(reg) 0,
            d = inout(reg) delta.as_ptr() => _,
            w0 = inout(reg) w0.as_ptr() => _,
            w1 = inout(reg) w1.as_ptr() => _,
            w2 = inout(reg) w2.as_ptr() => _,
            w3 = inout(reg) w3.as_ptr() => _,
            n = inout(reg) OUT => _,
            dx = in(reg) dx.as_mut_ptr(),
            out("s0") _, out("s1") _, out("s2") _, out("s3") _, out("s4") _,
            out("s5") _, out("s6") _, out("s7") _, out("s8") _,
            options(nostack),
        );
    }
}

const WORD: usize = size_of::<f32>();

impl Kernel for Portable {
    type Multiply = ByClass;

    #[inline(always)]
    fn affine<T: Scalar, const IN: usize, const OUT: usize>(
        self,
        x: &[[T; IN]],
        w: &[[T; OUT]; IN],
        b: &[T; OUT],
        z: &mut [[T; OUT]],
    ) {
        if !is_for_vectors::<T, IN, OUT>() {
            return portable::affine::<ByClass, _, _, _>(x, w, b, z);
        }
        let rows = Strided { first: pointer(w.as_flattened()), step: OUT * WORD };
        for (x, z) in x.iter().zip(z) {
            if const { chains(IN, OUT) > 1 } {
                // SAFETY: `T` is `f32`; the shapes are those of the types; a narrow layer has more than four inputs.
                unsafe { add_chains::<IN, OUT>(pointer(x), rows.first, pointer(b), pointer_mut(z)) }
                continue;
            }
            *z = *b;
            // SAFETY: `T` is `f32`; `z` has `OUT` values; `k < IN`: `x` has `IN` values, `w` has `IN` rows of `OUT`.
            unsafe { accumulate::<OUT>(pointer_mut(z), Strided { first: pointer(x), step: WORD }, rows, IN) }
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
        if !is_for_vectors::<T, IN, OUT>() {
            return portable::weight_gradient::<ByClass, _, _, _>(x, delta, first, dw);
        }
        for (i, dw) in (first..IN).zip(dw) {
            // SAFETY: `T` is `f32`, `i < IN`.
            unsafe { add_outer(x, delta, i, dw) }
        }
    }

    #[inline(always)]
    fn weight_gradient_rows<T: Scalar, const IN: usize, const OUT: usize>(
        self,
        x: &[[T; IN]],
        delta: &[[T; OUT]],
        rows: Range<usize>,
        mut visit: impl FnMut(usize, &[[T; OUT]]),
    ) {
        if !is_for_vectors::<T, IN, OUT>() {
            return portable::weight_gradient_rows::<ByClass, _, _, _>(x, delta, rows, visit);
        }
        for i in rows.start..rows.end.min(IN) {
            let mut row = [T::ZERO; OUT];
            // SAFETY: `T` is `f32`, `i < IN`.
            unsafe { add_outer(x, delta, i, &mut row) }
            visit(i, core::array::from_ref(&row));
        }
    }

    #[inline(always)]
    fn input_gradient<T: Scalar, const IN: usize, const OUT: usize>(
        self,
        delta: &[[T; OUT]],
        w: &[[T; OUT]; IN],
        dx: &mut [[T; IN]],
    ) {
        if !is_for_vectors::<T, IN, OUT>() {
            return portable::input_gradient::<ByClass, _, _, _>(delta, w, dx);
        }
        let (blocks, rest) = w.as_chunks::<4>();
        for (delta, dx) in delta.iter().zip(dx) {
            let (dx_blocks, dx_rest) = dx.as_chunks_mut::<4>();
            for (w, dx) in blocks.iter().zip(dx_blocks) {
                // SAFETY: `T` is `f32`, and there are outputs.
                unsafe { four_dot_products(delta, w, dx) }
            }
            for (w, dx) in rest.iter().zip(dx_rest) {
                [*dx] = portable::dot_products::<ByClass, T, OUT, 1>(delta, core::array::from_ref(w));
            }
        }
    }
}

/// `row += sum_s x[s][i] delta[s]`
///
/// # Safety
///
/// `T` must be `f32`, and `i < IN`.
#[inline(always)]
unsafe fn add_outer<T: Scalar, const IN: usize, const OUT: usize>(
    x: &[[T; IN]],
    delta: &[[T; OUT]],
    i: usize,
    row: &mut [T; OUT],
) {
    debug_assert!(is_for_vectors::<T, IN, OUT>() && i < IN);
    let n = x.len().min(delta.len());
    let column = Strided { first: pointer(x.as_flattened()).wrapping_add(i), step: IN * WORD };
    let rows = Strided { first: pointer(delta.as_flattened()), step: OUT * WORD };
    // SAFETY: `row` has `OUT` values; `k < n`: `x` has `n` rows of `IN > i` values, `delta` has `n` rows of `OUT`.
    // The caller vouches for `T` and `i`.
    unsafe { accumulate::<OUT>(pointer_mut(row), column, rows, n) }
}
