//! A feed-forward network as data: importers make it, code generators and exporters take it.

mod check;
mod evaluate;
mod names;
mod text;

pub use check::ModelError;
pub(crate) use names::transpose;
pub use text::{TypeError, parse_type};

/// A network whose shape is known only when the program runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The number of inputs.
    pub inputs: usize,
    /// The layers, from the first to the last. Each takes what the one before it returns.
    pub layers: Vec<Layer>,
}

impl Model {
    /// The number of outputs: that of the last layer, or of inputs if there is no layer.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.layers.iter().fold(self.inputs, |width, layer| layer.outputs(width))
    }

    /// The number of parameters, counts of samples included, as in [`stackprop::Network::PARAMETERS`].
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(Layer::parameters).sum()
    }
}

impl Layer {
    /// The number of outputs, given the number of inputs.
    #[must_use]
    pub fn outputs(&self, inputs: usize) -> usize {
        match self {
            Layer::Dense { outputs, .. } => *outputs,
            _ => inputs,
        }
    }

    /// The number of parameters.
    #[must_use]
    pub fn parameters(&self) -> usize {
        match self {
            Layer::Dense { weights, biases, .. } => weights.len() + biases.len(),
            Layer::BatchNorm { gain, .. } => 4 * gain.len() + 1,
            Layer::Standardize { mean, .. } => 2 * mean.len() + 1,
            Layer::LayerNorm { gain, .. } => 2 * gain.len(),
            Layer::PRelu { slope } => slope.len(),
        }
    }

    /// The name of the layer's type, such as `Dense`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Layer::Dense { .. } => "Dense",
            Layer::BatchNorm { .. } => "BatchNorm",
            Layer::Standardize { .. } => "Standardize",
            Layer::LayerNorm { .. } => "LayerNorm",
            Layer::PRelu { .. } => "PRelu",
        }
    }
}

/// A layer of a [`Model`]: one of stackprop's layers, with its parameters in stackprop's order.
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    /// [`Dense`](stackprop::Dense): `a = sigma(x W + b)`.
    Dense {
        /// The number of inputs.
        inputs: usize,
        /// The number of outputs.
        outputs: usize,
        /// `W`, `[inputs][outputs]`, input-major.
        weights: Vec<f64>,
        /// `b`, `[outputs]`.
        biases: Vec<f64>,
        /// `sigma`.
        activation: Activation,
    },
    /// [`BatchNorm`](stackprop::BatchNorm) by its statistics: `gain (x - mean) / sqrt(variance + epsilon) + shift`.
    BatchNorm {
        /// `[n]`
        gain: Vec<f64>,
        /// `[n]`
        shift: Vec<f64>,
        /// `[n]`
        mean: Vec<f64>,
        /// `[n]`
        variance: Vec<f64>,
        /// The number of samples that it has seen.
        count: u64,
    },
    /// [`Standardize`](stackprop::Standardize).
    Standardize {
        /// `[n]`
        mean: Vec<f64>,
        /// `[n]`
        variance: Vec<f64>,
        /// The number of samples that it has seen.
        count: u64,
    },
    /// [`LayerNorm`](stackprop::LayerNorm).
    LayerNorm {
        /// `[n]`
        gain: Vec<f64>,
        /// `[n]`
        shift: Vec<f64>,
    },
    /// [`PRelu`](stackprop::PRelu).
    PRelu {
        /// `[1]` or `[n]`
        slope: Vec<f64>,
    },
}

/// An activation of a [`Layer::Dense`]: one of stackprop's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Activation {
    /// [`Identity`](stackprop::Identity)
    Identity,
    /// [`Relu`](stackprop::Relu)
    Relu,
    /// [`LeakyRelu<PERMILLE>`](stackprop::LeakyRelu)
    LeakyRelu {
        /// The slope below 0, in thousandths.
        permille: u32,
    },
    /// [`HardSigmoid`](stackprop::HardSigmoid)
    HardSigmoid,
    /// [`HardTanh`](stackprop::HardTanh)
    HardTanh,
    /// [`Sigmoid`](stackprop::Sigmoid)
    Sigmoid,
    /// [`Tanh`](stackprop::Tanh)
    Tanh,
    /// [`Elu<PERMILLE>`](stackprop::Elu)
    Elu {
        /// alpha, in thousandths.
        permille: u32,
    },
    /// [`Selu`](stackprop::Selu)
    Selu,
    /// [`Softplus`](stackprop::Softplus)
    Softplus,
    /// [`Silu`](stackprop::Silu)
    Silu,
    /// [`Gelu`](stackprop::Gelu)
    Gelu,
    /// [`GeluTanh`](stackprop::GeluTanh)
    GeluTanh,
    /// [`Softmax`](stackprop::Softmax)
    Softmax,
}
