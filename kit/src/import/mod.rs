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

/// The first number of a tensor that is not a finite `f32`: its index, one number for each dimension, and the number.
fn not_finite(numbers: &[f64], shape: &[usize]) -> Option<(Vec<usize>, f64)> {
    let (place, number) = numbers.iter().enumerate().find(|(_, x)| !(**x as f32).is_finite())?;
    let mut rest = place;
    let digit = |length: &usize| {
        let digit = rest.checked_rem(*length).unwrap_or(0);
        rest = rest.checked_div(*length).unwrap_or(0);
        digit
    };
    let mut index: Vec<usize> = shape.iter().rev().map(digit).collect();
    index.reverse();
    Some((index, *number))
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
