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
    /// The loss of the first mini-batch, before any step.
    pub first_loss: Option<f64>,
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

    /// What makes it likely that the learning rate is wrong.
    fn doubt(&self) -> Option<String> {
        let first = self.first_loss.filter(|loss| *loss > 0.0)?;
        if let Some(epoch) = self.epochs.iter().find(|epoch| epoch.loss > 10.0 * first) {
            return Some(format!(
                "the loss was {} in the first mini-batch, but {} in epoch {}: is the learning rate too high?",
                short(first),
                short(epoch.loss),
                epoch.epoch
            ));
        }
        let has_learned = self.epochs.iter().any(|epoch| epoch.loss < first);
        (self.epochs.len() > 2 && !has_learned).then(|| {
            format!(
                "the loss of no epoch is below that of the first mini-batch, {}: is the learning rate too high, or much too low?",
                short(first)
            )
        })
    }

    /// The columns that have a value, each with its name.
    fn columns(&self) -> Vec<Vec<String>> {
        let optional = |number: Option<f64>| number.map_or_else(String::new, short);
        let column = |name: &str, cell: &dyn Fn(&Epoch) -> String| -> Vec<String> {
            std::iter::once(name.into()).chain(self.epochs.iter().map(cell)).collect()
        };
        let mut columns = vec![
            column("epoch", &|epoch| epoch.epoch.to_string()),
            column("loss", &|epoch| short(epoch.loss)),
            column("validation loss", &|epoch| optional(epoch.validation_loss)),
        ];
        for (name, _) in self.epochs.iter().flat_map(|epoch| &epoch.metrics).take(self.metrics()) {
            columns.push(column(name, &|epoch| optional(epoch.metric(name))));
        }
        columns.push(column("learning rate", &|epoch| optional(epoch.learning_rate)));
        columns.push(column("seconds", &|epoch| format!("{:.3}", epoch.seconds)));
        columns.retain(|column| column.iter().skip(1).any(|cell| !cell.is_empty()));
        columns
    }

    fn metrics(&self) -> usize {
        self.epochs.first().map_or(0, |epoch| epoch.metrics.len())
    }
}

/// Of a longer history, so many epochs are shown at its start and at its end, and the best one.
const LONGEST: usize = 15;
const FIRST: usize = 3;
const LAST: usize = 6;

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.columns();
        let widths: Vec<_> = columns
            .iter()
            .map(|column| column.iter().map(|cell| cell.chars().count()).max().unwrap_or(0))
            .collect();
        let count = self.epochs.len();
        let mut is_gap = false;
        // Row 0 has the names.
        for row in 0..columns.first().map_or(0, Vec::len) {
            let is_best = row > 0 && Some(self.epochs[row - 1].epoch) == self.best_epoch;
            if count > LONGEST && row > FIRST && row + LAST <= count && !is_best {
                if !is_gap {
                    writeln!(f, "{:>width$}", "...", width = widths[0])?;
                }
                is_gap = true;
                continue;
            }
            is_gap = false;
            let cells =
                columns.iter().zip(&widths).map(|(column, &width)| format!("{:>width$}", column[row]));
            writeln!(f, "{}{}", cells.collect::<Vec<_>>().join("  "), if is_best { "  best" } else { "" })?;
        }
        write!(f, "{}", self.reason)?;
        if self.recoveries > 0 {
            write!(f, "; recovered {} times from divergence", self.recoveries)?;
        }
        match self.doubt() {
            Some(doubt) => write!(f, "\n{doubt}"),
            None => Ok(()),
        }
    }
}
