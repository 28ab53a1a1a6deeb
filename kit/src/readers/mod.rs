//! Data sets from files: CSV, IDX (MNIST) and .npy, in memory or as a stream of mini-batches.
//!
//! | format | type | inputs | targets |
//! |---|---|---|---|
//! | CSV | [`Csv`] | columns by name or index | [`Labels`]: text that stands for classes; [`Values`]: numbers |
//! | IDX | [`Idx`] | bytes, divided by 255 | bytes, the indices of classes |
//! | .npy | [`Npy`] | numbers, a row for each sample | [`NpyClasses`]: the indices of classes; [`NpyValues`]: numbers |
//!
//! Any of them can be zipped by gzip, which is recognised by the content. The number of inputs is part of the type, and a file with
//! another number of columns is an error. All numbers that are read are finite. Nothing is skipped, cut off or filled in unless
//! that was asked for, and every error says what is wrong and where: see [`FileError`].
//!
//! `read` gives a data set in memory: a [`Table`], or [`Images`]. `stream` gives a [`Stream`], whose mini-batches are read one after
//! the other, for files that are larger than memory.

pub mod csv;
mod error;
mod file;
mod float;
pub mod idx;
pub mod npy;
mod source;
mod stream;
mod table;

pub use self::csv::{Csv, CsvTarget, Incomplete, LabelOrder, Labels, Values};
pub use self::idx::{Idx, IdxArray, Images};
pub use self::npy::{Npy, NpyClasses, NpyTarget, NpyValues};
pub use error::{ColumnName, FileError, Place, Problem};
pub use float::Float;
pub use source::{Rows, Source};
pub use stream::{Batch, Stream, StreamBatches, StreamError};
pub use table::Table;
