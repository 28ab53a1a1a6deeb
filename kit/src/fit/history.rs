//! How a run went.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::record::{Epoch, Line, Session};
use super::text::short;

/// How a run went: what [`Fit::run`](super::Fit::run) returns. Its text is a short table.
///
/// A resumed run has the epochs before it, too.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct History {
    /// The settings, once for each time that the run was started.
    pub sessions: Vec<Session>,
    /// The completed epochs.
    pub epochs: Vec<Epoch>,
    /// The epoch with the best monitored value: the smallest validation loss, unless [`Fit::monitor`](super::Fit::monitor) was called.
    pub best_epoch: Option<u32>,
    /// How often the run diverged and went on from the best network.
    pub recoveries: u32,
    /// Why it ended.
    pub reason: Reason,
}

/// Why a run ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// It has not ended, or it ended with an error.
    #[default]
    Unfinished,
    /// All epochs are done.
    Epochs,
    /// No improvement for as many epochs as early stopping allows.
    EarlyStopping {
        /// The epochs without an improvement.
        waited: u32,
    },
    /// An observer stopped it.
    Observer {
        /// The name of the observer.
        name: String,
        /// Its reason.
        reason: String,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Unfinished => f.write_str("not finished"),
            Reason::Epochs => f.write_str("all epochs done"),
            Reason::EarlyStopping { waited } => write!(f, "no improvement for {waited} epochs"),
            Reason::Observer { name, reason } => write!(f, "stopped by {name}: {reason}"),
        }
    }
}

/// Why a history could not be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The system's error for the file.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The error.
        error: std::io::Error,
    },
    /// A line is not a record.
    #[error("{}: line {line}: {error}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The error.
        error: serde_json::Error,
    },
}

impl History {
    /// The best epoch.
    #[must_use]
    pub fn best(&self) -> Option<&Epoch> {
        self.epochs.iter().find(|epoch| Some(epoch.epoch) == self.best_epoch)
    }

    /// The last epoch.
    #[must_use]
    pub fn last(&self) -> Option<&Epoch> {
        self.epochs.last()
    }

    /// Reads the sessions and epochs of a log that [`JsonLog`](super::JsonLog) wrote, for instance `history.jsonl` beside checkpoints.
    ///
    /// A last line without an end, as a killed process may leave it, is passed over. A log has no best epoch and no reason.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] if the file cannot be read, or names the line that is not a record.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, HistoryError> {
        let path = path.as_ref();
        let text = fs::read_to_string(path).map_err(|error| HistoryError::Io { path: path.into(), error })?;
        let mut history = Self::default();
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let Some(line) = line.strip_suffix('\n') else { break };
            match serde_json::from_str(line) {
                Ok(Line::Session(session)) => history.sessions.push(*session),
                Ok(Line::Epoch(epoch)) => history.epochs.push(epoch),
                Ok(Line::End { .. }) => {}
                Err(error) => return Err(HistoryError::Line { path: path.into(), line: index + 1, error }),
            }
        }
        Ok(history)
    }

    /// The lines of a log: each session before its epochs.
    pub(super) fn lines(&self) -> impl Iterator<Item = Line> {
        let mut epochs = self.epochs.iter().peekable();
        let mut sessions = self.sessions.iter().peekable();
        let mut lines = vec![];
        while let Some(session) = sessions.next() {
            lines.push(Line::Session(Box::new(session.clone())));
            let end = sessions.peek().map_or(u32::MAX, |next| next.epoch);
            while let Some(epoch) = epochs.next_if(|epoch| epoch.epoch < end) {
                lines.push(Line::Epoch(epoch.clone()));
            }
        }
        lines.into_iter()
    }

    /// Whether the loss never fell below that of the first epoch.
    fn has_learned_nothing(&self) -> bool {
        let Some((first, others)) = self.epochs.split_first() else { return false };
        others.len() >= 2 && !others.iter().any(|epoch| epoch.loss < first.loss)
    }
}

/// The rows of a longer history that are shown at its start and at its end.
const FIRST: usize = 3;
const LAST: usize = 6;

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(last) = self.epochs.last() {
            let named = last.metrics.iter().map(|(name, _)| name.as_str());
            let names: Vec<_> = ["epoch", "loss", "validation loss"]
                .into_iter()
                .chain(named)
                .chain(["learning rate", "seconds"])
                .collect();
            let widths: Vec<_> = names.iter().map(|name| name.chars().count().max(9)).collect();
            let mut row = |cells: &[String], mark: &str| {
                let cells = cells.iter().zip(&widths).map(|(cell, &width)| format!("{cell:>width$}"));
                writeln!(f, "{}{mark}", cells.collect::<Vec<_>>().join("  "))
            };
            row(&names.iter().map(|name| (*name).to_string()).collect::<Vec<_>>(), "")?;
            let mut passed_over = false;
            for (index, epoch) in self.epochs.iter().enumerate() {
                let is_best = Some(epoch.epoch) == self.best_epoch;
                if index >= FIRST && index + LAST < self.epochs.len() && !is_best {
                    if !passed_over {
                        row(&["...".into()], "")?;
                    }
                    passed_over = true;
                    continue;
                }
                passed_over = false;
                row(&cells(epoch), if is_best { "  best" } else { "" })?;
            }
        }
        write!(f, "{}", self.reason)?;
        if self.recoveries > 0 {
            write!(f, "; recovered {} times from divergence", self.recoveries)?;
        }
        if self.has_learned_nothing() {
            write!(
                f,
                "\nthe loss has never been below that of the first epoch: is the learning rate too high, or very much too low?"
            )?;
        }
        Ok(())
    }
}

fn cells(epoch: &Epoch) -> Vec<String> {
    let optional = |number: Option<f64>| number.map_or_else(|| "-".into(), short);
    let mut cells = vec![epoch.epoch.to_string(), short(epoch.loss), optional(epoch.validation_loss)];
    cells.extend(epoch.metrics.iter().map(|(_, value)| short(*value)));
    cells.extend([optional(epoch.learning_rate), format!("{:.3}", epoch.seconds)]);
    cells
}
