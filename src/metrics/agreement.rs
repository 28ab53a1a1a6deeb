//! Agreement of truth and prediction beyond chance: Cohen's kappa and the Matthews correlation.

use super::confusion::{ConfusionMatrix, sum};
use crate::scalar::Scalar;

/// Sums over a whole matrix. Each is at most the square of the number of samples.
struct Sums {
    samples: u64,
    right: u64,
    /// `sum_k t_k p_k`
    chance: u64,
    /// `sum_k t_k^2`
    truth: u64,
    /// `sum_k p_k^2`
    predicted: u64,
}

impl<const N: usize, T: Scalar> ConfusionMatrix<N, T> {
    /// Cohen's kappa: how much more often truth and prediction agree than by chance, in [-1, 1], 0 for chance. As
    /// `cohen_kappa_score`. (Cohen 1960.)
    ///
    /// `None` without samples, and if all samples have the same class and this prediction, where scikit-learn answers
    /// NaN.
    #[must_use]
    pub fn cohen_kappa(&self) -> Option<T> {
        let Sums { samples, right, chance, .. } = self.sums()?;
        let all = samples.saturating_mul(samples);
        let gain = difference::<T>(right.saturating_mul(samples), chance);
        let most = all.saturating_sub(chance);
        (most != 0).then(|| gain / T::from_u64(most))
    }

    /// The Matthews correlation coefficient between truth and prediction, in [-1, 1], 0 for chance. As
    /// `matthews_corrcoef`. (Gorodkin 2004, who extends that of Matthews 1975 to any number of classes.)
    ///
    /// `None` without samples, and if all samples have the same class or the same prediction, where scikit-learn
    /// answers 0.
    #[must_use]
    pub fn matthews_correlation(&self) -> Option<T> {
        let Sums { samples, right, chance, truth, predicted } = self.sums()?;
        let all = samples.saturating_mul(samples);
        let (truth, predicted) = (all.saturating_sub(truth), all.saturating_sub(predicted));
        // In units of 2^32, so that the product does not overflow an f32.
        let scaled = |variance| T::from_u64(variance) * T::from_f64(1.0 / 4_294_967_296.0);
        let covariance = difference::<T>(right.saturating_mul(samples), chance) * scaled(1);
        // The quotient is limited to what rounding can exceed.
        (truth != 0 && predicted != 0).then(|| {
            let correlation = covariance / (scaled(truth) * scaled(predicted)).sqrt();
            correlation.clamp(-T::ONE, T::ONE)
        })
    }

    /// `None` without samples, or if a count may have saturated.
    fn sums(&self) -> Option<Sums> {
        let samples = self.samples();
        if samples == 0 || !self.is_exact() {
            return None;
        }
        let none = sum(self.unclassified());
        let mut sums = Sums { samples, right: 0, chance: 0, truth: 0, predicted: none.saturating_mul(none) };
        // Nothing saturates: `samples` is below 2^32.
        for k in 0..N {
            let (right, t, p) = (self.right(k), self.truth(k), self.predicted(k));
            sums.right = sums.right.saturating_add(right);
            sums.chance = sums.chance.saturating_add(t.saturating_mul(p));
            sums.truth = sums.truth.saturating_add(t.saturating_mul(t));
            sums.predicted = sums.predicted.saturating_add(p.saturating_mul(p));
        }
        Some(sums)
    }
}

/// `a - b`, rounded once.
fn difference<T: Scalar>(a: u64, b: u64) -> T {
    match a.checked_sub(b) {
        Some(difference) => T::from_u64(difference),
        None => -T::from_u64(b.saturating_sub(a)),
    }
}
