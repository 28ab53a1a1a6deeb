//! How a CSV file is read.

use std::path::PathBuf;

use super::columns::{Column, Columns};
use super::incomplete::Incomplete;
use super::labels::{LabelOrder, Labels};
use super::rows::{CsvSource, Gaps};
use super::target::CsvTarget;
use crate::readers::error::FileError;
use crate::readers::float::Float;
use crate::readers::source::read_all;
use crate::readers::stream::Stream;
use crate::readers::table::Table;

/// A CSV file (RFC 4180), zipped by gzip or not, and how it is read.
///
/// By default the first row is a header, the delimiter is a comma, and all columns but the targets are inputs. Fields can be
/// quoted; lines end with `\n` or `\r\n`; a byte order mark and blank lines are skipped. Numbers are those that Rust parses
/// as `f32` or `f64`, so spaces around them are refused unless they are [trimmed](Csv::trim); infinities, NaN and numbers that
/// the type does not hold are refused. So are missing values, unless there is a number to [fill](Csv::fill) them with.
///
/// ```
/// use stackprop_kit::readers::{Csv, Table, Values};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("rooms.csv");
/// std::fs::write(&path, "area;doors;price\n20.5;2;100\n31;1;120\n")?;
/// let csv = Csv::new(&path).delimiter(b';');
/// let data: Table<2, [f32; 1]> = csv.read(&Values::new(["price"]))?;
/// assert_eq!(data.inputs(), [[20.5, 2.0], [31.0, 1.0]]);
/// assert_eq!(data.targets(), [[100.0], [120.0]]);
/// assert_eq!(data.name(0), Some("area"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A classifier's targets are text, of which [`Labels`] makes classes:
///
/// ```
/// use stackprop::Class;
/// use stackprop_kit::readers::{Csv, LabelOrder, Table};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("flowers.csv");
/// std::fs::write(&path, "length,species\n6.3,virginica\n5.1,setosa\n")?;
/// let csv = Csv::new(&path);
/// let labels = csv.labels::<2>("species", LabelOrder::Sorted)?;
/// let data: Table<1, Class<2>> = csv.read(&labels)?;
/// assert_eq!(labels.names(), ["setosa", "virginica"]);
/// assert_eq!(labels.name(data.targets()[0]), "virginica");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Csv {
    pub(super) path: PathBuf,
    pub(super) delimiter: u8,
    pub(super) comment: Option<u8>,
    pub(super) header: bool,
    pub(super) trim: bool,
    pub(super) inputs: Columns,
    pub(super) missing: Vec<String>,
    pub(super) fill: Option<Vec<f64>>,
}

impl Csv {
    /// The file at `path`, with the settings above.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            delimiter: b',',
            comment: None,
            header: true,
            trim: false,
            inputs: Columns::Others,
            missing: vec![String::new()],
            fill: None,
        }
    }

    /// Takes the first row as data: columns are chosen by their index.
    #[must_use]
    pub fn without_header(self) -> Self {
        Self { header: false, ..self }
    }

    /// The byte between two fields, such as `b';'` or `b'\t'`.
    #[must_use]
    pub fn delimiter(self, delimiter: u8) -> Self {
        Self { delimiter, ..self }
    }

    /// Skips lines that begin with this byte, such as `b'#'`. Such a line ends with `\n`.
    #[must_use]
    pub fn comment(self, comment: u8) -> Self {
        Self { comment: Some(comment), ..self }
    }

    /// Removes spaces and tabs around all fields, those of the header as well.
    #[must_use]
    pub fn trim(self) -> Self {
        Self { trim: true, ..self }
    }

    /// The columns that are inputs, in this order: names, indices, or a range of indices.
    #[must_use]
    pub fn inputs(self, columns: impl Into<Columns>) -> Self {
        Self { inputs: columns.into(), ..self }
    }

    /// What stands for a missing value besides an empty field, such as `["NA", "?"]`.
    #[must_use]
    pub fn missing(mut self, markers: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.missing.extend(markers.into_iter().map(Into::into));
        self
    }

    /// Fills missing inputs with these numbers, one for each input, in place of an error. Missing targets stay an error.
    ///
    /// [`read_incomplete`](Csv::read_incomplete) finds means and medians to fill with.
    #[must_use]
    pub fn fill(self, values: impl IntoIterator<Item = impl Into<f64>>) -> Self {
        Self { fill: Some(values.into_iter().map(Into::into).collect()), ..self }
    }

    /// Reads the labels in a column, which must be `N`.
    ///
    /// # Errors
    ///
    /// [`FileError`] if the file cannot be read, or has more or fewer labels.
    pub fn labels<const N: usize>(
        &self,
        column: impl Into<Column>,
        order: LabelOrder,
    ) -> Result<Labels<N>, FileError> {
        Labels::find(self, column.into(), order)
    }

    /// Reads all rows into memory.
    ///
    /// # Errors
    ///
    /// [`FileError`] if the file cannot be read, has no rows, has not the columns for `IN` inputs and the target, or if a row
    /// is not as it should be.
    pub fn read<const IN: usize, T: Float, G: CsvTarget<T>>(
        &self,
        target: &G,
    ) -> Result<Table<IN, G::Target, T>, FileError> {
        read_all(&self.source(target))
    }

    /// Reads all rows into memory, with gaps for missing inputs.
    ///
    /// # Errors
    ///
    /// As [`read`](Csv::read), but for missing inputs.
    pub fn read_incomplete<const IN: usize, T: Float, G: CsvTarget<T>>(
        &self,
        target: &G,
    ) -> Result<Incomplete<IN, G::Target, T>, FileError> {
        Ok(Incomplete::new(read_all(&CsvSource::new(self, target, Gaps::Keep))?))
    }

    /// Mini-batches of `size` rows, read one after the other.
    pub fn stream<const IN: usize, T: Float, G: CsvTarget<T>>(
        &self,
        target: &G,
        size: usize,
    ) -> Stream<CsvSource<IN, T, G>, IN> {
        Stream::new(self.source(target), size)
    }

    /// The rows, for a [`Stream`].
    pub fn source<const IN: usize, T: Float, G: CsvTarget<T>>(&self, target: &G) -> CsvSource<IN, T, G> {
        let gaps = match &self.fill {
            Some(values) => Gaps::Fill(values.iter().map(|value| T::from_f64(*value)).collect()),
            None => Gaps::Refuse,
        };
        CsvSource::new(self, target, gaps)
    }
}
