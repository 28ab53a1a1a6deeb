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
//!
//! # Normalised inputs
//!
//! The statistics are those of the training part, [`Statistics::of`](stackprop::data::Statistics::of), and become the first layer of
//! the network, so they are saved with its weights. A column that is the same in all rows is reported:
//!
//! ```
//! use stackprop::data::Statistics;
//! use stackprop::{Dataset, Standardize};
//! use stackprop_kit::readers::{Csv, Table, Values};
//!
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("rooms.csv");
//! std::fs::write(&path, "area,floor,price\n20,3,100\n30,3,120\n70,4,300\n")?;
//! let data: Table<2, [f32; 1]> = Csv::new(&path).read(&Values::new("price"))?;
//! let [train, test] = data.split_counts([2, 1])?;
//! let statistics = Statistics::of(&train)?;
//! for (input, _) in statistics.constant().into_iter().enumerate().filter(|(_, constant)| *constant) {
//!     eprintln!("{} is always the same", data.name(input).unwrap_or("an input"));
//!     # assert_eq!(input, 1);
//! }
//! let layer: Standardize<2> = statistics.standardize();
//! assert_eq!((layer.mean, layer.variance), ([25.0, 3.0], [25.0, 1.0]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
