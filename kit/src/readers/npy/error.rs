//! What is wrong with a .npy file.

use super::header::LONGEST_HEADER;

/// What is wrong with a .npy file. Indices count from 0, as numpy's do.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NpyProblem {
    /// It does not begin with the six bytes of the format.
    #[error("not a .npy file: it does not begin with \\x93NUMPY")]
    Magic,
    /// Its version is not 1.0, 2.0 or 3.0.
    #[error("version {major}.{minor} of the format, expected 1.0, 2.0 or 3.0")]
    Version {
        /// The first number.
        major: u8,
        /// The second.
        minor: u8,
    },
    /// Its header is longer than 64 KiB.
    #[error("a header of {length} bytes, expected at most {LONGEST_HEADER}")]
    HeaderTooLong {
        /// The length.
        length: u64,
    },
    /// It ends before its header does.
    #[error("truncated: it ends within the header")]
    HeaderTruncated,
    /// Its header is not a dictionary of `descr`, `fortran_order` and `shape`.
    #[error("the header is damaged, at byte {at} of its text: expected {expected}")]
    Header {
        /// Where, in bytes of the text.
        at: usize,
        /// What should be there.
        expected: &'static str,
    },
    /// Its elements are not numbers that are read.
    #[error("elements of type {dtype}, expected float16, float32, float64, a bool or an integer")]
    Dtype {
        /// The type, as numpy writes it.
        dtype: String,
    },
    /// It has no dimension, or more than four.
    #[error(
        "an array of shape {}, expected 1 to 4 dimensions, of which the first is the samples",
        tuple(shape)
    )]
    Dimensions {
        /// The shape.
        shape: Vec<u64>,
    },
    /// Its rows have another length than the network's inputs or the targets.
    #[error("an array of shape {} has {found} numbers in a row, expected {expected}", tuple(shape))]
    Columns {
        /// The shape.
        shape: Vec<u64>,
        /// The product of all dimensions but the first.
        found: u64,
        /// The number of inputs, or of the target's numbers.
        expected: usize,
    },
    /// Its length in bytes is above 2^64.
    #[error("an array of shape {} is too large", tuple(shape))]
    TooLarge {
        /// The shape.
        shape: Vec<u64>,
    },
    /// It has fewer bytes after its header than the header says.
    #[error("truncated: {found} bytes of data, but the header says {expected}")]
    Truncated {
        /// The number of bytes.
        found: u64,
        /// The number of bytes that the shape and the type need.
        expected: u64,
    },
    /// It has more bytes after its header than the header says.
    #[error("trailing bytes: more data than the {expected} bytes that the header says")]
    Trailing {
        /// The number of bytes that the shape and the type need.
        expected: u64,
    },
    /// A row is not contiguous in the file, so rows cannot be read one after the other.
    #[error("it is in Fortran order, which cannot be streamed: save `numpy.ascontiguousarray(array)`")]
    FortranOrder,
    /// An element is infinite or NaN.
    #[error("number {column} of row {row} is {value}, expected a finite number")]
    NotFinite {
        /// The row.
        row: usize,
        /// The place in the row, in C order.
        column: usize,
        /// The number.
        value: f64,
    },
    /// An element is a number that the type of the inputs or targets does not hold.
    #[error("number {column} of row {row} is {value:e}, which is too large for an {scalar}")]
    TooLargeFor {
        /// The row.
        row: usize,
        /// The place in the row, in C order.
        column: usize,
        /// The number.
        value: f64,
        /// `f32`.
        scalar: &'static str,
    },
    /// The indices of classes are not integers.
    #[error("the classes are of type {dtype}, expected integers")]
    ClassType {
        /// The type, as numpy writes it.
        dtype: String,
    },
    /// The index of a class is too large or negative.
    #[error("the class of row {row} is {class}, expected 0 to {}", classes.saturating_sub(1))]
    Class {
        /// The row.
        row: usize,
        /// The index.
        class: i128,
        /// The number of classes.
        classes: usize,
    },
}

/// A shape as Python writes it: `(3,)`, `(3, 4)`.
fn tuple(shape: &[u64]) -> String {
    match shape {
        [one] => format!("({one},)"),
        _ => format!("({})", shape.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")),
    }
}
