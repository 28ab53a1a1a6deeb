//! Tests of the methods of [`Kernel`] at the edges of what their types allow: no inputs, no outputs, no samples,
//! slices of unequal length. Compiled into the tests of the crate and into the image `edges` of `firmware/`, hence
//! without `std`.
//!
//! All numbers are small integers, so that every result is exact, whichever way the level adds and rounds.

use super::{Kernel, Relu, Scalar};

/// The most samples that a case has.
const MOST: usize = 5;

/// How many samples the two slices of a method have.
const LENGTHS: [(usize, usize); 11] =
    [(0, 0), (0, 3), (3, 0), (0, 1), (1, 0), (1, 1), (1, 4), (4, 1), (3, 2), (2, 5), (5, 5)];

/// Fewer cases under Miri, which takes a thousand times as long.
const STEP: usize = if cfg!(miri) { 2 } else { 1 };

/// The value of numbers that a method must leave alone.
const UNTOUCHED: usize = 77;

/// Integers from -3 to 3.
struct Integers(usize);

impl Integers {
    fn next<T: Scalar>(&mut self) -> T {
        self.0 = (self.0 * 5 + 3) % 1024;
        T::from_usize(self.0 % 7) - T::from_usize(3)
    }

    fn rows<T: Scalar, const N: usize, const ROWS: usize>(&mut self) -> [[T; N]; ROWS] {
        [(); ROWS].map(|()| [(); N].map(|()| self.next()))
    }
}

/// Whether a shape is small enough for Miri, or this is not Miri.
const fn takes_short(inputs: usize, outputs: usize) -> bool {
    cfg!(not(miri)) || inputs + outputs <= 15
}

/// Calls every method for every shape, and calls
/// `failed(method, [inputs, outputs, samples of the first slice, of the second])` for each whose result differs
/// from the plain sums.
pub fn check<K: Kernel>(kernel: K, failed: &mut impl FnMut(&str, [usize; 4])) {
    macro_rules! shapes {
        ($scalar:ty: $($inputs:literal x $outputs:literal),* $(,)?) => {$(
            if takes_short($inputs, $outputs) {
                shape::<K, $scalar, $inputs, $outputs>(kernel, failed);
            }
        )*};
    }
    shapes!(f32:
        0 x 0, 0 x 1, 0 x 9, 0 x 40,
        1 x 0, 1 x 1, 1 x 9, 1 x 40,
        6 x 0, 6 x 1, 6 x 9, 6 x 40,
        40 x 0, 40 x 1, 40 x 9, 40 x 40,
        // Outputs of four chains, with each number of inputs left after the fours.
        8 x 4, 9 x 2, 10 x 7, 11 x 15, 13 x 16,
    );
    shapes!(f64: 0 x 0, 0 x 9, 9 x 0, 9 x 10);
}

/// Runs [`check`], also for a layer that is large enough for a step beside its product.
#[cfg(test)]
pub fn of<K: Kernel>(kernel: K) {
    let mut failures = std::vec::Vec::new();
    let mut failed = |method: &str, shape: [usize; 4]| failures.push(std::format!("{method} {shape:?}"));
    check(kernel, &mut failed);
    if cfg!(not(miri)) {
        shape::<K, f32, 130, 64>(kernel, &mut failed);
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

/// [`check`] for one shape.
pub fn shape<K: Kernel, T: Scalar, const IN: usize, const OUT: usize>(
    kernel: K,
    failed: &mut impl FnMut(&str, [usize; 4]),
) {
    let mut integers = Integers(IN + OUT);
    let w: [[T; OUT]; IN] = integers.rows();
    let [b] = integers.rows::<T, OUT, 1>();
    let x: [[T; IN]; MOST] = integers.rows();
    let delta: [[T; OUT]; MOST] = integers.rows();
    let untouched = T::from_usize(UNTOUCHED);

    for (first, second) in LENGTHS.into_iter().step_by(STEP) {
        let samples = first.min(second);
        let mut verdict = |method: &str, right: bool| {
            if !right {
                failed(method, [IN, OUT, first, second]);
            }
        };

        let mut z = [[untouched; OUT]; MOST];
        kernel.affine(&x[..first], &w, &b, &mut z[..second]);
        let affine = |s: usize, o: usize| (0..IN).fold(b[o], |sum, i| sum + x[s][i] * w[i][o]);
        verdict("affine", all(&z, |s, o| if s < samples { affine(s, o) } else { untouched }));

        let mut a = [[untouched; OUT]; 1];
        if kernel.activated_row::<Relu, T, IN, OUT>(&x[0], &w, &b, &mut a[0]) {
            verdict("activated_row", all(&a, |_, o| affine(0, o).max(T::ZERO)));
        } else {
            verdict("activated_row", all(&a, |_, _| untouched));
        }

        let dw = |i: usize, o: usize| (0..samples).fold(T::ZERO, |sum, s| sum + x[s][i] * delta[s][o]);
        // All rows at once, and in two parts.
        for cut in [0, IN / 3] {
            let mut sums = w;
            let (low, high) = sums.split_at_mut(cut);
            kernel.weight_gradient(&x[..first], &delta[..second], 0, low);
            kernel.weight_gradient(&x[..first], &delta[..second], cut, high);
            verdict("weight_gradient", all(&sums, |i, o| w[i][o] + dw(i, o)));
        }

        let (mut sums, mut visits) = ([[untouched; OUT]; IN], [0; IN]);
        let mut visit = |from: usize, rows: &[[T; OUT]]| {
            for (i, row) in rows.iter().enumerate() {
                sums[from + i] = *row;
                visits[from + i] += 1;
            }
        };
        kernel.weight_gradient_rows(&x[..first], &delta[..second], 0..IN / 3, &mut visit);
        kernel.weight_gradient_rows(&x[..first], &delta[..second], IN / 3..IN, &mut visit);
        verdict("weight_gradient_rows", visits == [1; IN] && all(&sums, dw));

        for cut in [0, IN / 3] {
            let mut one = w;
            let (low, high) = one.split_at_mut(cut);
            let mut finite = kernel.weight_descent(&x[..first], &delta[..second], 0, [low], descend);
            finite &= kernel.weight_descent(&x[..first], &delta[..second], cut, [high], descend);
            verdict("weight_descent", finite && all(&one, |i, o| w[i][o] - dw(i, o)));
        }
        let (mut one, mut two) = (w, w);
        let values = [&mut one[..], &mut two[..]];
        let finite = kernel.weight_descent(&x[..first], &delta[..second], 0, values, descend_and_sum);
        verdict(
            "weight_descent of two",
            finite && all(&one, |i, o| w[i][o] - dw(i, o)) && all(&two, |i, o| w[i][o] + dw(i, o)),
        );

        let mut db = [b];
        kernel.bias_gradient(&delta[..second], &mut db[0]);
        verdict("bias_gradient", all(&db, |_, o| (0..second).fold(b[o], |sum, s| sum + delta[s][o])));

        let mut dx = [[untouched; IN]; MOST];
        kernel.input_gradient(&delta[..first], &w, &mut dx[..second]);
        let sum = |s: usize, i: usize| (0..OUT).fold(T::ZERO, |sum, o| sum + delta[s][o] * w[i][o]);
        verdict("input_gradient", all(&dx, |s, i| if s < samples { sum(s, i) } else { untouched }));
    }
}

// Functions, not closures in `shape`: every shape would have its own closures, and with them its own fused
// products.
fn descend<T: Scalar>(g: T, [p]: [T; 1]) -> [T; 1] {
    [p - g]
}

fn descend_and_sum<T: Scalar>(g: T, [p, sum]: [T; 2]) -> [T; 2] {
    [p - g, sum + g]
}

/// Whether every number is the one expected for its row and column.
fn all<T: Scalar, const N: usize>(rows: &[[T; N]], expected: impl Fn(usize, usize) -> T) -> bool {
    let row = |(r, row): (usize, &[T; N])| row.iter().enumerate().all(|(n, x)| *x == expected(r, n));
    rows.iter().enumerate().all(row)
}
