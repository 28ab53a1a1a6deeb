//! Numbers that became infinite or NaN: where, and which.

use core::fmt;

use crate::kernel::{Kernel, Largest, dispatch};
use crate::{Parameters, Scalar};

/// The first layer with a parameter that is not finite.
pub(crate) fn first_non_finite<T: Scalar, P: Parameters<T>>(parameters: &P) -> Option<usize> {
    let mut layer = None;
    parameters.visit(|block, values| {
        if layer.is_none() && !dispatch!(|kernel| kernel.run((Largest, values))).is_finite() {
            layer = Some(block.layer);
        }
    });
    layer
}

/// Which number was infinite or NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// The output of a layer, in the forward pass. In layer 0: is there a NaN in the data?
    Activation,
    /// The cost of a sample.
    Cost,
    /// An element of the gradient.
    Gradient,
    /// A parameter, or the optimiser's state for it, as the update would have left it.
    Update,
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Quantity::Activation => "the output",
            Quantity::Cost => "the cost after",
            Quantity::Gradient => "the gradient",
            Quantity::Update => "the update",
        })
    }
}

/// A number became infinite or NaN: where, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NonFinite {
    /// The first layer, from 0, where it was seen.
    pub layer: usize,
    /// What it was.
    pub quantity: Quantity,
}

impl fmt::Display for NonFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of layer {} is not finite", self.quantity, self.layer)
    }
}

impl core::error::Error for NonFinite {}
