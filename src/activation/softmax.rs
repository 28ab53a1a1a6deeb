//! Softmax: the activation of a whole layer, `a_j = e^(z_j) / sum_k e^(z_k)`.
//!
//! Its Jacobian is not diagonal: `da_j/dz_k = a_j ([j = k] - a_k)`, so
//! `delta_k = sum_j dC/da_j da_j/dz_k = a_k (dC/da_k - sum_j a_j dC/da_j)`.

use super::{Activation, KeepA};
use crate::math::Elementary;
use crate::range;
use crate::scalar::Scalar;
use crate::scalar::first_largest;

/// Probabilities from weighted inputs: `a_j = e^(z_j) / sum_k e^(z_k)`; the `a_j` are at least 0 and add up to 1.
/// The layer needs at least two neurons.
///
/// To train a classifier, prefer to end the network with [`Identity`](crate::Identity) and use
/// [`SoftmaxCrossEntropy`](crate::SoftmaxCrossEntropy), which combines softmax and loss: it is stable for
/// logits of any size, and cheaper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Softmax;

/// Turns logits into probabilities, `e^(z_j) / sum_k e^(z_k)`.
///
/// Use it on the outputs of a network that was trained with
/// [`SoftmaxCrossEntropy`](crate::SoftmaxCrossEntropy). The result has the same bits as [`Softmax`].
///
/// ```
/// let [a, b] = stackprop::softmax(&[3_f32.ln(), 0.0]);
/// assert!((a - 0.75).abs() < 1e-6 && (b - 0.25).abs() < 1e-6);
/// ```
#[must_use]
pub fn softmax<T: Scalar, const N: usize>(logits: &[T; N]) -> [T; N] {
    let mut row = [*logits];
    Softmax::forward(&mut row);
    let [probabilities] = row;
    probabilities
}

impl Activation for Softmax {
    type Keeps = KeepA;
    type Range = range::Distribution;
    const NAME: &'static str = "Softmax";
    const MIN_NEURONS: usize = 2; // the softmax of one number is 1

    #[inline(always)]
    fn forward<T: Scalar, const N: usize>(rows: &mut [[T; N]]) {
        for row in rows {
            // With the largest element subtracted, no exponential overflows. The sum runs in ascending order.
            let (_, largest) = first_largest(row);
            for z in row.iter_mut() {
                *z = Elementary::exp(*z - largest);
            }
            let sum = row.iter().fold(T::ZERO, |sum, &e| sum + e);
            for e in row.iter_mut() {
                *e = *e / sum;
            }
        }
    }

    #[inline(always)]
    fn backward<T: Scalar, const N: usize>(kept: &[[T; N]], delta: &mut [[T; N]]) {
        for (delta, a) in delta.iter_mut().zip(kept) {
            // Each row of the Jacobian adds up to 0, so a constant may be subtracted from dC/da: here, the dC/da
            // of the largest a. Otherwise, if the largest a is near 1, its dC/da and the dot product would be
            // nearly equal, and their difference would cancel.
            let (first, _) = first_largest(a);
            let shift = delta.get(first).copied().unwrap_or(T::ZERO);
            for delta in delta.iter_mut() {
                *delta -= shift;
            }
            let dot = delta.iter().zip(a).fold(T::ZERO, |dot, (&d, &a)| dot + d * a);
            for (delta, &a) in delta.iter_mut().zip(a) {
                *delta = a * (*delta - dot);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Kernel, Task, dispatch};

    // e^(ln 1, ln 2, ln 5) = (1, 2, 5), sum 8
    #[test]
    fn hand_computed() {
        let mut rows = [[0.0, 2_f64.ln(), 5_f64.ln()]];
        Softmax::forward(&mut rows);
        approx::assert_abs_diff_eq!(rows[0][..], [0.125, 0.25, 0.625][..], epsilon = 1e-15);
        // dC/da = (1, 0, 0): delta_k = a_k ([k = 0] - a_0)
        let mut delta = [[1.0, 0.0, 0.0]];
        Softmax::backward(&rows, &mut delta);
        approx::assert_abs_diff_eq!(delta[0][..], [0.109375, -0.03125, -0.078125][..], epsilon = 1e-15);
    }

    // With two probabilities, delta_0 = a_0 a_1 (d_0 - d_1) and delta_1 = -delta_0.
    #[test]
    fn a_sure_row_still_has_a_gradient() {
        let mut rows = [[40.0, 0.0], [0.0, 40.0]];
        Softmax::forward(&mut rows);
        let mut delta = [[1.0, -1.0], [1.0, 3.0]];
        Softmax::backward(&rows, &mut delta);
        let expected = 8.496_708_510_583_178e-18; // from mpmath
        for (delta, sign) in delta.into_iter().zip([1.0, -1.0]) {
            approx::assert_relative_eq!(delta[0], sign * expected, epsilon = 0.0, max_relative = 1e-15);
            approx::assert_relative_eq!(delta[1], -sign * expected, epsilon = 0.0, max_relative = 1e-15);
        }
    }

    #[test]
    fn huge_logits() {
        let mut rows = [[1e4_f32, -1e4, 1e4]];
        Softmax::forward(&mut rows);
        assert_eq!(rows, [[0.5, 0.0, 0.5]]);
    }

    /// Softmax as a level computes it.
    struct OnLevel<'a, K, const N: usize> {
        kernel: K,
        rows: &'a mut [[f32; N]],
    }

    impl<K: Kernel, const N: usize> Task for OnLevel<'_, K, N> {
        type Output = ();

        #[inline(always)]
        fn run(self) {
            Softmax::forward_on(self.kernel, self.rows);
        }
    }

    /// The definition, computed one number at a time.
    fn oracle(row: &mut [f32]) {
        let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        row.iter_mut().for_each(|z| *z = Elementary::exp(*z - largest));
        let sum = row.iter().fold(0.0, |sum, e| sum + e);
        row.iter_mut().for_each(|e| *e /= sum);
    }

    fn level_changes_no_bit<const N: usize>() {
        let number = |i: usize| ((i * 7919 % 1000) as f32 - 500.0) * 0.0371;
        let mut rows: [[f32; N]; 5] = core::array::from_fn(|r| core::array::from_fn(|j| number(41 * r + j)));
        rows[3][N / 2] = f32::NEG_INFINITY;
        rows[4][N - 1] = f32::NAN;
        let mut expected = rows;
        expected.iter_mut().for_each(|row| oracle(row));
        dispatch!(|kernel| kernel.run(OnLevel { kernel, rows: &mut rows }));
        for (a, expected) in rows.as_flattened().iter().zip(expected.as_flattened()) {
            assert!(a.to_bits() == expected.to_bits() || (a.is_nan() && expected.is_nan()), "{N}");
        }
    }

    macro_rules! lengths {
        ($($n:literal)*) => {$(level_changes_no_bit::<$n>();)*};
    }

    #[test]
    fn levels_agree() {
        lengths!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20);
        lengths!(21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40);
    }

    #[test]
    fn nan_is_not_hidden() {
        let mut rows = [[0.0_f32, f32::NAN]];
        Softmax::forward(&mut rows);
        assert!(rows[0].iter().all(|a| a.is_nan()));
    }
}
