//! Code that the normalising layers share: `1 / sqrt(variance + epsilon)`, the gradient of a gain, running
//! statistics, and folding a scale and a shift into an adjacent [`Dense`] layer.

use super::Dense;
use crate::activation::Identity;
use crate::arithmetic::MulAdd;
use crate::scalar::Scalar;

/// `1 / sqrt(variance + epsilon)`
#[inline(always)]
pub(super) fn reciprocal_deviation<T: Scalar>(variance: T, epsilon: f64) -> T {
    T::ONE / MulAdd::sqrt(variance + T::from_f64(epsilon))
}

/// `dC/dw_j += sum_s n_j dC/dy_j`.
#[inline(always)]
pub(super) fn add_gain_gradient<T: Scalar, const N: usize>(dy: &[[T; N]], n: &[[T; N]], dw: &mut [T; N]) {
    for (dy, n) in dy.iter().zip(n) {
        for ((dw, dy), n) in dw.iter_mut().zip(dy).zip(n) {
            *dw += *n * *dy;
        }
    }
}

/// The layer `below`, with its outputs multiplied by `scale` and then shifted by `shift`.
pub(super) fn fold_below<const IN: usize, const N: usize, T: Scalar>(
    below: &Dense<IN, N, Identity, T>,
    scale: &[T; N],
    shift: &[T; N],
) -> Dense<IN, N, Identity, T> {
    let mut folded = below.clone();
    for row in &mut folded.weight {
        for (w, s) in row.iter_mut().zip(scale) {
            *w *= *s;
        }
    }
    for ((b, s), t) in folded.bias.iter_mut().zip(scale).zip(shift) {
        *b = *b * *s + *t;
    }
    folded
}

/// The layer `above`, with its inputs first multiplied by `scale` and then shifted by `shift`.
pub(super) fn fold_above<const N: usize, const OUT: usize, A, T: Scalar>(
    above: &Dense<N, OUT, A, T>,
    scale: &[T; N],
    shift: &[T; N],
) -> Dense<N, OUT, A, T> {
    let mut folded = above.clone();
    for ((row, s), t) in folded.weight.iter_mut().zip(scale).zip(shift) {
        for (w, b) in row.iter_mut().zip(&mut folded.bias) {
            *b += *t * *w;
            *w *= *s;
        }
    }
    folded
}

/// Updates the mean and the variance with one more sample, whose weight is `share` (Welford 1962; West 1979):
/// `m' = m + share (x - m)`, `v' = v + share ((x - m) (x - m') - v)`. If the `n`-th sample has a weight of `1/n`,
/// they are those of all `n` samples.
pub(super) fn update_statistics<T: Scalar>(x: &[T], mean: &mut [T], variance: &mut [T], share: T) {
    for ((x, mean), variance) in x.iter().zip(mean).zip(variance) {
        let before = *x - *mean;
        *mean += share * before;
        *variance += share * (before * (*x - *mean) - *variance);
    }
}
