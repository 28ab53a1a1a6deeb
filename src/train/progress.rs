//! The progress of a training run, and the error that stops it.

use core::fmt;

use super::mean::Mean;
use crate::data::Dataset;
use crate::fault::Fault;
use crate::layer::Draws;
use crate::persist::persist;
use crate::scalar::Scalar;
use crate::zero::zero_struct;

/// Runs one epoch of a trainer: `step` on each mini-batch and its number of samples. Returns the average loss over all
/// samples.
#[inline]
pub(super) fn epoch<R, T: Scalar, D: Dataset>(
    trainer: &mut R,
    progress: fn(&mut R) -> &mut Progress,
    batches: impl IntoIterator<Item = D>,
    mut step: impl FnMut(&mut R, &D, usize) -> Result<T, StepError>,
) -> Result<T, StepError> {
    progress(trainer).begin_epoch();
    let mean = step_on_each(batches, |batch, samples| step(trainer, batch, samples))?;
    progress(trainer).end_epoch();
    Ok(mean)
}

/// Calls `step` with each mini-batch and its number of samples. Returns the average loss over all samples.
#[inline]
pub(super) fn step_on_each<T: Scalar, D: Dataset>(
    batches: impl IntoIterator<Item = D>,
    mut step: impl FnMut(&D, usize) -> Result<T, StepError>,
) -> Result<T, StepError> {
    let mut mean = Mean::NONE;
    for batch in batches {
        let samples = batch.len();
        mean.add_mean(step(&batch, samples)?, samples);
    }
    Ok(mean.value())
}

/// The progress of a training run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Progress {
    /// Completed epochs.
    pub epoch: u32,
    /// Steps in this epoch.
    pub batch: u32,
    /// Steps in all.
    pub steps: u32,
}

zero_struct!([] Progress { epoch, batch, steps });
persist!([] Progress; number epoch, number batch, number steps);

/// The methods of a trainer about its progress.
macro_rules! progress_methods {
    () => {
        /// The number of completed epochs.
        #[must_use]
        pub const fn epochs(&self) -> u32 {
            self.progress.epoch
        }

        /// The number of steps since the last completed epoch.
        #[must_use]
        pub const fn steps_in_epoch(&self) -> u32 {
            self.progress.batch
        }

        /// The number of steps in all.
        #[must_use]
        pub const fn steps(&self) -> u32 {
            self.progress.steps
        }

        /// Completes an epoch whose steps were made one by one.
        ///
        /// A loop over mini-batches that calls `step` for each, and then this, has the bits of `epoch`; it can save a
        /// checkpoint after any step.
        pub const fn end_epoch(&mut self) {
            self.progress.end_epoch();
        }
    };
}
pub(super) use progress_methods;

/// The methods of a trainer about the schedule of its optimiser.
macro_rules! schedule_methods {
    () => {
        /// The learning rate of the next step with this optimiser: that of the schedule, if it has one.
        #[must_use]
        pub fn learning_rate(&self, optimizer: &O) -> N::Scalar
        where
            O: $crate::optim::LearningRate<N::Scalar>,
        {
            optimizer.next_rate(&self.state)
        }

        /// Tells a schedule that depends on a metric, such as [`ReduceOnPlateau`](crate::schedule::ReduceOnPlateau), its next value;
        /// usually the validation loss, after each epoch. Does nothing if there is no such schedule.
        ///
        /// ```
        /// use stackprop::schedule::ReduceOnPlateau;
        /// use stackprop::{ClipValue, Dense, Network, Scheduled, Sgd, Trainer};
        ///
        /// type Rule = ClipValue<Scheduled<ReduceOnPlateau, Sgd>>;
        /// let plateau = ReduceOnPlateau { patience: 0, ..ReduceOnPlateau::default() };
        /// let optimizer: Rule = ClipValue::new(1.0, Scheduled::new(plateau, Sgd { learning_rate: 0.5 }));
        /// let mut trainer = Trainer::<Network<1, Dense<1, 1>>, Rule, 1>::zeros();
        /// for loss in [2.0, 3.0] {
        ///     trainer.observe(&optimizer, loss);
        /// }
        /// assert_eq!(trainer.learning_rate(&optimizer), 0.05);
        /// ```
        pub fn observe(&mut self, optimizer: &O, metric: N::Scalar)
        where
            O: $crate::optim::LearningRate<N::Scalar>,
        {
            optimizer.observe(&mut self.state, metric);
        }
    };
}
pub(super) use schedule_methods;

impl Progress {
    fn begin_epoch(&mut self) {
        self.batch = 0;
    }

    pub const fn end_epoch(&mut self) {
        self.epoch = self.epoch.saturating_add(1);
        self.batch = 0; // for steps between epochs
    }

    /// The random numbers of the next step.
    pub fn draws(&self, seed: u32) -> Draws {
        Draws::new(seed, self.epoch, self.batch)
    }

    /// Counts a step that was made; otherwise adds the epoch and the mini-batch to the fault.
    pub fn step<T>(&mut self, result: Result<T, Fault>) -> Result<T, StepError> {
        let loss = result.map_err(|cause| StepError { epoch: self.epoch, batch: self.batch, cause })?;
        self.batch = self.batch.saturating_add(1);
        self.steps = self.steps.saturating_add(1);
        Ok(loss)
    }
}

/// A training step could not be made: when in the run, and why.
///
/// The parameters and the optimiser's state are as before the step, except after [`Fault::Update`]: then only
/// parameters whose update is not finite keep their value and state, and the others have made their step. (After
/// [`Fault::Lengths`], a layer of your own is wrong, and some layers may have made their step.) No parameter
/// ever becomes infinite or NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepError {
    /// The epoch, from 0: how many calls of [`Trainer::epoch`](crate::Trainer::epoch) had been completed.
    pub epoch: u32,
    /// The mini-batch, from 0: how many steps had been made in this epoch.
    pub batch: u32,
    /// What was wrong, and where.
    pub cause: Fault,
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { epoch, batch, cause } = self;
        write!(f, "training stopped in epoch {epoch}, mini-batch {batch}: {cause}")
    }
}

impl core::error::Error for StepError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&self.cause)
    }
}
