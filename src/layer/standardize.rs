//! Inputs are normalised to mean 0 and variance 1, with the statistics of all inputs seen so far:
//! `y_j = (x_j - m_j) / sqrt(v_j + 1e-8)`.
//!
//! Backward: `dC/dx_j = dC/dy_j / sqrt(v_j + 1e-8)`. No gradient changes `m` and `v`.

use super::normalization::{fold_above, reciprocal_deviation, update_statistics};
use super::scratch::{Ends, Place};
use super::{Dense, Kept, Layer, Pass, Train, infer_one};
use crate::kernel::Kernel;
use crate::parameters;
use crate::range;
use crate::scalar::Scalar;

/// Normalises each of `N` inputs to mean 0 and variance 1.
///
/// The statistics are a part of the network, and are copied and stored with it.
///
/// [`Network::observe`](crate::Network::observe) adds an input to them by Welford's method: they are the mean and
/// the variance (the mean squared deviation) of all inputs so far. Before the first input, they are 0 and 1.
///
/// ```
/// use stackprop::{Chain, Dense, Network, Standardize, layers};
///
/// type Policy = Network<2, Chain![Standardize<2>, Dense<2, 1>]>;
/// let mut policy: Policy =
///     Network::new(layers![Standardize::new(), Dense::from_parameters([[1.0], [1.0]], [0.0])]);
/// for reading in [[100.0, 0.1], [300.0, 0.3]] {
///     policy.observe(&reading);
/// }
/// let [y] = policy.predict(&[300.0, 0.3]); // both are one deviation above their mean
/// assert!((y - 2.0).abs() < 1e-5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standardize<const N: usize, T = f32> {
    /// The mean of each input, `[N]`.
    pub mean: [T; N],
    /// The variance of each input, `[N]`.
    pub variance: [T; N],
    /// The number of inputs that the statistics have seen. (An `f32` counts to 2^24; after that, the
    /// oldest inputs fade.)
    pub count: [T; 1],
}

parameters! {
    #[allow(unsafe_code)]
    [const N: usize, T: Scalar] Standardize<N, T>, T;
    fixed { mean: Mean(N, N), variance: Variance(N, N), count: Count(N, N) }
}

impl<const N: usize, T: Scalar> Default for Standardize<N, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize, T: Scalar> Standardize<N, T> {
    /// The statistics before the first input: means of 0 and variances of 1.
    pub const fn new() -> Self {
        Self::from_statistics([T::ZERO; N], [T::ONE; N], T::ZERO)
    }

    /// Known statistics of `count` inputs.
    pub const fn from_statistics(mean: [T; N], variance: [T; N], count: T) -> Self {
        Self { mean, variance, count: [count] }
    }

    /// `1 / sqrt(v + 1e-8)`
    fn scale(&self) -> [T; N] {
        self.variance.map(|v| reciprocal_deviation(v, 1e-8))
    }

    /// Merges this layer and the one above it into one layer. The outputs are the same within rounding.
    pub fn fold_above<const OUT: usize, A>(&self, above: &Dense<N, OUT, A, T>) -> Dense<N, OUT, A, T> {
        let scale = self.scale();
        let mut shift = self.mean;
        for (t, s) in shift.iter_mut().zip(&scale) {
            *t = -(*t * *s);
        }
        fold_above(above, &scale, &shift)
    }
}

impl<const N: usize, T: Scalar> Layer<[T; N]> for Standardize<N, T> {
    type Output = [T; N];
    type Memory = ();
    type Scratch<const B: usize, I: Place, O: Place> = Ends<[T; N], [T; N], B, I, O>;
    const MACS: usize = N;

    #[inline(always)]
    fn infer<K: Kernel>(&self, _: K, _: &mut (), inputs: &[[T; N]], outputs: &mut [[T; N]]) {
        let scale = self.scale();
        for (x, y) in inputs.iter().zip(outputs) {
            for (((y, x), m), s) in y.iter_mut().zip(x).zip(&self.mean).zip(&scale) {
                *y = (*x - *m) * *s;
            }
        }
    }

    #[inline(always)]
    fn observe<K: Kernel>(&mut self, kernel: K, memory: &mut (), input: &[T; N]) -> [T; N] {
        let Self { mean, variance, count: [count] } = self;
        *count += T::ONE;
        update_statistics(input, mean, variance, T::ONE / *count);
        infer_one(self, kernel, memory, input)
    }
}

impl<const N: usize, T: Scalar> Train<[T; N]> for Standardize<N, T> {
    type Cache<const B: usize> = Kept<[T; N], (), B>;
    type Range = range::Real;

    #[inline(always)]
    fn forward<K: Kernel, const B: usize>(
        &self,
        pass: Pass<K>,
        memory: &mut (),
        inputs: &[[T; N]],
        cache: &mut Self::Cache<B>,
    ) {
        self.infer(pass.kernel, memory, inputs, &mut cache.outputs);
    }

    #[inline(always)]
    fn deltas<K: Kernel, const B: usize>(
        &self,
        _: K,
        _: &[[T; N]],
        cache: &mut Self::Cache<B>,
        input_gradient: Option<&mut [[T; N]]>,
    ) {
        let scale = self.scale();
        for (dx, dy) in input_gradient.into_iter().flatten().zip(&cache.output_gradient) {
            for ((dx, dy), s) in dx.iter_mut().zip(dy).zip(&scale) {
                *dx = *s * *dy;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation::Identity;
    use crate::network::Network;
    use crate::train::Workspace;

    // 1, 2, 6: mean 3, variance 14/3.
    #[test]
    fn hand_computed() {
        type Net = Network<1, Standardize<1, f64>, f64>;
        let mut network = Net::new(Standardize::new());
        assert_eq!(network.observe(&[1.0]), [0.0]);
        network.observe(&[2.0]);
        let [y] = network.observe(&[6.0]);
        let scale = 1.0 / (14.0 / 3.0 + 1e-8_f64).sqrt();
        approx::assert_abs_diff_eq!(y, 3.0 * scale, epsilon = 1e-14);
        assert_eq!(network.predict(&[6.0]), [y]);
        let (mut workspace, mut dx) = (Workspace::<Net, 1>::zeros(), [[0.0]]);
        workspace.forward(&network, &[[6.0]]).unwrap().input_gradient(&[[2.0]], &mut dx).unwrap();
        approx::assert_abs_diff_eq!(dx[0][0], 2.0 * scale, epsilon = 1e-14);
    }

    // Numbers far from 0, with a variance that a difference of squares would lose: 10^6 + (0, 1, 2), variance 2/3.
    #[test]
    fn a_small_variance_far_from_zero() {
        let mut network = Network::<1, Standardize<1>>::new(Standardize::new());
        for x in [1e6, 1e6 + 1.0, 1e6 + 2.0] {
            network.observe(&[x]);
        }
        approx::assert_relative_eq!(network.layers.variance[0], 2.0 / 3.0, max_relative = 0.05);
    }

    // v = 1/4 - 1e-8: s = 2, t = -3 * 2. W' = 2 W, b' = b - 6 W.
    #[test]
    fn folds() {
        let layer = Standardize::from_statistics([3.0_f64], [0.25 - 1e-8], 1.0);
        let above = layer.fold_above(&Dense::<1, 1, Identity, f64>::from_parameters([[10.0]], [1.0]));
        approx::assert_abs_diff_eq!(above.weight[0][0], 20.0, epsilon = 1e-12);
        approx::assert_abs_diff_eq!(above.bias[0], -59.0, epsilon = 1e-12);
    }
}
