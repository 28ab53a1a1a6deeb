//! Models of other frameworks, as a [`Model`].

mod assemble;
pub mod onnx;
pub mod safetensors;

use crate::model::Model;

/// A model, and what the importer did to make it one of stackprop.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The network.
    pub model: Model,
    /// What was folded, replaced or left out, one sentence each.
    pub notes: Vec<String>,
}
