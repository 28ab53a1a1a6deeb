//! The coefficient of determination.

use super::metric::{clone_by_copy, metric};
use super::moments::{Counts, Moments, next};
use super::sum::Squares;
use crate::scalar::Scalar;

/// The coefficient of determination of each output: `R2 = 1 - sum_i (a_i - y_i)^2 / sum_i (y_i - mean y)^2`.
///
/// 1 if every output is right, 0 for a network that always answers the mean of the targets, and negative for a worse
/// one. As `sklearn.metrics.r2_score`.
///
/// It is computed in one pass, without the difference of large sums (Welford's method, with a compensated mean), and
/// in units of its own, so that targets of 1e30 or 1e-30 are no problem in f32. It is NaN if an output or a target is NaN
/// or infinite.
///
/// It is undefined without samples, for a single one, and for targets that are all equal. scikit-learn answers NaN for a
/// single sample, and for constant targets 1 if the outputs are right and 0 if not.
///
/// ```
/// use stackprop::metrics::R2Score;
///
/// let mut r2 = R2Score::new();
/// for (output, target) in [([2.5], [3.0]), ([0.0], [-0.5]), ([2.0], [2.0]), ([8.0], [7.0])] {
///     r2.add(&output, &target);
/// }
/// let r2: f64 = r2.average().unwrap();
/// assert!((r2 - 0.948_608_137).abs() < 1e-9); // 1 - 1.5 / 29.1875
/// ```
#[derive(Debug, PartialEq)]
pub struct R2Score<const N: usize, T = f32> {
    samples: u64,
    errors: [Squares<T>; N],
    targets: [Moments<T>; N],
}

clone_by_copy! { [const N: usize, T: Copy] R2Score<N, T> { samples, errors, targets } }
metric! { [const N: usize, T: Scalar] R2Score<N, T> { samples, errors, targets } }

impl<const N: usize, T: Scalar> R2Score<N, T> {
    /// Adds a sample: its outputs `[N]` and its targets `[N]`.
    pub fn add(&mut self, outputs: &[T; N], targets: &[T; N]) {
        let (n, share) = next(self.samples);
        self.samples = self.samples.saturating_add(1);
        let sums = self.errors.iter_mut().zip(&mut self.targets);
        for ((errors, moments), (&output, &target)) in sums.zip(outputs.iter().zip(targets)) {
            errors.add(output - target, T::ONE);
            moments.add(target, n, share);
        }
    }

    /// Adds the samples of another. A sum in another order may differ in its last bits.
    pub fn merge(&mut self, other: &Self) {
        let Some(counts) = Counts::of(self.samples, other.samples) else { return };
        self.samples = self.samples.saturating_add(other.samples);
        for (errors, other) in self.errors.iter_mut().zip(&other.errors) {
            errors.merge(other);
        }
        for (moments, other) in self.targets.iter_mut().zip(&other.targets) {
            moments.merge(other, counts);
        }
    }

    /// The R2 of each output, at most 1, as scikit-learn's `raw_values`; `None` where it is undefined.
    #[must_use]
    pub fn outputs(&self) -> [Option<T>; N] {
        let mut scores = [None; N];
        for (score, (errors, targets)) in scores.iter_mut().zip(self.errors.iter().zip(&self.targets)) {
            let squares = &targets.squares;
            *score = (!squares.is_zero()).then(|| T::ONE - errors.divided_by(squares));
        }
        scores
    }

    /// The mean over the outputs, as scikit-learn's `uniform_average`; `None` if the R2 of an output is undefined.
    #[must_use]
    pub fn average(&self) -> Option<T> {
        let sum = self.outputs().into_iter().try_fold(T::ZERO, |sum, score| Some(sum + score?))?;
        Some(sum / T::from_usize(N))
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

    fn r2<const N: usize>(samples: &[([f32; N], [f32; N])]) -> R2Score<N> {
        let mut r2 = R2Score::new();
        samples.iter().for_each(|(output, target)| r2.add(output, target));
        r2
    }

    // targets 1, 2, 3, 6: mean 3, squares 4 + 1 + 0 + 9 = 14; errors 1, 0, -1, 0 (R2 6/7), and 7, 7, 7, 7 (1 - 14)
    #[test]
    fn hand_computed() {
        let samples = [1.0, 2.0, 3.0, 6.0].map(|y| [y, y]);
        let outputs = [[2.0, 8.0], [2.0, 9.0], [2.0, 10.0], [6.0, 13.0]];
        let pairs: std::vec::Vec<_> = outputs.into_iter().zip(samples).collect();
        let mut scores = r2(&pairs[..1]);
        assert_eq!(scores.outputs(), [None; 2]); // a single sample
        scores.merge(&r2(&pairs[1..]));
        for scores in [scores, r2(&pairs)] {
            let [first, second] = scores.outputs().map(Option::unwrap);
            approx::assert_relative_eq!(first, 6.0 / 7.0, max_relative = 1e-6);
            approx::assert_relative_eq!(second, -13.0, max_relative = 1e-6);
            approx::assert_relative_eq!(
                scores.average().unwrap(),
                (6.0 / 7.0 - 13.0) / 2.0,
                max_relative = 1e-6
            );
        }
    }

    #[test]
    fn undefined_cases() {
        assert_eq!(r2::<1>(&[]).average(), None);
        let constant = r2(&[([1.0, 1.0], [0.1, 0.0]), ([0.1, 2.0], [0.1, 3.0])]);
        assert_eq!(constant.outputs(), [None, Some(1.0 - 2.0 / 4.5)]);
        assert_eq!(constant.average(), None);
        let mut nothing = R2Score::<2>::new();
        nothing.merge(&R2Score::new());
        assert_eq!(nothing, R2Score::new());
    }

    #[test]
    fn what_is_not_finite_is_seen() {
        for (output, target) in [(f32::NAN, 0.0), (0.0, f32::NAN), (0.0, f32::INFINITY)] {
            for place in 0..3 {
                let mut samples = [([1.0], [2.0]), ([3.0], [4.0]), ([6.0], [7.0])];
                samples[place] = ([output], [target]);
                assert!(r2(&samples).average().unwrap().is_nan(), "{output} {target} {place}");
            }
        }
    }

    #[test]
    fn targets_of_any_size() {
        for unit in [1.0, 1e-30, 1e30, -1e-38] {
            let samples = [(1.5, 1.0), (2.0, 2.0), (3.0, 3.0)].map(|(a, y)| ([a * unit], [y * unit]));
            approx::assert_relative_eq!(r2(&samples).average().unwrap(), 0.875, max_relative = 1e-6);
        }
    }
}
