//! Multi-layer perceptrons from ONNX files, as PyTorch, scikit-learn and Keras export them.
//!
//! Imported is the chain of layers from an input to an output: `Gemm` and `MatMul` with constants, elementwise functions,
//! normalisations, softmax. Everything else is refused by the name of its node.

mod expression;
mod functions;
mod graph;
mod recognize;
mod tail;
mod tensor;
mod walk;
mod wire;

use std::fs;
use std::path::Path;

use rten_onnx::onnx::ModelProto;

use self::graph::Graph;
pub use self::tensor::TensorError;
pub(crate) use self::tensor::{Constant, Tensors};
use self::walk::Walk;
use super::assemble::{AssembleError, assemble};
use super::{Imported, ReadError};

/// Why the network of an ONNX file was not imported.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OnnxError {
    /// The bytes are not an ONNX file.
    #[error("this is not an ONNX file: {problem}")]
    Format {
        /// What is wrong with it.
        problem: String,
    },
    /// An operator that is no part of a multi-layer perceptron.
    #[error(
        "{node} is not a layer of a multi-layer perceptron: stackprop imports Gemm and MatMul with constant weights, \
         BatchNormalization, LayerNormalization, Scaler, PRelu, Softmax and elementwise functions"
    )]
    Operator {
        /// The operator and the node's name.
        node: String,
    },
    /// An operator in a form that stackprop does not have.
    #[error("{node} is not supported: {problem}")]
    Refused {
        /// The operator and the node's name.
        node: String,
        /// What is not supported, and what must be.
        problem: String,
    },
    /// Two branches of the graph meet.
    #[error("{node} joins {branches}, but only a chain of layers from one input is imported")]
    Join {
        /// The operator and the node's name.
        node: String,
        /// The last layer of each branch, or the input.
        branches: String,
    },
    /// Two inputs of the graph meet.
    #[error(
        "{node} joins {inputs}, but only a chain of layers from one input is imported: if one of them is a constant, the \
         exporter left it out. It does so with Normalization of Keras on TensorFlow, but not on PyTorch, \
         `KERAS_BACKEND=torch`"
    )]
    JoinInputs {
        /// The operator and the node's name.
        node: String,
        /// The inputs.
        inputs: String,
    },
    /// A weight or bias is infinite or NaN, or becomes infinite when it is rounded to `f32`.
    #[error("tensor `{tensor}`: the number at {index:?} is {value}, which is not a finite f32")]
    NotFinite {
        /// The name of the constant.
        tensor: String,
        /// The place of the number, by dimension.
        index: Vec<usize>,
        /// The number, as text.
        value: String,
    },
    /// Elementwise functions that are not an activation.
    #[error(
        "{nodes}: this function is not one of stackprop's activations, which are Relu, LeakyRelu, PRelu, HardSigmoid, \
         HardTanh, Sigmoid, Tanh, Elu, Selu, Softplus, Silu, Gelu and GeluTanh (LeakyRelu and Elu in thousandths)"
    )]
    Activation {
        /// Their operators and names.
        nodes: String,
    },
    /// A node has too few inputs.
    #[error("{node} has {found} inputs, but needs {needed}")]
    Inputs {
        /// The operator and the node's name.
        node: String,
        /// How many it has.
        found: usize,
        /// How many it needs.
        needed: usize,
    },
    /// A value that must be a constant is computed.
    #[error("{node}: `{input}` is computed from the network's input, but must be a constant")]
    NotConstant {
        /// The operator and the node's name.
        node: String,
        /// The value.
        input: String,
    },
    /// A name stands for nothing.
    #[error("{node} uses `{input}`, which is not computed before it")]
    Undefined {
        /// The operator and the node's name.
        node: String,
        /// The name.
        input: String,
    },
    /// A constant cannot be read.
    #[error("tensor `{tensor}`: {problem}")]
    Tensor {
        /// The name of the constant.
        tensor: String,
        /// Why.
        problem: TensorError,
    },
    /// A node needs another number of inputs than it gets.
    #[error("{node} needs {needed} numbers for each sample, but gets {found}")]
    Width {
        /// The operator and the node's name.
        node: String,
        /// How many it gets.
        found: usize,
        /// How many it needs.
        needed: usize,
    },
    /// The graph has several outputs, and not all are of one network.
    #[error("the outputs {outputs} are of different networks: choose one with `--output`")]
    Outputs {
        /// Their names.
        outputs: String,
    },
    /// No value has the given name.
    #[error("there is no value `{output}`; the outputs are {outputs}")]
    NoOutput {
        /// The name.
        output: String,
        /// The names of the outputs.
        outputs: String,
    },
    /// No weights lead from an input to the output.
    #[error("no Gemm or MatMul leads from an input to `{output}`")]
    NoNetwork {
        /// The name of the output.
        output: String,
    },
    /// The network would be much larger than the file.
    #[error("the network would be several times as large as its file: do its layers share their weights?")]
    TooLarge,
    /// The steps of the graph are not layers of stackprop.
    #[error(transparent)]
    Assemble(#[from] AssembleError),
}

/// The network of an ONNX file.
///
/// `external` returns the content of another file with numbers, given its path relative to the model's, or `None`. It is
/// called only with paths that have no `..` and no root. No other files are read. At most some 32 bytes are allocated for each
/// byte of these files.
///
/// # Errors
///
/// If the bytes are not an ONNX file, or its network is not a chain of layers that stackprop has.
pub fn parse(bytes: &[u8], external: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Imported, OnnxError> {
    parse_output(bytes, external, None)
}

/// The network that leads to the value `output`. Without a name, it is that of all outputs of the graph.
///
/// # Errors
///
/// Those of [`parse`], and if there is no such value.
pub fn parse_output(
    bytes: &[u8],
    external: &dyn Fn(&str) -> Option<Vec<u8>>,
    output: Option<&str>,
) -> Result<Imported, OnnxError> {
    let model = decode(bytes)?;
    let no_graph = || OnnxError::Format { problem: "it has no graph".into() };
    let graph = Graph::new(model.graph.as_ref().ok_or_else(no_graph)?);
    let (mut tensors, mut notes) = (Tensors::new(external), vec![]);
    let source = source(&graph, &mut tensors, output, &mut notes)?;
    let walk = Walk::new(&graph, &mut tensors, bytes.len(), notes);
    let (inputs, steps, notes) = walk.steps(source)?;
    Ok(assemble(inputs, steps, notes)?)
}

/// The messages of an ONNX file.
pub(crate) fn decode(bytes: &[u8]) -> Result<ModelProto, OnnxError> {
    wire::check(bytes).map_err(|problem| OnnxError::Format { problem: problem.into() })?;
    ModelProto::parse_buf(bytes).map_err(|error| OnnxError::Format { problem: error.to_string() })
}

/// The output of the network: that of the graph without what classifiers do with it.
fn source<'g>(
    graph: &Graph<'g>,
    tensors: &mut Tensors<'_>,
    output: Option<&str>,
    notes: &mut Vec<String>,
) -> Result<&'g str, OnnxError> {
    let names = || graph.outputs.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let outputs = match output {
        Some(output) => match graph.name(output) {
            Some(name) => vec![name],
            None => return Err(OnnxError::NoOutput { output: output.into(), outputs: names() }),
        },
        None => graph.outputs.clone(),
    };
    let mut sources: Vec<&str> =
        outputs.into_iter().map(|name| tail::cut(graph, tensors, name, notes)).collect();
    sources.dedup();
    match sources[..] {
        [source] => Ok(source),
        [] => Err(OnnxError::Format { problem: "its graph has no output".into() }),
        _ => Err(OnnxError::Outputs { outputs: names() }),
    }
}

/// The network of the file at `path`, which may have its numbers in other files of the same directory or below it.
///
/// # Errors
///
/// If a file cannot be read, or those of [`parse_output`].
pub fn read(path: &Path, output: Option<&str>) -> Result<Imported, ReadError<OnnxError>> {
    let bytes = fs::read(path).map_err(|error| ReadError::Io { path: path.into(), error })?;
    let external = |location: &str| beside(path, location);
    parse_output(&bytes, &external, output).map_err(|error| ReadError::Model { path: path.into(), error })
}

/// The content of a file in the directory of a model or below it.
pub(crate) fn beside(model: &Path, location: &str) -> Option<Vec<u8>> {
    let model = fs::canonicalize(model).ok()?;
    let directory = model.parent()?;
    // A link could lead out of the directory.
    let file = fs::canonicalize(directory.join(location)).ok()?;
    if file.starts_with(directory) { fs::read(file).ok() } else { None }
}
