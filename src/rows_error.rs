//! The error for a wrong number of rows.

use core::fmt;

/// The number of rows given to a method is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowsError {
    /// More inputs than the workspace has room for.
    Tile {
        /// The number of inputs.
        rows: usize,
        /// `B`, the largest number of inputs allowed.
        tile: usize,
    },
    /// `output_gradient` does not have one row for each input of the forward pass.
    OutputGradient {
        /// The number of rows it has.
        rows: usize,
        /// The number of inputs of the forward pass.
        samples: usize,
    },
    /// `outputs` does not have one row for each input.
    Outputs {
        /// The number of rows it has.
        rows: usize,
        /// The number of inputs.
        samples: usize,
    },
    /// `input_gradient` does not have one row for each input of the forward pass.
    InputGradient {
        /// The number of rows it has.
        rows: usize,
        /// The number of inputs of the forward pass.
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
