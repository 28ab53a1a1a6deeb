//! Multi-layer perceptrons from `state_dict`s of PyTorch in safetensors files.
//!
//! The tensors' shapes give the widths, and their names the modules. What a `state_dict` does not say, the caller does: the
//! activations, and the order of modules whose names do not sort. A file that `stackprop import` wrote has the
//! type of its network among its metadata, and needs neither, nor does a checkpoint of stackprop.

mod checkpoint;
mod modules;
mod typed;

use std::fs;
use std::path::Path;

use half::{bf16, f16};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use stackprop::checkpoint::CheckpointError;

use super::assemble::AssembleError;
use super::{Imported, ReadError, not_finite};
use crate::model::{ModelError, TypeError};

/// The key of the metadata that has the type of the network.
pub const TYPE_KEY: &str = "stackprop.type";

/// The key of a checkpoint's metadata that has the layers of the network.
pub(crate) const LAYERS_KEY: &str = "stackprop.network";

/// What a `state_dict` does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The activation after each linear layer, by stackprop's names in lower or upper case (`relu`, `leaky_relu`,
    /// `leaky_relu<200>`, `gelu_tanh`, `identity`, ...), or `prelu` if the file has its slopes. As many as linear layers, or
    /// one less if the last has none.
    pub activations: Option<Vec<String>>,
    /// The modules from the first to the last, such as `encoder.0`. Other modules are left out. Without this, all modules
    /// are taken in the order of their names, numbers by value.
    pub modules: Option<Vec<String>>,
}

/// Why the network of a safetensors file was not imported.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SafetensorsError {
    /// The bytes are not a safetensors file.
    #[error("this is not a safetensors file: {problem}")]
    Format {
        /// What is wrong with it.
        problem: String,
    },
    /// A tensor has numbers of a type that is not read.
    #[error("tensor `{tensor}` is of {found}, but only F64, F32, F16 and BF16 are read")]
    Dtype {
        /// The tensor.
        tensor: String,
        /// Its type.
        found: String,
    },
    /// The file ends too early.
    #[error("the file is cut off: it needs {needed} bytes, but has {found}")]
    Cut {
        /// The length that its header tells.
        needed: usize,
        /// Its length.
        found: usize,
    },
    /// A number is infinite or NaN, or becomes infinite when it is rounded to `f32`.
    #[error("tensor `{tensor}`: the number at {index:?} is {value}, which is not a finite f32")]
    NotFinite {
        /// The tensor.
        tensor: String,
        /// The place of the number, by dimension.
        index: Vec<usize>,
        /// The number, as text.
        value: String,
    },
    /// The number of samples of a normalising layer is not one.
    #[error("tensor `{tensor}` is of {found} with shape {shape:?}, but a number of samples is a single I64")]
    Count {
        /// The tensor.
        tensor: String,
        /// Its type.
        found: String,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// The number of samples of a normalising layer is negative.
    #[error("tensor `{tensor}` is {found}, but it is a number of samples")]
    NegativeCount {
        /// The tensor.
        tensor: String,
        /// The number.
        found: i64,
    },
    /// Tensors of a module that is no layer of a multi-layer perceptron.
    #[error(
        "{} {tensors} is not a linear layer, BatchNorm1d, LayerNorm, PReLU or Standardize",
        if module.is_empty() { "tensor".into() } else { format!("module `{module}` with") }
    )]
    Module {
        /// The module; empty for tensors whose name has no dot.
        module: String,
        /// Its tensors, with their shapes.
        tensors: String,
    },
    /// A tensor has another shape than the rest of its module or the network's type needs.
    #[error("tensor `{tensor}` has shape {found:?}, but needs {needed:?}")]
    Shape {
        /// The tensor.
        tensor: String,
        /// Its shape.
        found: Vec<usize>,
        /// The shape that it needs.
        needed: Vec<usize>,
    },
    /// A tensor is missing that the network's type needs.
    #[error("there is no tensor `{tensor}`")]
    Missing {
        /// The tensor.
        tensor: String,
    },
    /// A tensor has no place in the network.
    #[error("the network has no place for tensor `{tensor}`")]
    Surplus {
        /// The tensor.
        tensor: String,
    },
    /// A module was named that is not in the file.
    #[error("there is no module `{module}`; the modules are {modules}")]
    NoModule {
        /// The name.
        module: String,
        /// The names of the modules.
        modules: String,
    },
    /// The order of the modules is not that of their names.
    #[error(
        "module `{module}` takes {needed} numbers, but gets {found} from the one before it: give the order of the \
         modules {modules} with `--modules`"
    )]
    Order {
        /// The module.
        module: String,
        /// How many numbers it gets.
        found: usize,
        /// How many it takes.
        needed: usize,
        /// The names of the modules, in the order of their names.
        modules: String,
    },
    /// The activations were not given, or not one for each layer.
    #[error(
        "{}, but the file has {}: give {} with `--activations`, or {linear} if the last layer has one, too",
        match found { 1 => "1 activation was given".into(), found => format!("{found} activations were given") },
        match linear { 1 => "1 linear layer".into(), linear => format!("{linear} linear layers") },
        linear.saturating_sub(1)
    )]
    Activations {
        /// How many were given.
        found: usize,
        /// The number of linear layers.
        linear: usize,
    },
    /// No activation has this name.
    #[error("`{name}` is not an activation: stackprop has {known}")]
    NoActivation {
        /// The name.
        name: String,
        /// The names of the activations.
        known: String,
    },
    /// The given activation is not the one that the file has.
    #[error("the activation of linear layer {layer} is {found} in the file, but `{given}` was given")]
    OtherActivation {
        /// The number of the linear layer, from 0.
        layer: usize,
        /// That of the file.
        found: String,
        /// The name.
        given: String,
    },
    /// `prelu` was given for a linear layer without slopes.
    #[error("`prelu` is given for `{module}`, but no module after it has slopes")]
    NoSlopes {
        /// The module of the linear layer.
        module: String,
    },
    /// Another activation than `prelu` was given for a linear layer with slopes.
    #[error(
        "module `{slopes}` has the slopes of a PReLU, but `{given}` is given for `{module}` before it: give `prelu`"
    )]
    Slopes {
        /// The module with the slopes.
        slopes: String,
        /// The module of the linear layer.
        module: String,
        /// The activation.
        given: String,
    },
    /// There is no linear layer.
    #[error("the file has no linear layer, which would be a two-dimensional tensor `weight`")]
    NoLayers,
    /// The file is a checkpoint, but damaged or of another version.
    #[error(transparent)]
    Checkpoint(#[from] Box<CheckpointError>),
    /// A layer of a checkpoint that is not imported.
    #[error(
        "the network of this checkpoint has `{layer}`, but only a chain of Dense with stackprop's activations, \
         BatchNorm, Standardize, LayerNorm, PRelu, Dropout and Flatten is imported, without Residual and Parallel"
    )]
    Layer {
        /// The layer, as the metadata have it.
        layer: String,
    },
    /// The type of the network in the metadata is not one.
    #[error("the metadata `stackprop.type`: {0}")]
    Type(#[from] TypeError),
    /// The layers are not a network of stackprop.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The modules are not layers of stackprop.
    #[error(transparent)]
    Assemble(#[from] AssembleError),
}

/// The network of a safetensors file.
///
/// # Errors
///
/// If the bytes are not such a file, its tensors are not those of a multi-layer perceptron, or the options do not fit them.
pub fn parse(bytes: &[u8], options: &Options) -> Result<Imported, SafetensorsError> {
    let format = |error: safetensors::SafeTensorError| match full_length(bytes) {
        Some(needed) if needed > bytes.len() => SafetensorsError::Cut { needed, found: bytes.len() },
        _ => SafetensorsError::Format { problem: error.to_string() },
    };
    let file = SafeTensors::deserialize(bytes).map_err(format)?;
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(format)?;
    let text = |key: &str| metadata.metadata().as_ref().and_then(|metadata| metadata.get(key));
    if text(LAYERS_KEY).is_some() {
        stackprop::checkpoint::check(bytes).map_err(Box::new)?;
    }
    match (text(TYPE_KEY), text(LAYERS_KEY)) {
        _ if options.modules.is_some() => modules::import(&file, options),
        (Some(text), _) => typed::import(&file, text, bytes.len(), options),
        (None, Some(text)) => checkpoint::import(&file, text, bytes.len(), options),
        (None, None) => modules::import(&file, options),
    }
}

/// The network of the file at `path`.
///
/// # Errors
///
/// If the file cannot be read, or those of [`parse`].
pub fn read(path: &Path, options: &Options) -> Result<Imported, ReadError<SafetensorsError>> {
    let bytes = fs::read(path).map_err(|error| ReadError::Io { path: path.into(), error })?;
    parse(&bytes, options).map_err(|error| ReadError::Model { path: path.into(), error })
}

/// The length that a file must have, by its header: that of a file that was cut off, too, unless in the header itself.
pub(crate) fn full_length(bytes: &[u8]) -> Option<usize> {
    let start = usize::try_from(u64::from_le_bytes(*bytes.first_chunk()?)).ok()?.checked_add(8)?;
    let header = str::from_utf8(bytes.get(8..start)?).ok()?;
    // (The name of a tensor does not contain the key: the quotes would have backslashes.)
    let ends = header.split("\"data_offsets\"").skip(1).filter_map(|rest| {
        let (_, end) = rest.split_once(']')?.0.split_once(',')?;
        end.trim().parse().ok()
    });
    start.checked_add(ends.max().unwrap_or(0))
}

/// The numbers of a tensor, in row-major order; `None` if they are not real numbers.
pub(crate) fn numbers(tensor: &TensorView<'_>) -> Option<Vec<f64>> {
    fn each<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f64) -> Vec<f64> {
        bytes.as_chunks().0.iter().map(|chunk| number(*chunk)).collect()
    }
    let bytes = tensor.data();
    Some(match tensor.dtype() {
        Dtype::F64 => each(bytes, f64::from_le_bytes),
        Dtype::F32 => each(bytes, |b| f32::from_le_bytes(b).into()),
        Dtype::F16 => each(bytes, |b| f16::from_le_bytes(b).into()),
        Dtype::BF16 => each(bytes, |b| bf16::from_le_bytes(b).into()),
        _ => return None,
    })
}

/// The numbers of a tensor, which are finite.
fn real_numbers(name: &str, tensor: &TensorView<'_>) -> Result<Vec<f64>, SafetensorsError> {
    let error = || SafetensorsError::Dtype { tensor: name.into(), found: tensor.dtype().to_string() };
    let numbers = numbers(tensor).ok_or_else(error)?;
    match not_finite(&numbers, tensor.shape()) {
        Some((index, value)) => {
            Err(SafetensorsError::NotFinite { tensor: name.into(), index, value: value.to_string() })
        }
        None => Ok(numbers),
    }
}
