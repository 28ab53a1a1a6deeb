//! The Brier score.

use super::metric::{Intake, MetricError, Refusal, is_probability, metric};
use super::probabilities::refusal;
use super::sum::Sum;
use crate::loss::Class;
use crate::scalar::Scalar;

/// The Brier score: the mean squared error of probabilities; 0 is perfect. (Brier 1950.)
///
/// For a network with one output, `1/n sum_i (p_i - y_i)^2` with the probability of the positive class and `y_i` 0 or 1,
/// in [0, 1] ([`add_probability`](BrierScore::add_probability)). For `N` classes, `1/n sum_i sum_k (p_ik - y_ik)^2`, in
/// [0, 2] ([`add`](BrierScore::add)). As `brier_score_loss` with `scale_by_half="auto"` and `False`: with two classes the
/// second is twice the first. Use one of the two for a `BrierScore`. Outputs that are logits become probabilities by
/// [`sigmoid`](crate::sigmoid) or [`softmax`](crate::softmax).
///
/// The sum is compensated. A probability that is NaN or outside [0, 1] makes [`value`](BrierScore::value) an error.
///
/// ```
/// use stackprop::metrics::BrierScore;
/// use stackprop::{Dense, Network, Workspace, sigmoid};
///
/// type Net = Network<1, Dense<1, 1>>;
/// let network: Net = Network::new(Dense::from_parameters([[1.0]], [0.0]));
/// let data = [([0.0], [0.0]), ([0.0], [1.0])]; // probabilities of 1/2
///
/// let mut brier = BrierScore::new();
/// Workspace::<Net, 16>::zeros().evaluate(&network, &data, |logit, [y]| {
///     let [probability] = sigmoid(logit);
///     brier.add_probability(probability, *y == 1.0);
/// })?;
/// assert_eq!(brier.value()?, Some(0.25));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BrierScore<T = f32> {
    sum: Sum<T>,
    intake: Intake,
}

metric! { [T: Scalar] BrierScore<T> { sum, intake } }

impl<T: Scalar> BrierScore<T> {
    /// Adds a sample of a classifier: the probabilities of all classes `[N]`, and its class.
    ///
    /// The probabilities must add up to 1 within 1e-3, so that logits are not mistaken for them.
    pub fn add<const N: usize>(&mut self, probabilities: &[T; N], class: Class<N>) {
        if self.intake.take(refusal(probabilities)) {
            let terms = (0..N).zip(probabilities).map(|(k, &p)| squared_error(p, k == class.index()));
            self.sum.add(terms.fold(T::ZERO, |sum, term| sum + term));
        }
    }

    /// Adds a probability in [0, 1], and whether what it was given to has happened: the sample is positive.
    pub fn add_probability(&mut self, probability: T, occurred: bool) {
        let refusal = (!is_probability(probability)).then_some(Refusal::NotAProbability);
        if self.intake.take(refusal) {
            self.sum.add(squared_error(probability, occurred));
        }
    }

    /// Adds the samples of another. A sum in another order may differ in its last bits.
    pub fn merge(&mut self, other: &Self) {
        self.intake.merge(&other.intake, true);
        self.sum.merge(&other.sum);
    }

    /// The Brier score; `None` without samples.
    ///
    /// # Errors
    ///
    /// [`MetricError`] if a probability was NaN or outside [0, 1], or if there were 2^32 - 1 samples or more.
    pub fn value(&self) -> Result<Option<T>, MetricError> {
        self.intake.check(u64::MAX)?;
        let samples = self.intake.samples();
        Ok((samples > 0).then(|| self.sum.value() / T::from_u64(samples)))
    }

    /// The number of samples that were added.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.intake.samples()
    }
}

fn squared_error<T: Scalar>(p: T, occurred: bool) -> T {
    let error = if occurred { T::ONE - p } else { p };
    error * error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hand_computed() {
        let mut brier = BrierScore::<f64>::new();
        assert_eq!(brier.value(), Ok(None));
        brier.add_probability(0.5, true);
        brier.add_probability(0.25, false);
        brier.add_probability(1.0, true);
        brier.add_probability(0.75, false);
        assert_eq!(brier.value(), Ok(Some((0.25 + 0.0625 + 0.5625) / 4.0)));
        let mut classes = BrierScore::<f64>::new();
        classes.add(&[0.5, 0.25, 0.25], Class::new(0).unwrap());
        classes.add(&[0.0, 1.0, 0.0], Class::new(2).unwrap());
        assert_eq!(classes.value(), Ok(Some((0.375 + 2.0) / 2.0)));
        classes.merge(&classes.clone());
        assert_eq!((classes.value(), classes.samples()), (Ok(Some(1.1875)), 4));
        classes.reset();
        assert_eq!(classes, BrierScore::new());
    }

    #[test]
    fn what_is_no_probability_is_an_error() {
        for probability in [f32::NAN, -0.1, 1.1, f32::INFINITY] {
            let mut brier = BrierScore::new();
            brier.add_probability(0.5, true);
            brier.add_probability(probability, true);
            brier.add_probability(0.5, true);
            assert_eq!(brier.value(), Err(MetricError::NotAProbability { sample: 1 }));
            let mut classes = BrierScore::new();
            classes.add(&[probability, 1.0 - probability], Class::new(0).unwrap());
            assert_eq!(classes.value(), Err(MetricError::NotAProbability { sample: 0 }));
        }
    }
}
