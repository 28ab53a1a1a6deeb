//! The correlation of outputs and targets.

use super::metric::{clone_by_copy, metric};
use super::moments::{Counts, Moments, next};
use super::sum::Sum;
use crate::scalar::Scalar;
use crate::zero::zero_struct;

/// Pearson's correlation coefficient of each output with its target, in [-1, 1]:
/// `r = sum_i (a_i - mean a) (y_i - mean y) / sqrt(sum_i (a_i - mean a)^2 sum_i (y_i - mean y)^2)`.
///
/// Unlike [`R2Score`](super::R2Score), it does not change with the scale and the mean of the outputs. As
/// `sklearn.feature_selection.r_regression`, and as SciPy's `pearsonr` limited to [-1, 1], which rounding could exceed.
///
/// It is computed in one pass, as [`R2Score`](super::R2Score) is. It is NaN if an output or a target is NaN or infinite. It
/// is undefined without samples, for a single one, and if all outputs or all targets are equal, where scikit-learn answers
/// 0 and SciPy NaN.
///
/// ```
/// use stackprop::metrics::PearsonCorrelation;
///
/// let mut correlation = PearsonCorrelation::new();
/// for (output, target) in [([1.0], [30.0]), ([2.0], [20.0]), ([3.0], [10.0])] {
///     correlation.add(&output, &target);
/// }
/// let [r] = correlation.outputs();
/// assert!((r.unwrap() + 1.0_f32).abs() < 1e-6);
/// ```
#[derive(Debug, PartialEq)]
pub struct PearsonCorrelation<const N: usize, T = f32> {
    samples: u64,
    pairs: [Pair<T>; N],
}

clone_by_copy! { [const N: usize, T: Copy] PearsonCorrelation<N, T> { samples, pairs } }
metric! { [const N: usize, T: Scalar] PearsonCorrelation<N, T> { samples, pairs } }

/// The moments of one output and its target.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pair<T> {
    output: Moments<T>,
    target: Moments<T>,
    /// `sum (a - mean a) (y - mean y)`, in units of the scales of the two moments
    products: Sum<T>,
}

zero_struct!([T: Scalar] Pair<T> { output, target, products });

impl<T: Scalar> Pair<T> {
    fn scales(&self) -> [T; 2] {
        [self.output.squares.scale(), self.target.squares.scale()]
    }

    /// Relates the products to the present scales, instead of those given.
    fn rescale(&mut self, from: [T; 2]) {
        for (from, to) in from.into_iter().zip(self.scales()) {
            if to > from {
                self.products.scale(from / to);
            }
        }
    }

    /// Adds a product of two deviations.
    fn add_product(&mut self, output: T, target: T, weight: T) {
        // A deviation that is not 0 has a scale.
        if output != T::ZERO && target != T::ZERO && weight != T::ZERO {
            let [a, y] = self.scales();
            self.products.add((output / a) * (target / y) * weight);
        }
    }

    fn add(&mut self, output: T, target: T, n: T, share: T) {
        let scales = self.scales();
        let (a, y) = (self.output.add(output, n, share), self.target.add(target, n, share));
        self.rescale(scales);
        self.add_product(a, y, share);
    }

    fn merge(&mut self, other: &Self, counts: Counts<T>) {
        let (scales, mut others) = (self.scales(), *other);
        let a = self.output.merge(&other.output, counts);
        let y = self.target.merge(&other.target, counts);
        self.rescale(scales);
        (others.output, others.target) = (self.output, self.target);
        others.rescale(other.scales());
        self.products.merge(&others.products);
        self.add_product(a, y, counts.weight);
    }

    fn correlation(&self) -> Option<T> {
        let (a, y) = (&self.output.squares, &self.target.squares);
        // In units of their scales, the sums are at least 1/2 and at most 4 for each sample.
        let deviations = (a.scaled() * y.scaled()).sqrt();
        (!a.is_zero() && !y.is_zero()).then(|| (self.products.value() / deviations).clamp(-T::ONE, T::ONE))
    }
}

impl<const N: usize, T: Scalar> PearsonCorrelation<N, T> {
    /// Adds a sample: its outputs `[N]` and its targets `[N]`.
    pub fn add(&mut self, outputs: &[T; N], targets: &[T; N]) {
        let (n, share) = next(self.samples);
        self.samples = self.samples.saturating_add(1);
        for (pair, (&output, &target)) in self.pairs.iter_mut().zip(outputs.iter().zip(targets)) {
            pair.add(output, target, n, share);
        }
    }

    /// Adds the samples of another. A sum in another order may differ in its last bits.
    pub fn merge(&mut self, other: &Self) {
        let Some(counts) = Counts::of(self.samples, other.samples) else { return };
        self.samples = self.samples.saturating_add(other.samples);
        for (pair, other) in self.pairs.iter_mut().zip(&other.pairs) {
            pair.merge(other, counts);
        }
    }

    /// The correlation of each output with its target; `None` where it is undefined.
    #[must_use]
    pub fn outputs(&self) -> [Option<T>; N] {
        let mut correlations = [None; N];
        for (correlation, pair) in correlations.iter_mut().zip(&self.pairs) {
            *correlation = pair.correlation();
        }
        correlations
    }

    /// The number of samples.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pearson(samples: &[(f32, f32)]) -> PearsonCorrelation<1> {
        let mut pearson = PearsonCorrelation::new();
        samples.iter().for_each(|&(output, target)| pearson.add(&[output], &[target]));
        pearson
    }

    // deviations -1, 0, 1 and -1, 1, 0: products 1, squares 2 and 2
    #[test]
    fn hand_computed() {
        for (a, y) in [(1.0, 1.0), (1e30, 1e-30), (-1e-38, -1e37), (1e10, 1.0)] {
            let samples = [(1.0 * a, 2.0 * y), (2.0 * a, 4.0 * y), (3.0 * a, 3.0 * y)];
            for first in 0..=3 {
                let mut merged = pearson(&samples[..first]);
                merged.merge(&pearson(&samples[first..]));
                let [r] = merged.outputs().map(Option::unwrap);
                approx::assert_relative_eq!(r, 0.5, max_relative = 1e-6);
            }
        }
    }

    #[test]
    fn undefined_cases() {
        for samples in [&[][..], &[(1.0, 2.0)], &[(0.1, 2.0), (0.1, 3.0)], &[(2.0, 0.1), (3.0, 0.1)]] {
            assert_eq!(pearson(samples).outputs(), [None]);
        }
    }

    #[test]
    fn what_is_not_finite_is_seen() {
        for (output, target) in [(f32::NAN, 0.0), (0.0, f32::NAN), (f32::INFINITY, 1.0), (1.0, f32::INFINITY)]
        {
            for place in 0..4 {
                let mut samples = [(1.0, 2.0), (4.0, 3.0), (1.0, 5.0), (2.0, 2.0)];
                samples[place] = (output, target);
                assert!(pearson(&samples).outputs()[0].unwrap().is_nan(), "{output} {target} {place}");
            }
        }
    }
}
