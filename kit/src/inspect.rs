//! What is in a file of weights, or in an ONNX file.

use std::path::{Path, PathBuf};
use std::{fs, io};

use rten_onnx::onnx::{DataLocation, DataType, TensorProto};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use stackprop::checkpoint::{self, CheckpointError};

use crate::import::onnx::{self, Constant, Tensors};
use crate::import::safetensors as state_dict;

/// A tensor of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// The type of its numbers, as the format names it.
    pub dtype: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// How many bytes it has in the file, or in the other file in which its numbers are, if that is there.
    pub bytes: usize,
    /// Its numbers, if they are real and can be read.
    pub statistics: Option<Statistics>,
    /// Its number, if it is a single integer.
    pub integer: Option<i128>,
}

/// Some properties of numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Statistics {
    /// The least finite number; NaN if there is none.
    pub least: f64,
    /// The largest finite number; NaN if there is none.
    pub largest: f64,
    /// The mean of the finite numbers; NaN if there is none.
    pub mean: f64,
    /// How many are infinite or NaN.
    pub not_finite: usize,
}

impl Statistics {
    /// The properties of these numbers.
    #[must_use]
    pub fn of(numbers: &[f64]) -> Self {
        let finite = || numbers.iter().copied().filter(|x| x.is_finite());
        let count = finite().count();
        Self {
            least: finite().fold(f64::NAN, f64::min),
            largest: finite().fold(f64::NAN, f64::max),
            mean: finite().sum::<f64>() / count as f64,
            not_finite: numbers.len() - count,
        }
    }
}

/// What is in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    /// The format, such as `safetensors`.
    pub format: &'static str,
    /// Metadata: names and values.
    pub metadata: Vec<(String, String)>,
    /// The tensors, in the order of the file.
    pub tensors: Vec<Tensor>,
    /// The nodes of the graph in an ONNX file, each with its operator, name, inputs and outputs.
    pub nodes: Vec<[String; 4]>,
    /// What is wrong with a checkpoint of stackprop, if its bytes are not those that were saved.
    pub damage: Option<CheckpointError>,
}

/// Why a file was not inspected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InspectError {
    /// The file cannot be read.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file ends too early.
    #[error("{} is cut off: it needs {needed} bytes, but has {found}", path.display())]
    Cut {
        /// The file.
        path: PathBuf,
        /// The length that its header tells.
        needed: usize,
        /// Its length.
        found: usize,
    },
    /// The file is of another format.
    #[error("{} is neither a safetensors nor an ONNX file: {problem}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

/// What is in the file at `path`, a safetensors or an ONNX file by its content.
///
/// # Errors
///
/// If the file cannot be read, or is of another format.
pub fn read(path: &Path) -> Result<Content, InspectError> {
    let bytes = fs::read(path).map_err(|error| InspectError::Io { path: path.into(), error })?;
    // The eight bytes of the header's length, then the header, which is JSON.
    let is_safetensors = bytes.get(8) == Some(&b'{');
    let result = safetensors(&bytes)
        .or_else(|problem| onnx(&bytes, path).map_err(|other| if is_safetensors { problem } else { other }));
    result.map_err(|problem| match state_dict::full_length(&bytes) {
        Some(needed) if is_safetensors && needed > bytes.len() => {
            InspectError::Cut { path: path.into(), needed, found: bytes.len() }
        }
        _ => InspectError::Format { path: path.into(), problem },
    })
}

fn safetensors(bytes: &[u8]) -> Result<Content, String> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| error.to_string())?;
    let metadata = header.metadata().clone().unwrap_or_default();
    let mut metadata: Vec<_> = metadata.into_iter().collect();
    metadata.sort();
    let tensors = header.offset_keys().into_iter().filter_map(|name| {
        let tensor = file.tensor(&name).ok()?;
        Some(Tensor {
            name,
            dtype: tensor.dtype().to_string(),
            shape: tensor.shape().to_vec(),
            bytes: tensor.data().len(),
            statistics: state_dict::numbers(&tensor).map(|numbers| Statistics::of(&numbers)),
            integer: integer(&tensor),
        })
    });
    let is_checkpoint = metadata.iter().any(|(key, _)| key == state_dict::LAYERS_KEY);
    let damage = is_checkpoint.then(|| checkpoint::check(bytes)).and_then(Result::err);
    Ok(Content { format: "safetensors", metadata, tensors: tensors.collect(), nodes: vec![], damage })
}

/// The number of a tensor that is a single integer.
fn integer(tensor: &TensorView<'_>) -> Option<i128> {
    let bytes = tensor.data();
    Some(match tensor.dtype() {
        Dtype::U8 => u8::from_le_bytes(bytes.try_into().ok()?).into(),
        Dtype::I8 => i8::from_le_bytes(bytes.try_into().ok()?).into(),
        Dtype::U16 => u16::from_le_bytes(bytes.try_into().ok()?).into(),
        Dtype::I16 => i16::from_le_bytes(bytes.try_into().ok()?).into(),
        Dtype::U32 => u32::from_le_bytes(bytes.try_into().ok()?).into(),
        Dtype::I32 => i32::from_le_bytes(bytes.try_into().ok()?).into(),
        Dtype::U64 => u64::from_le_bytes(bytes.try_into().ok()?).into(),
        Dtype::I64 => i64::from_le_bytes(bytes.try_into().ok()?).into(),
        _ => return None,
    })
}

fn onnx(bytes: &[u8], path: &Path) -> Result<Content, String> {
    if bytes.is_empty() {
        return Err("it is empty".into());
    }
    let model = onnx::decode(bytes).map_err(|error| error.to_string())?;
    let mut metadata = vec![];
    let mut add =
        |key: &str, value: Option<String>| metadata.extend(value.map(|value| (key.to_owned(), value)));
    add("producer", model.producer_name);
    add("producer version", model.producer_version);
    for opset in model.opset_import {
        let domain = opset.domain.filter(|domain| !domain.is_empty()).unwrap_or_else(|| "ai.onnx".into());
        add(&format!("opset {domain}"), opset.version.map(|version| version.to_string()));
    }
    for entry in model.metadata_props {
        add(&entry.key.unwrap_or_default(), entry.value);
    }
    let graph = model.graph.ok_or("it has no graph")?;
    let names = |values: &[rten_onnx::onnx::ValueInfoProto]| {
        values.iter().filter_map(|value| value.name.clone()).collect::<Vec<_>>().join(", ")
    };
    add("inputs", Some(names(&graph.input)));
    add("outputs", Some(names(&graph.output)));
    let nodes = graph.node.iter().map(|node| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        [text(&node.op_type), text(&node.name), node.input.join(", "), node.output.join(", ")]
    });
    let external = |location: &str| onnx::beside(path, location);
    let mut files = Tensors::new(&external);
    let tensors = graph.initializer.iter().map(|tensor| onnx_tensor(tensor, &mut files)).collect();
    Ok(Content { format: "ONNX", metadata, tensors, nodes: nodes.collect(), damage: None })
}

fn onnx_tensor(tensor: &TensorProto, files: &mut Tensors<'_>) -> Tensor {
    let external = tensor.data_location == Some(DataLocation::EXTERNAL);
    let constant = files.constant(tensor).ok();
    let lists = 4 * (tensor.float_data.len() + tensor.int32_data.len())
        + 8 * (tensor.double_data.len() + tensor.int64_data.len());
    let bytes = match (&constant, &tensor.raw_data) {
        (Some(constant), _) if external => constant.data.len() * bytes_of(tensor.data_type),
        (_, Some(raw)) => raw.borrow().len(),
        _ => lists,
    };
    let external_text = if external { ", in another file" } else { "" };
    Tensor {
        name: tensor.name.clone().unwrap_or_default(),
        dtype: tensor.data_type.map(|kind| kind.to_string()).unwrap_or_default() + external_text,
        shape: tensor.dims.iter().map(|d| usize::try_from(*d).unwrap_or(0)).collect(),
        bytes,
        statistics: constant.as_ref().map(|constant| Statistics::of(&constant.data)),
        integer: constant.and_then(|constant| single_integer(tensor.data_type, &constant)),
    }
}

/// The number of a constant that is a single integer, which `f64` holds exactly.
fn single_integer(kind: Option<DataType>, constant: &Constant) -> Option<i128> {
    match (kind, &constant.data[..]) {
        (Some(DataType::INT32 | DataType::INT64 | DataType::BOOL), &[one]) => {
            (one.abs() < 2_f64.powi(53)).then_some(one as i128)
        }
        _ => None,
    }
}

/// The bytes of one number of a type that is read.
fn bytes_of(kind: Option<DataType>) -> usize {
    match kind {
        Some(DataType::DOUBLE | DataType::INT64) => 8,
        Some(DataType::FLOAT16 | DataType::BFLOAT16) => 2,
        Some(DataType::BOOL) => 1,
        _ => 4,
    }
}
