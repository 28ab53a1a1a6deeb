//! A log in JSON lines.

use std::path::Path;

use super::history::History;
use super::log_file::LogFile;
use super::observer::{Flow, Observer, ObserverError, Start};
use super::record::{Epoch, Line};
use crate::checkpoints::CheckpointsError;

/// A log in JSON lines: a record for the [`Session`](super::Session), one for each [`Epoch`], and one for the end.
///
/// The field `record` tells them apart: `pandas.read_json("log.jsonl", lines=True).query("record == 'epoch'")`.
/// Numbers have all their digits; NaN and infinities are texts. [`History::read`] reads it.
///
/// A run that starts anew replaces the log; one that goes on from a checkpoint continues it, without the epochs after the
/// checkpoint. [`Fit::checkpoints`](super::Fit::checkpoints) writes one by itself, `history.jsonl`.
#[derive(Debug)]
pub struct JsonLog {
    file: LogFile,
}

impl JsonLog {
    /// A log in this file. Its directory is made if it is not there.
    ///
    /// # Errors
    ///
    /// [`CheckpointsError::Io`] if the file cannot be opened.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, CheckpointsError> {
        Ok(Self { file: LogFile::create(path.as_ref(), false)? })
    }

    /// One whose records are on the disk when they are told.
    pub(super) fn synced(path: &Path) -> Result<Self, CheckpointsError> {
        Ok(Self { file: LogFile::create(path, true)? })
    }

    fn append(&mut self, line: &Line) -> Result<(), ObserverError> {
        self.file.append(&text(line)?)
    }
}

fn text(line: &Line) -> Result<Vec<u8>, ObserverError> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    Ok(text)
}

impl Observer for JsonLog {
    fn start(&mut self, start: &Start<'_>) -> Result<Flow, ObserverError> {
        let lines: Vec<_> = start.history.lines().map(|line| text(&line)).collect::<Result<_, _>>()?;
        self.file.begin(&lines.concat())?;
        Ok(Flow::Continue)
    }

    fn epoch(&mut self, epoch: &Epoch) -> Result<Flow, ObserverError> {
        self.append(&Line::Epoch(epoch.clone()))?;
        Ok(Flow::Continue)
    }

    fn end(&mut self, history: &History) -> Result<(), ObserverError> {
        self.append(&Line::End { reason: history.reason.to_string() })
    }
}
