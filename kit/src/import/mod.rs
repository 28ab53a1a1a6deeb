//! Models of other frameworks, as a [`Model`].

mod assemble;
pub mod onnx;
pub mod safetensors;

use std::io;
use std::path::PathBuf;

use crate::model::Model;

/// A model, and what the importer did to make it one of stackprop.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The network.
    pub model: Model,
    /// What was folded, replaced or left out, one sentence each.
    pub notes: Vec<String>,
}

/// Why a file was not imported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError<E> {
    /// The file cannot be read.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Its network cannot be imported.
    #[error("{}: {error}", path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// Why.
        error: E,
    },
}
