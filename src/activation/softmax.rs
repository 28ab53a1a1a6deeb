//! Softmax: the activation of a whole layer, `a_j = e^(z_j) / sum_k e^(z_k)`.
//!
//! Its Jacobian is not diagonal: `da_j/dz_k = a_j ([j = k] - a_k)`, so
//! `delta_k = sum_j dC/da_j da_j/dz_k = a_k (dC/da_k - sum_j a_j dC/da_j)`.

use super::{Activation, KeepA};
use crate::{Scalar, math::Elementary};

/// Probabilities from weighted inputs: `a_j = e^(z_j) / sum_k e^(z_k)`; the `a_j` are positive and add up to 1.
///
/// For training a classifier rather end the network with [`Identity`](crate::Identity) and use
/// [`SoftmaxCrossEntropy`](crate::SoftmaxCrossEntropy), which is softmax and cost in one: it is stable for
/// logits of any size, and cheaper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Softmax;

/// Softmax of one row, in place, and the logarithm of its denominator: `ln sum_k e^(z_k)`.
///
/// The largest element is subtracted first, so that no exponential overflows. Sums run in ascending order.
#[inline(always)]
pub(crate) fn softmax<T: Scalar>(row: &mut [T]) -> T {
    let largest = row.iter().fold(-T::ONE / T::ZERO, |m: T, &z| z.max(m));
    for z in row.iter_mut() {
        *z = Elementary::exp(*z - largest);
    }
    let sum = row.iter().fold(T::ZERO, |sum, &e| sum + e);
    for e in row.iter_mut() {
        *e = *e / sum;
    }
    largest + Elementary::ln(sum)
}

impl Activation for Softmax {
    type Keeps = KeepA;

    #[inline(always)]
    fn forward<T: Scalar, const N: usize>(rows: &mut [[T; N]]) {
        for row in rows {
            softmax(row);
        }
    }

    #[inline(always)]
    fn backward<T: Scalar, const N: usize>(kept: &[[T; N]], delta: &mut [[T; N]]) {
        for (delta, a) in delta.iter_mut().zip(kept) {
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

    #[test]
    fn huge_logits() {
        let mut rows = [[1e4_f32, -1e4, 1e4]];
        Softmax::forward(&mut rows);
        assert_eq!(rows, [[0.5, 0.0, 0.5]]);
    }

    #[test]
    fn nan_is_not_hidden() {
        let mut rows = [[0.0_f32, f32::NAN]];
        Softmax::forward(&mut rows);
        assert!(rows[0].iter().all(|a| a.is_nan()));
    }
}
