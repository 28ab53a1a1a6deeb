//! The outputs of a model, by plain loops.
//!
//! One body serves both scalars: in `f64`, it is the reference for files that an importer writes; in `f32`, it computes
//! the bits of the typed network. Those are fixed by the order contract of stackprop's kernels, see [`stackprop::chains`].

use stackprop::activation::Elementwise;
use stackprop::{Gelu, GeluTanh, HardSigmoid, HardTanh, Relu, Scalar, Selu, Sigmoid, Silu, Softplus, Tanh};

use super::{Activation, Layer, Model, ModelError};

/// A scalar with the standard library's fused multiply-add, whatever the numerics class of the build.
trait Number: Scalar {
    /// `self * b + c`, rounded once.
    fn fused(self, b: Self, c: Self) -> Self;
}

impl Number for f32 {
    fn fused(self, b: f32, c: f32) -> f32 {
        self.mul_add(b, c)
    }
}

impl Number for f64 {
    fn fused(self, b: f64, c: f64) -> f64 {
        self.mul_add(b, c)
    }
}

impl Model {
    /// The outputs for one input, in `f64`.
    ///
    /// # Errors
    ///
    /// If the input has the wrong length, or the [model's shapes](Model::check) are wrong.
    pub fn evaluate(&self, input: &[f64]) -> Result<Vec<f64>, ModelError> {
        self.run(input)
    }

    /// The outputs for one input, with the bits of the typed network of `f32` on a target with a fused multiply-add.
    ///
    /// # Errors
    ///
    /// Those of [`evaluate`](Model::evaluate).
    pub fn evaluate_f32(&self, input: &[f32]) -> Result<Vec<f32>, ModelError> {
        self.run(input)
    }

    fn run<T: Number>(&self, input: &[T]) -> Result<Vec<T>, ModelError> {
        if input.len() != self.inputs {
            return Err(ModelError::Input { found: input.len(), needed: self.inputs });
        }
        self.check_shapes()?;
        Ok(self.layers.iter().fold(input.to_vec(), |x, layer| layer.run(&x)))
    }
}

impl Layer {
    fn run<T: Number>(&self, x: &[T]) -> Vec<T> {
        match self {
            Layer::Dense { outputs, weights, biases, activation, .. } => {
                let count = stackprop::chains(x.len(), *outputs);
                let mut chains = vec![vec![T::ZERO; *outputs]; count];
                chains[0] = scalars(biases);
                for (i, (x, row)) in x.iter().zip(weights.chunks(*outputs)).enumerate() {
                    for (sum, w) in chains[i % count].iter_mut().zip(row) {
                        *sum = x.fused(T::from_f64(*w), *sum);
                    }
                }
                let mut z = match &chains[..] {
                    [c0, c1, c2, c3] => (0..*outputs).map(|o| (c0[o] + c1[o]) + (c2[o] + c3[o])).collect(),
                    _ => chains.swap_remove(0),
                };
                activation.apply(&mut z);
                z
            }
            Layer::BatchNorm { gain, shift, mean, variance, .. } => {
                scale_and_shift(normalize(x, mean, variance, 1e-5), gain, shift)
            }
            Layer::Standardize { mean, variance, .. } => normalize(x, mean, variance, 1e-8),
            Layer::LayerNorm { gain, shift } => {
                let count = T::from_usize(x.len());
                let mean = x.iter().fold(T::ZERO, |sum, x| sum + *x) / count;
                let deviations: Vec<T> = x.iter().map(|x| *x - mean).collect();
                let variance = deviations.iter().fold(T::ZERO, |sum, d| sum + *d * *d) / count;
                let r = reciprocal_deviation(variance, 1e-5);
                scale_and_shift(deviations.into_iter().map(|d| d * r).collect(), gain, shift)
            }
            Layer::PRelu { slope } => {
                let slopes = slope.iter().cycle().map(|s| T::from_f64(*s));
                x.iter().zip(slopes).map(|(x, s)| if *x > T::ZERO { *x } else { s * *x }).collect()
            }
        }
    }
}

fn scalars<T: Scalar>(numbers: &[f64]) -> Vec<T> {
    numbers.iter().map(|x| T::from_f64(*x)).collect()
}

/// `1 / sqrt(variance + epsilon)`
fn reciprocal_deviation<T: Scalar>(variance: T, epsilon: f64) -> T {
    T::ONE / (variance + T::from_f64(epsilon)).sqrt()
}

/// `(x - mean) / sqrt(variance + epsilon)`
fn normalize<T: Scalar>(x: &[T], mean: &[f64], variance: &[f64], epsilon: f64) -> Vec<T> {
    x.iter()
        .zip(mean.iter().zip(variance))
        .map(|(x, (m, v))| (*x - T::from_f64(*m)) * reciprocal_deviation(T::from_f64(*v), epsilon))
        .collect()
}

/// `gain n + shift`
fn scale_and_shift<T: Scalar>(n: Vec<T>, gain: &[f64], shift: &[f64]) -> Vec<T> {
    let constants = gain.iter().zip(shift);
    n.into_iter().zip(constants).map(|(n, (w, b))| T::from_f64(*w) * n + T::from_f64(*b)).collect()
}

impl Activation {
    fn apply<T: Scalar>(self, z: &mut [T]) {
        match self {
            Activation::Softmax => softmax(z),
            _ => z.iter_mut().for_each(|z| *z = self.value(*z)),
        }
    }

    /// `sigma(z)`; the identity for [`Softmax`](Activation::Softmax), which is not a function of one number.
    pub(crate) fn value<T: Scalar>(self, z: T) -> T {
        match self {
            Activation::Identity | Activation::Softmax => z,
            Activation::Relu => Relu::value(z),
            Activation::HardSigmoid => HardSigmoid::value(z),
            Activation::HardTanh => HardTanh::value(z),
            Activation::Sigmoid => Sigmoid::value(z),
            Activation::Tanh => Tanh::value(z),
            Activation::Selu => Selu::value(z),
            Activation::Softplus => Softplus::value(z),
            Activation::Silu => Silu::value(z),
            Activation::Gelu => Gelu::value(z),
            Activation::GeluTanh => GeluTanh::value(z),
            // stackprop has these two parameters in the type.
            Activation::LeakyRelu { .. } | Activation::Elu { .. } if z > T::ZERO => z,
            Activation::LeakyRelu { permille } => z * T::from_f64(f64::from(permille) / 1000.0),
            Activation::Elu { permille } => T::from_f64(f64::from(permille) / 1000.0) * z.exp_m1(),
        }
    }
}

/// [`stackprop::softmax`] of a length that is known only when the program runs.
fn softmax<T: Scalar>(z: &mut [T]) {
    let Some((first, rest)) = z.split_first() else { return };
    let largest = rest.iter().fold(*first, |largest, z| if *z > largest { *z } else { largest });
    z.iter_mut().for_each(|z| *z = (*z - largest).exp());
    let sum = z.iter().fold(T::ZERO, |sum, e| sum + *e);
    z.iter_mut().for_each(|e| *e = *e / sum);
}
