//! Layer normalisation (Ba, Kiros, Hinton 2016): each sample is normalised to mean 0 and variance 1 over its numbers.
//!
//! `n_j = (x_j - mean) r` with `r = 1 / sqrt(variance + 1e-5)`, `y_j = w_j n_j + b_j`. The variance is the mean of
//! the squared deviations.
//!
//! Backward, with `g_j = w_j dC/dy_j` and means over `j`:
//! `dC/dw_j = sum_s n_j dC/dy_j`, `dC/db_j = sum_s dC/dy_j`, `dC/dx_j = r (g_j - mean(g) - n_j mean(g n))`.

use super::normalization::{add_gain_gradient, reciprocal_deviation};
use super::scratch::{Ends, Place};
use super::{Kept, Layer, Pass, Train};
use crate::kernel::Kernel;
use crate::parameters;
use crate::range;
use crate::scalar::Scalar;

/// Normalises each sample to mean 0 and variance 1 over its `N` numbers, then scales and shifts each number.
///
/// It is PyTorch's `nn.LayerNorm`.
///
/// ```
/// use stackprop::{LayerNorm, Network};
///
/// let network = Network::new(LayerNorm::<4>::new());
/// let y = network.predict(&[1.0, 3.0, 1.0, 3.0]); // mean 2, variance 1
/// assert!(y.iter().zip([-1.0, 1.0, -1.0, 1.0]).all(|(y, expected)| (y - expected).abs() < 1e-5));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerNorm<const N: usize, T = f32> {
    /// The gain of each number, `[N]`.
    pub weight: [T; N],
    /// The shift of each number, `[N]`.
    pub bias: [T; N],
}

parameters! {
    #[allow(unsafe_code)]
    [const N: usize, T: Scalar] LayerNorm<N, T>, T;
    trained { weight: Gain(N, N), bias: Shift(N, N) }
}

impl<const N: usize, T: Scalar> Default for LayerNorm<N, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize, T: Scalar> LayerNorm<N, T> {
    /// Gains of 1 and shifts of 0.
    pub const fn new() -> Self {
        Self { weight: [T::ONE; N], bias: [T::ZERO; N] }
    }

    /// Computes `n` of a row, and returns its `r`.
    #[inline(always)]
    fn normalize(x: &[T; N], n: &mut [T; N]) -> T {
        let count = T::from_usize(N);
        let mean = x.iter().fold(T::ZERO, |sum, &x| sum + x) / count;
        for (n, x) in n.iter_mut().zip(x) {
            *n = *x - mean;
        }
        let variance = n.iter().fold(T::ZERO, |sum, &d| sum + d * d) / count;
        let r = reciprocal_deviation(variance, 1e-5);
        for n in n {
            *n *= r;
        }
        r
    }

    #[inline(always)]
    fn scale_and_shift(&self, n: &[T; N], y: &mut [T; N]) {
        for (((y, n), w), b) in y.iter_mut().zip(n).zip(&self.weight).zip(&self.bias) {
            *y = *w * *n + *b;
        }
    }
}

impl<const N: usize, T: Scalar> Layer<[T; N]> for LayerNorm<N, T> {
    type Output = [T; N];
    type Memory = ();
    type Scratch<const B: usize, I: Place, O: Place> = Ends<[T; N], [T; N], B, I, O>;
    const MACS: usize = N;

    #[inline(always)]
    fn infer<K: Kernel>(&self, _: K, _: &mut (), inputs: &[[T; N]], outputs: &mut [[T; N]]) {
        for (x, y) in inputs.iter().zip(outputs) {
            let mut n = [T::ZERO; N];
            Self::normalize(x, &mut n);
            self.scale_and_shift(&n, y);
        }
    }
}

impl<const N: usize, T: Scalar> Train<[T; N]> for LayerNorm<N, T> {
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
            *r = Self::normalize(x, n);
            self.scale_and_shift(n, y);
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
        let count = T::from_usize(N);
        let rows = input_gradient.into_iter().flatten().zip(&cache.output_gradient).zip(ns).zip(rs);
        for (((dx, dy), n), r) in rows {
            let (mut sum, mut dot) = (T::ZERO, T::ZERO);
            for (((dx, dy), w), n) in dx.iter_mut().zip(dy).zip(&self.weight).zip(n) {
                let g = *w * *dy;
                *dx = g;
                sum += g;
                dot += g * *n;
            }
            let (mean, mean_n) = (sum / count, dot / count);
            for (dx, n) in dx.iter_mut().zip(n) {
                *dx = *r * (*dx - mean - *n * mean_n);
            }
        }
    }

    #[inline(always)]
    fn gradients<K: Kernel, const B: usize>(
        kernel: K,
        inputs: &[[T; N]],
        cache: &Self::Cache<B>,
        gradients: &mut Self,
    ) {
        let (ns, _) = &cache.extra;
        let dy = crate::scalar::head(&cache.output_gradient, inputs.len());
        add_gain_gradient(dy, ns, &mut gradients.weight);
        kernel.bias_gradient(dy, &mut gradients.bias);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;
    use crate::train::{Gradients, Workspace};

    // x = (1, 3, 1, 3): mean 2, variance 1, r = 1 / sqrt(1.00001), n = r (-1, 1, -1, 1).
    // With w = 2 and dC/dy = (1, 0, 0, 0): g = (2, 0, 0, 0), mean(g) = 1/2, mean(g n) = -r/2,
    // dC/dx = r (3/2 - r^2/2, -1/2 + r^2/2, -1/2 - r^2/2, -1/2 + r^2/2).
    #[test]
    fn hand_computed() {
        type Net = Network<4, LayerNorm<4, f64>, f64>;
        let network: Net = Network::new(LayerNorm { weight: [2.0; 4], bias: [0.5; 4] });
        let (mut workspace, mut gradients) = (Workspace::<Net, 1>::zeros(), Gradients::<Net>::zeros());
        let (x, mut dx) = ([1.0, 3.0, 1.0, 3.0], [[0.0; 4]]);
        let r = 1.0 / 1.00001_f64.sqrt();
        let mut pass = workspace.forward(&network, &[x]).unwrap();
        let expected = [-1.0, 1.0, -1.0, 1.0].map(|n| 2.0 * r * n + 0.5);
        approx::assert_abs_diff_eq!(pass.outputs()[0][..], expected[..], epsilon = 1e-15);
        approx::assert_abs_diff_eq!(network.predict(&x)[..], expected[..], epsilon = 1e-15);
        pass.backward(&[[1.0, 0.0, 0.0, 0.0]], &mut gradients, Some(&mut dx)).unwrap();
        let half = r * r / 2.0;
        let expected = [1.5 - half, -0.5 + half, -0.5 - half, -0.5 + half].map(|d| r * d);
        approx::assert_abs_diff_eq!(dx[0][..], expected[..], epsilon = 1e-15);
        approx::assert_abs_diff_eq!(gradients.of.layers.weight[..], [-r, 0.0, 0.0, 0.0][..], epsilon = 1e-15);
        assert_eq!(gradients.of.layers.bias, [1.0, 0.0, 0.0, 0.0]);
    }
}
