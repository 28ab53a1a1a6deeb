//! What is told how a run goes, and may stop it.

use std::any::type_name;
use std::error::Error;

use super::history::History;
use super::record::{Epoch, Session};
use super::text::plain;
use crate::checkpoints::Resumed;

/// Any error of an observer.
pub type ObserverError = Box<dyn Error + Send + Sync>;

/// Whether a run goes on.
#[must_use = "says whether the run goes on"]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Flow {
    /// The run goes on.
    #[default]
    Continue,
    /// The run ends, for this reason, after a checkpoint.
    Stop(String),
}

impl Flow {
    /// The run ends, for this reason.
    pub fn stop(reason: impl Into<String>) -> Self {
        Flow::Stop(reason.into())
    }
}

/// How a run starts.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Start<'a> {
    /// The settings of the run.
    pub session: &'a Session,
    /// The epochs before, if it goes on from a checkpoint.
    pub history: &'a History,
    /// The checkpoint that it goes on from.
    pub resumed: Option<&'a Resumed>,
    /// The mini-batches in an epoch.
    pub batches: u32,
    /// The mini-batches of the first epoch that were done before.
    pub batch: u32,
}

/// A step of training that was made.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Step {
    /// The epoch, from 0.
    pub epoch: u32,
    /// The mini-batch in this epoch, from 0.
    pub batch: u32,
    /// The mini-batches in this epoch.
    pub batches: u32,
    /// The number of steps in all.
    pub step: u32,
    /// The average loss of the mini-batch, before the step.
    pub loss: f64,
    /// The average loss of the samples of this epoch so far.
    pub mean_loss: f64,
    /// The learning rate of the step.
    pub learning_rate: Option<f64>,
}

/// A run that diverged, and goes on from the best network.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Recovered<'a> {
    /// The epoch that diverged, which is trained again.
    pub epoch: u32,
    /// How often the run has recovered.
    pub recoveries: u32,
    /// By which the learning rate is multiplied from now on.
    pub factor: f64,
    /// Why.
    pub cause: &'a dyn Error,
}

/// What is told how a run goes, and may stop it: a log, a progress bar, or your own.
///
/// All methods do nothing by default. An error ends the run after a checkpoint, with a [`FitError`](super::FitError)
/// that names the observer. A closure that takes an [`Epoch`] is an observer, too; it may return `()`, a [`Flow`], or a `Result` of
/// either:
///
/// ```
/// use stackprop::{Dense, Network, Quadratic, Sgd, Trainer};
/// use stackprop_kit::fit::{Epoch, Fit, Flow, Observer, ObserverError, Step};
///
/// #[derive(Default)]
/// struct Losses(Vec<f64>);
///
/// impl Observer for &mut Losses {
///     fn step(&mut self, step: &Step) -> Result<Flow, ObserverError> {
///         self.0.push(step.loss);
///         Ok(Flow::Continue)
///     }
/// }
///
/// type Net = Network<1, Dense<1, 1>>;
/// let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 2>::zeros());
/// let mut losses = Losses::default();
/// let history = Fit::new(&mut network, &mut trainer, &Sgd { learning_rate: 0.1 }, &Quadratic, &[([1.0], [2.0])])
///     .epochs(100)
///     .observe(&mut losses)
///     .observe(|epoch: &Epoch| if epoch.loss < 0.1 { Flow::stop("good enough") } else { Flow::Continue })
///     .run()?;
/// assert_eq!(history.epochs.len(), losses.0.len());
/// assert!(history.reason.to_string().ends_with("good enough"));
/// # Ok::<(), stackprop_kit::fit::FitError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an observer",
    label = "not an observer",
    note = "an observer implements `Observer`, or is a closure `|epoch: &Epoch| ...` that returns `()`, a `Flow`, or a `Result` of either"
)]
pub trait Observer {
    /// The name, for errors.
    fn name(&self) -> String {
        plain(type_name::<Self>())
    }

    /// Called before the first step.
    ///
    /// # Errors
    ///
    /// Any error ends the run.
    fn start(&mut self, start: &Start<'_>) -> Result<Flow, ObserverError> {
        let _ = start;
        Ok(Flow::Continue)
    }

    /// Called after each step.
    ///
    /// # Errors
    ///
    /// Any error ends the run.
    fn step(&mut self, step: &Step) -> Result<Flow, ObserverError> {
        let _ = step;
        Ok(Flow::Continue)
    }

    /// Called after each epoch, when its checkpoint is not yet written.
    ///
    /// A process that is killed may end between the two. The epoch is then trained and told again, in a run whose
    /// [`Start`] has the epochs before it.
    ///
    /// # Errors
    ///
    /// Any error ends the run.
    fn epoch(&mut self, epoch: &Epoch) -> Result<Flow, ObserverError> {
        let _ = epoch;
        Ok(Flow::Continue)
    }

    /// Called when a run that diverged goes on from its best network.
    ///
    /// # Errors
    ///
    /// Any error ends the run.
    fn recovered(&mut self, recovered: &Recovered<'_>) -> Result<Flow, ObserverError> {
        let _ = recovered;
        Ok(Flow::Continue)
    }

    /// Called at the end of the run, also if it fails: the reason is then [`Reason::Unfinished`](super::Reason::Unfinished).
    ///
    /// # Errors
    ///
    /// Any error is that of the run, unless it had one before.
    fn end(&mut self, history: &History) -> Result<(), ObserverError> {
        let _ = history;
        Ok(())
    }
}

/// What a closure that is an observer may return.
#[diagnostic::on_unimplemented(
    message = "an observer cannot return `{Self}`",
    note = "it returns `()`, a `Flow`, or a `Result` of either"
)]
pub trait Answer {
    /// As the answer of an observer.
    ///
    /// # Errors
    ///
    /// If it is an error.
    fn answer(self) -> Result<Flow, ObserverError>;
}

impl Answer for () {
    fn answer(self) -> Result<Flow, ObserverError> {
        Ok(Flow::Continue)
    }
}

impl Answer for Flow {
    fn answer(self) -> Result<Flow, ObserverError> {
        Ok(self)
    }
}

impl<A: Answer, E: Into<ObserverError>> Answer for Result<A, E> {
    fn answer(self) -> Result<Flow, ObserverError> {
        self.map_err(Into::into)?.answer()
    }
}

impl<A: Answer, F: FnMut(&Epoch) -> A> Observer for F {
    fn epoch(&mut self, epoch: &Epoch) -> Result<Flow, ObserverError> {
        self(epoch).answer()
    }
}
