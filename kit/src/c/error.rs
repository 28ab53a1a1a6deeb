//! Why a network cannot be exported.

use std::fmt;

/// Why a [`Model`](crate::model::Model) cannot be exported. Layers are counted from 0.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// The name cannot begin the names of C functions.
    Name(String),
    /// The network has no layers.
    NoLayers,
    /// A layer has no inputs or no outputs.
    Empty(Place),
    /// A layer does not take what it is given: the outputs of the layer before it, or the network's inputs.
    Width {
        /// The layer.
        place: Place,
        /// The number of numbers that it takes.
        takes: usize,
        /// The number of numbers that it is given.
        given: usize,
    },
    /// A layer has too many or too few parameters.
    Length {
        /// The layer.
        place: Place,
        /// Which parameters: the name of the field.
        field: &'static str,
        /// How many there are.
        found: usize,
        /// How many there should be.
        needed: usize,
    },
    /// A parameter is infinite or NaN, or too large for an `f32`.
    Parameter {
        /// The layer.
        place: Place,
        /// Which parameters: the name of the field.
        field: &'static str,
        /// The parameter's index in the field.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// A variance is negative.
    Variance {
        /// The layer.
        place: Place,
        /// The variance's index.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// stackprop has no such activation: `LeakyRelu<0>`, `Elu<0>`, or a softmax of one number.
    Activation {
        /// The layer.
        place: Place,
        /// What is wrong with the activation.
        reason: &'static str,
    },
    /// An output is NaN for the example input of the self-check, whose numbers are small: the parameters are too large.
    Example {
        /// The output's index.
        output: usize,
    },
    /// This program was built for a processor on which stackprop rounds multiply-adds twice, so it cannot compute the
    /// expected outputs of the self-check.
    RoundsTwice,
}

/// A layer of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The layer's place in the network, from 0.
    pub layer: usize,
    /// Its type.
    pub name: &'static str,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "layer {}, {}", self.layer, self.name)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Name(name) => {
                write!(
                    f,
                    "`{name}` is not a name in C, which is a letter and then letters, digits and underscores"
                )
            }
            Error::NoLayers => write!(f, "the network has no layers"),
            Error::Empty(place) => write!(f, "{place}, has no inputs or no outputs"),
            Error::Width { place, takes, given } => {
                write!(f, "{place}, takes {takes} numbers, but is given {given}")
            }
            Error::Length { place, field, found, needed } => {
                write!(f, "{place}: `{field}` has {found} numbers, but {needed} are needed")
            }
            Error::Parameter { place, field, index, value } => {
                write!(f, "{place}: number {index} of `{field}` is {value:e}, which is not a finite f32")
            }
            Error::Variance { place, index, value } => {
                write!(f, "{place}: number {index} of `variance` is {value:e}, but a variance is at least 0")
            }
            Error::Activation { place, reason } => write!(f, "{place}: {reason}"),
            Error::Example { output } => write!(
                f,
                "output {output} is NaN for the example input of the self-check, whose numbers are small: the \
                 network's parameters are too large"
            ),
            Error::RoundsTwice => write!(
                f,
                "the outputs of the self-check cannot be computed here: this build of stackprop has no fused \
                 multiply-add"
            ),
        }
    }
}

impl std::error::Error for Error {}
