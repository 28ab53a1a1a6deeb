//! The learning-rate range test of Smith (2017), *Cyclical Learning Rates for Training Neural Networks*, section 3.3.

use stackprop::{
    Dataset, Generator, LearningRate, LossOf, MiniBatches, Model, Scalar, StateOf, StepError, Trainer,
};

/// Trains a copy of a network with a learning rate that grows from step to step, and records the loss.
///
/// Step `i` of `steps` has the rate `from (to / from)^(i / (steps - 1))`. The test ends when the smoothed loss has risen above its least
/// value by more than the size of the first loss, or a step fails.
///
/// ```
/// use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
/// use stackprop::{Chain, Dense, Network, Quadratic, Sgd, Tanh, Trainer, init};
/// use stackprop_kit::health::RangeTest;
///
/// type Net = Network<1, Chain![Dense<1, 8, Tanh>, Dense<8, 1>]>;
/// let data: Vec<_> = (0..64).map(|i| i as f32 / 32.0 - 1.0).map(|x| ([x], [x * x])).collect();
/// let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
/// let mut network = Net::zeros();
/// network.init(&init::XavierUniform, &mut rng);
/// let (trainer, sgd) = (Trainer::<Net, Sgd, 16>::zeros(), Sgd { learning_rate: 0.1 });
///
/// let points = RangeTest::default().run(&trainer, &network, &sgd, &Quadratic, &data, 16, &mut rng);
/// let rate = points.suggested().unwrap();
/// assert!((0.01..1.0).contains(&rate), "{rate}");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RangeTest {
    /// The rate of the first step, above 0.
    pub from: f64,
    /// The rate of the last step, above 0.
    pub to: f64,
    /// The number of steps, unless the test ends earlier.
    pub steps: usize,
    /// The share of the old average in the smoothed loss, in [0, 1): `s <- smoothing s + (1 - smoothing) loss`, divided by
    /// `1 - smoothing^n` after `n` losses, as in Adam.
    pub smoothing: f64,
}

impl Default for RangeTest {
    /// 100 steps from 1e-6 to 10, with smoothing 0.9.
    fn default() -> Self {
        Self { from: 1e-6, to: 10.0, steps: 100, smoothing: 0.9 }
    }
}

/// A step of a [`RangeTest`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatePoint {
    /// The learning rate of the step.
    pub rate: f64,
    /// The loss after it: that of the next mini-batch.
    pub loss: f64,
    /// The smoothed loss.
    pub smoothed: f64,
}

/// Why a [`RangeTest`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// All steps were made.
    Completed,
    /// The loss has risen too far.
    Diverged,
    /// A step failed. Its rate is not among the points if it was the first.
    Failed(StepError),
    /// There are no samples, or a setting is not valid: rates above 0 and finite, at least two steps, a smoothing in [0, 1).
    Invalid,
}

/// The steps of a [`RangeTest`], for a plot: rates on a logarithmic axis, losses above.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Points {
    /// The loss before the first step; NaN if there was none.
    pub start: f64,
    /// The steps.
    pub points: Vec<RatePoint>,
    /// Why it ended.
    pub end: End,
}

impl Points {
    /// A good rate to start with: **a tenth of the rate where the smoothed loss is least.** At the least loss, the rate is already
    /// about to be too large.
    ///
    /// `None` if the smoothed loss has not fallen by a tenth of its first value: then no rate of the range is good, or the network does
    /// not learn for another reason (see [`report`](super::report)).
    #[must_use]
    pub fn suggested(&self) -> Option<f64> {
        let least = self.points.iter().min_by(|a, b| a.smoothed.total_cmp(&b.smoothed))?;
        (self.start - least.smoothed > 0.1 * self.start.abs()).then_some(least.rate / 10.0)
    }
}

impl RangeTest {
    fn is_valid(&self) -> bool {
        let rate = |rate: f64| rate.is_finite() && rate > 0.0;
        rate(self.from) && rate(self.to) && self.steps >= 2 && (0.0..1.0).contains(&self.smoothing)
    }

    /// The rate of step `i`.
    fn rate(&self, i: usize) -> f64 {
        let share = i as f64 / (self.steps - 1) as f64;
        (self.from.ln() + share * (self.to.ln() - self.from.ln())).exp()
    }

    /// Runs the test: mini-batches of `size` samples, shuffled anew for each epoch. Network and trainer stay as they are.
    ///
    /// With [`Scheduled`](stackprop::Scheduled), the schedule would change the rates: pass the optimiser inside of it, and a new trainer.
    #[expect(clippy::too_many_arguments, reason = "those of a training run")]
    pub fn run<N, O, C, D, R, const B: usize>(
        &self,
        trainer: &Trainer<N, O, B>,
        network: &N,
        optimizer: &O,
        loss: &C,
        data: &D,
        size: usize,
        rng: &mut R,
    ) -> Points
    where
        N: Model + Clone,
        O: LearningRate<N::Scalar>,
        StateOf<N, O>: Clone,
        C: LossOf<N, D::Target>,
        D: Dataset<Input = N::Input> + ?Sized,
        R: Generator + ?Sized,
    {
        let mut found = Points { start: f64::NAN, points: vec![], end: End::Invalid };
        if !self.is_valid() || data.is_empty() {
            return found;
        }
        let (mut trainer, mut network) = (trainer.boxed_clone(), network.boxed_clone());
        let mut batches = MiniBatches::shuffled(data, size, rng);
        let mut average = Average { sum: 0.0, rest: 1.0, smoothing: self.smoothing };
        found.end = End::Completed;
        // One step more, for the loss after the last.
        for i in 0..=self.steps {
            let batch = match batches.next() {
                Some(batch) => batch,
                None => {
                    trainer.end_epoch();
                    batches = MiniBatches::shuffled(data, size, rng);
                    let Some(batch) = batches.next() else { return found };
                    batch
                }
            };
            let rate = self.rate(i.min(self.steps - 1));
            let with_rate = optimizer.with_learning_rate(N::Scalar::from_f64(rate));
            match trainer.step(&mut *network, &with_rate, loss, &batch) {
                Ok(loss) if i == 0 => found.start = loss.to_f64(),
                Ok(loss) => found.push(self.rate(i - 1), loss.to_f64(), &mut average),
                Err(error) => found.end = End::Failed(error),
            }
            if found.end != End::Completed {
                break;
            }
        }
        found
    }
}

impl Points {
    fn push(&mut self, rate: f64, loss: f64, average: &mut Average) {
        let smoothed = average.add(loss);
        self.points.push(RatePoint { rate, loss, smoothed });
        let least = self.points.iter().fold(f64::INFINITY, |least, point| least.min(point.smoothed));
        if smoothed - least > self.start.abs() {
            self.end = End::Diverged;
        }
    }
}

/// A moving average that does not start at 0.
struct Average {
    sum: f64,
    /// `smoothing^n`
    rest: f64,
    smoothing: f64,
}

impl Average {
    fn add(&mut self, loss: f64) -> f64 {
        self.sum = self.smoothing * self.sum + (1.0 - self.smoothing) * loss;
        self.rest *= self.smoothing;
        self.sum / (1.0 - self.rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_grow_by_a_factor() {
        let test = RangeTest { from: 1e-3, to: 10.0, steps: 5, smoothing: 0.5 };
        for (i, rate) in [1e-3, 1e-2, 0.1, 1.0, 10.0].into_iter().enumerate() {
            assert!((test.rate(i) / rate - 1.0).abs() < 1e-14);
        }
    }

    // 4; (0.5 * 2 + 0.5 * 1) / 0.75 = 2.
    #[test]
    fn averages_start_with_the_first_loss() {
        let mut average = Average { sum: 0.0, rest: 1.0, smoothing: 0.5 };
        assert_eq!((average.add(4.0), average.add(1.0)), (4.0, 2.0));
    }

    #[test]
    fn a_tenth_of_the_rate_of_the_least_loss() {
        let point = |rate, smoothed| RatePoint { rate, loss: 0.0, smoothed };
        let points = |start, least| Points {
            start,
            points: vec![point(0.01, 2.0), point(0.1, least), point(1.0, 3.0)],
            end: End::Completed,
        };
        assert_eq!(points(2.0, 1.0).suggested(), Some(0.1 / 10.0));
        assert_eq!(points(2.0, 1.9).suggested(), None);
        assert_eq!(points(-1.0, -3.0).suggested(), Some(0.1 / 10.0));
    }
}
