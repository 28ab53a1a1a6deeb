//! Why a file of data was not read, and where in it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::csv::CsvProblem;
use super::idx::IdxProblem;
use super::npy::NpyProblem;

/// A file of data that cannot be read: which one, where in it, and why.
///
/// ```
/// use stackprop::Class;
/// use stackprop_kit::readers::{Csv, Labels, Table};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("flowers.csv");
/// std::fs::write(&path, "length,width,species\n5.1,3.5,setosa\n4.9,abc,setosa\n")?;
/// let labels = Labels::<2>::new("species", ["setosa", "virginica"])?;
/// let read: Result<Table<2, Class<2>>, _> = Csv::new(&path).read(&labels);
/// let message = read.unwrap_err().to_string();
/// assert!(message.ends_with(r#"flowers.csv, line 3, column 2 ("width"): "abc" is not a number"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// Where in a text file, if the problem is at one place.
    pub place: Option<Place>,
    /// What is wrong.
    pub problem: Box<Problem>,
}

impl FileError {
    /// An error about a file as a whole.
    #[must_use]
    pub fn new(path: &Path, problem: impl Into<Problem>) -> Self {
        Self { path: path.into(), place: None, problem: Box::new(problem.into()) }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(place) = &self.place {
            write!(f, ", {place}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl std::error::Error for FileError {}

/// A place in a text file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line on which the row starts, from 1.
    pub line: u64,
    /// The column, if the problem is not with the whole row.
    pub column: Option<ColumnName>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        self.column.iter().try_for_each(|column| write!(f, ", {column}"))
    }
}

/// How a column is named in messages: `column 3 ("petal_length")`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnName {
    /// Its index, from 0. Messages count from 1, as spreadsheets and the numbers of lines do.
    pub index: usize,
    /// Its name, if the file has a header.
    pub name: Option<String>,
}

impl fmt::Display for ColumnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}", self.index.saturating_add(1))?;
        self.name.iter().try_for_each(|name| write!(f, " ({name:?})"))
    }
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// It is not there.
    #[error("no such file")]
    Missing,
    /// It is a directory.
    #[error("a directory, expected a file")]
    Directory,
    /// It is a FIFO or a device: reading it might wait for ever, or never end.
    #[error("not a regular file (a FIFO? a device?), expected one")]
    NotRegular,
    /// It cannot be read or unzipped.
    #[error("cannot be read: {0}")]
    Io(io::Error),
    /// Its compressed data ends too early.
    #[error("truncated or damaged: the compressed data ends too early")]
    Unzip,
    /// It has no rows.
    #[error("it has no rows, expected at least one")]
    Empty,
    /// A [`Source`](super::Source) gave a row of another length than the network's inputs.
    #[error("row {row} has {found} numbers, but the network has {expected} inputs")]
    RowLength {
        /// The row, from 0.
        row: usize,
        /// The number of its numbers.
        found: usize,
        /// The number of inputs.
        expected: usize,
    },
    /// It has not as many rows as the file of inputs.
    #[error("{found} targets, expected {expected}, one for each row of {}", inputs.display())]
    Targets {
        /// Its number of rows.
        found: usize,
        /// The number of rows of the inputs.
        expected: usize,
        /// The file of the inputs.
        inputs: PathBuf,
    },
    /// A problem of a CSV file.
    #[error(transparent)]
    Csv(#[from] CsvProblem),
    /// A problem of an IDX file.
    #[error(transparent)]
    Idx(#[from] IdxProblem),
    /// A problem of a .npy file.
    #[error(transparent)]
    Npy(#[from] NpyProblem),
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Problem::Missing,
            io::ErrorKind::UnexpectedEof => Problem::Unzip,
            _ => Problem::Io(error),
        }
    }
}

/// `"a", "b" and 3 more`: the first of these names.
pub(super) fn list(names: &[String]) -> String {
    const MOST: usize = 12;
    let mut text = names.iter().take(MOST).map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    if let Some(more) = names.len().checked_sub(MOST).filter(|more| *more > 0) {
        text.push_str(&format!(" and {more} more"));
    }
    text
}
