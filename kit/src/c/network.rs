//! A network in single precision, as it is exported: its shapes checked, constants computed in advance.

use stackprop::activation::{Elementwise, Gelu, GeluTanh, HardSigmoid, HardTanh, Relu, Selu, Sigmoid};
use stackprop::activation::{Silu, Softplus, Tanh};
use stackprop::math::Elementary;

use super::error::{Error, Place};
use crate::model::{self, Activation, Model};

/// `epsilon` of stackprop's `BatchNorm` and `LayerNorm`.
const EPSILON: f32 = 1e-5;
/// `epsilon` of stackprop's `Standardize`.
const STANDARDIZE_EPSILON: f32 = 1e-8;

/// A network that has at least one layer, whose layers fit, and whose parameters are finite.
pub(super) struct Network {
    pub inputs: usize,
    pub outputs: usize,
    pub layers: Vec<Stage>,
}

/// A layer, with `width` numbers in and out if it is not dense.
pub(super) enum Stage {
    /// `a = sigma(x W + b)`, `weights: [inputs][outputs]`.
    Dense { inputs: usize, outputs: usize, weights: Vec<f32>, biases: Vec<f32>, activation: Activation },
    /// `y = gain ((x - mean) scale) + shift` with `scale = 1 / sqrt(variance + epsilon)`.
    BatchNorm { mean: Vec<f32>, scale: Vec<f32>, gain: Vec<f32>, shift: Vec<f32> },
    /// `y = (x - mean) scale`.
    Standardize { mean: Vec<f32>, scale: Vec<f32> },
    /// `y = gain normalized(x) + shift`.
    LayerNorm { gain: Vec<f32>, shift: Vec<f32> },
    /// `y = x` if `x > 0`, else `slope x`; one slope, or one for each number.
    PRelu { width: usize, slope: Vec<f32> },
}

impl Network {
    /// Rounds the parameters to `f32`, and checks them.
    pub(super) fn new(model: &Model) -> Result<Self, Error> {
        let mut width = model.inputs;
        let mut layers = Vec::new();
        for (layer, of) in model.layers.iter().enumerate() {
            let layer = Stage::new(Place { layer, name: name(of) }, of, width)?;
            width = layer.outputs();
            layers.push(layer);
        }
        if layers.is_empty() {
            return Err(Error::NoLayers);
        }
        Ok(Self { inputs: model.inputs, outputs: width, layers })
    }

    /// The outputs, with the bits that stackprop's typed network has where multiply-adds are fused.
    pub(super) fn predict(&self, input: &[f32]) -> Vec<f32> {
        self.layers.iter().fold(input.to_vec(), |x, layer| layer.apply(&x))
    }

    /// The example of the self-check: numbers from -2 to 2, in units of the deviation from the mean if a layer knows
    /// both.
    pub(super) fn example(&self) -> Vec<f32> {
        let units = (0..self.inputs).map(|i| (i * 37 % 65) as f32 / 16.0 - 2.0);
        match self.layers.first() {
            Some(Stage::BatchNorm { mean, scale, .. } | Stage::Standardize { mean, scale }) => {
                units.zip(mean.iter().zip(scale)).map(|(unit, (mean, scale))| unit / scale + mean).collect()
            }
            _ => units.collect(),
        }
    }
}

/// The type of a layer.
fn name(layer: &model::Layer) -> &'static str {
    match layer {
        model::Layer::Dense { .. } => "Dense",
        model::Layer::BatchNorm { .. } => "BatchNorm",
        model::Layer::Standardize { .. } => "Standardize",
        model::Layer::LayerNorm { .. } => "LayerNorm",
        model::Layer::PRelu { .. } => "PRelu",
    }
}

impl Stage {
    /// A layer that is given `given` numbers.
    fn new(place: Place, layer: &model::Layer, given: usize) -> Result<Self, Error> {
        let fits = |takes| match takes {
            0 => Err(Error::Empty(place)),
            _ if takes != given => Err(Error::Width { place, takes, given }),
            _ => Ok(takes),
        };
        let numbers = |field, values: &[f64], needed| singles(place, field, values, needed);
        Ok(match layer {
            model::Layer::Dense { inputs, outputs, weights, biases, activation } => {
                let (inputs, outputs) = (fits(*inputs)?, *outputs);
                check_activation(place, *activation, outputs)?;
                Self::Dense {
                    inputs,
                    outputs,
                    weights: numbers("weights", weights, inputs.saturating_mul(outputs))?,
                    biases: numbers("biases", biases, outputs)?,
                    activation: *activation,
                }
            }
            model::Layer::BatchNorm { gain, shift, mean, variance, .. } => {
                let width = fits(gain.len())?;
                Self::BatchNorm {
                    mean: numbers("mean", mean, width)?,
                    scale: scales(place, &numbers("variance", variance, width)?, EPSILON)?,
                    gain: numbers("gain", gain, width)?,
                    shift: numbers("shift", shift, width)?,
                }
            }
            model::Layer::Standardize { mean, variance, .. } => {
                let width = fits(mean.len())?;
                let variance = numbers("variance", variance, width)?;
                Self::Standardize {
                    mean: numbers("mean", mean, width)?,
                    scale: scales(place, &variance, STANDARDIZE_EPSILON)?,
                }
            }
            model::Layer::LayerNorm { gain, shift } => {
                let width = fits(gain.len())?;
                Self::LayerNorm {
                    gain: numbers("gain", gain, width)?,
                    shift: numbers("shift", shift, width)?,
                }
            }
            model::Layer::PRelu { slope } => {
                let width = fits(given)?;
                let slopes = if slope.len() == 1 { 1 } else { width };
                Self::PRelu { width, slope: numbers("slope", slope, slopes)? }
            }
        })
    }

    /// The number of outputs.
    pub(super) fn outputs(&self) -> usize {
        match self {
            Self::Dense { outputs, .. } => *outputs,
            Self::BatchNorm { gain, .. } | Self::LayerNorm { gain, .. } => gain.len(),
            Self::Standardize { mean, .. } => mean.len(),
            Self::PRelu { width, .. } => *width,
        }
    }

    /// The outputs, by the operations of stackprop's layer, in their order.
    fn apply(&self, x: &[f32]) -> Vec<f32> {
        match self {
            Self::Dense { outputs, weights, biases, activation, .. } => {
                let mut z = biases.clone();
                for (x, row) in x.iter().zip(weights.chunks_exact(*outputs)) {
                    for (z, w) in z.iter_mut().zip(row) {
                        *z = x.mul_add(*w, *z);
                    }
                }
                activate(*activation, &mut z);
                z
            }
            Self::BatchNorm { mean, scale, gain, shift } => {
                let centred = x.iter().zip(mean).zip(scale).map(|((x, m), s)| (x - m) * s);
                centred.zip(gain).zip(shift).map(|((n, w), b)| w * n + b).collect()
            }
            Self::Standardize { mean, scale } => {
                x.iter().zip(mean).zip(scale).map(|((x, m), s)| (x - m) * s).collect()
            }
            Self::LayerNorm { gain, shift } => {
                let count = x.len() as f32;
                let mean = x.iter().fold(0.0, |sum, x| sum + x) / count;
                let variance = x.iter().map(|x| x - mean).fold(0.0, |sum, d| sum + d * d) / count;
                let scale = 1.0 / (variance + EPSILON).sqrt();
                let normalized = x.iter().map(|x| (x - mean) * scale);
                normalized.zip(gain).zip(shift).map(|((n, w), b)| w * n + b).collect()
            }
            Self::PRelu { slope, .. } => {
                let slopes = slope.iter().cycle();
                x.iter().zip(slopes).map(|(x, w)| if *x > 0.0 { *x } else { w * x }).collect()
            }
        }
    }
}

/// `needed` finite numbers.
fn singles(place: Place, field: &'static str, values: &[f64], needed: usize) -> Result<Vec<f32>, Error> {
    if values.len() != needed {
        return Err(Error::Length { place, field, found: values.len(), needed });
    }
    let single = |(index, value): (usize, &f64)| {
        let single = *value as f32;
        if single.is_finite() {
            Ok(single)
        } else {
            Err(Error::Parameter { place, field, index, value: *value })
        }
    };
    values.iter().enumerate().map(single).collect()
}

/// `1 / sqrt(variance + epsilon)`
fn scales(place: Place, variance: &[f32], epsilon: f32) -> Result<Vec<f32>, Error> {
    let scale = |(index, v): (usize, &f32)| {
        if *v < 0.0 {
            return Err(Error::Variance { place, index, value: f64::from(*v) });
        }
        Ok(1.0 / (v + epsilon).sqrt())
    };
    variance.iter().enumerate().map(scale).collect()
}

/// Refuses what stackprop's types refuse.
fn check_activation(place: Place, activation: Activation, outputs: usize) -> Result<(), Error> {
    let reason = match activation {
        _ if outputs == 0 => return Err(Error::Empty(place)),
        Activation::LeakyRelu { permille: 0 } => "a LeakyRelu with slope 0 is a Relu",
        Activation::Elu { permille: 0 } => "an Elu with alpha 0 is a Relu",
        Activation::Softmax if outputs == 1 => "the softmax of one number is 1",
        _ => return Ok(()),
    };
    Err(Error::Activation { place, reason })
}

/// A parameter of an activation, as stackprop rounds it.
pub(super) fn thousandths(permille: u32) -> f32 {
    (f64::from(permille) / 1000.0) as f32
}

/// Turns weighted inputs into activations.
fn activate(activation: Activation, z: &mut [f32]) {
    let function: fn(f32) -> f32 = match activation {
        Activation::Identity => return,
        Activation::Relu => Relu::value,
        Activation::LeakyRelu { permille } => {
            let slope = thousandths(permille);
            return z.iter_mut().for_each(|z| *z = if *z > 0.0 { *z } else { *z * slope });
        }
        Activation::HardSigmoid => HardSigmoid::value,
        Activation::HardTanh => HardTanh::value,
        Activation::Sigmoid => Sigmoid::value,
        Activation::Tanh => Tanh::value,
        Activation::Elu { permille } => {
            let alpha = thousandths(permille);
            let exp_m1 = <f32 as Elementary>::exp_m1;
            return z.iter_mut().for_each(|z| *z = if *z > 0.0 { *z } else { alpha * exp_m1(*z) });
        }
        Activation::Selu => Selu::value,
        Activation::Softplus => Softplus::value,
        Activation::Silu => Silu::value,
        Activation::Gelu => Gelu::value,
        Activation::GeluTanh => GeluTanh::value,
        Activation::Softmax => return softmax(z),
    };
    z.iter_mut().for_each(|z| *z = function(*z));
}

/// `e^(z_j) / sum_k e^(z_k)`
fn softmax(z: &mut [f32]) {
    let largest = z.iter().fold(f32::NEG_INFINITY, |largest, z| if *z > largest { *z } else { largest });
    z.iter_mut().for_each(|z| *z = Elementary::exp(*z - largest));
    let sum = z.iter().fold(0.0, |sum, e| sum + e);
    z.iter_mut().for_each(|e| *e /= sum);
}
