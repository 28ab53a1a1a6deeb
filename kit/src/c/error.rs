//! Why a network cannot be exported.

use crate::model::ModelError;

/// Why a [`Model`](crate::model::Model) cannot be exported.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The name cannot begin the names of C functions.
    #[error("`{0}` is not a name in C, which is a letter and then letters, digits and underscores")]
    Name(String),
    /// The model is not a network of stackprop.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A variance is negative.
    #[error("layer {layer}, a {kind}: variance {index} is {value}, but a variance is at least 0")]
    Variance {
        /// The number of the layer, from 0.
        layer: usize,
        /// The type of the layer.
        kind: &'static str,
        /// The place of the variance, from 0.
        index: usize,
        /// The variance.
        value: f64,
    },
    /// An output is NaN for the example input of the self-check, which is made of small numbers.
    #[error("output {output} is NaN for an example of small inputs: the parameters are too large")]
    Example {
        /// The number of the output, from 0.
        output: usize,
    },
    /// This program was built for a processor on which stackprop rounds a multiply-add twice, so it cannot compute the
    /// outputs that the self-check expects.
    #[error("this build of stackprop rounds a multiply-add twice, so it cannot compute what the C code will")]
    RoundsTwice,
}
