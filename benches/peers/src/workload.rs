//! The workloads: what each network looks like, and the numbers that go into it.
//!
//! Every contender gets the same weights, inputs and targets. They are not stored but computed from integers, which
//! every language computes exactly; `python/workload.py` has the same few lines.

use serde::{Deserialize, Serialize};

/// A network, and the work to do with it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Workload {
    pub name: String,
    /// Neurons of each layer, the inputs first.
    pub sizes: Vec<usize>,
    /// Activation of all layers but the last.
    pub hidden: Activation,
    /// Activation of the last layer.
    pub last: Activation,
    /// The number of samples of one inference call or one training step.
    pub batch: usize,
    /// `None` for inference.
    pub training: Option<Training>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    Identity,
    Relu,
    Sigmoid,
    Tanh,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Training {
    pub loss: Loss,
    pub optimizer: Optimizer,
    pub learning_rate: f32,
}

/// A loss, averaged over the samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// `1/2 sum_j (a_j - y_j)^2`
    Quadratic,
    /// `1/k sum_j (a_j - y_j)^2` with `k` outputs
    MeanSquaredError,
    /// `-ln softmax(z)_class`
    SoftmaxCrossEntropy,
}

/// With PyTorch's defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Optimizer {
    Sgd,
    Adam,
}

/// The parameters that a dense layer starts with.
#[derive(Debug)]
pub struct Layer {
    pub fan_in: usize,
    pub fan_out: usize,
    pub activation: Activation,
    /// `[fan_in][fan_out]`
    pub weight: Vec<f32>,
    /// `[fan_out]`
    pub bias: Vec<f32>,
}

/// All workloads, in the order of the table.
pub fn all() -> Vec<Workload> {
    use Activation::{Identity, Relu, Sigmoid, Tanh};

    let infer = |name: &str, sizes: &[usize], hidden, last, batch| Workload {
        name: name.into(),
        sizes: sizes.into(),
        hidden,
        last,
        batch,
        training: None,
    };
    let train = |workload, loss, optimizer, learning_rate| Workload {
        training: Some(Training { loss, optimizer, learning_rate }),
        ..workload
    };
    vec![
        infer("I1", &[2, 3, 1], Sigmoid, Sigmoid, 1),
        infer("I2", &[13, 64, 64, 4], Tanh, Identity, 1),
        infer("I3", &[784, 30, 10], Sigmoid, Sigmoid, 1),
        infer("I4", &[784, 128, 10], Relu, Identity, 1),
        infer("I5", &[1, 8, 8, 1], Tanh, Identity, 1),
        infer("B1", &[784, 128, 10], Relu, Identity, 256),
        infer("B2", &[784, 512, 512, 10], Relu, Identity, 256),
        train(infer("T1", &[784, 30, 10], Sigmoid, Sigmoid, 10), Loss::Quadratic, Optimizer::Sgd, 0.1),
        train(
            infer("T2", &[784, 128, 10], Relu, Identity, 32),
            Loss::SoftmaxCrossEntropy,
            Optimizer::Adam,
            1e-3,
        ),
        train(
            infer("T3", &[13, 64, 64, 4], Tanh, Identity, 64),
            Loss::MeanSquaredError,
            Optimizer::Adam,
            1e-3,
        ),
        train(
            infer("T4", &[784, 512, 512, 10], Relu, Identity, 256),
            Loss::SoftmaxCrossEntropy,
            Optimizer::Sgd,
            0.01,
        ),
    ]
}

impl Workload {
    /// The length of an input.
    pub fn inputs_len(&self) -> usize {
        self.sizes[0]
    }

    /// The length of an output.
    pub fn outputs_len(&self) -> usize {
        self.sizes[self.sizes.len() - 1]
    }

    /// The number of samples of one pass: one mini-batch in training; 256 in inference, so that the input changes.
    pub fn samples(&self) -> usize {
        if self.training.is_some() { self.batch } else { 256 }
    }

    /// The inputs of a pass, `[samples][inputs_len]`, uniform in [0, 1).
    pub fn inputs(&self) -> Vec<f32> {
        (0..self.samples() * self.inputs_len()).map(|k| uniform(0, k)).collect()
    }

    /// The parameters, uniform in Xavier's bounds (the biases, too, so that a forgotten bias is noticed).
    pub fn layers(&self) -> Vec<Layer> {
        let depth = self.sizes.len() - 1;
        self.sizes
            .windows(2)
            .enumerate()
            .map(|(l, sizes)| {
                let (fan_in, fan_out) = (sizes[0], sizes[1]);
                let bound = (6.0 / (fan_in + fan_out) as f64).sqrt() as f32;
                let fill = |stream, len| (0..len).map(|k| (2.0 * uniform(stream, k) - 1.0) * bound).collect();
                Layer {
                    fan_in,
                    fan_out,
                    activation: if l + 1 == depth { self.last } else { self.hidden },
                    weight: fill(2 * l as u32 + 1, fan_in * fan_out),
                    bias: fill(2 * l as u32 + 2, fan_out),
                }
            })
            .collect()
    }

    /// The class of each sample of a mini-batch.
    pub fn classes(&self) -> Vec<usize> {
        (0..self.batch).map(|k| k % self.outputs_len()).collect()
    }

    /// The targets of the outputs, `[batch][outputs_len]`: the classes as vectors of 0 and 1, or values for the mean
    /// squared error.
    pub fn targets(&self) -> Vec<f32> {
        let outputs = self.outputs_len();
        match self.training {
            Some(Training { loss: Loss::MeanSquaredError, .. }) => {
                (0..self.batch).flat_map(|k| vec![(k % 3) as f32 * 0.3; outputs]).collect()
            }
            _ => (0..self.batch * outputs)
                .map(|i| if i / outputs % outputs == i % outputs { 1.0 } else { 0.0 })
                .collect(),
        }
    }

    /// The description in the table.
    pub fn description(&self) -> String {
        let sizes: Vec<String> = self.sizes.iter().map(usize::to_string).collect();
        let activations = if self.hidden == self.last {
            format!("{:?}", self.hidden).to_lowercase()
        } else {
            format!("{:?}, linear out", self.hidden).to_lowercase()
        };
        let what = match self.training {
            None if self.batch == 1 => String::new(),
            None => format!(", batch {}", self.batch),
            Some(Training { loss, optimizer, .. }) => {
                let loss = match loss {
                    Loss::Quadratic => "quadratic",
                    Loss::MeanSquaredError => "MSE",
                    Loss::SoftmaxCrossEntropy => "softmax cross-entropy",
                };
                let optimizer = match optimizer {
                    Optimizer::Sgd => "SGD",
                    Optimizer::Adam => "Adam",
                };
                format!(", {loss}, {optimizer}, mini-batch {}", self.batch)
            }
        };
        format!("{} {activations}{what}", sizes.join("-"))
    }
}

impl Layer {
    /// The weights as `[fan_out][fan_in]`, for libraries that use this layout.
    pub fn weight_by_output(&self) -> Vec<f32> {
        (0..self.fan_out)
            .flat_map(|o| (0..self.fan_in).map(move |i| self.weight[i * self.fan_out + o]))
            .collect()
    }
}

/// The number at `index < 2^24` of a stream, in [0, 1): the upper 24 bits of MurmurHash3's finaliser of both, as a
/// fraction, which `f32` holds exactly.
fn uniform(stream: u32, index: usize) -> f32 {
    let mut x = stream << 24 | index as u32;
    x = (x ^ x >> 16).wrapping_mul(0x85eb_ca6b);
    x = (x ^ x >> 13).wrapping_mul(0xc2b2_ae35);
    x ^= x >> 16;
    (x >> 8) as f32 / (1 << 24) as f32
}
