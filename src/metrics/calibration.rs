//! Calibration: whether a confidence of 80 % is right in 80 % of its samples.

use super::bins::bin_of;
use super::decision::argmax_class;
use super::metric::{Intake, MetricError, Refusal, clone_by_copy, is_probability, metric, ratio};
use super::probabilities::refusal;
use super::sum::Sum;
use crate::loss::Class;
use crate::scalar::Scalar;
use crate::zero::zero_struct;

/// The calibration of probabilities in `BINS` bins of equal width: how often what was given a probability happened.
///
/// For a classifier, the probability is that of the predicted class, its confidence, and what may happen is that the
/// class is right ([`add`](Calibration::add)). For a network with one output, it is that of the positive class
/// ([`add_probability`](Calibration::add_probability)), as in scikit-learn's `calibration_curve`. Use one of the two for
/// a `Calibration`. Outputs that are logits become probabilities by [`softmax`](crate::softmax) or
/// [`sigmoid`](crate::sigmoid).
///
/// Bin `b` holds the probabilities in `(b / BINS, (b + 1) / BINS]`; the first also holds 0. With 15 bins, the answers are
/// those of Guo et al. 2017, "On Calibration of Modern Neural Networks", section 2. Few samples in many bins look
/// badly calibrated by chance alone.
///
/// The memory is 16 bytes for each bin in f32, 24 in f64, and 24. A probability that is NaN or outside [0, 1] makes
/// [`curve`](Calibration::curve) an error, as do 2^32 - 1 samples or more.
///
/// ```
/// use stackprop::metrics::Calibration;
/// use stackprop::{Class, Dense, Network, Workspace, softmax};
///
/// type Net = Network<1, Dense<1, 2>>;
/// let network: Net = Network::new(Dense::from_parameters([[0.0, 1.0]], [0.0, 0.0]));
/// let class = |index| Class::<2>::new(index).unwrap();
/// let ln3 = 3_f32.ln(); // a confidence of 3/4, half of the times right
/// let data = [([ln3], class(1)), ([ln3], class(0)), ([-ln3], class(0)), ([-ln3], class(1))];
///
/// let mut calibration = Calibration::<15>::new();
/// Workspace::<Net, 16>::zeros()
///     .evaluate(&network, &data, |logits, class| calibration.add(&softmax(logits), *class))?;
/// let error = calibration.curve()?.expected_calibration_error().unwrap();
/// assert!((error - 0.25).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, PartialEq)]
pub struct Calibration<const BINS: usize, T = f32> {
    bins: [Bin<T>; BINS],
    intake: Intake,
}

clone_by_copy! { [const BINS: usize, T: Copy] Calibration<BINS, T> { bins, intake } }
metric! { [const BINS: usize, T: Scalar] Calibration<BINS, T> { bins, intake } asserts NOT_EMPTY }

#[derive(Clone, Copy, Debug, PartialEq)]
struct Bin<T> {
    samples: u32,
    occurred: u32,
    probabilities: Sum<T>,
}

zero_struct!([T: Scalar] Bin<T> { samples, occurred, probabilities });

impl<const BINS: usize, T> Calibration<BINS, T> {
    const NOT_EMPTY: () = assert!(BINS > 0, "calibration needs at least one bin: `Calibration<15>` is usual");
}

impl<const BINS: usize, T: Scalar> Calibration<BINS, T> {
    /// Adds a sample of a classifier: the probabilities of all classes `[N]`, and its class.
    ///
    /// The largest probability is the confidence; of equal ones, the first is the prediction. The probabilities must add
    /// up to 1 within 1e-3, so that logits are not mistaken for them.
    pub fn add<const N: usize>(&mut self, probabilities: &[T; N], class: Class<N>) {
        let refusal = refusal(probabilities);
        let predicted = argmax_class(probabilities);
        let confidence = predicted.and_then(|predicted| probabilities.get(predicted.index())).copied();
        self.add_checked(confidence.unwrap_or(T::ZERO), predicted == Some(class), refusal);
    }

    /// Adds a probability in [0, 1], and whether what it was given to has happened: the sample is positive, or the
    /// prediction is right.
    pub fn add_probability(&mut self, probability: T, occurred: bool) {
        let refusal = (!is_probability(probability)).then_some(Refusal::NotAProbability);
        self.add_checked(probability, occurred, refusal);
    }

    fn add_checked(&mut self, probability: T, occurred: bool, refusal: Option<Refusal>) {
        if !self.intake.take(refusal) {
            return;
        }
        if let Some(bin) = self.bins.get_mut(bin_of(probability, BINS)) {
            bin.samples = bin.samples.saturating_add(1);
            bin.occurred = bin.occurred.saturating_add(occurred.into());
            bin.probabilities.add(probability);
        }
    }

    /// Adds the samples of another. A sum in another order may differ in its last bits.
    pub fn merge(&mut self, other: &Self) {
        self.intake.merge(&other.intake, true);
        for (bin, other) in self.bins.iter_mut().zip(&other.bins) {
            bin.samples = bin.samples.saturating_add(other.samples);
            bin.occurred = bin.occurred.saturating_add(other.occurred);
            bin.probabilities.merge(&other.probabilities);
        }
    }

    /// The calibration curve, for its metrics.
    ///
    /// # Errors
    ///
    /// [`MetricError`] if a probability was NaN or outside [0, 1], or if there were too many samples.
    pub fn curve(&self) -> Result<CalibrationCurve<'_, BINS, T>, MetricError> {
        self.intake.check(u64::MAX)?;
        Ok(CalibrationCurve { of: self })
    }

    /// The number of samples that were added.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.intake.samples()
    }
}

/// Probabilities and how often they came true, made by [`Calibration::curve`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CalibrationCurve<'c, const BINS: usize, T = f32> {
    of: &'c Calibration<BINS, T>,
}

/// A bin of a [`CalibrationCurve`] that has samples.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct CalibrationBin<T = f32> {
    /// The number of samples.
    pub samples: u32,
    /// The mean probability: scikit-learn's `prob_pred`.
    pub probability: T,
    /// The fraction of samples in which what was given this probability has happened: scikit-learn's `prob_true`.
    pub frequency: T,
}

impl<const BINS: usize, T: Scalar> CalibrationCurve<'_, BINS, T> {
    /// The bins that have samples, in ascending order. As `sklearn.calibration.calibration_curve`.
    pub fn bins(&self) -> impl Iterator<Item = CalibrationBin<T>> + '_ {
        self.of.bins.iter().filter_map(|bin| {
            let frequency = ratio(bin.occurred.into(), bin.samples.into())?;
            let probability = bin.probabilities.value() / T::from_u64(bin.samples.into());
            Some(CalibrationBin { samples: bin.samples, probability, frequency })
        })
    }

    /// The expected calibration error (ECE), in [0, 1]: `sum_b n_b / n |frequency_b - probability_b|`.
    ///
    /// `None` without samples.
    #[must_use]
    pub fn expected_calibration_error(&self) -> Option<T> {
        let mut sum = crate::zero::Zero::ZERO;
        for bin in &self.of.bins {
            // n_b |frequency_b - probability_b|
            let difference = bin.probabilities.subtracted_from(T::from_u64(bin.occurred.into()));
            Sum::add(&mut sum, difference.abs());
        }
        let samples = self.of.samples();
        (samples > 0).then(|| sum.value() / T::from_u64(samples))
    }

    /// The maximum calibration error (MCE), in [0, 1]: the largest `|frequency_b - probability_b|` of a bin with samples.
    ///
    /// `None` without samples.
    #[must_use]
    pub fn maximum_calibration_error(&self) -> Option<T> {
        self.bins().fold(None, |largest, bin| {
            let error = (bin.frequency - bin.probability).abs();
            Some(largest.map_or(error, |largest: T| largest.max(error)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn class<const N: usize>(index: usize) -> Class<N> {
        Class::new(index).unwrap()
    }

    // Bins (0, 1/2]: 1/4 false, 1/2 true. (1/2, 1]: 3/4 true, 1 true. Errors |1 - 3/4| / 4 and |2 - 7/4| / 4.
    #[test]
    fn hand_computed() {
        let mut calibration = Calibration::<2>::new();
        for (probability, occurred) in [(0.25, false), (1.0, true), (0.5, true), (0.75, true)] {
            calibration.add_probability(probability, occurred);
        }
        let curve = calibration.curve().unwrap();
        let bins: Vec<_> = curve.bins().map(|bin| (bin.samples, bin.probability, bin.frequency)).collect();
        assert_eq!(bins, [(2, 0.375, 0.5), (2, 0.875, 1.0)]);
        assert_eq!(curve.expected_calibration_error(), Some(0.125));
        assert_eq!(curve.maximum_calibration_error(), Some(0.125));
        let mut merged = calibration.clone();
        merged.merge(&calibration);
        assert_eq!(merged.curve().unwrap().expected_calibration_error(), Some(0.125));
        assert_eq!(merged.samples(), 8);
        merged.reset();
        assert_eq!(merged, Calibration::new());
    }

    /// The confidence of the first of two equal classes is right, that of the second is not.
    #[test]
    fn confidence_of_the_prediction() {
        let mut calibration = Calibration::<4>::new();
        calibration.add(&[0.5, 0.5, 0.0], class(0));
        calibration.add(&[0.5, 0.5, 0.0], class(1));
        calibration.add(&[0.25, 0.0, 0.75], class(2));
        let curve = calibration.curve().unwrap();
        let bins: Vec<_> = curve.bins().map(|bin| (bin.samples, bin.probability, bin.frequency)).collect();
        assert_eq!(bins, [(2, 0.5, 0.5), (1, 0.75, 1.0)]);
        assert_eq!(curve.maximum_calibration_error(), Some(0.25));
    }

    #[test]
    fn no_samples() {
        let calibration = Calibration::<3>::new();
        let curve = calibration.curve().unwrap();
        assert_eq!((curve.expected_calibration_error(), curve.maximum_calibration_error()), (None, None));
        assert_eq!(curve.bins().count(), 0);
    }

    #[test]
    fn what_is_no_probability_is_an_error() {
        let error = Err(MetricError::NotAProbability { sample: 1 });
        for probability in [f32::NAN, -0.1, 1.1, f32::INFINITY] {
            let mut calibration = Calibration::<3>::new();
            calibration.add_probability(0.5, true);
            calibration.add_probability(probability, true);
            assert_eq!(calibration.curve().map(|_| ()), error);
        }
        for probabilities in [[0.5, f32::NAN], [2.0, -1.0], [0.5, 0.4], [0.0, 0.0]] {
            let mut calibration = Calibration::<3>::new();
            calibration.add(&[0.5, 0.5], class(0));
            calibration.add(&probabilities, class(0));
            assert_eq!(calibration.curve().map(|_| ()), error);
        }
    }
}
