//! CSV files.

mod columns;
mod error;
mod incomplete;
mod labels;
mod lines;
mod records;
mod rows;
mod settings;
mod target;

pub use columns::{Column, Columns};
pub use error::CsvProblem;
pub use incomplete::{FillError, Incomplete};
pub use labels::{LabelOrder, Labels, LabelsError};
pub use rows::{CsvRows, CsvSource};
pub use settings::Csv;
pub use target::{CsvTarget, Values};
