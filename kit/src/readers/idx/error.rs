//! What is wrong with an IDX file.

use super::array::MOST_BYTES;

/// What is wrong with an IDX file.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IdxProblem {
    /// It ends before its header does.
    #[error("truncated: ends within the header, after {found} of {expected} bytes")]
    Header {
        /// Its length.
        found: usize,
        /// The length of the header.
        expected: usize,
    },
    /// Its magic number is not that of bytes in so many dimensions.
    #[error("wrong magic number {found:#010x}, expected {expected:#010x}: not the right IDX file")]
    Magic {
        /// The number in the file.
        found: u32,
        /// The number of bytes in the right number of dimensions.
        expected: u32,
    },
    /// By its header, it has more than 256 MiB of data. ([`Stream`](crate::readers::Stream) has no such limit.)
    #[error("too large: {sizes:?} bytes by its header, expected at most {MOST_BYTES} in all")]
    TooLarge {
        /// The dimensions.
        sizes: Vec<usize>,
    },
    /// It has fewer bytes after its header than the header says.
    #[error("truncated: {found} bytes of data, but the header says {expected}")]
    Truncated {
        /// The number of bytes.
        found: u64,
        /// The product of the dimensions.
        expected: u64,
    },
    /// It has more bytes after its header than the header says.
    #[error("trailing bytes: more data than the {expected} bytes that the header says")]
    Trailing {
        /// The product of the dimensions.
        expected: u64,
    },
    /// The images have another number of pixels than the network has inputs.
    #[error("images of {rows}x{columns} pixels, but the network has {expected} inputs")]
    Pixels {
        /// The height of an image.
        rows: usize,
        /// Its width.
        columns: usize,
        /// The number of inputs.
        expected: usize,
    },
    /// A label is not the index of a class.
    #[error("label {index} is {label}, expected 0 to {}", classes.saturating_sub(1))]
    Label {
        /// Which, from 0.
        index: usize,
        /// The label.
        label: u8,
        /// The number of classes.
        classes: usize,
    },
}
