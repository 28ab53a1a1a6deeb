//! Batch normalisation (Ioffe, Szegedy 2015) with running statistics: `n_j = (x_j - m_j) / sqrt(v_j + 1e-5)`,
//! `y_j = w_j n_j + b_j`.
//!
//! Backward: `dC/dw_j = sum_s n_j dC/dy_j`, `dC/db_j = sum_s dC/dy_j`, `dC/dx_j = w_j / sqrt(v_j + 1e-5) dC/dy_j`.
//!
//! The mean `m` and the variance `v` are constants of these equations, in training as well, as in PyTorch's
//! `eval` mode. [`observe`](crate::Network::observe) updates them. In PyTorch's `train` mode, each mini-batch is
//! normalised by its own statistics. Then the outputs for a sample depend on the other samples of the mini-batch,
//! and the bits depend on how the mini-batch is split.

use super::normalization::{
    add_gain_gradient, fold_above, fold_below, reciprocal_deviation, update_statistics,
};
use super::scratch::{Ends, Place};
use super::{Dense, Kept, Layer, Pass, Train, infer_one};
use crate::activation::Identity;
use crate::kernel::Kernel;
use crate::parameters;
use crate::range;
use crate::scalar::{Scalar, head};

/// Normalises each of `N` numbers by its mean and variance over the samples seen so far, then scales and shifts it.
///
/// It is PyTorch's `nn.BatchNorm1d` in `eval` mode.
///
/// [`Network::observe`](crate::Network::observe) adds a sample to the statistics. The first `WINDOW` samples have
/// equal weights; after that, each new one has the weight `1 / WINDOW`, and the old ones fade. A usual loop
/// observes each mini-batch, and then makes a step on it.
///
/// After training, [`fold_below`](BatchNorm::fold_below) or [`fold_above`](BatchNorm::fold_above) merges it into
/// the adjacent [`Dense`] layer, where it costs nothing.
///
/// ```
/// use stackprop::{BatchNorm, Chain, Dense, Network, layers};
///
/// type Net = Network<2, Chain![Dense<2, 1>, BatchNorm<1>]>;
/// let mut network: Net = Network::new(layers![Dense::from_parameters([[1.0], [1.0]], [0.0]), BatchNorm::new()]);
/// for x in [[1.0, 1.0], [2.0, 4.0], [3.0, 1.0]] {
///     network.observe(&x); // 2, 6, 4
/// }
/// assert_eq!(network.layers.1.running_mean, [4.0]);
///
/// let folded = Network::<2, Dense<2, 1>>::new(network.layers.1.fold_below(&network.layers.0));
/// let [[a], [b]] = [network.predict(&[5.0, 1.0]), folded.predict(&[5.0, 1.0])];
/// assert!((a - b).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNorm<const N: usize, const WINDOW: usize = 1000, T = f32> {
    /// The gain of each number, `[N]`.
    pub weight: [T; N],
    /// The shift of each number, `[N]`.
    pub bias: [T; N],
    /// The mean of each number, `[N]`.
    pub running_mean: [T; N],
    /// The variance of each number, `[N]`.
    pub running_var: [T; N],
    /// The number of samples that the statistics have seen, at most `WINDOW`.
    pub count: [T; 1],
}

parameters! {
    #[allow(unsafe_code)]
    [const N: usize, const WINDOW: usize, T: Scalar] BatchNorm<N, WINDOW, T>, T;
    trained as BatchNormGradient<N, T> { weight: Gain(N, N), bias: Shift(N, N) }
    fixed { running_mean: Mean(N, N), running_var: Variance(N, N), count: Count(N, N) }
}

/// One number for each trained parameter of a [`BatchNorm`]: a gradient, or a part of an optimiser's state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNormGradient<const N: usize, T = f32> {
    /// For the gains, `[N]`.
    pub weight: [T; N],
    /// For the shifts, `[N]`.
    pub bias: [T; N],
}

parameters! {
    #[allow(unsafe_code)]
    [const N: usize, T: Scalar] BatchNormGradient<N, T>, T;
    trained { weight: Gain(N, N), bias: Shift(N, N) }
}

impl<const N: usize, const WINDOW: usize, T: Scalar> Default for BatchNorm<N, WINDOW, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize, const WINDOW: usize, T: Scalar> BatchNorm<N, WINDOW, T> {
    /// Gains of 1, shifts of 0, and the statistics before the first sample: means of 0 and variances of 1.
    pub const fn new() -> Self {
        Self {
            weight: [T::ONE; N],
            bias: [T::ZERO; N],
            running_mean: [T::ZERO; N],
            running_var: [T::ONE; N],
            count: [T::ZERO],
        }
    }

    /// `1 / sqrt(v + 1e-5)`
    #[inline(always)]
    fn r(variance: T) -> T {
        reciprocal_deviation(variance, 1e-5)
    }

    /// `(s, t)` with `y = s x + t` for each number: `s = w r`, `t = b - m s`.
    fn scale_and_shift(&self) -> ([T; N], [T; N]) {
        let (mut scale, mut shift) = (self.running_var.map(Self::r), self.bias);
        for (((s, t), w), m) in scale.iter_mut().zip(&mut shift).zip(&self.weight).zip(&self.running_mean) {
            *s = *w * *s;
            *t -= *m * *s;
        }
        (scale, shift)
    }

    /// Merges this layer and the one below it, which must have no activation, into one layer: `W' = W s`,
    /// `b' = b s + t`.
    ///
    /// The outputs are the same within rounding.
    pub fn fold_below<const IN: usize>(
        &self,
        below: &Dense<IN, N, Identity, T>,
    ) -> Dense<IN, N, Identity, T> {
        let (scale, shift) = self.scale_and_shift();
        fold_below(below, &scale, &shift)
    }

    /// Merges this layer and the one above it into one layer: `W'_ij = s_i W_ij`, `b'_j = b_j + sum_i t_i W_ij`.
    ///
    /// The outputs are the same within rounding.
    pub fn fold_above<const OUT: usize, A>(&self, above: &Dense<N, OUT, A, T>) -> Dense<N, OUT, A, T> {
        let (scale, shift) = self.scale_and_shift();
        fold_above(above, &scale, &shift)
    }
}

impl<const N: usize, const WINDOW: usize, T: Scalar> Layer<[T; N]> for BatchNorm<N, WINDOW, T> {
    type Output = [T; N];
    type Memory = ();
    type Scratch<const B: usize, I: Place, O: Place> = Ends<[T; N], [T; N], B, I, O>;
    const MACS: usize = N;
    const VALID: () = assert!(WINDOW > 0, "a `BatchNorm` needs a window of at least one sample");

    #[inline(always)]
    fn infer<K: Kernel>(&self, _: K, _: &mut (), inputs: &[[T; N]], outputs: &mut [[T; N]]) {
        let r = self.running_var.map(Self::r);
        for (x, y) in inputs.iter().zip(outputs) {
            let constants = self.running_mean.iter().zip(&r).zip(&self.weight).zip(&self.bias);
            for ((y, x), (((m, r), w), b)) in y.iter_mut().zip(x).zip(constants) {
                *y = *w * ((*x - *m) * *r) + *b;
            }
        }
    }

    #[inline(always)]
    fn observe<K: Kernel>(&mut self, kernel: K, memory: &mut (), input: &[T; N]) -> [T; N] {
        let window = T::from_usize(WINDOW);
        let Self { running_mean, running_var, count: [count], .. } = self;
        *count = if *count < window { *count + T::ONE } else { window };
        update_statistics(input, running_mean, running_var, T::ONE / *count);
        infer_one(self, kernel, memory, input)
    }
}

impl<const N: usize, const WINDOW: usize, T: Scalar> Train<[T; N]> for BatchNorm<N, WINDOW, T> {
    /// In addition to the outputs, `n` of each row.
    type Cache<const B: usize> = Kept<[T; N], [[T; N]; B], B>;
    type Range = range::Real;

    #[inline(always)]
    fn forward<K: Kernel, const B: usize>(
        &self,
        _: Pass<K>,
        _: &mut (),
        inputs: &[[T; N]],
        cache: &mut Self::Cache<B>,
    ) {
        let r = self.running_var.map(Self::r);
        for ((x, y), n) in inputs.iter().zip(&mut cache.outputs).zip(&mut cache.extra) {
            let constants = self.running_mean.iter().zip(&r).zip(&self.weight).zip(&self.bias);
            for (((y, n), x), (((m, r), w), b)) in y.iter_mut().zip(n).zip(x).zip(constants) {
                *n = (*x - *m) * *r;
                *y = *w * *n + *b;
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
        let (scale, _) = self.scale_and_shift();
        for (dx, dy) in input_gradient.into_iter().flatten().zip(&cache.output_gradient) {
            for ((dx, dy), s) in dx.iter_mut().zip(dy).zip(&scale) {
                *dx = *s * *dy;
            }
        }
    }

    #[inline(always)]
    fn gradients<K: Kernel, const B: usize>(
        kernel: K,
        inputs: &[[T; N]],
        cache: &Self::Cache<B>,
        gradients: &mut BatchNormGradient<N, T>,
    ) {
        let dy = head(&cache.output_gradient, inputs.len());
        add_gain_gradient(dy, &cache.extra, &mut gradients.weight);
        kernel.bias_gradient(dy, &mut gradients.bias);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;
    use crate::train::{Gradients, Workspace};

    // m = 3, v = 4 - 1e-5, so r = 1/2. w = 10, b = 1: y = 10 (x - 3) / 2 + 1, which is 11 at x = 5. With dC/dy = 2:
    // dC/dw = 2 n = 2, dC/db = 2, dC/dx = 2 * 10 / 2 = 10.
    #[test]
    fn hand_computed() {
        type Net = Network<1, BatchNorm<1, 10, f64>, f64>;
        let statistics = ([3.0], [4.0 - 1e-5], [1.0]);
        let (running_mean, running_var, count) = statistics;
        let network: Net =
            Network::new(BatchNorm { weight: [10.0], bias: [1.0], running_mean, running_var, count });
        let (mut workspace, mut gradients) = (Workspace::<Net, 1>::zeros(), Gradients::<Net>::zeros());
        let mut dx = [[0.0]];
        let mut pass = workspace.forward(&network, &[[5.0]]).unwrap();
        approx::assert_abs_diff_eq!(pass.outputs()[0][0], 11.0, epsilon = 1e-14);
        approx::assert_abs_diff_eq!(network.predict(&[5.0])[0], 11.0, epsilon = 1e-14);
        pass.backward(&[[2.0]], &mut gradients, Some(&mut dx)).unwrap();
        approx::assert_abs_diff_eq!(dx[0][0], 10.0, epsilon = 1e-14);
        approx::assert_abs_diff_eq!(gradients.of.layers.weight[0], 2.0, epsilon = 1e-15);
        assert_eq!(gradients.of.layers.bias, [2.0]);
    }

    // 1, 2, 6: mean 3, variance 14/3. With a window of 2, the third sample has the share 1/2: from mean 3/2 and
    // variance 1/4 to 3/2 + 9/4 = 15/4 and 1/4 + 1/2 (9/2 * 9/4 - 1/4) = 83/16.
    #[test]
    fn statistics() {
        let mut all = Network::<1, BatchNorm<1, 3, f64>, f64>::new(BatchNorm::new());
        let mut faded = Network::<1, BatchNorm<1, 2, f64>, f64>::new(BatchNorm::new());
        for x in [1.0, 2.0, 6.0] {
            all.observe(&[x]);
            faded.observe(&[x]);
        }
        approx::assert_abs_diff_eq!(all.layers.running_mean[0], 3.0, epsilon = 1e-15);
        approx::assert_abs_diff_eq!(all.layers.running_var[0], 14.0 / 3.0, epsilon = 1e-14);
        assert_eq!((faded.layers.running_mean, faded.layers.running_var), ([15.0 / 4.0], [83.0 / 16.0]));
        assert_eq!((all.layers.count, faded.layers.count), ([3.0], [2.0]));
    }

    // s = w r = 4/2 = 2, t = b - m s = 1 - 3 * 2 = -5 for each number.
    #[test]
    fn folds() {
        let norm = BatchNorm::<2, 10, f64> {
            weight: [4.0; 2],
            bias: [1.0; 2],
            running_mean: [3.0; 2],
            running_var: [4.0 - 1e-5; 2],
            count: [1.0],
        };
        let below = norm.fold_below(&Dense::from_parameters([[1.0, 10.0]], [1.0, 2.0]));
        approx::assert_abs_diff_eq!(below.weight[0][..], [2.0, 20.0][..], epsilon = 1e-13);
        approx::assert_abs_diff_eq!(below.bias[..], [-3.0, -1.0][..], epsilon = 1e-13);
        let above =
            norm.fold_above(&Dense::<2, 1, crate::Tanh, f64>::from_parameters([[1.0], [10.0]], [7.0]));
        approx::assert_abs_diff_eq!(above.weight.as_flattened(), &[2.0, 20.0][..], epsilon = 1e-13);
        approx::assert_abs_diff_eq!(above.bias[0], 7.0 - 5.0 - 50.0, epsilon = 1e-13);
    }
}
