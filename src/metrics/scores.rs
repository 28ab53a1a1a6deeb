//! Scores that are kept for exact ranking metrics.

use super::heap_sort::heap_sort;
use super::metric::{Intake, MetricError, Refusal, is_nan, metric};
use super::ranking::Ranking;
use crate::scalar::{Scalar, head};

/// The scores of up to `N` samples, each positive or negative, for exact ranking metrics.
///
/// A score is any number that should be larger for positive samples: a logit or a probability. Infinite scores have
/// their place in the ranking. A score that is NaN has none: [`rank`](Scores::rank) is then an error, as it is for more
/// than `N` samples. For data sets of any size, see [`BinnedScores`](super::BinnedScores).
///
/// The memory is `N` scalars and 32 bytes.
///
/// ```
/// use stackprop::metrics::Scores;
/// use stackprop::{Dense, Network, Workspace};
///
/// type Net = Network<1, Dense<1, 1>>;
/// let network: Net = Network::new(Dense::from_parameters([[1.0]], [0.0]));
/// let data = [([0.1], [0.0]), ([0.4], [0.0]), ([0.35], [1.0]), ([0.8], [1.0])];
///
/// let mut scores = Scores::<100>::new();
/// Workspace::<Net, 16>::zeros().evaluate(&network, &data, |[logit], [y]| scores.add(*logit, *y == 1.0))?;
/// let ranking = scores.rank()?;
/// assert_eq!(ranking.roc_auc(), Some(0.75));
/// assert_eq!(ranking.average_precision(), Some((1.0 + 2.0 / 3.0) / 2.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Scores<const N: usize, T = f32> {
    /// Positive scores from the start, negative scores from the end; the rest is unused.
    scores: [T; N],
    positives: u32,
    negatives: u32,
    intake: Intake,
}

metric! { [const N: usize, T: Scalar] Scores<N, T> { scores, positives, negatives, intake } }

impl<const N: usize, T: Scalar> Scores<N, T> {
    /// Adds the score of a sample that is positive or not.
    pub fn add(&mut self, score: T, positive: bool) {
        let used = self.positives.saturating_add(self.negatives) as usize;
        let refusal =
            if is_nan(score) { Some(Refusal::NotANumber) } else { (used >= N).then_some(Refusal::Capacity) };
        if self.intake.take(refusal) {
            self.store(score, positive);
        }
    }

    /// Adds the samples of another.
    ///
    /// If there are more than `N` together, [`rank`](Scores::rank) is an error.
    pub fn merge<const M: usize>(&mut self, other: &Scores<M, T>) {
        let used = |positives: u32, negatives: u32| positives.saturating_add(negatives) as usize;
        let room = N.saturating_sub(used(self.positives, self.negatives));
        let fits = used(other.positives, other.negatives) <= room;
        self.intake.merge(&other.intake, fits);
        if fits {
            let (positives, negatives) = other.split();
            positives.iter().for_each(|&score| self.store(score, true));
            negatives.iter().for_each(|&score| self.store(score, false));
        }
    }

    /// Sorts the scores, in place and in O(n log n), for the metrics of their ranking.
    ///
    /// # Errors
    ///
    /// [`MetricError`] if a score was NaN, or if there were more than `N` samples.
    pub fn rank(&mut self) -> Result<Ranking<'_, T>, MetricError> {
        self.intake.check(N as u64)?;
        let less = |a: &T, b: &T| a < b;
        let (positives, negatives) = (self.positives as usize, self.negatives as usize);
        if let Some((first, rest)) = self.scores.split_at_mut_checked(positives) {
            heap_sort(first, less);
            let unused = rest.len().saturating_sub(negatives);
            if let Some((_, last)) = rest.split_at_mut_checked(unused) {
                heap_sort(last, less);
            }
        }
        let (positives, negatives) = self.split();
        Ok(Ranking { positives, negatives })
    }

    /// The number of samples that were added.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.intake.samples()
    }

    /// The scores of the positive and the negative samples.
    fn split(&self) -> (&[T], &[T]) {
        let unused = N.saturating_sub(self.negatives as usize);
        (head(&self.scores, self.positives as usize), self.scores.get(unused..).unwrap_or(&[]))
    }

    /// Stores a score; there is room for it.
    fn store(&mut self, score: T, positive: bool) {
        let place = if positive {
            self.positives as usize
        } else {
            N.saturating_sub(self.negatives as usize).saturating_sub(1)
        };
        if let Some(slot) = self.scores.get_mut(place) {
            *slot = score;
        }
        let count = if positive { &mut self.positives } else { &mut self.negatives };
        *count = count.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFINITY: f32 = f32::INFINITY;

    fn scores<const N: usize>(samples: &[(f32, bool)]) -> Scores<N> {
        let mut scores = Scores::new();
        samples.iter().for_each(|&(score, positive)| scores.add(score, positive));
        scores
    }

    fn answers<const N: usize>(mut scores: Scores<N>) -> (Option<f32>, Option<f32>) {
        let ranking = scores.rank().unwrap();
        (ranking.roc_auc(), ranking.average_precision())
    }

    // Pairs: 3 beats 1, 2; 2 beats 1 and ties with 2: (2 * 3 + 1) / 8.
    // Precision: 1/1 at 3, 2/3 at 2: (1 + 2/3) / 2.
    #[test]
    fn hand_computed() {
        let samples = [(2.0, true), (1.0, false), (3.0, true), (2.0, false)];
        let expected = (Some(0.875), Some((1.0 + 2.0 / 3.0) / 2.0));
        assert_eq!(answers(scores::<4>(&samples)), expected);
        assert_eq!(answers(scores::<9>(&samples)), expected);
        let mut merged = scores::<4>(&samples[..1]);
        merged.merge(&scores::<7>(&samples[1..]));
        assert_eq!(answers(merged), expected);
    }

    /// Zeros of both signs are equal, and infinite scores have their place.
    #[test]
    fn special_scores() {
        assert_eq!(answers(scores::<2>(&[(0.0, true), (-0.0, false)])), (Some(0.5), Some(0.5)));
        let samples = [(INFINITY, true), (-INFINITY, false), (INFINITY, false), (0.0, true)];
        assert_eq!(answers(scores::<4>(&samples)), (Some(0.625), Some((0.5 + 2.0 / 3.0) / 2.0)));
    }

    #[test]
    fn undefined_cases() {
        assert_eq!(answers(scores::<3>(&[])), (None, None));
        assert_eq!(answers(scores::<0>(&[])), (None, None));
        assert_eq!(answers(scores::<3>(&[(1.0, true); 3])), (None, Some(1.0)));
        assert_eq!(answers(scores::<3>(&[(1.0, false); 3])), (None, None));
    }

    #[test]
    fn a_nan_and_more_samples_than_fit_are_errors() {
        for positive in [true, false] {
            let samples = [(1.0, true), (2.0, false), (f32::NAN, positive), (1.0, true)];
            let error = scores::<3>(&samples).rank().unwrap_err();
            assert_eq!(error, MetricError::NotANumber { sample: 2 });
        }
        let samples = [(1.0, true), (2.0, false), (3.0, false), (4.0, true)];
        let full = MetricError::Capacity { samples: 4, capacity: 3 };
        let mut scores_of_4 = scores::<3>(&samples);
        assert_eq!(scores_of_4.rank().unwrap_err(), full);
        assert_eq!(scores_of_4.samples(), 4);
        let mut merged = scores::<3>(&samples[..2]);
        merged.merge(&scores::<2>(&samples[2..]));
        assert_eq!(merged.rank().unwrap_err(), full);
        merged.reset();
        merged.add(1.0, true);
        assert!(merged.rank().is_ok());
    }
}
