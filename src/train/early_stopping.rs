//! The best network of a run, and when to stop.

use crate::improvement::{Mode, Threshold};
use crate::network::Model;
use crate::persist::{Number, persist};
use crate::scalar::Scalar;
use crate::zero::{Zero, boxed, zero_struct};

/// When training stops: after `patience` observations in a row without an improvement (Prechelt 1998: Early Stopping, but
/// when?).
///
/// These are the settings; [`Best`] keeps the network. The patience is that of Keras and Lightning: with 0 or 1, the first metric
/// that is not better stops the run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EarlyStopping<T = f32> {
    /// The number of observations without an improvement after which training stops.
    pub patience: u32,
    /// What counts as an improvement.
    pub threshold: Threshold<T>,
    /// Whether a smaller or a larger metric is better.
    pub mode: Mode,
}

impl<T: Scalar> Default for EarlyStopping<T> {
    /// Patience 10; any smaller metric is an improvement.
    fn default() -> Self {
        Self { patience: 10, threshold: Threshold::Absolute(T::ZERO), mode: Mode::Min }
    }
}

/// What [`Best::observe`] has found.
#[must_use = "says whether to stop"]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The metric has improved, and the network was copied.
    Improved,
    /// So many observations in a row have not improved.
    Waiting(u32),
    /// No improvement for as many observations as the patience has: stop.
    Stop,
}

/// The best network of a run so far, with its metric.
///
/// It holds a network, which is copied in place, and can be a `static`. To make a large one on the heap, use
/// [`Zero::boxed`]. A checkpoint can hold it as a value of your own.
///
/// ```
/// use stackprop::{Best, Dense, EarlyStopping, Network, Quadratic, Sgd, Trainer, Verdict};
///
/// type Net = Network<1, Dense<1, 1>>;
/// let (data, other) = ([([1.0], [1.0]), ([2.0], [2.5])], [([1.5], [1.5])]);
/// let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 2>::zeros());
/// let mut best = Best::<Net>::zeros();
/// let stopping = EarlyStopping { patience: 3, ..EarlyStopping::default() };
/// for _ in 0..1000 {
///     trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &Quadratic, &data)?;
///     let loss = trainer.workspace.loss(&network, &Quadratic, &other)?;
///     if best.observe(&stopping, &network, loss) == Verdict::Stop {
///         break;
///     }
/// }
/// assert!(best.restore(&mut network)); // the network with the smallest loss on `other`
/// assert_eq!(Some(trainer.workspace.loss(&network, &Quadratic, &other)?), best.metric());
/// assert_eq!(best.observations(), best.index().unwrap() + 1 + stopping.patience);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, PartialEq)]
pub struct Best<N: Model> {
    network: N,
    metric: N::Scalar,
    /// The number of observations up to the best one; 0 if there is none, and `network` and `metric` have no meaning.
    until_best: u32,
    observations: u32,
    /// The number of observations since the best one, or since the last recovery.
    pub(super) waited: u32,
    pub(super) recoveries: u32,
}

zero_struct!([N: Model] Best<N> { network, metric, until_best, observations, waited, recoveries });
boxed!([N: Model] Best<N>);
persist!(
    [N: Model<Scalar: Number>] Best<N>;
    parameters network, number metric, number until_best, number observations, number waited, number recoveries
);

impl<N: Model + Clone> Clone for Best<N> {
    fn clone(&self) -> Self {
        Self { network: self.network.clone(), ..*self }
    }

    /// Copies in place, without a copy on the stack.
    fn clone_from(&mut self, source: &Self) {
        let Self { network, metric, until_best, observations, waited, recoveries } = self;
        network.copy_from(&source.network);
        *metric = source.metric;
        (*until_best, *observations) = (source.until_best, source.observations);
        (*waited, *recoveries) = (source.waited, source.recoveries);
    }
}

impl<N: Model> Best<N> {
    /// The memory that it takes, in bytes.
    pub const BYTES: usize = size_of::<Self>();

    /// Without a network.
    #[must_use]
    pub const fn zeros() -> Self {
        Self::ZERO
    }

    /// Takes the metric of `network`, such as its loss on data for validation, and copies the network if it is the best so far.
    ///
    /// A metric of NaN is no improvement, and neither is infinity if smaller is better.
    pub fn observe(
        &mut self,
        stopping: &EarlyStopping<N::Scalar>,
        network: &N,
        metric: N::Scalar,
    ) -> Verdict {
        self.observations = self.observations.saturating_add(1);
        if stopping.threshold.improves(stopping.mode, metric, self.metric()) {
            self.network.copy_from(network);
            (self.metric, self.until_best, self.waited) = (metric, self.observations, 0);
            return Verdict::Improved;
        }
        self.waited = self.waited.saturating_add(1);
        if self.waited >= stopping.patience { Verdict::Stop } else { Verdict::Waiting(self.waited) }
    }

    /// Copies the best network to `network`. Returns `false`, and changes nothing, if there is none.
    #[must_use = "says whether there was a network"]
    pub fn restore(&self, network: &mut N) -> bool {
        let Some(best) = self.network() else { return false };
        network.copy_from(best);
        true
    }

    /// The best network, or `None` before the first metric that is not NaN.
    #[must_use]
    pub fn network(&self) -> Option<&N> {
        (self.until_best > 0).then_some(&self.network)
    }

    /// The metric of the best network.
    #[must_use]
    pub fn metric(&self) -> Option<N::Scalar> {
        (self.until_best > 0).then_some(self.metric)
    }

    /// The observation of the best network, counted from 0: the epoch, if each is observed once.
    #[must_use]
    pub const fn index(&self) -> Option<u32> {
        self.until_best.checked_sub(1)
    }

    /// The number of observations.
    #[must_use]
    pub const fn observations(&self) -> u32 {
        self.observations
    }
}
