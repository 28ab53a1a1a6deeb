//! From the steps of another framework's model to stackprop's layers.
//!
//! Other frameworks scale, shift and activate in steps of their own. stackprop has activations in `Dense` layers, so:
//!
//! - a scale and shift is folded into the `Dense` layer below or above it;
//! - in front of the network, a shift stays a layer: `x W - m W` would cancel for inputs far from 0;
//! - an activation that does not follow a `Dense` layer becomes a `PRelu`, or gets a `Dense` layer of its own.

use crate::import::Imported;
use crate::model::{Activation, Layer, Model, ModelError};

/// The widest layer that gets a `Dense` layer with the identity matrix.
const MAX_IDENTITY: usize = 1024;

/// Why steps are not layers of stackprop.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AssembleError {
    /// The layers do not make a network.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// An activation would need a layer of its own, which would be too large.
    #[error(
        "{name}: {activation} does not follow a Dense layer, and {width} numbers are too many for a Dense layer \
         with the identity matrix, which would carry it (the most is {MAX_IDENTITY})"
    )]
    Activation {
        /// What the activation was in the file.
        name: String,
        /// The activation.
        activation: Activation,
        /// The number of activated numbers.
        width: usize,
    },
}

/// A step of a model, with the name of what it was there, for notes.
#[derive(Debug)]
pub struct Step {
    pub name: String,
    pub kind: Kind,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Kind {
    /// `x W + b` with `W: [inputs][outputs]`.
    Affine { inputs: usize, outputs: usize, weights: Vec<f64>, biases: Vec<f64> },
    /// `scale x + shift`, each one number for all, or one for each.
    Scale(Scale),
    /// An activation.
    Activation(Activation),
    /// `(x - mean) / sqrt(variance + epsilon)`, over the numbers of each sample.
    Normalize { epsilon: f64 },
    /// A layer of stackprop as it is.
    Layer(Layer),
}

/// `scale x + shift`: each has one number for all inputs, or one for each.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    pub scale: Vec<f64>,
    pub shift: Vec<f64>,
}

impl Scale {
    /// The same with one number for each of `width` inputs.
    fn broadcast(self, width: usize) -> Self {
        let each = |v: Vec<f64>| if let [one] = v[..] { vec![one; width] } else { v };
        Self { scale: each(self.scale), shift: each(self.shift) }
    }

    /// `self` first, then `next`, of the same width.
    fn then(mut self, next: &Self) -> Self {
        for (((s, t), scale), shift) in
            self.scale.iter_mut().zip(&mut self.shift).zip(&next.scale).zip(&next.shift)
        {
            *s *= scale;
            *t = *t * scale + shift;
        }
        self
    }

    fn changes_nothing(&self) -> bool {
        self.scale.iter().all(|s| *s == 1.0) && self.shift.iter().all(|t| *t == 0.0)
    }
}

/// The model that these steps are.
///
/// # Errors
///
/// If the widths do not chain, a parameter is not a finite `f32`, or an activation has no place.
pub fn assemble(inputs: usize, steps: Vec<Step>, notes: Vec<String>) -> Result<Imported, AssembleError> {
    let model = Model { inputs, layers: vec![] };
    let mut assembly = Assembly { model, notes, width: inputs, pending: None };
    for step in steps {
        assembly.add(step)?;
    }
    assembly.keep_pending();
    let Assembly { model, notes, .. } = assembly;
    model.check()?;
    Ok(Imported { model, notes })
}

struct Assembly {
    model: Model,
    notes: Vec<String>,
    /// The number of outputs of the layers so far.
    width: usize,
    /// A scale and shift above these layers, and what it was.
    pending: Option<(String, Scale)>,
}

impl Assembly {
    fn add(&mut self, Step { name, kind }: Step) -> Result<(), AssembleError> {
        match kind {
            Kind::Scale(scale) => self.scale(name, scale.broadcast(self.width)),
            Kind::Affine { inputs, outputs, weights, biases } => {
                self.affine(inputs, outputs, weights, biases);
            }
            Kind::Activation(Activation::Identity) => {}
            Kind::Activation(activation) => self.activation(name, activation)?,
            Kind::Normalize { epsilon } => self.normalize(name, epsilon),
            Kind::Layer(layer) => {
                self.keep_pending();
                self.push(layer);
            }
        }
        Ok(())
    }

    fn push(&mut self, layer: Layer) {
        self.width = layer.outputs(self.width);
        self.model.layers.push(layer);
    }

    fn scale(&mut self, name: String, scale: Scale) {
        if scale.changes_nothing() {
            return;
        }
        if let Some((names, pending)) = self.pending.take() {
            self.pending = Some((format!("{names}, {name}"), pending.then(&scale)));
            return;
        }
        match self.model.layers.last_mut() {
            Some(Layer::Dense { weights, biases, activation: Activation::Identity, .. }) => {
                fold_below(weights, biases, &scale);
                // A bias is a shift in most files, which needs no note.
                if scale.scale.iter().any(|s| *s != 1.0) {
                    self.note_fold(&name);
                }
            }
            Some(Layer::LayerNorm { gain, shift }) => {
                let own = Scale { scale: std::mem::take(gain), shift: std::mem::take(shift) };
                Scale { scale: *gain, shift: *shift } = own.then(&scale);
            }
            _ => self.pending = Some((name, scale)),
        }
    }

    fn note_fold(&mut self, names: &str) {
        let layer = self.model.layers.len().saturating_sub(1);
        self.notes.push(format!("folded {names} into layer {layer}"));
    }

    fn affine(&mut self, inputs: usize, outputs: usize, mut weights: Vec<f64>, mut biases: Vec<f64>) {
        let mut folded = None;
        if let Some((names, scale)) = self.pending.take() {
            let shifted_inputs = self.model.layers.is_empty() && scale.shift.iter().any(|t| *t != 0.0);
            if shifted_inputs || inputs != self.width {
                self.pending = Some((names, scale));
                self.keep_pending();
            } else {
                fold_above(&mut weights, &mut biases, &scale);
                folded = Some(names);
            }
        }
        self.push(Layer::Dense { inputs, outputs, weights, biases, activation: Activation::Identity });
        if let Some(names) = folded {
            self.note_fold(&names);
        }
    }

    /// stackprop's layer has an epsilon of 1e-5. With another one, `(x - m) / sqrt(v + e)` is that layer of `c x`, where
    /// `c^2 e = 1e-5`.
    fn normalize(&mut self, name: String, epsilon: f64) {
        // (As f32, 1e-5 is 9.999999747e-6.)
        if (epsilon / 1e-5 - 1.0).abs() > 1e-6 {
            let scale = Scale { scale: vec![(1e-5 / epsilon).sqrt()], shift: vec![0.0] };
            let name = format!(
                "the epsilon {epsilon:.3e} of {name}, which is 1e-5 in a LayerNorm of scaled inputs,"
            );
            self.scale(name, scale.broadcast(self.width));
        }
        self.keep_pending();
        self.push(Layer::LayerNorm { gain: vec![1.0; self.width], shift: vec![0.0; self.width] });
    }

    /// Makes a scale and shift that cannot be folded a layer.
    fn keep_pending(&mut self) {
        let Some((names, Scale { scale, shift })) = self.pending.take() else { return };
        let layer = if self.model.layers.is_empty() { standardize(&scale, &shift) } else { None };
        let layer = layer.unwrap_or_else(|| scaled_by_batch_norm(scale, shift));
        self.notes.push(format!(
            "kept {names} as layer {}, a {}; if you call `observe`, its statistics count as one sample",
            self.model.layers.len(),
            layer.kind()
        ));
        self.push(layer);
    }

    fn activation(&mut self, name: String, activation: Activation) -> Result<(), AssembleError> {
        self.keep_pending();
        if let Some(Layer::Dense { activation: last @ Activation::Identity, .. }) =
            self.model.layers.last_mut()
        {
            *last = activation;
            return Ok(());
        }
        let slope = match activation {
            Activation::Relu => Some(0.0),
            Activation::LeakyRelu { permille } => Some(f64::from(permille) / 1000.0),
            _ => None,
        };
        let number = self.model.layers.len();
        if let Some(slope) = slope {
            self.notes.push(format!(
                "{name} does not follow a Dense layer: layer {number} is a PRelu with slope {slope}"
            ));
            self.push(Layer::PRelu { slope: vec![slope] });
        } else if self.width > MAX_IDENTITY {
            return Err(AssembleError::Activation { name, activation, width: self.width });
        } else {
            let width = self.width;
            self.notes.push(format!(
                "{name} does not follow a Dense layer: layer {number} is one with the identity matrix, which costs {} multiply-adds",
                width.saturating_mul(width)
            ));
            self.push(identity(width, activation));
        }
        Ok(())
    }
}

/// `y_o' = s_o y_o + t_o`
fn fold_below(weights: &mut [f64], biases: &mut [f64], by: &Scale) {
    for row in weights.chunks_mut(biases.len().max(1)) {
        row.iter_mut().zip(&by.scale).for_each(|(w, s)| *w *= s);
    }
    for ((b, s), t) in biases.iter_mut().zip(&by.scale).zip(&by.shift) {
        *b = *b * s + t;
    }
}

/// `x_i' = s_i x_i + t_i`
fn fold_above(weights: &mut [f64], biases: &mut [f64], by: &Scale) {
    for ((row, s), t) in weights.chunks_mut(biases.len().max(1)).zip(&by.scale).zip(&by.shift) {
        for (w, b) in row.iter_mut().zip(&mut *biases) {
            *b += t * *w;
            *w *= s;
        }
    }
}

/// A `Standardize` that scales and shifts like this: `mean = -t / s`, `variance + 1e-8 = 1 / s^2`. `None` if a scale is not
/// positive, or too large.
fn standardize(scale: &[f64], shift: &[f64]) -> Option<Layer> {
    let variance: Vec<f64> = scale.iter().map(|s| 1.0 / (s * s) - 1e-8).collect();
    let valid = scale.iter().zip(&variance).all(|(s, v)| *s > 0.0 && *v >= 0.0 && v.is_finite());
    let mean = scale.iter().zip(shift).map(|(s, t)| -t / s).collect();
    valid.then_some(Layer::Standardize { mean, variance, count: 1 })
}

/// A `BatchNorm` that scales and shifts like this. With a variance of `1 - 1e-5`, it divides by 1. It subtracts a mean where
/// it can, and is then as accurate as the original for inputs far from 0.
fn scaled_by_batch_norm(scale: Vec<f64>, shift: Vec<f64>) -> Layer {
    let means = scale.iter().zip(&shift).map(|(s, t)| -t / s);
    let mean: Vec<f64> = means.map(|m| if (m as f32).is_finite() { m } else { 0.0 }).collect();
    let shift = shift.iter().zip(&scale).zip(&mean).map(|((t, s), m)| if *m == 0.0 { *t } else { t + s * m });
    let (shift, variance) = (shift.collect(), vec![1.0 - 1e-5; scale.len()]);
    Layer::BatchNorm { gain: scale, shift, mean, variance, count: 1 }
}

/// A `Dense` layer that only activates.
fn identity(width: usize, activation: Activation) -> Layer {
    let mut weights = vec![0.0; width.saturating_mul(width)];
    weights.iter_mut().step_by(width + 1).for_each(|w| *w = 1.0);
    Layer::Dense { inputs: width, outputs: width, weights, biases: vec![0.0; width], activation }
}
