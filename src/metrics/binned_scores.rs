//! Counts of scores in bins, for ranking metrics of data sets of any size.

use core::marker::PhantomData;

use super::binned_ranking::BinnedRanking;
use super::bins::bin_of;
use super::metric::{Intake, MetricError, Refusal, is_probability, metric};
use crate::scalar::Scalar;

/// Counts of positive and negative samples in `BINS` bins of equal width over the scores [0, 1], for approximate ranking
/// metrics.
///
/// Scores must be probabilities; for a logit, use [`sigmoid`](crate::sigmoid), which preserves the order. The scores of
/// a bin count as equal. How far an answer can therefore be from that of the exact scores is known afterwards:
/// [`BinnedRanking::roc_auc_error`] and [`BinnedRanking::average_precision_error`]. The first is at most `1/2`, and about
/// `1 / (2 BINS)` if the scores are spread evenly; a network that is sure of itself puts most samples into the first and
/// the last bin, and then more bins help little. For exact answers, see [`Scores`](super::Scores).
///
/// The memory is `8 BINS + 24` bytes. A score that is NaN or outside [0, 1] makes [`rank`](BinnedScores::rank) an error,
/// as do 2^32 - 1 samples or more.
///
/// ```
/// use stackprop::metrics::BinnedScores;
/// use stackprop::{Dense, Network, Workspace, sigmoid};
///
/// type Net = Network<1, Dense<1, 1>>;
/// let network: Net = Network::new(Dense::from_parameters([[1.0]], [0.0]));
/// let data = [([-2.0], [0.0]), ([0.4], [0.0]), ([0.3], [1.0]), ([1.0], [1.0])];
///
/// let mut scores = BinnedScores::<256>::new();
/// Workspace::<Net, 16>::zeros().evaluate(&network, &data, |logit, [y]| {
///     let [probability] = sigmoid(logit);
///     scores.add(probability, *y == 1.0);
/// })?;
/// let ranking = scores.rank()?;
/// assert_eq!((ranking.roc_auc(), ranking.roc_auc_error()), (Some(0.75), Some(0.0)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BinnedScores<const BINS: usize, T = f32> {
    /// Positive and negative samples of each bin, in ascending order of their scores.
    counts: [(u32, u32); BINS],
    intake: Intake,
    scalar: PhantomData<T>,
}

metric! { [const BINS: usize, T: Scalar] BinnedScores<BINS, T> { counts, intake, scalar } asserts NOT_EMPTY }

impl<const BINS: usize, T> BinnedScores<BINS, T> {
    const NOT_EMPTY: () =
        assert!(BINS > 0, "scores need at least one bin: `BinnedScores<256>` is a good start");
}

impl<const BINS: usize, T: Scalar> BinnedScores<BINS, T> {
    /// Adds the score, in [0, 1], of a sample that is positive or not.
    pub fn add(&mut self, score: T, positive: bool) {
        let refusal = (!is_probability(score)).then_some(Refusal::NotAProbability);
        if !self.intake.take(refusal) {
            return;
        }
        if let Some((positives, negatives)) = self.counts.get_mut(bin_of(score, BINS)) {
            let count = if positive { positives } else { negatives };
            *count = count.saturating_add(1);
        }
    }

    /// Adds the samples of another.
    pub fn merge(&mut self, other: &Self) {
        self.intake.merge(&other.intake, true);
        for ((positives, negatives), other) in self.counts.iter_mut().zip(&other.counts) {
            *positives = positives.saturating_add(other.0);
            *negatives = negatives.saturating_add(other.1);
        }
    }

    /// The ranking of the bins, for its metrics.
    ///
    /// # Errors
    ///
    /// [`MetricError`] if a score was NaN or outside [0, 1], or if there were too many samples.
    pub fn rank(&self) -> Result<BinnedRanking<'_, T>, MetricError> {
        self.intake.check(u64::MAX)?;
        Ok(BinnedRanking { counts: &self.counts, scalar: PhantomData })
    }

    /// The number of samples that were added.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.intake.samples()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Scores;

    fn binned<const BINS: usize>(samples: &[(f64, bool)]) -> BinnedScores<BINS, f64> {
        let mut scores = BinnedScores::new();
        samples.iter().for_each(|&(score, positive)| scores.add(score, positive));
        scores
    }

    // Bins (0, 1/2] with + -, and (1/2, 1] with + + -. Pairs, twice: 1 for the lower positive, 3 for each upper one: 7/12.
    // Precision: 2/3 for two, 3/5 for one. Ties: (1 + 2) / 12.
    #[test]
    fn hand_computed() {
        let samples = [(0.1, true), (0.5, false), (0.6, true), (1.0, true), (0.7, false)];
        let scores = binned::<2>(&samples);
        let ranking = scores.rank().unwrap();
        assert_eq!((ranking.roc_auc(), ranking.roc_auc_error()), (Some(7.0 / 12.0), Some(0.25)));
        let average = (2.0 * (2.0 / 3.0) + 0.6) / 3.0;
        approx::assert_relative_eq!(ranking.average_precision().unwrap(), average);
        // High: 2 * 1 + 3/4. Low: 1/2 + 2/3 + 3/5.
        let (high, low) = (2.75 / 3.0, (0.5 + 2.0 / 3.0 + 0.6) / 3.0);
        let error = f64::max(high - average, average - low);
        approx::assert_relative_eq!(ranking.average_precision_error().unwrap(), error, max_relative = 1e-14);
        let mut merged = binned::<2>(&samples[..2]);
        merged.merge(&binned(&samples[2..]));
        assert_eq!(merged, scores);
    }

    /// Every order of 8 samples in 3 bins, some with equal scores.
    #[test]
    fn the_exact_answers_are_within_the_bounds() {
        for labels in 1..255_u32 {
            for spread in [1, 3, 5, 7] {
                let (mut exact, mut binned) = (Scores::<8, f64>::new(), BinnedScores::<3, f64>::new());
                for i in 0..8 {
                    let (score, positive) =
                        (f64::from(i * spread % 8 / (spread % 4)) / 8.0, labels >> i & 1 == 1);
                    exact.add(score, positive);
                    binned.add(score, positive);
                }
                let (exact, binned) = (exact.rank().unwrap(), binned.rank().unwrap());
                let difference = (exact.roc_auc().unwrap() - binned.roc_auc().unwrap()).abs();
                assert!(difference <= binned.roc_auc_error().unwrap() + 1e-15);
                let average = binned.average_precision().unwrap();
                let difference = (exact.average_precision().unwrap() - average).abs();
                assert!(difference <= binned.average_precision_error().unwrap() + 1e-15);
            }
        }
    }

    #[test]
    fn undefined_cases() {
        let none = [None; 4];
        let answers = |scores: &BinnedScores<4, f64>| {
            let ranking = scores.rank().unwrap();
            [
                ranking.roc_auc(),
                ranking.roc_auc_error(),
                ranking.average_precision(),
                ranking.average_precision_error(),
            ]
        };
        assert_eq!(answers(&binned(&[])), none);
        assert_eq!(answers(&binned(&[(0.5, false)])), none);
        assert_eq!(answers(&binned(&[(0.5, true)])), [None, None, Some(1.0), Some(0.0)]);
    }

    #[test]
    fn what_is_no_probability_is_an_error() {
        for score in [f64::NAN, -1e-9, 1.0 + 1e-9, f64::INFINITY] {
            let mut scores = binned::<4>(&[(0.5, true), (0.25, false), (score, true), (0.5, false)]);
            assert_eq!(scores.rank(), Err(MetricError::NotAProbability { sample: 2 }));
            scores.reset();
            assert_eq!((scores.rank().is_ok(), scores.samples()), (true, 0));
        }
    }
}
