//! The confusion matrix, and the metrics of one number that follow from it.

use core::marker::PhantomData;

use super::class_scores::{ClassScores, Kind};
use super::metric::{metric, ratio};
use crate::loss::Class;
use crate::scalar::Scalar;

/// How many samples of each class were predicted as which class: `counts[truth][predicted]`, as scikit-learn's.
///
/// A sample without a prediction, because an output was NaN ([`argmax_class`](super::argmax_class)), is counted as
/// [`unclassified`](ConfusionMatrix::unclassified): it is a sample of its class, and predicted as none. Every metric
/// here treats it as scikit-learn does a predicted label that is none of the classes. It is always wrong.
///
/// With `s` samples, `c` of them right, `t_k` samples of class `k`, and `p_k` predicted as `k`:
///
/// | metric | equation |
/// |---|---|
/// | [`accuracy`](ConfusionMatrix::accuracy) | `c / s` |
/// | [`balanced_accuracy`](ConfusionMatrix::balanced_accuracy) | the mean of `counts[k][k] / t_k` |
/// | [`cohen_kappa`](ConfusionMatrix::cohen_kappa) | `(c s - sum_k t_k p_k) / (s^2 - sum_k t_k p_k)` |
/// | [`matthews_correlation`](ConfusionMatrix::matthews_correlation) | `(c s - sum_k t_k p_k) / sqrt((s^2 - sum_k p_k^2) (s^2 - sum_k t_k^2))` |
/// | [`precision`](ConfusionMatrix::precision) of a class | `counts[k][k] / p_k` |
/// | [`recall`](ConfusionMatrix::recall) of a class | `counts[k][k] / t_k` |
/// | [`f1`](ConfusionMatrix::f1) of a class | `2 counts[k][k] / (p_k + t_k)` |
///
/// Numerators and denominators are computed as integers, exactly. `T` is the type of the answers; it is independent of
/// the network's. A matrix takes `4 N (N + 1)` bytes. With 2^32 - 1 samples or more, counts may have saturated, and
/// every metric is `None`.
///
/// ```
/// use stackprop::metrics::{ConfusionMatrix, argmax_class};
/// use stackprop::{Class, Dense, Network, Workspace};
///
/// type Net = Network<1, Dense<1, 2>>;
/// let network: Net = Network::new(Dense::from_parameters([[-1.0, 1.0]], [0.0, 0.0]));
/// let class = |index| Class::<2>::new(index).unwrap();
/// let data = [([-3.0], class(0)), ([2.0], class(1)), ([1.0], class(0)), ([5.0], class(1))];
///
/// let mut confusion = ConfusionMatrix::<2>::new();
/// Workspace::<Net, 16>::zeros()
///     .evaluate(&network, &data, |logits, class| confusion.add(*class, argmax_class(logits)))?;
/// assert_eq!(confusion.counts(), &[[1, 1], [0, 2]]);
/// assert_eq!(confusion.accuracy(), Some(0.75));
/// assert_eq!(confusion.precision().of(class(1)), Some(2.0 / 3.0));
/// assert_eq!(confusion.recall().macro_average(), Some(0.75));
/// println!("{confusion}");
/// # Ok::<(), stackprop::Fault>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ConfusionMatrix<const N: usize, T = f32> {
    /// `[truth][predicted]`
    counts: [[u32; N]; N],
    /// `[truth]`
    unclassified: [u32; N],
    scalar: PhantomData<T>,
}

metric! {
    [const N: usize, T: Scalar] ConfusionMatrix<N, T> { counts, unclassified, scalar }
    new
    ///
    /// Its metrics are `f32`. With another type, start from `ConfusionMatrix::<N, f64>::default()`, or in a `static`
    /// from [`Zero::ZERO`](crate::Zero::ZERO).
    [const N: usize] ConfusionMatrix<N>
}

impl<const N: usize, T: Scalar> ConfusionMatrix<N, T> {
    /// Adds a sample of class `truth` that was predicted as `predicted`: a class, or `None` if an output was NaN.
    ///
    /// The order is scikit-learn's: first the truth, then the prediction.
    pub fn add(&mut self, truth: Class<N>, predicted: impl Into<Option<Class<N>>>) {
        let count = match predicted.into() {
            Some(class) => self.counts.get_mut(truth.index()).and_then(|row| row.get_mut(class.index())),
            None => self.unclassified.get_mut(truth.index()),
        };
        if let Some(count) = count {
            *count = count.saturating_add(1);
        }
    }

    /// Adds the samples of another matrix.
    pub fn merge(&mut self, other: &Self) {
        let counts = self.counts.as_flattened_mut().iter_mut().chain(&mut self.unclassified);
        let others = other.counts.as_flattened().iter().chain(&other.unclassified);
        for (count, &other) in counts.zip(others) {
            *count = count.saturating_add(other);
        }
    }

    /// The counts, `[truth][predicted]`.
    #[must_use]
    pub fn counts(&self) -> &[[u32; N]; N] {
        &self.counts
    }

    /// For each class, the number of its samples without a prediction.
    #[must_use]
    pub fn unclassified(&self) -> &[u32; N] {
        &self.unclassified
    }

    /// The number of samples.
    #[must_use]
    pub fn samples(&self) -> u64 {
        sum(self.counts.as_flattened()).saturating_add(sum(&self.unclassified))
    }

    /// The fraction of samples that were predicted correctly, in [0, 1]. As `accuracy_score`.
    ///
    /// `None` without samples.
    #[must_use]
    pub fn accuracy(&self) -> Option<T> {
        let right = (0..N).fold(0_u64, |sum, k| sum.saturating_add(self.right(k)));
        ratio(right, self.samples()).filter(|_| self.is_exact())
    }

    /// The mean recall of the classes that have samples, in [0, 1]. As `balanced_accuracy_score`, which leaves out the
    /// other classes as well. (The macro average of [`recall`](ConfusionMatrix::recall) is `None` if there are any.)
    ///
    /// `None` without samples.
    #[must_use]
    pub fn balanced_accuracy(&self) -> Option<T> {
        self.recall().mean_of_defined()
    }

    /// Of the samples that were predicted as a class, the fraction that is of this class: `counts[k][k] / p_k`.
    ///
    /// `None` for a class that was never predicted.
    #[must_use]
    pub fn precision(&self) -> ClassScores<'_, N, T> {
        ClassScores::new(self, Kind::Precision)
    }

    /// Of the samples of a class, the fraction that was predicted as this class: `counts[k][k] / t_k`.
    ///
    /// `None` for a class without samples.
    #[must_use]
    pub fn recall(&self) -> ClassScores<'_, N, T> {
        ClassScores::new(self, Kind::Recall)
    }

    /// The harmonic mean of precision and recall: `2 counts[k][k] / (p_k + t_k)`.
    ///
    /// `None` for a class without samples that was never predicted. It is 0 if only one of the two holds, as
    /// in scikit-learn.
    #[must_use]
    pub fn f1(&self) -> ClassScores<'_, N, T> {
        ClassScores::new(self, Kind::F1)
    }

    /// Whether no count can have saturated.
    pub(super) fn is_exact(&self) -> bool {
        self.samples() < u32::MAX.into()
    }

    /// The number of samples of class `k` that were predicted as `k`.
    pub(super) fn right(&self, k: usize) -> u64 {
        self.counts.get(k).and_then(|row| row.get(k)).copied().unwrap_or(0).into()
    }

    /// `t_k`, the number of samples of class `k`.
    pub(super) fn truth(&self, k: usize) -> u64 {
        let row = self.counts.get(k).map_or(0, |row| sum(row));
        row.saturating_add(self.unclassified.get(k).copied().unwrap_or(0).into())
    }

    /// `p_k`, the number of samples that were predicted as class `k`.
    pub(super) fn predicted(&self, k: usize) -> u64 {
        let column = self.counts.iter().filter_map(|row| row.get(k));
        column.fold(0, |sum, &count| sum.saturating_add(count.into()))
    }
}

/// The sum of counts.
pub(super) fn sum(counts: &[u32]) -> u64 {
    counts.iter().fold(0, |sum, &count| sum.saturating_add(count.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class<const N: usize>(index: usize) -> Class<N> {
        Class::new(index).unwrap()
    }

    // s = 12, c = 9, t = (7, 5), p = (8, 4): sum t p = 76, sum t^2 = 74, sum p^2 = 80
    #[test]
    fn hand_computed() {
        let mut matrix = ConfusionMatrix::<2, f64>::default();
        for (count, truth, predicted) in [(6, 0, 0), (1, 0, 1), (2, 1, 0), (3, 1, 1)] {
            (0..count).for_each(|_| matrix.add(class(truth), class(predicted)));
        }
        assert_eq!(matrix.accuracy(), Some(0.75));
        assert_eq!(matrix.balanced_accuracy(), Some((6.0 / 7.0 + 0.6) / 2.0));
        assert_eq!(matrix.cohen_kappa(), Some(32.0 / 68.0));
        let matthews = matrix.matthews_correlation().unwrap();
        approx::assert_abs_diff_eq!(matthews, 32.0 / 4480_f64.sqrt(), epsilon = 1e-15);
        // Everything wrong.
        let mut matrix = ConfusionMatrix::<2>::new();
        matrix.add(class(0), class(1));
        matrix.add(class(1), class(0));
        assert_eq!((matrix.cohen_kappa(), matrix.matthews_correlation()), (Some(-1.0), Some(-1.0)));
    }

    #[test]
    fn undefined_cases() {
        let mut matrix = ConfusionMatrix::<3>::new();
        let all = |matrix: &ConfusionMatrix<3>| {
            [
                matrix.accuracy(),
                matrix.balanced_accuracy(),
                matrix.cohen_kappa(),
                matrix.matthews_correlation(),
            ]
        };
        assert_eq!(all(&matrix), [None; 4]);
        matrix.add(class(1), class(1)); // one class, always predicted
        assert_eq!(all(&matrix), [Some(1.0), Some(1.0), None, None]);
        matrix.add(class(1), class(0)); // one class
        assert_eq!(all(&matrix), [Some(0.5), Some(0.5), Some(0.0), None]);
    }

    #[test]
    fn a_nan_is_wrong() {
        let mut matrix = ConfusionMatrix::<2>::new();
        matrix.add(class(0), None);
        assert_eq!((matrix.accuracy(), matrix.precision().micro_average()), (Some(0.0), None));
        matrix.add(class(0), class(0));
        matrix.add(class(1), class(1));
        assert_eq!((matrix.unclassified(), matrix.samples()), (&[1, 0], 3));
        assert_eq!(matrix.accuracy(), Some(2.0 / 3.0));
        assert_eq!(matrix.recall().of(class(0)), Some(0.5));
        assert_eq!(matrix.precision().of(class(0)), Some(1.0));
    }

    /// Saturated counts answer nothing, and the largest exact ones do not overflow.
    #[test]
    fn as_many_samples_as_fit() {
        let most = u32::MAX - 1;
        let half = most / 2;
        let counts = [[half, 0], [0, half]];
        let mut matrix = ConfusionMatrix::<2, f64> { counts, ..ConfusionMatrix::default() };
        assert_eq!(matrix.samples(), u64::from(most));
        assert_eq!((matrix.accuracy(), matrix.cohen_kappa()), (Some(1.0), Some(1.0)));
        assert_eq!((matrix.matthews_correlation(), matrix.f1().macro_average()), (Some(1.0), Some(1.0)));
        matrix.add(class(0), class(0));
        assert_eq!(matrix.accuracy(), None);
        assert_eq!(
            (matrix.balanced_accuracy(), matrix.f1().zero_division(0.0).micro_average()),
            (None, None)
        );
        matrix.merge(&matrix.clone());
        matrix.merge(&matrix.clone());
        assert_eq!((matrix.counts[0][0], matrix.cohen_kappa()), (u32::MAX, None));
    }

    #[test]
    fn merged_and_reset() {
        let (mut a, mut b, mut both) =
            (ConfusionMatrix::<3>::new(), ConfusionMatrix::new(), ConfusionMatrix::new());
        for i in 0..20 {
            let (truth, predicted) = (class(i % 3), Class::new(i * i % 4));
            both.add(truth, predicted);
            if i < 7 { a.add(truth, predicted) } else { b.add(truth, predicted) }
        }
        a.merge(&b);
        assert_eq!(a, both);
        a.reset();
        assert_eq!(a, ConfusionMatrix::default());
    }
}
