//! A network as C99: a header and a source with the weights and one function, for programs without Rust.
//!
//! The outputs have the bits of stackprop's typed network of `f32` (in the fused [class](stackprop::Numerics)), for every
//! input that gives numbers; which NaN an operation gives, no standard says. The source is plain C99 that needs
//! `<math.h>` and no memory from the heap, and is also accepted by C++17 compilers. Compile it with
//! `-std=c99 -ffp-contract=off` and without `-ffast-math`.

mod error;
mod example;
mod functions;
mod layers;
mod literal;
mod source;

pub use error::Error;

use crate::model::{Layer, Model};
use stackprop::math::MulAdd;

/// The files of a network: `NAME.h` and `NAME.c`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CSources {
    /// The text of `NAME.h`: sizes as macros, `NAME_predict` and `NAME_verify`.
    pub header: String,
    /// The text of `NAME.c`, which includes `NAME.h`.
    pub source: String,
}

/// Writes a network as C. Its functions are `NAME_predict` and `NAME_verify`, its macros start with the name in capitals.
///
/// Parameters are rounded to `f32`.
///
/// # Errors
///
/// If the name is not one in C, or the model is not a [valid](Model::check) network: see [`Error`].
///
/// ```
/// use stackprop_kit::c;
/// use stackprop_kit::model::{Activation, Layer, Model};
///
/// let layer = Layer::Dense {
///     inputs: 2,
///     outputs: 1,
///     weights: vec![0.5, -0.25],
///     biases: vec![1.0],
///     activation: Activation::Tanh,
/// };
/// let files = c::export(&Model { inputs: 2, layers: vec![layer] }, "gate")?;
/// assert!(files.header.contains("void gate_predict(const float input[GATE_INPUTS], float output[GATE_OUTPUTS]);"));
/// assert!(files.source.contains("0x1p-1f")); // 0.5
/// # Ok::<(), c::Error>(())
/// ```
pub fn export(model: &Model, name: &str) -> Result<CSources, Error> {
    if !is_name(name) {
        return Err(Error::Name(name.to_string()));
    }
    model.check()?;
    model.layers.iter().enumerate().try_for_each(|(number, layer)| check_variances(number, layer))?;
    if !f32::FUSED {
        return Err(Error::RoundsTwice);
    }
    let example = example::input(model);
    let expected = model.evaluate_f32(&example)?;
    if let Some(output) = expected.iter().position(|a| a.is_nan()) {
        return Err(Error::Example { output });
    }
    Ok(CSources {
        header: source::header(model, name),
        source: source::source(model, name, &example, &expected),
    })
}

/// Whether a file begins as those that [`export`] generates.
#[must_use]
pub fn is_generated(text: &[u8]) -> bool {
    text.starts_with(source::GENERATED.as_bytes())
}

/// Refuses negative variances, whose deviation is NaN.
fn check_variances(number: usize, layer: &Layer) -> Result<(), Error> {
    let (Layer::BatchNorm { variance, .. } | Layer::Standardize { variance, .. }) = layer else {
        return Ok(());
    };
    match variance.iter().enumerate().find(|(_, v)| **v < 0.0) {
        None => Ok(()),
        Some((index, value)) => {
            Err(Error::Variance { layer: number, kind: layer.kind(), index, value: *value })
        }
    }
}

/// Whether a name can begin the names of C functions.
fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
