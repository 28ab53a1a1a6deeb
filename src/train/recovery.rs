//! What to do when training diverges.

use super::early_stopping::Best;
use crate::network::Model;
use crate::scalar::Scalar;
use crate::zero::Zero;

/// When a run has diverged, and how often it may go on from the best network, with a smaller learning rate.
///
/// These are the settings. [`Best`] keeps the network, and counts how often it was restored.
///
/// ```
/// use stackprop::{Best, Dense, EarlyStopping, Network, Quadratic, Recovery, Sgd, Trainer};
///
/// type Net = Network<1, Dense<1, 1>>;
/// let data = [([1.0], [1.0]), ([2.0], [3.0])];
/// let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 2>::zeros());
/// let (mut best, stopping, recovery) = (Best::<Net>::zeros(), EarlyStopping::default(), Recovery::default());
/// // So that there is a network to return to if the first step is too long.
/// let loss = trainer.workspace.loss(&network, &Quadratic, &data)?;
/// let _ = best.observe(&stopping, &network, loss);
///
/// let mut sgd = Sgd { learning_rate: 10.0 }; // too long
/// for _ in 0..100 {
///     let result = trainer.step(&mut network, &sgd, &Quadratic, &data);
///     let loss = trainer.workspace.loss(&network, &Quadratic, &data);
///     match (&result, loss) {
///         (Ok(_), Ok(loss)) if !best.has_diverged(&recovery, loss) => {
///             let _ = best.observe(&stopping, &network, loss);
///         }
///         _ => match best.recover(&recovery, &mut network, &mut trainer.state) {
///             Some(factor) => sgd.learning_rate = 10.0 * factor,
///             None => return Err("diverged again and again".into()),
///         },
///     }
/// }
/// assert!(sgd.learning_rate < 1.0 && best.metric().unwrap() < 0.05);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recovery<T = f32> {
    /// The largest number of recoveries in a run.
    pub attempts: u32,
    /// A loss of more than this many times the best one has diverged; above 1.
    pub limit: T,
    /// By which each recovery multiplies the learning rate, in (0, 1).
    pub factor: T,
}

impl<T: Scalar> Default for Recovery<T> {
    /// 5 attempts, each of which halves the learning rate; a loss of 10 times the best one has diverged.
    fn default() -> Self {
        Self { attempts: 5, limit: T::from_f64(10.0), factor: T::from_f64(0.5) }
    }
}

impl<N: Model> Best<N> {
    /// Whether this loss has diverged: it is NaN or infinite, or larger than [`Recovery::limit`] times the best one.
    ///
    /// For losses that are not negative. (Of any other metric, only NaN and infinities are certain.)
    #[must_use]
    pub fn has_diverged(&self, recovery: &Recovery<N::Scalar>, loss: N::Scalar) -> bool {
        !loss.is_finite() || self.metric().is_some_and(|best| loss > recovery.limit * best)
    }

    /// After a [`StepError`](crate::StepError), a loss that cannot be computed, or one that [has diverged](Best::has_diverged): goes back to the best network, and
    /// sets the optimiser's state to zero.
    ///
    /// Returns the factor of the learning rate with which the run started: [`Recovery::factor`] to the power of the number of
    /// recoveries. Returns `None`, and changes nothing, if there were [`Recovery::attempts`] recoveries before, or if no network was
    /// observed; then the run has failed.
    ///
    /// `state` is that of either trainer, or a part of it. The trainer's counts of epochs and steps go on. The patience of
    /// [`EarlyStopping`](crate::EarlyStopping) starts anew.
    #[must_use = "is the factor of the learning rate, or `None` if the run has failed"]
    pub fn recover(
        &mut self,
        recovery: &Recovery<N::Scalar>,
        network: &mut N,
        state: &mut impl Zero,
    ) -> Option<N::Scalar> {
        if self.recoveries >= recovery.attempts || !self.restore(network) {
            return None;
        }
        state.set_zero();
        self.recoveries = self.recoveries.saturating_add(1);
        self.waited = 0;
        Some((0..self.recoveries).fold(N::Scalar::ONE, |factor, _| factor * recovery.factor))
    }

    /// How often the run has [recovered](Best::recover).
    #[must_use]
    pub const fn recoveries(&self) -> u32 {
        self.recoveries
    }
}
