//! The file of a log.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::observer::ObserverError;
use crate::checkpoints::{CheckpointsError, write_in_one_step};

/// A file that begins anew with each run, and to which lines are added.
#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    file: File,
    /// Whether each line goes to the disk at once.
    synced: bool,
}

impl LogFile {
    /// The file, which is made with its directory if it is not there. What it has stays until the run starts.
    pub(super) fn create(path: &Path, synced: bool) -> Result<Self, CheckpointsError> {
        let create = || {
            if let Some(directory) = path.parent() {
                fs::create_dir_all(directory)?;
            }
            append_to(path)
        };
        let file = create().map_err(|error| CheckpointsError::Io { path: path.into(), error })?;
        Ok(Self { path: path.into(), file, synced })
    }

    /// Replaces what the file has, in one step if it is a file on a disk.
    pub(super) fn begin(&mut self, text: &[u8]) -> Result<(), ObserverError> {
        if self.at(fs::metadata(&self.path))?.is_file() {
            write_in_one_step(&self.path, |file| file.write_all(text))?;
            self.file = self.at(append_to(&self.path))?;
            Ok(())
        } else {
            self.append(text)
        }
    }

    /// Adds to the file.
    pub(super) fn append(&mut self, text: &[u8]) -> Result<(), ObserverError> {
        let mut append = || {
            self.file.write_all(text)?;
            if self.synced { self.file.sync_data() } else { Ok(()) }
        };
        let result = append();
        self.at(result)
    }

    fn at<A>(&self, result: io::Result<A>) -> Result<A, ObserverError> {
        result.map_err(|error| format!("{}: {error}", self.path.display()).into())
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}
