//! Precision, recall and F1 of each class, and their averages.

use super::confusion::ConfusionMatrix;
use super::metric::ratio;
use crate::loss::Class;
use crate::scalar::Scalar;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Precision,
    Recall,
    F1,
}

/// A score of each class of a [`ConfusionMatrix`]: its precision, recall or F1.
///
/// A class can be without a score: see [`precision`](ConfusionMatrix::precision), [`recall`](ConfusionMatrix::recall) and
/// [`f1`](ConfusionMatrix::f1). Its score is then `None`, and so is an average that it has a part in: to leave such a
/// class out would make a network look good that never predicts its difficult classes. scikit-learn counts it as 0 and
/// warns; [`zero_division(0.0)`](ClassScores::zero_division) does the same, on request.
///
/// The averages are those of scikit-learn with `labels=range(N)`: of all classes of the type, not only of those that
/// are in the data.
///
/// ```
/// use stackprop::Class;
/// use stackprop::metrics::ConfusionMatrix;
///
/// let class = |index| Class::<3>::new(index).unwrap();
/// let mut confusion = ConfusionMatrix::<3>::new();
/// for (truth, predicted) in [(0, 0), (0, 0), (0, 1), (1, 1), (2, 1)] {
///     confusion.add(class(truth), class(predicted));
/// }
/// let precision = confusion.precision();
/// assert!(precision.iter().eq([Some(1.0), Some(1.0 / 3.0), None])); // class 2 was never predicted
/// assert_eq!(precision.macro_average(), None);
/// assert_eq!(precision.zero_division(0.0).macro_average(), Some((1.0 + 1.0 / 3.0) / 3.0));
/// assert_eq!(precision.micro_average(), Some(0.6));
/// assert_eq!(confusion.f1().of(class(1)), Some(0.5));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassScores<'m, const N: usize, T = f32> {
    matrix: &'m ConfusionMatrix<N, T>,
    kind: Kind,
    /// Whether the counts are exact: nothing has a score otherwise.
    exact: bool,
    undefined: Option<T>,
}

impl<'m, const N: usize, T: Scalar> ClassScores<'m, N, T> {
    pub(super) fn new(matrix: &'m ConfusionMatrix<N, T>, kind: Kind) -> Self {
        Self { matrix, kind, exact: matrix.is_exact(), undefined: None }
    }

    /// The same with `score` for what is undefined, as scikit-learn's parameter of this name: 0 or 1.
    #[must_use]
    pub fn zero_division(self, score: T) -> Self {
        Self { undefined: Some(score), ..self }
    }

    /// The score of a class, in [0, 1]; `None` if it is undefined.
    #[must_use]
    pub fn of(&self, class: Class<N>) -> Option<T> {
        self.score(class.index())
    }

    /// The scores of all classes, in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<T>> + '_ {
        (0..N).map(|k| self.score(k))
    }

    /// The mean of the scores, each class with the same weight: `1/N sum_k score_k`.
    ///
    /// `None` if a score is undefined.
    #[must_use]
    pub fn macro_average(&self) -> Option<T> {
        let sum = self.iter().try_fold(T::ZERO, |sum, score| Some(sum + score?))?;
        Some(sum / T::from_usize(N))
    }

    /// The score of all decisions together: numerators and denominators are added up over the classes.
    ///
    /// If every sample is classified, it is the accuracy for precision, recall and F1 alike. `None` without samples, and
    /// for precision if no sample is classified.
    #[must_use]
    pub fn micro_average(&self) -> Option<T> {
        let sum = |(a, b): (u64, u64), (c, d): (u64, u64)| (a.saturating_add(c), b.saturating_add(d));
        let (part, whole) = (0..N).map(|k| self.fraction(k)).fold((0, 0), sum);
        self.defined(ratio(part, whole))
    }

    /// The mean of the scores, each class with its number of samples as its weight: `1/s sum_k t_k score_k`.
    ///
    /// `None` without samples, and if the score of a class with samples is undefined.
    #[must_use]
    pub fn weighted_average(&self) -> Option<T> {
        let (mut sum, mut samples) = (T::ZERO, 0_u64);
        for k in 0..N {
            let weight = self.matrix.truth(k);
            if weight > 0 {
                sum += T::from_u64(weight) * self.score(k)?;
                samples = samples.saturating_add(weight);
            }
        }
        self.defined((samples > 0).then(|| sum / T::from_u64(samples)))
    }

    /// The mean of the scores that are defined; `None` if none is.
    pub(super) fn mean_of_defined(&self) -> Option<T> {
        let add = |(sum, n): (T, u64), score| (sum + score, n.saturating_add(1));
        let (sum, classes) = self.iter().flatten().fold((T::ZERO, 0), add);
        (classes > 0).then(|| sum / T::from_u64(classes))
    }

    fn score(&self, k: usize) -> Option<T> {
        let (part, whole) = self.fraction(k);
        self.defined(ratio(part, whole))
    }

    fn defined(&self, score: Option<T>) -> Option<T> {
        if self.exact { score.or(self.undefined) } else { None }
    }

    /// Numerator and denominator of the score of class `k`.
    fn fraction(&self, k: usize) -> (u64, u64) {
        let Self { matrix, kind, .. } = self;
        let right = matrix.right(k);
        match kind {
            Kind::Precision => (right, matrix.predicted(k)),
            Kind::Recall => (right, matrix.truth(k)),
            Kind::F1 => (right.saturating_mul(2), matrix.predicted(k).saturating_add(matrix.truth(k))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix<const N: usize>(counts: [[usize; N]; N]) -> ConfusionMatrix<N, f64> {
        let mut matrix = ConfusionMatrix::default();
        for (truth, row) in counts.into_iter().enumerate() {
            for (predicted, count) in row.into_iter().enumerate() {
                (0..count).for_each(|_| matrix.add(Class::new(truth).unwrap(), Class::new(predicted)));
            }
        }
        matrix
    }

    // precision 6/8, 3/4; recall 6/7, 3/5; F1 12/15, 6/9
    #[test]
    fn hand_computed() {
        let matrix = matrix([[6, 1], [2, 3]]);
        assert!(matrix.precision().iter().eq([Some(0.75), Some(0.75)]));
        assert!(matrix.recall().iter().eq([Some(6.0 / 7.0), Some(0.6)]));
        assert!(matrix.f1().iter().eq([Some(0.8), Some(6.0 / 9.0)]));
        assert_eq!(matrix.f1().macro_average(), Some((0.8 + 6.0 / 9.0) / 2.0));
        assert_eq!(matrix.f1().micro_average(), Some(0.75));
        assert_eq!(matrix.recall().weighted_average(), Some(0.75)); // (7 * 6/7 + 5 * 3/5) / 12
    }

    /// Class 1 is never predicted, class 2 has no samples, class 3 has neither.
    #[test]
    fn undefined_scores() {
        let matrix = matrix([[1, 0, 1, 0], [1, 0, 1, 0], [0; 4], [0; 4]]);
        assert!(matrix.precision().iter().eq([Some(0.5), None, Some(0.0), None]));
        assert!(matrix.recall().iter().eq([Some(0.5), Some(0.0), None, None]));
        assert!(matrix.f1().iter().eq([Some(0.5), Some(0.0), Some(0.0), None]));
        assert!(matrix.f1().zero_division(1.0).iter().eq([0.5, 0.0, 0.0, 1.0].map(Some)));
        for scores in [matrix.precision(), matrix.recall(), matrix.f1()] {
            assert_eq!(scores.macro_average(), None);
        }
        assert_eq!(matrix.precision().weighted_average(), None);
        assert_eq!(matrix.recall().weighted_average(), Some(0.25)); // the classes without samples have no weight
        assert_eq!(matrix.f1().weighted_average(), Some(0.25));
        assert_eq!(matrix.precision().zero_division(1.0).weighted_average(), Some(0.75));
    }

    #[test]
    fn no_samples() {
        let matrix = ConfusionMatrix::<3>::new();
        for scores in [matrix.precision(), matrix.recall(), matrix.f1()] {
            assert!(scores.iter().eq([None; 3]));
            let averages = [scores.macro_average(), scores.micro_average(), scores.weighted_average()];
            assert_eq!(averages, [None; 3]);
            assert_eq!(scores.zero_division(0.0).micro_average(), Some(0.0));
        }
    }
}
