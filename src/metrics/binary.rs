//! The confusion matrix of a network with one output.

use super::confusion::ConfusionMatrix;
use super::metric::metric;
use crate::loss::Class;
use crate::scalar::Scalar;

/// True and false positives and negatives, of a network with one output.
///
/// The prediction is whether the output is [`above`](super::above) a threshold: for logits 0, for probabilities 1/2, or
/// whatever balances the cost of the two mistakes. A sample whose output is NaN is no positive and no negative
/// prediction: it is counted among the samples, and is wrong.
///
/// With `TP`, `FP`, `TN`, `FN`, and `P` and `N` samples that are positive and negative (`P = TP + FN` if every sample is
/// classified):
///
/// | metric | equation | also called |
/// |---|---|---|
/// | [`precision`](BinaryConfusion::precision) | `TP / (TP + FP)` | positive predictive value |
/// | [`recall`](BinaryConfusion::recall) | `TP / P` | sensitivity, true positive rate |
/// | [`specificity`](BinaryConfusion::specificity) | `TN / N` | true negative rate |
/// | [`f1`](BinaryConfusion::f1) | `2 TP / (TP + FP + P)` | |
///
/// `T` is the type of the answers; it is independent of the network's.
///
/// ```
/// use stackprop::metrics::{BinaryConfusion, above};
/// use stackprop::{Dense, Network, Workspace};
///
/// type Net = Network<1, Dense<1, 1>>;
/// let network: Net = Network::new(Dense::from_parameters([[1.0]], [0.0]));
/// let data = [([-3.0], [0.0]), ([2.0], [1.0]), ([1.0], [0.0]), ([-1.0], [0.0])];
///
/// let mut confusion = BinaryConfusion::new();
/// Workspace::<Net, 16>::zeros()
///     .evaluate(&network, &data, |[logit], [y]| confusion.add(*y == 1.0, above(*logit, 0.0)))?;
/// assert_eq!((confusion.true_positives(), confusion.false_positives()), (1, 1));
/// assert_eq!((confusion.precision(), confusion.recall()), (Some(0.5), Some(1.0)));
/// # Ok::<(), stackprop::Fault>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BinaryConfusion<T = f32> {
    matrix: ConfusionMatrix<2, T>,
}

metric! {
    [T: Scalar] BinaryConfusion<T> { matrix }
    new
    ///
    /// Its metrics are `f32`. With another type, start from `BinaryConfusion::<f64>::default()`, or in a `static` from
    /// [`Zero::ZERO`](crate::Zero::ZERO).
    [] BinaryConfusion
}

/// The class of a label.
fn class(positive: bool) -> Option<Class<2>> {
    Class::new(positive.into())
}

impl<T: Scalar> BinaryConfusion<T> {
    /// Adds a sample that is `positive` or not, and is predicted so or not; `None` if its output was NaN.
    pub fn add(&mut self, positive: bool, predicted: impl Into<Option<bool>>) {
        if let Some(truth) = class(positive) {
            self.matrix.add(truth, predicted.into().and_then(class));
        }
    }

    /// Adds the samples of another.
    pub fn merge(&mut self, other: &Self) {
        self.matrix.merge(&other.matrix);
    }

    /// The matrix of two classes, of which class 1 is positive: `[[TN, FP], [FN, TP]]`.
    ///
    /// It has the metrics that are not here, such as [`cohen_kappa`](ConfusionMatrix::cohen_kappa),
    /// [`matthews_correlation`](ConfusionMatrix::matthews_correlation) and the averages over both classes.
    #[must_use]
    pub fn matrix(&self) -> &ConfusionMatrix<2, T> {
        &self.matrix
    }

    /// The number of samples.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.matrix.samples()
    }

    /// `TP`: positive, and predicted so.
    #[must_use]
    pub fn true_positives(&self) -> u32 {
        let [_, [_, count]] = *self.matrix.counts();
        count
    }

    /// `FP`: negative, but predicted as positive.
    #[must_use]
    pub fn false_positives(&self) -> u32 {
        let [[_, count], _] = *self.matrix.counts();
        count
    }

    /// `TN`: negative, and predicted so.
    #[must_use]
    pub fn true_negatives(&self) -> u32 {
        let [[count, _], _] = *self.matrix.counts();
        count
    }

    /// `FN`: positive, but predicted as negative.
    #[must_use]
    pub fn false_negatives(&self) -> u32 {
        let [_, [count, _]] = *self.matrix.counts();
        count
    }

    /// The fraction of samples that were predicted correctly, in [0, 1]. `None` without samples.
    #[must_use]
    pub fn accuracy(&self) -> Option<T> {
        self.matrix.accuracy()
    }

    /// The mean of recall and specificity; see [`ConfusionMatrix::balanced_accuracy`]. `None` without samples.
    #[must_use]
    pub fn balanced_accuracy(&self) -> Option<T> {
        self.matrix.balanced_accuracy()
    }

    /// Of the samples that were predicted as positive, the fraction that is. As `precision_score`.
    ///
    /// `None` if no sample was predicted as positive, where scikit-learn answers `zero_division`, by default 0.
    #[must_use]
    pub fn precision(&self) -> Option<T> {
        self.matrix.precision().of(class(true)?)
    }

    /// Of the samples that are positive, the fraction that was predicted so. As `recall_score`.
    ///
    /// `None` if no sample is positive, where scikit-learn answers `zero_division`, by default 0.
    #[must_use]
    pub fn recall(&self) -> Option<T> {
        self.matrix.recall().of(class(true)?)
    }

    /// Of the samples that are negative, the fraction that was predicted so: the recall of the negatives.
    ///
    /// `None` if no sample is negative.
    #[must_use]
    pub fn specificity(&self) -> Option<T> {
        self.matrix.recall().of(class(false)?)
    }

    /// The harmonic mean of precision and recall. As `f1_score`.
    ///
    /// `None` if no sample is positive and none was predicted so, where scikit-learn answers `zero_division`, by
    /// default 0.
    #[must_use]
    pub fn f1(&self) -> Option<T> {
        self.matrix.f1().of(class(true)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // TP 3, FP 1, TN 4, FN 2
    #[test]
    fn hand_computed() {
        let mut confusion = BinaryConfusion::<f64>::default();
        for (count, positive, predicted) in
            [(3, true, true), (1, false, true), (4, false, false), (2, true, false)]
        {
            (0..count).for_each(|_| confusion.add(positive, predicted));
        }
        assert_eq!(confusion.matrix().counts(), &[[4, 1], [2, 3]]);
        let counts = [
            confusion.true_positives(),
            confusion.false_positives(),
            confusion.true_negatives(),
            confusion.false_negatives(),
        ];
        assert_eq!(counts, [3, 1, 4, 2]);
        assert_eq!((confusion.precision(), confusion.recall()), (Some(0.75), Some(0.6)));
        assert_eq!((confusion.specificity(), confusion.f1()), (Some(0.8), Some(6.0 / 9.0)));
        assert_eq!((confusion.accuracy(), confusion.balanced_accuracy()), (Some(0.7), Some(0.7)));
        let mut doubled = confusion.clone();
        doubled.merge(&confusion);
        assert_eq!((doubled.samples(), doubled.f1()), (20, confusion.f1()));
        doubled.reset();
        assert_eq!(doubled, BinaryConfusion::default());
    }

    #[test]
    fn undefined_cases() {
        let mut confusion = BinaryConfusion::new();
        assert_eq!((confusion.accuracy(), confusion.recall()), (None, None));
        confusion.add(false, false);
        let scores = [confusion.precision(), confusion.recall(), confusion.f1(), confusion.specificity()];
        assert_eq!(scores, [None, None, None, Some(1.0)]);
        assert_eq!(confusion.balanced_accuracy(), Some(1.0)); // of the only class with samples
    }

    #[test]
    fn a_nan_is_wrong() {
        let mut confusion = BinaryConfusion::new();
        for positive in [true, false] {
            confusion.add(positive, positive);
            confusion.add(positive, super::super::above(f32::NAN, 0.0));
        }
        let scores = [
            confusion.accuracy(),
            confusion.recall(),
            confusion.specificity(),
            confusion.balanced_accuracy(),
        ];
        assert_eq!(scores, [Some(0.5); 4]);
        assert_eq!(confusion.precision(), Some(1.0)); // it was not predicted as positive
    }
}
