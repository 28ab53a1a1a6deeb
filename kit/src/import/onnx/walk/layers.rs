//! Layers: products, normalisations, softmax.

use rten_onnx::onnx::NodeProto;

use super::{Result, Value, Walk};
use crate::import::assemble::{Kind, Step};
use crate::import::onnx::OnnxError;
use crate::import::onnx::expression::{Id, Operation};
use crate::import::onnx::functions;
use crate::import::onnx::graph::{attribute, float, input, integer, label, operator};
use crate::import::onnx::tensor::Constant;
use crate::model::{Activation, transpose};

const TRAINING: &str = "it is in training mode: export the model in inference mode (`model.eval()`)";

impl<'g> Walk<'_, 'g> {
    /// `alpha x B + beta C`
    pub(super) fn gemm(&mut self, node: &'g NodeProto) -> Result<Value> {
        let x = self.expression(node)?;
        if integer(node, "transA", 0) != 0 {
            return Err(self.refuse(node, "transA is 1, which mixes samples"));
        }
        let (weights, alpha, beta) =
            (self.finite(node, 1)?, float(node, "alpha", 1.0), float(node, "beta", 1.0));
        let y = self.product(node, x, &weights, integer(node, "transB", 0) != 0)?;
        let y = self.scaled(node, y, alpha)?;
        if input(node, 2).is_none() {
            return Ok(y);
        }
        let bias = Value::Constant(self.finite(node, 2)?);
        let bias = self.scaled(node, bias, beta)?;
        self.elementwise(node, Operation::Add, vec![y, bias])
    }

    pub(super) fn scaled(&mut self, node: &NodeProto, value: Value, by: f64) -> Result<Value> {
        if by == 1.0 {
            return Ok(value);
        }
        let by = Value::Constant(Constant::vector(vec![by]));
        self.elementwise(node, Operation::Mul, vec![value, by])
    }

    pub(super) fn matmul(&mut self, node: &'g NodeProto) -> Result<Value> {
        let x = self.input(node, 0)?;
        let weights = self.input(node, 1)?;
        match (x, weights) {
            (Value::Expression(x), Value::Constant(_)) => {
                let weights = self.finite(node, 1)?;
                self.product(node, x, &weights, false)
            }
            (Value::Expression(x), Value::Expression(y)) => {
                Err(self.join(node, &[self.stem_of(x), self.stem_of(y)]))
            }
            (Value::Constant(_), _) => Err(self.refuse(node, "the constant must be its second input")),
            (Value::Shape { .. }, _) | (_, Value::Shape { .. }) => {
                Err(self.refuse(node, "it computes with the shape of a tensor"))
            }
        }
    }

    /// `x W`, or `x W^T`.
    pub(super) fn product(
        &mut self,
        node: &NodeProto,
        x: Id,
        weights: &Constant,
        transposed: bool,
    ) -> Result<Value> {
        let [rows, columns] = weights.dims[..] else {
            return Err(
                self.refuse(node, format!("its weights have shape {:?}, but must be a matrix", weights.dims))
            );
        };
        let (inputs, outputs) = if transposed { (columns, rows) } else { (rows, columns) };
        self.unify(node, self.stem_of(x), inputs)?;
        self.make(weights.data.len())?;
        let weights = if transposed { transpose(&weights.data, columns) } else { weights.data.to_vec() };
        self.make(outputs)?;
        let kind = Kind::Affine { inputs, outputs, weights, biases: vec![0.0; outputs] };
        let step = Step { name: label(node), kind };
        Ok(Value::Expression(self.stem(Some(x), Some(step), Some(outputs), false, label(node))))
    }

    /// The identity, unless its third input says that it is in training mode.
    pub(super) fn dropout(&mut self, node: &'g NodeProto) -> Result<Value> {
        if input(node, 2).is_some() && self.constant(node, 2)?.data.iter().any(|training| *training != 0.0) {
            return Err(self.refuse(node, TRAINING));
        }
        self.input(node, 0)
    }

    /// `scale (x - mean) / sqrt(variance + epsilon) + bias`
    pub(super) fn batch_normalization(&mut self, node: &'g NodeProto) -> Result<Value> {
        let x = self.expression(node)?;
        if integer(node, "training_mode", 0) != 0 {
            return Err(self.refuse(node, TRAINING));
        }
        let parameters: Result<Vec<Constant>> = (1..5).map(|place| self.constant(node, place)).collect();
        let Ok([scale, bias, mean, variance]) = <[Constant; 4]>::try_from(parameters?) else {
            return Err(OnnxError::Inputs { node: label(node), found: node.input.len(), needed: 5 });
        };
        let epsilon = float(node, "epsilon", 1e-5);
        let factors = scale.data.iter().zip(&variance.data[..]).map(|(s, v)| s / (v + epsilon).sqrt());
        let centered = vec![Value::Expression(x), Value::Constant(mean)];
        let centered = self.elementwise(node, Operation::Sub, centered)?;
        let factors = Value::Constant(Constant::vector(factors.collect()));
        let scaled = self.elementwise(node, Operation::Mul, vec![centered, factors])?;
        self.elementwise(node, Operation::Add, vec![scaled, Value::Constant(bias)])
    }

    /// `(x - offset) scale`
    pub(super) fn scaler(&mut self, node: &'g NodeProto) -> Result<Value> {
        let mut value = Value::Expression(self.expression(node)?);
        for (name, operation) in [("offset", Operation::Sub), ("scale", Operation::Mul)] {
            if let Some(attribute) = attribute(node, name).filter(|attribute| !attribute.floats.is_empty()) {
                let constant = Constant::vector(attribute.floats.iter().map(|x| f64::from(*x)).collect());
                value = self.elementwise(node, operation, vec![value, Value::Constant(constant)])?;
            }
        }
        Ok(value)
    }

    /// `(x - mean) / sqrt(variance + epsilon) gain + shift`
    pub(super) fn layer_normalization(&mut self, node: &'g NodeProto) -> Result<Value> {
        let x = self.expression(node)?;
        if ![-1, 1].contains(&integer(node, "axis", -1)) {
            return Err(self.refuse(node, "its axis must be the last"));
        }
        let epsilon = float(node, "epsilon", 1e-5);
        if epsilon.is_nan() || epsilon <= 0.0 {
            return Err(self.refuse(node, format!("its epsilon is {epsilon}, but must be positive")));
        }
        let mut value = self.same_width(node, x, Kind::Normalize { epsilon });
        for (place, operation) in [(1, Operation::Mul), (2, Operation::Add)] {
            if input(node, place).is_some() {
                let constant = Value::Constant(self.constant(node, place)?);
                value = self.elementwise(node, operation, vec![value, constant])?;
            }
        }
        Ok(value)
    }

    /// The mean, the sum or the maximum over all neurons.
    pub(super) fn reduce(&mut self, node: &'g NodeProto, reduce: fn(&[f64]) -> f64) -> Result<Value> {
        let x = Value::Expression(self.expression(node)?);
        if !matches!(self.axes(node)?[..], [-1 | 1]) || integer(node, "keepdims", 1) != 1 {
            return Err(self.refuse(node, "its axis must be the last, and keepdims 1"));
        }
        self.elementwise(node, Operation::Reduce(reduce), vec![x])
    }

    /// The coefficients of a linear model, `[outputs][inputs]`, and its activation.
    pub(super) fn linear_model(&mut self, node: &'g NodeProto) -> Result<Value> {
        let x = self.expression(node)?;
        let floats =
            |name| attribute(node, name).map(|a| a.floats.iter().map(|x| f64::from(*x)).collect::<Vec<_>>());
        let coefficients = floats("coefficients").unwrap_or_default();
        let biases = floats("intercepts").unwrap_or_default();
        let outputs = if biases.is_empty() { integer(node, "targets", 1) as usize } else { biases.len() };
        let inputs =
            coefficients.len().checked_div(outputs).filter(|inputs| inputs * outputs == coefficients.len());
        let Some(inputs) = inputs.filter(|_| !coefficients.is_empty()) else {
            return Err(self
                .refuse(node, format!("it has {} coefficients for {outputs} outputs", coefficients.len())));
        };
        if operator(node) == "LinearClassifier" && outputs == 1 {
            return Err(self.refuse(node, "it has one output for two classes"));
        }
        let weights = Constant { dims: vec![outputs, inputs], data: coefficients.into() };
        let mut value = self.product(node, x, &weights, true)?;
        if !biases.is_empty() {
            value = self.elementwise(
                node,
                Operation::Add,
                vec![value, Value::Constant(Constant::vector(biases))],
            )?;
        }
        let transform = attribute(node, "post_transform").and_then(|a| a.s.as_deref()).unwrap_or("NONE");
        match (transform, value) {
            ("NONE", value) => Ok(value),
            ("LOGISTIC", value) => self.elementwise(node, functions::logistic(), vec![value]),
            ("SOFTMAX", Value::Expression(z)) => {
                Ok(self.same_width(node, z, Kind::Activation(Activation::Softmax)))
            }
            (other, _) => Err(self.refuse(
                node,
                format!("its post-transform is {other}, but must be NONE, LOGISTIC or SOFTMAX"),
            )),
        }
    }

    pub(super) fn softmax(&mut self, node: &'g NodeProto) -> Result<Value> {
        let x = self.expression(node)?;
        if ![-1, 1].contains(&integer(node, "axis", -1)) {
            return Err(self.refuse(node, "its axis must be the last"));
        }
        if operator(node) == "LogSoftmax" {
            self.logarithms.push(node);
            self.notes.push(format!(
                "{} is a Softmax: the outputs are probabilities, those of the model were their logarithms",
                label(node)
            ));
        }
        Ok(self.same_width(node, x, Kind::Activation(Activation::Softmax)))
    }
}
