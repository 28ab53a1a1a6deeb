//! Whether a model is one that the typed network can be: widths that chain, parameters that `f32` can hold.

use super::{Activation, Layer, Model};

/// Why a [`Model`] is not a network of stackprop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// There is no layer.
    #[error("the model has no layers")]
    NoLayers,
    /// There are no inputs.
    #[error("the model has no inputs")]
    NoInputs,
    /// A `Dense` layer has no outputs.
    #[error("layer {layer}, a Dense, has no outputs")]
    NoOutputs {
        /// The number of the layer, from 0.
        layer: usize,
    },
    /// A layer takes another number of inputs than the layer before it returns.
    #[error("layer {layer}, a {kind}, takes {needed} numbers, but gets {found}")]
    Width {
        /// The number of the layer, from 0.
        layer: usize,
        /// The type of the layer.
        kind: &'static str,
        /// How many numbers it gets.
        found: usize,
        /// How many it takes.
        needed: usize,
    },
    /// A block of parameters has the wrong length.
    #[error("layer {layer}, a {kind}: `{field}` has {found} numbers, but needs {needed}")]
    Length {
        /// The number of the layer, from 0.
        layer: usize,
        /// The type of the layer.
        kind: &'static str,
        /// The block.
        field: &'static str,
        /// Its length.
        found: usize,
        /// The length that it needs.
        needed: usize,
    },
    /// A parameter is infinite or NaN, or becomes infinite when it is rounded to `f32`.
    #[error("layer {layer}, a {kind}: number {index} of `{field}` is {value}, which is not a finite f32")]
    NotFinite {
        /// The number of the layer, from 0.
        layer: usize,
        /// The type of the layer.
        kind: &'static str,
        /// The block.
        field: &'static str,
        /// The place in the block, in stackprop's order.
        index: usize,
        /// The parameter, as text.
        value: String,
    },
    /// An activation that stackprop does not have.
    #[error("layer {layer}: {problem}")]
    Activation {
        /// The number of the layer, from 0.
        layer: usize,
        /// What is wrong.
        problem: &'static str,
    },
    /// The input of an evaluation has the wrong length.
    #[error("the input has {found} numbers, but the model takes {needed}")]
    Input {
        /// The length of the input.
        found: usize,
        /// The number of inputs of the model.
        needed: usize,
    },
}

impl Model {
    /// Checks that the widths chain, that each block of parameters has the length that its layer needs, and that `f32`
    /// can hold all parameters.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, in the order of the layers.
    pub fn check(&self) -> Result<(), ModelError> {
        self.check_shapes()?;
        for (number, layer) in self.layers.iter().enumerate() {
            for (field, values) in layer.fields() {
                if let Some((index, value)) =
                    values.iter().enumerate().find(|(_, v)| !(**v as f32).is_finite())
                {
                    let (layer, kind, value) = (number, layer.kind(), value.to_string());
                    return Err(ModelError::NotFinite { layer, kind, field, index, value });
                }
            }
        }
        Ok(())
    }

    /// The same without a look at the parameters themselves.
    pub(super) fn check_shapes(&self) -> Result<(), ModelError> {
        if self.inputs == 0 {
            return Err(ModelError::NoInputs);
        }
        if self.layers.is_empty() {
            return Err(ModelError::NoLayers);
        }
        let mut width = self.inputs;
        for (number, layer) in self.layers.iter().enumerate() {
            width = layer.check(number, width)?;
        }
        Ok(())
    }
}

impl Layer {
    /// The blocks of parameters, by PyTorch's names.
    pub(crate) fn fields(&self) -> Vec<(&'static str, &[f64])> {
        match self {
            Layer::Dense { weights, biases, .. } => vec![("weight", weights), ("bias", biases)],
            Layer::BatchNorm { gain, shift, mean, variance, .. } => {
                vec![("weight", gain), ("bias", shift), ("running_mean", mean), ("running_var", variance)]
            }
            Layer::Standardize { mean, variance, .. } => vec![("mean", mean), ("variance", variance)],
            Layer::LayerNorm { gain, shift } => vec![("weight", gain), ("bias", shift)],
            Layer::PRelu { slope } => vec![("weight", slope)],
        }
    }

    /// The same blocks, to be changed.
    pub(crate) fn fields_mut(&mut self) -> Vec<(&'static str, &mut Vec<f64>)> {
        match self {
            Layer::Dense { weights, biases, .. } => vec![("weight", weights), ("bias", biases)],
            Layer::BatchNorm { gain, shift, mean, variance, .. } => {
                vec![("weight", gain), ("bias", shift), ("running_mean", mean), ("running_var", variance)]
            }
            Layer::Standardize { mean, variance, .. } => vec![("mean", mean), ("variance", variance)],
            Layer::LayerNorm { gain, shift } => vec![("weight", gain), ("bias", shift)],
            Layer::PRelu { slope } => vec![("weight", slope)],
        }
    }

    /// Checks the shapes, and returns the number of outputs.
    fn check(&self, number: usize, width: usize) -> Result<usize, ModelError> {
        let kind = self.kind();
        let length = |field, found, needed| {
            let error = ModelError::Length { layer: number, kind, field, found, needed };
            if found == needed { Ok(()) } else { Err(error) }
        };
        match self {
            Layer::Dense { inputs, outputs, weights, biases, activation } => {
                if *inputs != width {
                    return Err(ModelError::Width { layer: number, kind, found: width, needed: *inputs });
                }
                if *outputs == 0 {
                    return Err(ModelError::NoOutputs { layer: number });
                }
                length("weight", weights.len(), inputs.saturating_mul(*outputs))?;
                length("bias", biases.len(), *outputs)?;
                activation
                    .check(*outputs)
                    .map_err(|problem| ModelError::Activation { layer: number, problem })?;
                Ok(*outputs)
            }
            Layer::PRelu { slope } if slope.len() == 1 => Ok(width),
            _ => {
                self.fields()
                    .into_iter()
                    .try_for_each(|(field, values)| length(field, values.len(), width))?;
                Ok(width)
            }
        }
    }
}

impl Activation {
    fn check(self, neurons: usize) -> Result<(), &'static str> {
        match self {
            Activation::LeakyRelu { permille: 0 } => Err("a LeakyRelu with slope 0 is a Relu"),
            Activation::Elu { permille: 0 } => Err("an Elu with alpha 0 is a Relu"),
            Activation::Softmax if neurons < 2 => Err("the softmax of one output is always 1"),
            _ => Ok(()),
        }
    }
}
