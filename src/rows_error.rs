//! Numbers of rows that do not fit.

use core::fmt;

/// The rows given to a method are too many, or not as many as they must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowsError {
    /// More inputs than the workspace has room for.
    Tile {
        /// How many inputs.
        rows: usize,
        /// `B`, the most there may be.
        tile: usize,
    },
    /// `output_gradient` is not of the samples of the forward pass.
    OutputGradient {
        /// How many rows it has.
        rows: usize,
        /// How many inputs there were.
        samples: usize,
    },
    /// `outputs` are not as many as the inputs.
    Outputs {
        /// How many rows there are.
        rows: usize,
        /// How many inputs there are.
        samples: usize,
    },
    /// `input_gradient` is not of the samples of the forward pass.
    InputGradient {
        /// How many rows it has.
        rows: usize,
        /// How many inputs there were.
        samples: usize,
    },
}

impl fmt::Display for RowsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            RowsError::Tile { rows, tile } => {
                write!(f, "{rows} inputs do not fit a workspace with a tile of {tile} samples")
            }
            RowsError::OutputGradient { rows, samples } => {
                write!(f, "the output gradient has {rows} rows, but the forward pass had {samples} inputs")
            }
            RowsError::Outputs { rows, samples } => {
                write!(f, "there is room for {rows} outputs, but there are {samples} inputs")
            }
            RowsError::InputGradient { rows, samples } => {
                write!(f, "the input gradient has {rows} rows, but the forward pass had {samples} inputs")
            }
        }
    }
}

impl core::error::Error for RowsError {}
