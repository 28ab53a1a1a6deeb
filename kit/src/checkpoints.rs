//! Checkpoints of a run in a directory: written in one step, the last few and the best kept.
//!
//! ```
//! use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
//! use stackprop::{Adam, Dense, MiniBatches, Network, Quadratic, Trainer};
//! use stackprop_kit::checkpoints::{Best, Checkpoints};
//!
//! type Net = Network<1, Dense<1, 1>>;
//!
//! # let directory = tempfile::tempdir()?;
//! # let directory = directory.path().join("run");
//! let checkpoints = Checkpoints::open(&directory)?.keep_last(3).keep_best(Best::Lowest);
//! let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Adam, 2>::zeros());
//! if let Some(resumed) = checkpoints.resume(&mut network, &mut trainer, &mut ())? {
//!     println!("goes on with {}", resumed.path.display());
//! }
//! let data = [([1.0], [2.0]), ([2.0], [4.0]), ([3.0], [6.0])];
//! while trainer.epochs() < 5 {
//!     let mut rng = Xoshiro128PlusPlus::seed_from_u64(trainer.epochs().into()); // the order of this epoch
//!     let batches = MiniBatches::shuffled(&data, 2, &mut rng);
//!     let loss = trainer.epoch(&mut network, &Adam::default(), &Quadratic, batches)?;
//!     checkpoints.save(&network, &trainer, &(), Some(loss.into()))?;
//! }
//! let loss = checkpoints.load_best(&mut network)?;
//! # assert!(loss.is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use stackprop::checkpoint::{self, CheckpointError};
use stackprop::{Parameters, Persist, Scalar};
use thiserror::Error;

use crate::file;

/// A directory with the checkpoints of one run, which one process at a time may write.
///
/// The files are `000001.safetensors`, `000002.safetensors` and so on, and `best-0.125.safetensors` with the metric in
/// its name. The numbers count the saves.
#[derive(Clone, Debug)]
pub struct Checkpoints {
    directory: PathBuf,
    last: usize,
    best: Option<Best>,
}

/// Which metric is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Best {
    /// The lowest, as of a loss.
    Lowest,
    /// The highest, as of an accuracy.
    Highest,
}

impl Best {
    fn is_better(self, metric: f64, than: f64) -> bool {
        match self {
            Best::Lowest => metric < than,
            Best::Highest => metric > than,
        }
    }
}

/// The checkpoint from which a run goes on.
#[derive(Debug)]
pub struct Resumed {
    /// Its file.
    pub path: PathBuf,
    /// Newer files that are damaged, and why they were passed over.
    pub damaged: Vec<(PathBuf, CheckpointError)>,
}

/// Why checkpoints could not be saved or loaded.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CheckpointsError {
    /// The system's error for a file or a directory.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The error.
        error: io::Error,
    },
    /// A checkpoint does not fit the run.
    #[error("{}: {error}", path.display())]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// The error.
        error: Box<CheckpointError>,
    },
    /// A metric cannot be compared.
    #[error("the metric of a checkpoint is not a number")]
    NotANumber,
}

const EXTENSION: &str = "safetensors";
const BEST: &str = "best-";

impl Checkpoints {
    /// The checkpoints in this directory, which is made if it is not there. The last one is kept.
    ///
    /// Files that a process left incomplete when it was ended are removed.
    ///
    /// # Errors
    ///
    /// [`CheckpointsError::Io`] if the directory cannot be made or read.
    pub fn open(directory: impl Into<PathBuf>) -> Result<Self, CheckpointsError> {
        let checkpoints = Self { directory: directory.into(), last: 1, best: None };
        at(&checkpoints.directory, fs::create_dir_all(&checkpoints.directory))?;
        for path in checkpoints.files()? {
            if path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with(file::INCOMPLETE))
            {
                at(&path, fs::remove_file(&path))?;
            }
        }
        Ok(checkpoints)
    }

    /// Keeps so many of the last checkpoints, at least one.
    #[must_use]
    pub fn keep_last(self, last: usize) -> Self {
        Self { last: last.max(1), ..self }
    }

    /// Also keeps the checkpoint with the best metric.
    #[must_use]
    pub fn keep_best(self, best: Best) -> Self {
        Self { best: Some(best), ..self }
    }

    /// The directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Whether there is no checkpoint to resume from.
    ///
    /// # Errors
    ///
    /// [`CheckpointsError::Io`] if the directory cannot be read.
    pub fn is_empty(&self) -> Result<bool, CheckpointsError> {
        Ok(self.numbered()?.is_empty())
    }

    /// Which metric is kept as the best.
    #[cfg(feature = "fit")]
    pub(crate) fn mode(&self) -> Option<stackprop::Mode> {
        self.best.map(|best| match best {
            Best::Lowest => stackprop::Mode::Min,
            Best::Highest => stackprop::Mode::Max,
        })
    }

    /// Saves a run, then removes the files that are no longer kept. Returns the new file.
    ///
    /// When it returns, the checkpoint is on the disk. A process that is ended at any moment, or a machine without power,
    /// leaves the checkpoints before this one, or this one, too.
    ///
    /// # Errors
    ///
    /// [`CheckpointsError::Io`] if a file cannot be written, [`CheckpointsError::NotANumber`] if the metric is NaN.
    pub fn save<T: Scalar, N: Parameters<T>>(
        &self,
        network: &N,
        run: &impl Persist,
        own: &impl Persist,
        metric: Option<f64>,
    ) -> Result<PathBuf, CheckpointsError> {
        if metric.is_some_and(f64::is_nan) {
            return Err(CheckpointsError::NotANumber);
        }
        let numbered = self.numbered()?;
        let number = numbered.last().map_or(0, |(number, _)| *number) + 1;
        let path = self.directory.join(format!("{number:06}.{EXTENSION}"));
        let save = |path: &Path| {
            write_in_one_step(path, |file| checkpoint::save(network, run, own, |bytes| file.write_all(bytes)))
        };
        // First: a run that goes on from the numbered file does not come to this metric again.
        if let (Some(best), Some(metric)) = (self.best, metric) {
            self.save_if_best(best, metric, save)?;
        }
        save(&path)?;
        for (_, old) in numbered.iter().rev().skip(self.last - 1) {
            at(old, fs::remove_file(old))?;
        }
        Ok(path)
    }

    fn save_if_best(
        &self,
        best: Best,
        metric: f64,
        save: impl Fn(&Path) -> Result<(), CheckpointsError>,
    ) -> Result<(), CheckpointsError> {
        let before = self.bests()?;
        if before.iter().any(|(other, _)| !best.is_better(metric, *other)) {
            return Ok(());
        }
        save(&self.directory.join(format!("{BEST}{metric}.{EXTENSION}")))?;
        for (_, old) in before {
            at(&old, fs::remove_file(&old))?;
        }
        Ok(())
    }

    /// Loads the newest whole checkpoint; `None` if there is none yet.
    ///
    /// # Errors
    ///
    /// [`CheckpointsError::Checkpoint`] if the newest whole checkpoint is of another run, or if all are damaged. Nothing
    /// is changed then.
    pub fn resume<T: Scalar, N: Parameters<T>>(
        &self,
        network: &mut N,
        run: &mut impl Persist,
        own: &mut impl Persist,
    ) -> Result<Option<Resumed>, CheckpointsError> {
        let mut damaged = vec![];
        for (_, path) in self.numbered()?.into_iter().rev() {
            match checkpoint::load(network, run, own, &at(&path, fs::read(&path))?) {
                Ok(()) => return Ok(Some(Resumed { path, damaged })),
                Err(error) if is_damage(&error) => damaged.push((path, error)),
                Err(error) => return Err(unfit(path, error)),
            }
        }
        match damaged.into_iter().next() {
            None => Ok(None),
            Some((path, error)) => Err(unfit(path, error)),
        }
    }

    /// Loads the network of the best checkpoint, and returns its metric; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`CheckpointsError::Checkpoint`] if it is damaged, or of another network. Nothing is changed then.
    pub fn load_best<T: Scalar, N: Parameters<T>>(
        &self,
        network: &mut N,
    ) -> Result<Option<f64>, CheckpointsError> {
        let best = self.best.unwrap_or(Best::Lowest);
        // There are two, if a process was ended before it removed the one before.
        let found = self.bests()?.into_iter().reduce(|a, b| if best.is_better(b.0, a.0) { b } else { a });
        let Some((metric, path)) = found else { return Ok(None) };
        checkpoint::load_network(network, &at(&path, fs::read(&path))?)
            .map_err(|error| unfit(path, error))?;
        Ok(Some(metric))
    }

    fn files(&self) -> Result<Vec<PathBuf>, CheckpointsError> {
        let entries = at(&self.directory, fs::read_dir(&self.directory))?;
        entries.map(|entry| Ok(at(&self.directory, entry)?.path())).collect()
    }

    /// The stems of checkpoints' names, with their files.
    fn stems(&self) -> Result<Vec<(String, PathBuf)>, CheckpointsError> {
        let mut stems = vec![];
        for path in self.files()? {
            if path.extension() == Some(OsStr::new(EXTENSION))
                && let Some(stem) = path.file_stem().and_then(OsStr::to_str)
            {
                stems.push((stem.to_string(), path));
            }
        }
        Ok(stems)
    }

    /// The checkpoints in order.
    fn numbered(&self) -> Result<Vec<(u64, PathBuf)>, CheckpointsError> {
        let mut numbered: Vec<_> =
            self.stems()?.into_iter().filter_map(|(stem, path)| Some((stem.parse().ok()?, path))).collect();
        numbered.sort();
        Ok(numbered)
    }

    /// The best checkpoints with their metrics.
    fn bests(&self) -> Result<Vec<(f64, PathBuf)>, CheckpointsError> {
        let metric = |stem: &str| stem.strip_prefix(BEST)?.parse().ok();
        Ok(self.stems()?.into_iter().filter_map(|(stem, path)| Some((metric(&stem)?, path))).collect())
    }
}

/// Whether the file is not what was saved, rather than of another run.
fn is_damage(error: &CheckpointError) -> bool {
    matches!(
        error,
        CheckpointError::Format(_) | CheckpointError::Checksum { .. } | CheckpointError::NotACheckpoint
    )
}

fn unfit(path: PathBuf, error: CheckpointError) -> CheckpointsError {
    CheckpointsError::Checkpoint { path, error: Box::new(error) }
}

/// Adds the path to an error.
fn at<A>(path: &Path, result: io::Result<A>) -> Result<A, CheckpointsError> {
    result.map_err(|error| CheckpointsError::Io { path: path.into(), error })
}

/// Writes a file, or replaces it, so that it is there as a whole or not at all, whatever ends the program.
///
/// The content goes to another file in the same directory, and from the system's memory to the disk; then the file gets its
/// name, and the directory goes to the disk.
///
/// # Errors
///
/// [`CheckpointsError::Io`] if anything of that fails. What was there before is then as it was.
pub fn write_in_one_step(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
) -> Result<(), CheckpointsError> {
    at(path, file::write_in_one_step(path, write))
}
