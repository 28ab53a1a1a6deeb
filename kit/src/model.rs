//! A feed-forward network as data: importers make it, code generators and exporters take it.

/// A network whose shape is known only when the program runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The number of inputs.
    pub inputs: usize,
    /// The layers, from the first to the last. Each takes what the one before it returns.
    pub layers: Vec<Layer>,
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
