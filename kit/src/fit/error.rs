//! Why a run ended with an error.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use stackprop::Fault;
use thiserror::Error;

use super::history::{History, HistoryError};
use super::observer::ObserverError;
use super::text::short;
use crate::checkpoints::CheckpointsError;

/// A run ended with an error: when, why, and how it went until then.
///
/// Its `Debug` is its message, which is what a program prints whose `main` returns it.
///
/// The network is the best one so far if there is early stopping, and otherwise as the last step left it. If an observer
/// failed, the checkpoint of the last step was written.
#[non_exhaustive]
pub struct FitError {
    /// The epoch, from 0.
    pub epoch: u32,
    /// The mini-batch in this epoch, from 0.
    pub batch: u32,
    /// Why.
    pub cause: Box<Cause>,
    /// The epochs before.
    pub history: Box<History>,
}

/// Why a run ended with an error.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Cause {
    /// Settings that make no run. Nothing has changed.
    #[error("{0}")]
    Settings(#[from] SettingsError),
    /// A step could not be made.
    #[error("{fault}{trend}")]
    Step {
        /// Why.
        fault: Fault,
        /// How the run went before.
        trend: Trend,
    },
    /// The validation loss or a metric could not be computed.
    #[error("on the validation data: {fault}{trend}")]
    Validation {
        /// Why.
        fault: Fault,
        /// How the run went before.
        trend: Trend,
    },
    /// The loss has become a multiple of the best one ([`Recovery::limit`](stackprop::Recovery::limit)).
    #[error("the loss of {} has diverged{trend}", short(*loss))]
    Diverged {
        /// The loss.
        loss: f64,
        /// How the run went before.
        trend: Trend,
    },
    /// An observer failed, such as a log on a full disk.
    #[error("the observer `{observer}` failed: {error}")]
    Observer {
        /// Its name.
        observer: String,
        /// Its error.
        error: ObserverError,
    },
    /// A checkpoint could not be written, or the one in the directory is of another run. Nothing has changed then.
    #[error("{error}{}", if matches!(error, CheckpointsError::Checkpoint { .. }) { ANEW } else { "" })]
    Checkpoints {
        /// Why.
        error: CheckpointsError,
    },
    /// The directory has checkpoints, but the history beside them cannot be read.
    #[error("{error}{ANEW}")]
    History {
        /// Why.
        error: HistoryError,
    },
    /// The directory has checkpoints, but the history beside them lacks epochs.
    #[error("{}: has {found} of the {needed} epochs before the checkpoint{ANEW}", path.display())]
    Incomplete {
        /// The history.
        path: PathBuf,
        /// The epochs that it has.
        found: u32,
        /// The epochs that the checkpoint has behind it.
        needed: u32,
    },
    /// The checkpoints in the directory are of a run with other settings. Nothing has changed.
    #[error("{}: {what} was {found} in the run of these checkpoints, but is {needed} now{ANEW}", path.display())]
    AnotherRun {
        /// The history.
        path: PathBuf,
        /// The setting.
        what: &'static str,
        /// That of the run in the directory.
        found: String,
        /// That of this run.
        needed: String,
    },
}

const ANEW: &str = " (to start anew, remove the directory or choose another one)";

/// Settings that make no run.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A mini-batch without samples.
    #[error("a mini-batch has to have at least one sample: `batch(32)`, not `batch(0)`")]
    Batch,
    /// Training data without samples.
    #[error("the training data of epoch {epoch} have no samples")]
    NoSamples {
        /// The epoch.
        epoch: u32,
    },
    /// Validation data without samples.
    #[error("the validation data have no samples")]
    NoValidationSamples,
    /// The name of a metric is empty, there twice, or that of another column of the log.
    #[error("a metric cannot be called `{name}`, which is empty or the name of another column")]
    MetricName {
        /// The name.
        name: String,
    },
    /// There is no metric with the name of the monitored one.
    #[error("there is no metric `{name}` to monitor (there are: {})", metrics.join(", "))]
    Monitor {
        /// The name.
        name: String,
        /// Those that there are.
        metrics: Vec<String>,
    },
    /// One part of the run looks for the smallest value, another one for the largest.
    #[error(
        "{part} looks for the {} value, but the best {monitor} is the {}: say so by `monitor(name, mode)`, `EarlyStopping::mode` and \
         `keep_best`",
        if *largest { "largest" } else { "smallest" },
        if *largest { "smallest" } else { "largest" }
    )]
    Mode {
        /// Which part.
        part: &'static str,
        /// What is monitored.
        monitor: String,
        /// Whether the part looks for the largest value.
        largest: bool,
    },
}

/// How a run went before it failed, which tells its likely cause.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Trend {
    /// The steps of this run.
    pub steps: u32,
    /// The loss of the first mini-batch, and of the last one.
    pub losses: Option<(f64, f64)>,
    /// The learning rate.
    pub learning_rate: Option<f64>,
    /// How often the run had recovered.
    pub recoveries: u32,
}

impl fmt::Display for Trend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { steps, losses, learning_rate, recoveries } = *self;
        let Some((first, last)) = losses else {
            return f.write_str(
                "; no step was made before, so look at the data and at the initial parameters first",
            );
        };
        if recoveries > 0 {
            write!(f, "; the run had recovered {recoveries} times")?;
        }
        match steps {
            1 => write!(f, "; the loss of the only step before was {}", short(first))?,
            _ => write!(f, "; in {steps} steps, the loss went from {} to {}", short(first), short(last))?,
        }
        let Some(rate) = learning_rate else { return Ok(()) };
        write!(f, ", with a learning rate of {}", short(rate))?;
        if last > 2.0 * first {
            write!(f, ", which is too high: try {}, or clip the gradient (`ClipNorm`)", short(rate / 10.0))?;
        }
        Ok(())
    }
}

impl fmt::Debug for FitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for FitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.cause {
            Cause::Step { .. }
            | Cause::Validation { .. }
            | Cause::Diverged { .. }
            | Cause::Observer { .. } => {
                write!(
                    f,
                    "training stopped in epoch {}, mini-batch {}: {}",
                    self.epoch, self.batch, self.cause
                )
            }
            cause => cause.fmt(f),
        }
    }
}

impl Error for FitError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(match &*self.cause {
            Cause::Step { fault, .. } | Cause::Validation { fault, .. } => fault,
            Cause::Observer { error, .. } => &**error,
            Cause::Checkpoints { error } => error,
            Cause::History { error } => error,
            _ => return None,
        })
    }
}
