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
fn untouched<T: Scalar>() -> T {
    T::from_usize(77)
}

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
        0 x 0, 0 x 1, 0 x 40, 1 x 0, 6 x 0,
        1 x 1, 1 x 9, 6 x 1, 6 x 40, 40 x 1, 40 x 9, 40 x 40,
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
    let mut case: Case<T, IN, OUT> = Case {
        w: integers.rows(),
        b: integers.rows(),
        x: integers.rows(),
        delta: integers.rows(),
        first: 0,
        second: 0,
    };
    for (first, second) in LENGTHS.into_iter().step_by(STEP) {
        (case.first, case.second) = (first, second);
        for (method, is_right) in [
            ("affine", case.affine(kernel)),
            ("activated_row", case.activated_row(kernel)),
            ("weight_gradient", case.weight_gradient(kernel)),
            ("weight_gradient_rows", case.weight_gradient_rows(kernel)),
            ("weight_descent", case.weight_descent(kernel)),
            ("weight_descent of two", case.weight_descent_of_two(kernel)),
            ("bias_gradient", case.bias_gradient(kernel)),
            ("input_gradient", case.input_gradient(kernel)),
        ] {
            if !is_right {
                failed(method, [IN, OUT, first, second]);
            }
        }
    }
}

/// What a method is called with: the first slice has the first `first` rows, the second the first `second`.
///
/// Each method of a kernel is checked by a method of the same name, which returns whether the result is right. None of these
/// is inlined: all of them in one function take the compiler twice as long.
struct Case<T, const IN: usize, const OUT: usize> {
    w: [[T; OUT]; IN],
    b: [[T; OUT]; 1],
    x: [[T; IN]; MOST],
    delta: [[T; OUT]; MOST],
    first: usize,
    second: usize,
}

impl<T: Scalar, const IN: usize, const OUT: usize> Case<T, IN, OUT> {
    fn samples(&self) -> usize {
        self.first.min(self.second)
    }

    /// The samples of the two slices for a gradient.
    fn of_gradient(&self) -> (&[[T; IN]], &[[T; OUT]]) {
        (&self.x[..self.first], &self.delta[..self.second])
    }

    fn z(&self, s: usize, o: usize) -> T {
        (0..IN).fold(self.b[0][o], |sum, i| sum + self.x[s][i] * self.w[i][o])
    }

    fn dw(&self, i: usize, o: usize) -> T {
        (0..self.samples()).fold(T::ZERO, |sum, s| sum + self.x[s][i] * self.delta[s][o])
    }

    #[inline(never)]
    fn affine<K: Kernel>(&self, kernel: K) -> bool {
        let mut z = [[untouched(); OUT]; MOST];
        kernel.affine(&self.x[..self.first], &self.w, &self.b[0], &mut z[..self.second]);
        all(&z, |s, o| if s < self.samples() { self.z(s, o) } else { untouched() })
    }

    #[inline(never)]
    fn activated_row<K: Kernel>(&self, kernel: K) -> bool {
        let mut a = [[untouched(); OUT]; 1];
        let is_done = kernel.activated_row::<Relu, T, IN, OUT>(&self.x[0], &self.w, &self.b[0], &mut a[0]);
        all(&a, |_, o| if is_done { self.z(0, o).max(T::ZERO) } else { untouched() })
    }

    /// All rows at once, and in two parts.
    #[inline(never)]
    fn weight_gradient<K: Kernel>(&self, kernel: K) -> bool {
        let (x, delta) = self.of_gradient();
        let mut is_right = true;
        for cut in [0, IN / 3] {
            let mut sums = self.w;
            let (low, high) = sums.split_at_mut(cut);
            for (from, part) in [(0, low), (cut, high)] {
                kernel.weight_gradient(x, delta, from, part);
            }
            is_right &= all(&sums, |i, o| self.w[i][o] + self.dw(i, o));
        }
        is_right
    }

    #[inline(never)]
    fn weight_gradient_rows<K: Kernel>(&self, kernel: K) -> bool {
        let (x, delta) = self.of_gradient();
        let (mut sums, mut visits) = ([[untouched(); OUT]; IN], [0; IN]);
        let mut visit = |from: usize, rows: &[[T; OUT]]| {
            for (i, row) in rows.iter().enumerate() {
                sums[from + i] = *row;
                visits[from + i] += 1;
            }
        };
        for rows in [0..IN / 3, IN / 3..IN] {
            kernel.weight_gradient_rows(x, delta, rows, &mut visit);
        }
        visits == [1; IN] && all(&sums, |i, o| self.dw(i, o))
    }

    /// All rows at once, and in two parts.
    #[inline(never)]
    fn weight_descent<K: Kernel>(&self, kernel: K) -> bool {
        let (x, delta) = self.of_gradient();
        let mut is_right = true;
        for cut in [0, IN / 3] {
            let mut one = self.w;
            let (low, high) = one.split_at_mut(cut);
            for (from, part) in [(0, low), (cut, high)] {
                is_right &= kernel.weight_descent(x, delta, from, [part], descend);
            }
            is_right &= all(&one, |i, o| self.w[i][o] - self.dw(i, o));
        }
        is_right
    }

    #[inline(never)]
    fn weight_descent_of_two<K: Kernel>(&self, kernel: K) -> bool {
        let (x, delta) = self.of_gradient();
        let (mut one, mut two) = (self.w, self.w);
        let values = [&mut one[..], &mut two[..]];
        let is_finite = kernel.weight_descent(x, delta, 0, values, descend_and_sum);
        is_finite
            && all(&one, |i, o| self.w[i][o] - self.dw(i, o))
            && all(&two, |i, o| self.w[i][o] + self.dw(i, o))
    }

    #[inline(never)]
    fn bias_gradient<K: Kernel>(&self, kernel: K) -> bool {
        let delta = &self.delta[..self.second];
        let mut db = self.b;
        kernel.bias_gradient(delta, &mut db[0]);
        all(&db, |_, o| (0..self.second).fold(self.b[0][o], |sum, s| sum + self.delta[s][o]))
    }

    #[inline(never)]
    fn input_gradient<K: Kernel>(&self, kernel: K) -> bool {
        let mut dx = [[untouched(); IN]; MOST];
        kernel.input_gradient(&self.delta[..self.first], &self.w, &mut dx[..self.second]);
        let sum = |s: usize, i: usize| (0..OUT).fold(T::ZERO, |sum, o| sum + self.delta[s][o] * self.w[i][o]);
        all(&dx, |s, i| if s < self.samples() { sum(s, i) } else { untouched() })
    }
}

// Functions, not closures in a method: every shape would have its own closures, and with them its own fused
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
