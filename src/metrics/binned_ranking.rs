//! ROC-AUC and average precision of counts in bins, and how far they can be from those of the scores.

use core::marker::PhantomData;

use super::metric::ratio;
use super::ranking::AveragePrecision;
use crate::scalar::Scalar;

/// Counts of positive and negative samples in bins, made by [`BinnedScores::rank`](super::BinnedScores::rank).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BinnedRanking<'s, T = f32> {
    pub(super) counts: &'s [(u32, u32)],
    pub(super) scalar: PhantomData<T>,
}

impl<T: Scalar> BinnedRanking<'_, T> {
    /// The area under the receiver operating characteristic, in [0, 1], where samples of the same bin have equal
    /// scores: see [`Ranking::roc_auc`](super::Ranking::roc_auc).
    ///
    /// `None` unless there are both positive and negative samples.
    #[must_use]
    pub fn roc_auc(&self) -> Option<T> {
        let (mut below, mut twice) = (0_u64, 0_u64);
        for &(positives, negatives) in self.counts {
            let up_to = below.saturating_add(negatives.into());
            // 2 wins + ties
            let both = below.saturating_add(up_to);
            twice = twice.saturating_add(both.saturating_mul(positives.into()));
            below = up_to;
        }
        ratio(twice, self.pairs().saturating_mul(2))
    }

    /// The largest possible difference between [`roc_auc`](BinnedRanking::roc_auc) and that of the exact scores:
    /// `sum_b P_b N_b / (2 P N)`, the pairs of a bin, which count 1/2 and may be 0 or 1.
    ///
    /// `None` unless there are both positive and negative samples.
    #[must_use]
    pub fn roc_auc_error(&self) -> Option<T> {
        let within = self.counts.iter().fold(0_u64, |sum, &(positives, negatives)| {
            sum.saturating_add(u64::from(positives).saturating_mul(negatives.into()))
        });
        ratio(within, self.pairs().saturating_mul(2))
    }

    /// The average precision, in [0, 1], where samples of the same bin have equal scores: see
    /// [`Ranking::average_precision`](super::Ranking::average_precision).
    ///
    /// `None` without positive samples.
    #[must_use]
    pub fn average_precision(&self) -> Option<T> {
        let mut average = AveragePrecision::NONE;
        let positives = self.descend(|bin| {
            average.add(
                bin.positives,
                bin.true_positives(),
                bin.true_positives().saturating_add(bin.false_positives()),
            );
        });
        average.value(positives)
    }

    /// The largest possible difference between [`average_precision`](BinnedRanking::average_precision) and that of the
    /// exact scores, apart from rounding. Takes a division for each positive sample.
    ///
    /// A bin with `p` positives and `n` negatives comes after `TP` positives and `FP` negatives. Whatever its order, the
    /// precision at its `i`-th positive is at least `(TP + i) / (TP + i + FP + n)`, if all negatives come first, and at
    /// most `(TP + p) / (TP + p + FP)`, if the positives come first, with equal scores.
    ///
    /// `None` without positive samples.
    #[must_use]
    pub fn average_precision_error(&self) -> Option<T> {
        let (mut low, mut high) = (AveragePrecision::<T>::NONE, AveragePrecision::<T>::NONE);
        let positives = self.descend(|bin| {
            let last = bin.true_positives();
            for i in 1..=bin.positives {
                let true_positives = bin.before.0.saturating_add(i);
                low.add(1, true_positives, true_positives.saturating_add(bin.false_positives()));
            }
            high.add(bin.positives, last, last.saturating_add(bin.before.1));
        });
        let average = self.average_precision()?;
        let (above, below) = (high.value(positives)? - average, average - low.value(positives)?);
        Some(above.max(below).max(T::ZERO))
    }

    /// `P N`
    fn pairs(&self) -> u64 {
        let add = |(p, n): (u64, u64), &(positives, negatives): &(u32, u32)| {
            (p.saturating_add(positives.into()), n.saturating_add(negatives.into()))
        };
        let (positives, negatives) = self.counts.iter().fold((0, 0), add);
        positives.saturating_mul(negatives)
    }

    /// Visits the bins with positives in descending order of their scores, and returns the number of positives.
    fn descend(&self, mut visit: impl FnMut(Bin)) -> u64 {
        let mut before = (0_u64, 0_u64);
        for &(positives, negatives) in self.counts.iter().rev() {
            let bin = Bin { before, positives: positives.into(), negatives: negatives.into() };
            before = (bin.true_positives(), bin.false_positives());
            if positives > 0 {
                visit(bin);
            }
        }
        before.0
    }
}

/// A bin, and how many positives and negatives have a larger score.
struct Bin {
    before: (u64, u64),
    positives: u64,
    negatives: u64,
}

impl Bin {
    /// Positives with a score in this bin or above.
    fn true_positives(&self) -> u64 {
        self.before.0.saturating_add(self.positives)
    }

    /// Negatives with a score in this bin or above.
    fn false_positives(&self) -> u64 {
        self.before.1.saturating_add(self.negatives)
    }
}
