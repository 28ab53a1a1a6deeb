//! The oracle that every level with vectors is compared with, bit for bit: it computes one chain after the other,
//! one number at a time. All arrays are [`Guarded`].
#![allow(unsafe_code)]

use std::vec::Vec;

use super::blocked::{Product, Start};
use super::guarded::{Guarded, numbers};
use super::tiles::{Transpose, input_gradient};
use super::{Kernel, chains};
#[cfg(blocked)]
use crate::math::real::Function;

/// The code of a level for a product.
pub type Compute = unsafe fn(Product);

/// `a b + c`
pub type MulAdd = fn(f32, f32, f32) -> f32;

/// The sum of 1 or 4 chains, `chain(start, first, step)` of the `k = first, first + step, ...`.
fn joined(chains: usize, start: f32, chain: impl Fn(f32, usize, usize) -> f32) -> f32 {
    match chains {
        1 => chain(start, 0, 1),
        _ => (chain(start, 0, 4) + chain(0.0, 1, 4)) + (chain(0.0, 2, 4) + chain(0.0, 3, 4)),
    }
}

/// `a b + start`, one chain after the other; each number is the sum of 1 or 4 of them.
fn oracle(p: &Product, chains: usize, mul_add: MulAdd, a: &[f32], b: &[f32], c: &mut [f32], row: &[f32]) {
    for m in 0..p.rows {
        for n in 0..p.width {
            let start = match p.start {
                Start::Zero => 0.0,
                Start::Row(_) => row[n],
                Start::Existing => c[m * p.c_m + n],
            };
            // (A plain loop, because Miri spends much of its time here.)
            let chain = |start, q, step| {
                let (mut sum, mut k) = (start, q);
                while k < p.depth {
                    sum = mul_add(a[m * p.a_m + k * p.a_k], b[k * p.b_k + n], sum);
                    k += step;
                }
                sum
            };
            c[m * p.c_m + n] = joined(chains, start, chain);
        }
    }
}

fn check(
    (compute, chains, mul_add): (Compute, usize, MulAdd),
    (rows, width, depth): (usize, usize, usize),
    case: usize,
) {
    let (a, b, row) = (numbers(rows * depth, 1), numbers(depth * width, 2), numbers(width, 3));
    let mut c = numbers(rows * width, 4);
    let mut expected = c.to_vec();
    let (a_m, a_k) = if case & 1 == 0 { (depth, 1) } else { (1, rows) };
    let start = match case % 3 {
        0 if chains == 1 => Start::Zero,
        2 if chains == 1 => Start::Existing,
        _ => Start::Row(row.as_ptr()),
    };
    let (a_first, b_first) = (a.as_ptr(), b.as_ptr());
    let product = Product {
        c: c.as_mut_ptr(),
        c_m: width,
        start,
        a: a_first,
        a_m,
        a_k,
        b: b_first,
        b_k: width,
        rows,
        width,
        depth,
    };
    oracle(&product, chains, mul_add, &a, &b, &mut expected, &row);
    // SAFETY: the shapes are those of the vectors; the caller has checked the processor.
    unsafe { compute(product) }
    assert!(
        c.iter().zip(&expected).all(|(x, y)| x.to_bits() == y.to_bits()),
        "{rows} x {width} x {depth}, {chains} chains, case {case}"
    );
}

/// Checks every shape up to 40, and awkward ones, bit for bit, by the product `one` and by that of `four` chains; only a `few` of them where that takes long.
pub fn all_shapes((one, four): (Compute, Compute), mul_add: MulAdd, few: bool) {
    let mut case = 0;
    let mut next = |shape: (usize, usize, usize)| {
        check((one, 1, mul_add), shape, case);
        // (Wider products have no such chains.)
        if shape.1 <= 40 {
            check((four, 4, mul_add), shape, case);
        }
        case += 1;
    };
    if few {
        // All remainders of the blocks' rows; for every vector length, widths of whole vectors, of partial ones,
        // and of more than a strip; under Miri, a fifth of the widths for each number of rows.
        let every = if cfg!(miri) { 5 } else { 1 };
        for (m, rows) in [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 17, 20, 22].into_iter().enumerate() {
            let widths =
                [1, 3, 4, 5, 7, 8, 9, 12, 13, 15, 16, 17, 20, 24, 31, 32, 33, 40, 47, 48, 49, 63, 64, 65];
            for width in widths.into_iter().skip(m % every).step_by(every) {
                next((rows, width, 1 + (rows + width) % 3));
            }
        }
        // Wide enough to be packed or prefetched, partial and whole; deeper than a block of k.
        for shape in [(21, 130, 1), (13, 128, 2), (7, 17, 129), (3, 5, 260), (1, 3, 1600)] {
            next(shape);
        }
        if cfg!(not(miri)) {
            for shape in [(21, 130, 3), (13, 200, 2), (64, 20, 2), (13, 130, 260), (2, 3, 1600)] {
                (0..3).for_each(|_| next(shape));
            }
        }
        return;
    }
    for rows in 1..=40 {
        for width in 1..=40 {
            for depth in [1, 2, 3, 7, 16, 40] {
                next((rows, width, depth));
            }
        }
    }
    let awkward = [(10, 30, 784), (3, 127, 257), (65, 129, 300), (1, 1, 1000), (32, 10, 512), (17, 100, 256)];
    // Deeper than a block of k at any level.
    let deep = [(13, 70, 1600), (14, 130, 2561)];
    for shape in awkward.into_iter().chain(deep) {
        (0..6).for_each(|_| next(shape));
    }
}

/// Checks more shapes, wider than those of `all_shapes`: for optimised code.
#[cfg(blocked)]
pub fn more_shapes(compute: Compute, mul_add: MulAdd) {
    let mut case = 0;
    for rows in (1..=26).chain([40, 64, 65, 70]) {
        for width in (41..=72).chain([127, 128, 129, 130, 136, 143, 150, 191, 192, 193, 200, 256, 257]) {
            for depth in [1, 2, 5, 33, 257] {
                check((compute, 1, mul_add), (rows, width, depth), case);
                case += 1;
            }
        }
    }
}

/// Checks a single sample whose sums become activations.
pub fn a_row<const WIDTH: usize>(row: Row, mul_add: MulAdd, activation: fn(f32) -> f32) {
    // (The last depth makes the weights of wide rows larger than a first-level cache.)
    for depth in if cfg!(miri) { &[1, 3, 9][..] } else { &[1, 2, 7, 8, 9, 10, 11, 40, 130] } {
        let depth = *depth;
        let (a, b, start) = (numbers(depth, 1), numbers(depth * WIDTH, 2), numbers(WIDTH, 3));
        let mut c = numbers(WIDTH, 4);
        // SAFETY: the shapes are those of the vectors; the caller has checked the processor.
        unsafe { row(c.as_mut_ptr(), start.as_ptr(), a.as_ptr(), b.as_ptr(), depth) }
        for n in 0..WIDTH {
            let chain = |start, q, step| {
                (q..depth).step_by(step).fold(start, |sum, k| mul_add(a[k], b[k * WIDTH + n], sum))
            };
            let expected = joined(chains(depth, WIDTH), start[n], chain);
            assert_eq!(c[n].to_bits(), activation(expected).to_bits(), "{WIDTH} x {depth}");
        }
    }
}

pub type Row = unsafe fn(*mut f32, *const f32, *const f32, *const f32, usize);

/// Checks single samples of all widths up to 33, of every number of vectors (of 8 and of 16 numbers) with a whole and with
/// a partial last one, and of a wider row; a test of activations needs fewer.
macro_rules! all_rows {
    ($row:ident, Sums, $mul_add:expr, short) => {
        $crate::kernel::oracle::all_rows!(@ $row, Sums, $mul_add, |z| z;
            1 2 3 4 5 7 8 9 12 15 16 17 24 25 31 32 33 34 36 40 47 48 49 60 63 64 65 72 96 97 100 127 128 129 130 200);
    };
    ($row:ident, $activation:ty, $mul_add:expr, short) => {
        $crate::kernel::oracle::all_rows!(
            @ $row, Activated<$activation>, $mul_add, <$activation as $crate::math::real::Function>::of;
            1 3 8 16 17 33 47 65 130);
    };
    ($row:ident, Sums, $mul_add:expr) => {
        $crate::kernel::oracle::all_rows!(@ $row, Sums, $mul_add, |z| z;
            1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 36 40 41 44
            47 48 49 52 56 57 60 63 64 65 68 72 73 80 81 88 95 96 97 104 105 112 113 120 121 127 128 129 130 136
            140 300);
    };
    ($row:ident, $activation:ty, $mul_add:expr) => {
        $crate::kernel::oracle::all_rows!(
            @ $row, Activated<$activation>, $mul_add, <$activation as $crate::math::real::Function>::of;
            1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38
            39 40 47 48 49 63 64 65 80 100 127 128 129 140 192 300
        );
    };
    (@ $row:ident, $finish:ty, $mul_add:expr, $activation:expr; $($width:literal)*) => {$(
        $crate::kernel::oracle::a_row::<$width>($row::<$finish, $width>, $mul_add, $activation);
    )*};
}
pub(crate) use all_rows;

/// Checks the transposed panels and the product with them.
pub fn all_panels(code: (Compute, Transpose), mul_add: MulAdd, few: bool) {
    let more: &[_] =
        if few { &[(2, 66, 9)] } else { &[(7, 65, 129), (10, 130, 30), (3, 64, 128), (5, 100, 300)] };
    let small = [(1, 1, 1), (2, 3, 5), (9, 8, 8), (2, 9, 130), (3, 17, 19)];
    for &(n, inputs, outputs) in small.iter().chain(more) {
        let (delta, w) = (numbers(n * outputs, 1), numbers(inputs * outputs, 2));
        let mut dx = numbers(n * inputs, 3);
        dx.fill(f32::NAN);
        // SAFETY: the caller has checked the processor, and the shapes are those of the vectors.
        unsafe { input_gradient(code, &delta, &w, &mut dx, (inputs, outputs)) }
        for s in 0..n {
            for i in 0..inputs {
                let expected =
                    (0..outputs).fold(0.0, |sum, o| mul_add(delta[s * outputs + o], w[i * outputs + o], sum));
                assert_eq!(dx[s * inputs + i].to_bits(), expected.to_bits(), "{n} {inputs} {outputs}");
            }
        }
    }
}

/// A step of `W` numbers. (Not a closure in [`descent`]: every shape would have its own closure, and with it its
/// own fused products.)
fn rule<const W: usize>(g: f32, numbers: [f32; W]) -> [f32; W] {
    numbers.map(|x| 1.5 * x - g)
}

/// Checks `values[..][i][o] <- rule(dw[i][o], values[..][i][o])`, where all results are finite, against one number
/// at a time.
fn descent<K: Kernel, const IN: usize, const OUT: usize, const W: usize>(
    kernel: K,
    mul_add: MulAdd,
    few: bool,
) {
    let cases =
        [(2, None), (3, Some(IN / 2)), (10, Some(0)), (33, Some(IN / 2)), (32, None), (300, Some(IN - 1))];
    // Deeper than a block of k; only for small layers, because it takes long.
    let deep = (!few && IN * OUT <= 1000).then_some((1100, Some(IN / 2)));
    // (A large layer takes Miri minutes.)
    let count = match few {
        true if cfg!(miri) && IN * OUT > 1000 => 1,
        true => 2,
        false => cases.len(),
    };
    for (samples, poisoned) in cases.into_iter().take(count).chain(deep) {
        let (x, delta) = (numbers(samples * IN, 1), numbers(samples * OUT, 2));
        let (x, delta) = (x.as_chunks::<IN>().0, delta.as_chunks::<OUT>().0);
        let mut values: Vec<Guarded> = (0..W).map(|w| numbers(IN * OUT, 3 + w as u32)).collect();
        if let Some(i) = poisoned {
            values[W - 1][i * OUT + OUT / 2] = f32::MAX;
        }
        let mut expected: Vec<Vec<f32>> = values.iter().map(|values| values.to_vec()).collect();
        for i in 0..IN {
            for o in 0..OUT {
                let g = x.iter().zip(delta).fold(0.0, |sum, (x, delta)| mul_add(x[i], delta[o], sum));
                let new = rule::<W>(g, core::array::from_fn(|w| values[w][i * OUT + o]));
                if new.iter().all(|x| x.is_finite()) {
                    (0..W).for_each(|w| expected[w][i * OUT + o] = new[w]);
                }
            }
        }
        let mut rest = &mut values[..];
        let found: [_; W] = core::array::from_fn(|_| {
            let (first, others) = core::mem::take(&mut rest).split_first_mut().expect("W of them");
            rest = others;
            first.as_chunks_mut::<OUT>().0
        });
        assert_eq!(kernel.weight_descent(x, delta, 0, found, rule::<W>), poisoned.is_none());
        let same = values
            .iter()
            .flat_map(|v| v.iter())
            .zip(expected.iter().flatten())
            .all(|(x, y)| x.to_bits() == y.to_bits());
        assert!(same, "{IN} x {OUT}, {W} numbers, {samples} samples");
    }
}

/// Checks steps of layers of all kinds: narrow, as wide as a block, wider; small and large.
pub fn all_descents(kernel: impl Kernel, mul_add: MulAdd, few: bool) {
    descent::<_, 1, 1, 1>(kernel, mul_add, few);
    descent::<_, 11, 10, 1>(kernel, mul_add, few);
    descent::<_, 9, 7, 2>(kernel, mul_add, few);
    descent::<_, 7, 33, 1>(kernel, mul_add, few);
    if few {
        return;
    }
    descent::<_, 30, 10, 1>(kernel, mul_add, few);
    descent::<_, 23, 33, 1>(kernel, mul_add, few);
    descent::<_, 300, 30, 2>(kernel, mul_add, few);
    descent::<_, 25, 409, 2>(kernel, mul_add, few);
    descent::<_, 784, 30, 1>(kernel, mul_add, few);
    descent::<_, 65, 64, 1>(kernel, mul_add, few);
    descent::<_, 40, 65, 1>(kernel, mul_add, few);
    descent::<_, 64, 128, 3>(kernel, mul_add, few);
    descent::<_, 100, 127, 3>(kernel, mul_add, few);
    descent::<_, 2000, 5, 2>(kernel, mul_add, few);
    descent::<_, 40, 500, 2>(kernel, mul_add, few);
    descent::<_, 30, 600, 1>(kernel, mul_add, few);
    descent::<_, 5, 4097, 1>(kernel, mul_add, few);
}

/// Checks a step beside the product, for the smallest layer of 30 outputs that is large enough.
pub fn a_large_descent(kernel: impl Kernel, mul_add: MulAdd) {
    descent::<_, 274, 30, 2>(kernel, mul_add, true);
}

/// Defines the tests of a level, which run if the processor has it; `$more` is one for optimised code.
#[cfg(blocked)]
macro_rules! level_is_the_oracle {
    ($name:ident, $more:ident, $level:expr, $product:path, $narrow:path, $row:ident, $transpose:path, $mul_add:expr $(, with $tanh:ty)?) => {
        #[test]
        fn $name() {
            let level: Option<_> = $level;
            if let Some(kernel) = level {
                $crate::kernel::oracle::all_descents(kernel, $mul_add, cfg!(miri));
                $crate::kernel::oracle::all_shapes(($product, $narrow), $mul_add, cfg!(miri));
                if cfg!(miri) {
                    $crate::kernel::oracle::all_rows!($row, Sums, $mul_add, short);
                    $($crate::kernel::oracle::all_rows!($row, $tanh, $mul_add, short);)?
                } else {
                    $crate::kernel::oracle::all_rows!($row, Sums, $mul_add);
                    $($crate::kernel::oracle::all_rows!($row, $tanh, $mul_add);)?
                }
                $crate::kernel::oracle::all_panels(($product, $transpose), $mul_add, cfg!(miri));
            }
        }

        #[test]
        #[ignore = "takes long without optimisation"]
        fn $more() {
            if $level.is_some() {
                $crate::kernel::oracle::more_shapes($product, $mul_add);
            }
        }
    };
}
#[cfg(blocked)]
pub(crate) use level_is_the_oracle;

/// Numbers of all magnitudes, both signs, infinities and NaNs: every 1009th bit pattern, fewer without
/// optimisation; and the numbers where functions change.
#[cfg(blocked)]
fn all_magnitudes() -> Vec<f32> {
    let step = if cfg!(miri) {
        20_000_003
    } else if cfg!(debug_assertions) {
        20_011
    } else {
        1009
    };
    let mut numbers: Vec<f32> = (0..=u32::MAX).step_by(step).map(f32::from_bits).collect();
    for x in [0.0, 1.0, 3.0, 9.1, 88.73, 104.0, f32::MIN_POSITIVE, f32::MAX, f32::INFINITY, f32::NAN] {
        numbers.extend([x, -x]);
    }
    numbers
}

/// Checks that each lane of each vector has the same result as a single number.
#[cfg(blocked)]
pub fn lanes_are_numbers<F: Function>(map: unsafe fn(&mut [f32])) {
    let numbers = all_magnitudes();
    // Pieces whose lengths cover all remainders.
    let mut pieces: Vec<Guarded> =
        (1..=41).map(|length| Guarded::new(&numbers[..length], length % 3 != 0)).collect();
    let (mut rest, mut longest) = (&numbers[..], 1);
    while !rest.is_empty() {
        let z;
        (z, rest) = rest.split_at(longest.min(rest.len()));
        let a = &mut *pieces[z.len() - 1];
        a.copy_from_slice(z);
        // SAFETY: the caller has checked the processor.
        unsafe { map(a) }
        for (z, &a) in z.iter().zip(a.iter()) {
            let alone = F::of(*z);
            assert!(a.to_bits() == alone.to_bits() || (a.is_nan() && alone.is_nan()), "{z}: {a} for {alone}");
        }
        longest = longest % 41 + 1;
    }
}

/// A test for each activation: [`lanes_are_numbers`] of `$map`, if the processor has it.
#[cfg(blocked)]
macro_rules! all_lanes {
    ($($map:ident $(if $has:expr)?),*) => {
        all_lanes!(@ [$($map $(if $has)?),*]
            elu: Elu, gelu: Gelu, gelu_tanh: GeluTanh, hard_sigmoid: HardSigmoid, hard_tanh: HardTanh,
            leaky_relu: LeakyRelu<200>, relu: Relu, selu: Selu, sigmoid: Sigmoid, silu: Silu,
            softplus: Softplus, softplus_rest: SoftplusRest, tanh: Tanh);
    };
    (@ $maps:tt $($test:ident: $activation:ty),*) => {$(
        #[test]
        fn $test() {
            use $crate::activation::*;
            all_lanes!(@@ $maps $activation);
        }
    )*};
    (@@ [$($map:ident $(if $has:expr)?),*] $activation:ty) => {$(
        if true $(&& $has)? {
            $crate::kernel::oracle::lanes_are_numbers::<$activation>($map::<$activation>);
        }
    )*};
}
#[cfg(blocked)]
pub(crate) use all_lanes;
