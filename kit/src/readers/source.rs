//! Rows that are read one after the other.

use super::error::{FileError, Problem};
use super::table::Table;

/// Files of data that can be read from the start as often as needed, for a network with `IN` inputs.
///
/// [`Csv::source`](super::Csv::source), [`Idx`](super::Idx) and [`Npy::source`](super::Npy::source) are sources. Implement it
/// for a format of your own, and [`Stream`](super::Stream) makes mini-batches of it.
pub trait Source<const IN: usize> {
    /// The type of the inputs' numbers.
    type Scalar: Copy;
    /// What an output is compared with.
    type Target;
    /// The rows, from the first to the last.
    type Rows: Rows<Self::Scalar, Self::Target>;

    /// Opens the files.
    ///
    /// # Errors
    ///
    /// [`FileError`] if a file cannot be opened, or is not of the right format.
    fn rows(&self) -> Result<Self::Rows, FileError>;
}

/// The rows of a [`Source`].
pub trait Rows<T, Y> {
    /// Adds the numbers of the next row to `inputs` and returns its target; `None` after the last row.
    ///
    /// # Errors
    ///
    /// [`FileError`] if the row cannot be read. Some of its numbers may have been added then.
    fn next_row(&mut self, inputs: &mut Vec<T>) -> Result<Option<Y>, FileError>;

    /// The names of the inputs, if the file has names for them.
    fn names(&self) -> Vec<String> {
        vec![]
    }

    /// An error about the file, used if it has no rows.
    fn error(&self, problem: Problem) -> FileError;
}

/// All rows.
pub(super) fn read_all<const IN: usize, S: Source<IN>>(
    source: &S,
) -> Result<Table<IN, S::Target, S::Scalar>, FileError> {
    let mut rows = source.rows()?;
    let mut table = Table::named(rows.names());
    while let Some(target) = rows.next_row(table.inputs_mut())? {
        table.push_target(target);
    }
    if table.targets().is_empty() { Err(rows.error(Problem::Empty)) } else { Ok(table) }
}
