//! Mini-batches of files that are larger than memory.
//!
//! A window of rows is in memory. Each sample is drawn from the window at random, and the next row of the file takes its
//! place. A window of one row gives the order of the file.

use std::fmt;

use stackprop::rand::rngs::Xoshiro128PlusPlus;
use stackprop::rand::{Rng, SeedableRng};
use stackprop::{Dataset, Generator, Samples};

use super::error::{FileError, Problem};
use super::source::{Rows, Source};
use super::table::Table;

/// Mini-batches that are read one after the other, so that only they and a window of rows are in memory.
///
/// ```
/// use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
/// use stackprop::{Dense, Network, Quadratic, Sgd, Trainer};
/// use stackprop_kit::readers::{Csv, Values};
///
/// type Net = Network<1, Dense<1, 1>>;
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("line.csv");
/// std::fs::write(&path, "x,y\n0,1\n1,3\n2,5\n3,7\n")?;
/// let stream = Csv::new(&path).stream(&Values::<1>::new("y"), 2);
/// let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 2>::zeros());
/// let sgd = Sgd { learning_rate: 0.1 };
/// for epoch in 0..200 {
///     let mut rng = Xoshiro128PlusPlus::seed_from_u64(epoch);
///     let batches = stream.shuffled(4, &mut rng)?;
///     batches.run(|batches| trainer.epoch(&mut network, &sgd, &Quadratic, batches))?;
/// }
/// assert!((network.predict(&[10.0])[0] - 21.0).abs() < 0.01);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Stream<S, const IN: usize> {
    source: S,
    size: usize,
}

impl<S: Source<IN>, const IN: usize> Stream<S, IN> {
    /// Mini-batches of `size` rows of a source, the last of which may be smaller. A `size` of 0 is taken as 1.
    #[must_use]
    pub fn new(source: S, size: usize) -> Self {
        Self { source, size: size.max(1) }
    }

    /// Opens the files, for mini-batches in the order of the rows.
    ///
    /// # Errors
    ///
    /// [`FileError`] if a file cannot be opened, or is not of the right format.
    pub fn in_order(&self) -> Result<StreamBatches<S, IN>, FileError> {
        self.open(1, Xoshiro128PlusPlus::from_seed([0; 16]))
    }

    /// Opens the files, for mini-batches of samples drawn from a window of so many rows.
    ///
    /// A sample comes at most `window - 1` places before its row, and after it as late as chance has it. If the rows
    /// are sorted, by class for example, shuffle the file once, or take a window as long as the file. A window of 0 is taken as
    /// 1. Four `u32` are taken from the generator, and the order follows from these.
    ///
    /// # Errors
    ///
    /// [`FileError`] if a file cannot be opened, or is not of the right format.
    pub fn shuffled<R: Generator + ?Sized>(
        &self,
        window: usize,
        rng: &mut R,
    ) -> Result<StreamBatches<S, IN>, FileError> {
        let mut seed = [0; 16];
        for word in seed.as_chunks_mut::<4>().0 {
            *word = rng.next_u32().to_le_bytes();
        }
        self.open(window.max(1), Xoshiro128PlusPlus::from_seed(seed))
    }

    fn open(&self, most: usize, rng: Xoshiro128PlusPlus) -> Result<StreamBatches<S, IN>, FileError> {
        let rows = self.source.rows()?;
        let window = Window { inputs: vec![], targets: vec![], most };
        Ok(StreamBatches { rows, size: self.size, window, rng, read: 0, ended: false, error: None })
    }
}

/// The rows from which the next sample is drawn.
struct Window<T, Y> {
    /// `IN` for each target.
    inputs: Vec<T>,
    /// Targets, and the numbers of their rows.
    targets: Vec<(usize, Y)>,
    most: usize,
}

impl<T: Copy, Y> Window<T, Y> {
    /// Takes a row out. The last one comes to its place.
    fn take<const IN: usize>(&mut self, index: usize, inputs: &mut Vec<T>) -> (usize, Y) {
        let start = index * IN;
        inputs.extend_from_slice(&self.inputs[start..start + IN]);
        self.inputs.copy_within((self.targets.len() - 1) * IN.., start);
        self.inputs.truncate((self.targets.len() - 1) * IN);
        self.targets.swap_remove(index)
    }
}

/// The mini-batches of one pass over a [`Stream`]: an iterator over data sets, for
/// [`Trainer::epoch`](stackprop::Trainer::epoch).
///
/// **If a file cannot be read any further,** the next mini-batch is one whose sample is missing, so that training
/// stops there instead of ending its epoch early, and then there are no more. [`run`](StreamBatches::run) returns why.
pub struct StreamBatches<S: Source<IN>, const IN: usize> {
    rows: S::Rows,
    size: usize,
    window: Window<S::Scalar, S::Target>,
    rng: Xoshiro128PlusPlus,
    /// How many rows have been read.
    read: usize,
    ended: bool,
    error: Option<FileError>,
}

impl<S: Source<IN>, const IN: usize> fmt::Debug for StreamBatches<S, IN> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("StreamBatches");
        debug.field("size", &self.size).field("window", &self.window.most).field("read", &self.read);
        debug.field("error", &self.error).finish_non_exhaustive()
    }
}

/// Why a pass over a [`Stream`] ended early.
#[derive(Debug, thiserror::Error)]
pub enum StreamError<E> {
    /// A file cannot be read.
    #[error(transparent)]
    Read(#[from] FileError),
    /// What was done with the mini-batches failed.
    #[error("{0}")]
    Run(E),
}

impl<S: Source<IN>, const IN: usize> StreamBatches<S, IN> {
    /// Calls a function with the mini-batches.
    ///
    /// # Errors
    ///
    /// [`StreamError::Read`] if a file could not be read, whatever the function returned; otherwise [`StreamError::Run`] with
    /// the function's error.
    pub fn run<A, E>(
        mut self,
        function: impl FnOnce(&mut Self) -> Result<A, E>,
    ) -> Result<A, StreamError<E>> {
        let result = function(&mut self);
        match self.error {
            Some(error) => Err(StreamError::Read(error)),
            None => result.map_err(StreamError::Run),
        }
    }

    /// Adds a sample to the mini-batch; returns whether there was one.
    fn add_to(&mut self, batch: &mut Batch<IN, S::Target, S::Scalar>) -> Result<bool, FileError> {
        while !self.ended && self.window.targets.len() < self.window.most {
            let before = self.window.inputs.len();
            match self.rows.next_row(&mut self.window.inputs)? {
                Some(target) => {
                    let (row, found) = (self.read, self.window.inputs.len().saturating_sub(before));
                    if found != IN {
                        return Err(self.rows.error(Problem::RowLength { row, found, expected: IN }));
                    }
                    self.window.targets.push((row, target));
                    self.read += 1;
                }
                None if self.read == 0 => return Err(self.rows.error(Problem::Empty)),
                None => self.ended = true,
            }
        }
        let rows = self.window.targets.len();
        if rows == 0 {
            return Ok(false);
        }
        let index = match rows {
            1 => 0,
            _ => below(rows, &mut self.rng),
        };
        let (row, target) = self.window.take::<IN>(index, batch.table.inputs_mut());
        batch.table.push_target(target);
        batch.rows.push(row);
        Ok(true)
    }
}

/// A random index below `n`: the upper half of a product, so the probabilities are off by 2^-64 at most.
fn below(n: usize, rng: &mut Xoshiro128PlusPlus) -> usize {
    ((u128::from(rng.next_u64()) * n as u128) >> 64) as usize
}

impl<S: Source<IN>, const IN: usize> Iterator for StreamBatches<S, IN> {
    type Item = Batch<IN, S::Target, S::Scalar>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.error.is_some() {
            return None;
        }
        let mut batch = Batch { table: Table::default(), rows: vec![] };
        while batch.rows.len() < self.size {
            match self.add_to(&mut batch) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    self.error = Some(error);
                    return Some(Batch { table: Table::default(), rows: vec![self.read] });
                }
            }
        }
        (!batch.rows.is_empty()).then_some(batch)
    }
}

/// A mini-batch of a [`Stream`]: samples of its own, with the numbers of their rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch<const IN: usize, Y, T = f32> {
    table: Table<IN, Y, T>,
    /// One without a sample if the file could not be read.
    rows: Vec<usize>,
}

impl<const IN: usize, Y, T> Batch<IN, Y, T> {
    /// The samples; none if the file could not be read.
    #[must_use]
    pub fn table(&self) -> &Table<IN, Y, T> {
        &self.table
    }

    /// The number of each sample's row, from 0.
    #[must_use]
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }
}

impl<const IN: usize, Y, T: Copy> Dataset for Batch<IN, Y, T> {
    type Input = [T; IN];
    type Target = Y;
    type TargetRef<'a>
        = &'a Y
    where
        Self: 'a;

    /// One more than the samples that are there if the file could not be read, so that a step fails.
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn sample(&self, index: usize, input: &mut [T; IN]) -> Option<&Y> {
        self.table.sample(index, input)
    }

    fn target(&self, index: usize) -> Option<&Y> {
        self.table.targets().get(index)
    }

    fn source_index(&self, index: usize) -> usize {
        self.rows.get(index).copied().unwrap_or(index)
    }

    fn contiguous(&self, first: usize, samples: usize) -> Option<Samples<'_, [T; IN], Y>> {
        self.table.contiguous(first, samples)
    }
}
