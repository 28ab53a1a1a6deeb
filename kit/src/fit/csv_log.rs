//! A log as CSV.

use std::path::Path;

use super::log_file::LogFile;
use super::observer::{Flow, Observer, ObserverError, Start};
use super::record::Epoch;
use crate::checkpoints::CheckpointsError;

/// The columns beside the metrics, which follow the first [`BEFORE`].
pub(super) const COLUMNS: [&str; 7] =
    ["epoch", "step", "loss", "validation_loss", "learning_rate", "seconds", "checksum"];
const BEFORE: usize = 4;

/// A log as CSV (RFC 4180): a header, then a row for each epoch.
///
/// The columns are `epoch`, `step`, `loss`, `validation_loss`, one for each metric, `learning_rate`, `seconds` and `checksum`. What there is not
/// is an empty cell. Losses and rates have the digits that tell them from all other numbers of the network's type.
///
/// A run that starts anew replaces the log; one that goes on from a checkpoint continues it, without the epochs after the
/// checkpoint.
#[derive(Debug)]
pub struct CsvLog {
    file: LogFile,
    /// Whether numbers of the network are `f32`.
    single: bool,
}

impl CsvLog {
    /// A log in this file. Its directory is made if it is not there.
    ///
    /// # Errors
    ///
    /// [`CheckpointsError::Io`] if the file cannot be opened.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, CheckpointsError> {
        Ok(Self { file: LogFile::create(path.as_ref(), false)?, single: false })
    }

    fn row(&self, epoch: &Epoch) -> Result<Vec<u8>, ObserverError> {
        let number = |x: f64| if self.single { (x as f32).to_string() } else { x.to_string() };
        let optional = |x: Option<f64>| x.map_or_else(String::new, number);
        let Epoch { epoch, step, loss, validation_loss, metrics, learning_rate, seconds, checksum } = epoch;
        let mut cells = vec![epoch.to_string(), step.to_string(), number(*loss), optional(*validation_loss)];
        cells.extend(metrics.iter().map(|(_, value)| value.to_string()));
        cells.extend([optional(*learning_rate), format!("{seconds:.3}"), format!("{checksum:016x}")]);
        csv_line(&cells)
    }
}

fn csv_line<S: AsRef<[u8]>>(cells: impl IntoIterator<Item = S>) -> Result<Vec<u8>, ObserverError> {
    let mut writer = csv::Writer::from_writer(vec![]);
    writer.write_record(cells)?;
    Ok(writer.into_inner()?)
}

impl Observer for CsvLog {
    fn start(&mut self, start: &Start<'_>) -> Result<Flow, ObserverError> {
        self.single = start.session.scalar == "f32";
        let (before, after) = COLUMNS.split_at(BEFORE);
        let metrics = start.session.metrics.iter().map(String::as_str);
        let mut text = csv_line(before.iter().copied().chain(metrics).chain(after.iter().copied()))?;
        for epoch in &start.history.epochs {
            text.extend(self.row(epoch)?);
        }
        self.file.begin(&text)?;
        Ok(Flow::Continue)
    }

    fn epoch(&mut self, epoch: &Epoch) -> Result<Flow, ObserverError> {
        self.file.append(&self.row(epoch)?)?;
        Ok(Flow::Continue)
    }
}
