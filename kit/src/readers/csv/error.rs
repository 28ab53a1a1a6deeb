//! What is wrong with a CSV file.

use super::lines::LONGEST_ROW;
use crate::readers::error::{ColumnName, list};

/// What is wrong with a CSV file, or with what was asked of it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CsvProblem {
    /// A row has more or fewer fields than the first one.
    #[error("{found} {}, expected {expected} as in line {first}", if *found == 1 { "field" } else { "fields" })]
    Fields {
        /// The number of its fields.
        found: usize,
        /// The number of fields of the header, or of the first row.
        expected: usize,
        /// The line of the header, or of the first row.
        first: u64,
    },
    /// A field is not UTF-8.
    #[error("not UTF-8 text")]
    Encoding,
    /// The file ends within quotes.
    #[error("the file ends within a quoted field: it was cut off, or a quote is not closed")]
    Quote,
    /// A row is longer than 16 MiB.
    #[error("a row of more than {LONGEST_ROW} bytes (a quote that is not closed?)")]
    RowTooLong,
    /// A field is empty, or a marker of missing values.
    #[error("the value is missing")]
    Missing,
    /// A field is not a number.
    #[error("{value:?} is not a number")]
    NotANumber {
        /// The field.
        value: String,
    },
    /// A field is infinite or NaN.
    #[error("{value:?} is not a finite number")]
    NotFinite {
        /// The field.
        value: String,
    },
    /// A field is a number that the type of the inputs or targets does not hold.
    #[error("{value} is too large for an {scalar}")]
    TooLarge {
        /// The field.
        value: String,
        /// `f32` or `f64`.
        scalar: &'static str,
    },
    /// A field is not one of the labels.
    #[error("{value:?} is not one of the labels {}", list(labels))]
    Label {
        /// The field.
        value: String,
        /// The labels.
        labels: Vec<String>,
    },
    /// The number of labels in a column is not that of the classes.
    #[error(
        "{column} has {} {} labels ({}), but there are {classes} classes{}",
        if *classes < labels.len() { "at least" } else { "only" },
        labels.len(),
        list(labels),
        if *classes < labels.len() { "" } else { ": if others are possible, list them all by `Labels::new`" }
    )]
    LabelCount {
        /// The column.
        column: ColumnName,
        /// The labels that were found, one more than classes at most.
        labels: Vec<String>,
        /// The number of classes.
        classes: usize,
    },
    /// No column has this name.
    #[error("there is no column {name:?}: the columns are {}", list(columns))]
    NoColumn {
        /// The name.
        name: String,
        /// The names in the header.
        columns: Vec<String>,
    },
    /// More than one column has this name.
    #[error("the name {name:?} is that of column {} and of column {}: choose by index", first + 1, second + 1)]
    Ambiguous {
        /// The name.
        name: String,
        /// The index of the first.
        first: usize,
        /// The index of the second.
        second: usize,
    },
    /// A column is chosen by name, but the file has no header.
    #[error(
        "the column {name:?} is chosen by name, but by its settings the file has no header: choose by index"
    )]
    NoHeader {
        /// The name.
        name: String,
    },
    /// No column has this index.
    #[error("there is no column with index {index}: the file has {columns} columns, from index 0")]
    NoIndex {
        /// The index, from 0.
        index: usize,
        /// The number of columns.
        columns: usize,
    },
    /// A column is chosen twice.
    #[error("{0} is chosen twice: as an input or target it can be chosen once")]
    ChosenTwice(ColumnName),
    /// The number of chosen columns is not that of the network's inputs.
    #[error("{} input columns ({}), but the network has {expected} inputs", columns.len(), list(columns))]
    Inputs {
        /// The names of the columns, or their numbers if there is no header.
        columns: Vec<String>,
        /// The number of the network's inputs.
        expected: usize,
    },
    /// The number of chosen columns is not that of the target's numbers.
    #[error("{} target columns ({}), but the target has {expected} numbers", columns.len(), list(columns))]
    Targets {
        /// The names of the columns, or their numbers if there is no header.
        columns: Vec<String>,
        /// The length of the target.
        expected: usize,
    },
    /// There is not one number for each input to fill missing values with.
    #[error("{found} numbers to fill missing values with, but the network has {expected} inputs")]
    Fill {
        /// How many there are.
        found: usize,
        /// The number of the network's inputs.
        expected: usize,
    },
    /// A number to fill missing values with is infinite or NaN, or the type of the inputs does not hold it.
    #[error("the number to fill missing values of input {input} with is not a finite {scalar}")]
    FillNotFinite {
        /// The input, from 0.
        input: usize,
        /// `f32` or `f64`.
        scalar: &'static str,
    },
}
