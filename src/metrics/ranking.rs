//! ROC-AUC and average precision of scores that are kept.

use super::metric::ratio;
use super::sum::Sum;
use crate::scalar::Scalar;

/// The sorted scores of positive and negative samples, made by [`Scores::rank`](super::Scores::rank).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranking<'s, T = f32> {
    /// Ascending.
    pub(super) positives: &'s [T],
    /// Ascending.
    pub(super) negatives: &'s [T],
}

impl<T: Scalar> Ranking<'_, T> {
    /// The area under the receiver operating characteristic, in [0, 1]: the probability that a positive sample has a
    /// larger score than a negative one, where equal scores count 1/2. As `roc_auc_score`.
    ///
    /// With `P` positive and `N` negative samples, it is `(2 wins + ties) / (2 P N)`, whose numerator and denominator are
    /// computed exactly (the Mann-Whitney U; Hanley, McNeil 1982).
    ///
    /// `None` unless there are both positive and negative samples, where scikit-learn answers NaN.
    #[must_use]
    pub fn roc_auc(&self) -> Option<T> {
        let (mut less, mut not_greater) =
            (self.negatives.iter().peekable(), self.negatives.iter().peekable());
        let (mut below, mut up_to, mut twice) = (0_u64, 0_u64, 0_u64);
        for score in self.positives {
            while less.next_if(|&negative| negative < score).is_some() {
                below = below.saturating_add(1);
            }
            while not_greater.next_if(|&negative| negative <= score).is_some() {
                up_to = up_to.saturating_add(1);
            }
            twice = twice.saturating_add(below).saturating_add(up_to); // 2 wins + ties
        }
        let pairs = (self.positives.len() as u64).saturating_mul(self.negatives.len() as u64);
        ratio(twice, pairs.saturating_mul(2))
    }

    /// The average precision, in [0, 1]: `sum_t (R_t - R_{t-1}) P_t` over the distinct scores `t` in descending order,
    /// where `P_t` and `R_t` are precision and recall if samples with a score of at least `t` are predicted as
    /// positive. As `average_precision_score`.
    ///
    /// `None` without positive samples, where scikit-learn answers 0.
    #[must_use]
    pub fn average_precision(&self) -> Option<T> {
        let mut positives = self.positives.iter().rev().peekable();
        let mut negatives = self.negatives.iter().rev().peekable();
        let (mut average, mut true_positives, mut predicted) = (AveragePrecision::NONE, 0_u64, 0_u64);
        while let Some(score) = positives.next() {
            let mut equal = 1_u64;
            while positives.next_if_eq(&score).is_some() {
                equal = equal.saturating_add(1);
            }
            while negatives.next_if(|&negative| negative >= score).is_some() {
                predicted = predicted.saturating_add(1);
            }
            true_positives = true_positives.saturating_add(equal);
            predicted = predicted.saturating_add(equal);
            average.add(equal, true_positives, predicted);
        }
        average.value(true_positives)
    }
}

/// The sum of `(TP_t - TP_{t-1}) P_t`.
pub(super) struct AveragePrecision<T>(Sum<T>);

impl<T: Scalar> AveragePrecision<T> {
    pub const NONE: Self = Self(crate::zero::Zero::ZERO);

    /// Adds `positives` samples whose precision is `true_positives / predicted`.
    pub fn add(&mut self, positives: u64, true_positives: u64, predicted: u64) {
        if let Some(precision) = ratio::<T>(true_positives, predicted) {
            self.0.add(T::from_u64(positives) * precision);
        }
    }

    /// The average over all positive samples.
    pub fn value(&self, positives: u64) -> Option<T> {
        (positives > 0).then(|| self.0.value() / T::from_u64(positives))
    }
}
