//! Errors of what is made from data sets.

use core::fmt;

/// A data set cannot be split, grouped by class, or copied to a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DataError {
    /// The counts of the parts do not add up to the number of samples.
    Counts {
        /// Their sum.
        sum: usize,
        /// The number of samples.
        samples: usize,
    },
    /// The numbers of the ratio are all 0, or add up to 2^32 or more.
    Ratio,
    /// There are so few samples that a part would have none.
    EmptyPart {
        /// The part.
        part: usize,
        /// The number of samples.
        samples: usize,
    },
    /// Fewer than two folds, or more than there are samples; for a stratified k-fold, more than the largest class has.
    Folds {
        /// The number of folds.
        folds: usize,
        /// The number of samples, or of samples of the largest class.
        samples: usize,
    },
    /// A buffer has no place for each sample, there is not one weight for each, or there are more than 2^32 samples.
    Buffer {
        /// The length of the buffer.
        len: usize,
        /// The number of samples.
        samples: usize,
    },
    /// A class has no samples, so none can be drawn.
    EmptyClass {
        /// The class.
        class: usize,
    },
    /// A weight is negative, infinite or NaN, or the sum of the weights is infinite with it.
    Weight {
        /// The sample with the first such weight.
        sample: usize,
    },
    /// All weights are 0.
    NoWeight,
    /// The data set lacks a sample below its length.
    Missing {
        /// The sample.
        sample: usize,
    },
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            DataError::Counts { sum, samples } => write!(
                f,
                "the counts of the parts add up to {sum}, but there are {samples} samples (`take` leaves out the others)"
            ),
            DataError::Ratio => {
                f.write_str("the numbers of a ratio must add up to at least 1 and less than 2^32")
            }
            DataError::EmptyPart { part, samples } => {
                write!(f, "part {part} would have no samples: there are only {samples}")
            }
            DataError::Folds { folds, samples } => {
                write!(f, "{folds} folds of {samples} samples (at least 2 folds, each with a sample)")
            }
            DataError::Buffer { len, samples } => {
                write!(f, "a buffer of length {len} for {samples} samples")
            }
            DataError::EmptyClass { class } => write!(f, "class {class} has no samples"),
            DataError::Weight { sample } => {
                write!(f, "the weight of sample {sample} is negative, infinite, NaN or too large")
            }
            DataError::NoWeight => f.write_str("all weights are 0, so no sample can be drawn"),
            DataError::Missing { sample } => {
                write!(f, "the data set has no sample {sample}, although its length is larger")
            }
        }
    }
}

impl core::error::Error for DataError {}
