//! Root-mean-square normalisation (Zhang, Sennrich 2019): layer normalisation without the mean.
//!
//! `n_j = x_j r` with `r = 1 / sqrt(mean(x^2) + 1e-5)`, `y_j = w_j n_j`.
//!
//! Backward, with `g_j = w_j dC/dy_j` and means over `j`: `dC/dw_j = sum_s n_j dC/dy_j`,
//! `dC/dx_j = r (g_j - n_j mean(g n))`.

use super::normalization::{add_gain_gradient, reciprocal_deviation};
use super::scratch::{Ends, Place};
use super::{Kept, Layer, Pass, Train};
use crate::kernel::Kernel;
use crate::parameters;
use crate::range;
use crate::scalar::{Scalar, head};

/// Normalises each sample to a mean square of 1 over its `N` numbers, then scales each number.
///
/// It is PyTorch's `nn.RMSNorm` with `eps=1e-5`.
///
/// ```
/// use stackprop::{Network, RmsNorm};
///
/// let network = Network::new(RmsNorm::<2>::new());
/// let [a, b] = network.predict(&[3.0, 4.0]); // mean square 12.5
/// assert!((a - 3.0 / 12.5_f32.sqrt()).abs() < 1e-5 && (b - 4.0 / 12.5_f32.sqrt()).abs() < 1e-5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RmsNorm<const N: usize, T = f32> {
    /// The gain of each number, `[N]`.
    pub weight: [T; N],
}

parameters! {
    #[allow(unsafe_code)]
    [const N: usize, T: Scalar] RmsNorm<N, T>, T;
    trained { weight: Gain(N, N) }
}

impl<const N: usize, T: Scalar> Default for RmsNorm<N, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize, T: Scalar> RmsNorm<N, T> {
    /// Gains of 1.
    pub const fn new() -> Self {
        Self { weight: [T::ONE; N] }
    }

    /// `r` of a row.
    #[inline(always)]
    fn r(x: &[T; N]) -> T {
        let square = x.iter().fold(T::ZERO, |sum, &x| sum + x * x) / T::from_usize(N);
        reciprocal_deviation(square, 1e-5)
    }
}

impl<const N: usize, T: Scalar> Layer<[T; N]> for RmsNorm<N, T> {
    type Output = [T; N];
    type Memory = ();
    type Scratch<const B: usize, I: Place, O: Place> = Ends<[T; N], [T; N], B, I, O>;
    const MACS: usize = N;

    #[inline(always)]
    fn infer<K: Kernel>(&self, _: K, _: &mut (), inputs: &[[T; N]], outputs: &mut [[T; N]]) {
        for (x, y) in inputs.iter().zip(outputs) {
            let r = Self::r(x);
            for ((y, x), w) in y.iter_mut().zip(x).zip(&self.weight) {
                *y = *w * (*x * r);
            }
        }
    }
}

impl<const N: usize, T: Scalar> Train<[T; N]> for RmsNorm<N, T> {
    /// In addition to the outputs, `n` and `r` of each row.
    type Cache<const B: usize> = Kept<[T; N], ([[T; N]; B], [T; B]), B>;
    type Range = range::Real;

    #[inline(always)]
    fn forward<K: Kernel, const B: usize>(
        &self,
        _: Pass<K>,
        _: &mut (),
        inputs: &[[T; N]],
        cache: &mut Self::Cache<B>,
    ) {
        let (ns, rs) = &mut cache.extra;
        for (((x, y), n), r) in inputs.iter().zip(&mut cache.outputs).zip(ns).zip(rs) {
            *r = Self::r(x);
            for (((y, n), x), w) in y.iter_mut().zip(n).zip(x).zip(&self.weight) {
                *n = *x * *r;
                *y = *w * *n;
            }
        }
    }

    #[inline(always)]
    fn deltas<K: Kernel, const B: usize>(
        &self,
        _: K,
        _: &[[T; N]],
        cache: &mut Self::Cache<B>,
        input_gradient: Option<&mut [[T; N]]>,
    ) {
        let (ns, rs) = &cache.extra;
        let rows = input_gradient.into_iter().flatten().zip(&cache.output_gradient).zip(ns).zip(rs);
        for (((dx, dy), n), r) in rows {
            let mut dot = T::ZERO;
            for (((dx, dy), w), n) in dx.iter_mut().zip(dy).zip(&self.weight).zip(n) {
                *dx = *w * *dy;
                dot += *dx * *n;
            }
            let mean = dot / T::from_usize(N);
            for (dx, n) in dx.iter_mut().zip(n) {
                *dx = *r * (*dx - *n * mean);
            }
        }
    }

    #[inline(always)]
    fn gradients<K: Kernel, const B: usize>(
        _: K,
        inputs: &[[T; N]],
        cache: &Self::Cache<B>,
        gradients: &mut Self,
    ) {
        add_gain_gradient(head(&cache.output_gradient, inputs.len()), &cache.extra.0, &mut gradients.weight);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;
    use crate::train::{Gradients, Workspace};

    // x = (1, 7): mean square 25, r = 1 / sqrt(25.00001), n = (r, 7 r). With w = (2, 3) and dC/dy = (1, 0):
    // g = (2, 0), mean(g n) = r, dC/dx = r (2 - r^2, -7 r^2), dC/dw = (r, 0).
    #[test]
    fn hand_computed() {
        type Net = Network<2, RmsNorm<2, f64>, f64>;
        let network: Net = Network::new(RmsNorm { weight: [2.0, 3.0] });
        let (mut workspace, mut gradients) = (Workspace::<Net, 1>::zeros(), Gradients::<Net>::zeros());
        let mut dx = [[0.0; 2]];
        let r = 1.0 / 25.00001_f64.sqrt();
        let mut pass = workspace.forward(&network, &[[1.0, 7.0]]).unwrap();
        approx::assert_abs_diff_eq!(pass.outputs()[0][..], [2.0 * r, 21.0 * r][..], epsilon = 1e-15);
        approx::assert_abs_diff_eq!(
            network.predict(&[1.0, 7.0])[..],
            [2.0 * r, 21.0 * r][..],
            epsilon = 1e-15
        );
        pass.backward(&[[1.0, 0.0]], &mut gradients, Some(&mut dx)).unwrap();
        approx::assert_abs_diff_eq!(dx[0][..], [r * (2.0 - r * r), -7.0 * r * r * r][..], epsilon = 1e-15);
        approx::assert_abs_diff_eq!(gradients.of.layers.weight[..], [r, 0.0][..], epsilon = 1e-15);
    }
}
