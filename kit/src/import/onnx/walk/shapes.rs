//! Nodes that change shapes and types, which a vector of real numbers passes as it is, and constants of shapes.

use rten_onnx::onnx::NodeProto;

use super::{Result, Value, Walk};
use crate::import::onnx::OnnxError;
use crate::import::onnx::expression::Id;
use crate::import::onnx::graph::{attribute, input, integer, label, operator};
use crate::import::onnx::tensor::Constant;
use crate::model::transpose;

impl<'g> Walk<'_, 'g> {
    pub(super) fn cast(&mut self, node: &'g NodeProto) -> Result<Value> {
        let value = self.input(node, 0)?;
        // FLOAT, FLOAT16, DOUBLE, BFLOAT16
        match (&value, integer(node, "to", 0)) {
            (Value::Constant(_), _) | (_, 1 | 10 | 11 | 16) => Ok(value),
            (_, to) => {
                Err(self.refuse(node, format!("it converts to the ONNX type {to}, but must convert to FLOAT (1), FLOAT16 (10), DOUBLE (11) or BFLOAT16 (16)")))
            }
        }
    }

    /// A node that changes the shape of a tensor. A vector has only one.
    pub(super) fn shape_node(&mut self, node: &'g NodeProto) -> Result<Value> {
        match self.input(node, 0)? {
            Value::Constant(constant) => self.constant_shape(node, constant),
            Value::Shape { .. } => Err(self.refuse(node, "it computes with the shape of a tensor")),
            Value::Expression(x) => {
                if self.keeps_vectors(node, x)? {
                    Ok(Value::Expression(x))
                } else {
                    Err(self.refuse(node, "it must leave each sample a vector of the same numbers"))
                }
            }
        }
    }

    pub(super) fn keeps_vectors(&mut self, node: &'g NodeProto, x: Id) -> Result<bool> {
        Ok(match operator(node) {
            "Flatten" => integer(node, "axis", 1) == 1,
            "Transpose" => attribute(node, "perm")
                .is_some_and(|perm| perm.ints.iter().copied().eq(0..perm.ints.len() as i64)),
            "Reshape" => {
                let shape = self.constant(node, 1)?;
                let Some((last, rows)) = shape.data.split_last() else { return Ok(false) };
                if *last == 1.0 && rows == [-1.0] && self.width(x) != Some(1) && self.is_output(node) {
                    self.notes.push(format!("cut off {}: it makes one column of all outputs", label(node)));
                    return Ok(true);
                }
                // NaN stands for the number of samples.
                let rows_are_samples =
                    rows.iter().all(|rows| rows.is_nan() || [-1.0, 0.0, 1.0].contains(rows));
                if *last > 0.0 && rows_are_samples {
                    self.unify(node, self.stem_of(x), *last as usize)?;
                }
                rows_are_samples
                    && (*last > 0.0 || *last == -1.0 && (!rows.is_empty() || self.width(x) == Some(1)))
            }
            // An axis of length 1: that of the samples, or that of a single output.
            _ => self.width(x) == Some(1) || self.axes(node)? == [0],
        })
    }

    pub(super) fn is_output(&self, node: &NodeProto) -> bool {
        node.output.first().is_some_and(|output| self.graph.outputs.contains(&output.as_str()))
    }

    /// What exporters compute of shapes: a vector keeps its shape, and the number of samples is not known.
    pub(super) fn dynamic_shape(&mut self, node: &'g NodeProto) -> Result<Value> {
        let first = self.input(node, 0)?;
        match (operator(node), first) {
            ("Shape", Value::Expression(x)) => Ok(Value::Shape { stem: self.stem_of(x) }),
            ("ConstantOfShape", Value::Shape { .. }) => {
                let number = match attribute(node, "value").and_then(|attribute| attribute.t.as_ref()) {
                    Some(tensor) => {
                        self.tensors.constant(tensor).ok().and_then(|one| one.data.first().copied())
                    }
                    None => Some(0.0),
                };
                let number = number.ok_or_else(|| self.refuse(node, "it has no value"))?;
                Ok(Value::Constant(Constant::vector(vec![number])))
            }
            ("Expand", Value::Expression(x)) => match self.input(node, 1)? {
                Value::Shape { stem } if stem == self.stem_of(x) => Ok(Value::Expression(x)),
                _ => Err(self.refuse(node, "it must keep the shape")),
            },
            ("Gather", Value::Shape { .. }) if self.constant(node, 1)?.data[..] == [0.0] => {
                Ok(Value::Constant(Constant::vector(vec![f64::NAN])))
            }
            ("Concat", Value::Constant(_)) => {
                let constants: Result<Vec<Constant>> =
                    (0..node.input.len()).map(|place| self.constant(node, place)).collect();
                let data: Vec<f64> =
                    constants?.iter().flat_map(|constant| constant.data.iter().copied()).collect();
                self.make(data.len())?;
                Ok(Value::Constant(Constant::vector(data)))
            }
            _ => Err(OnnxError::Operator { node: label(node) }),
        }
    }

    pub(super) fn axes(&mut self, node: &'g NodeProto) -> Result<Vec<i64>> {
        if let Some(axes) = attribute(node, "axes") {
            return Ok(axes.ints.clone());
        }
        if input(node, 1).is_none() {
            return Ok(vec![]);
        }
        Ok(self.constant(node, 1)?.data.iter().map(|axis| *axis as i64).collect())
    }

    pub(super) fn constant_shape(&mut self, node: &'g NodeProto, constant: Constant) -> Result<Value> {
        let dims = match (operator(node), &constant.dims[..]) {
            ("Transpose", &[rows, columns]) => {
                if attribute(node, "perm").is_some_and(|perm| perm.ints == [0, 1]) {
                    return Ok(Value::Constant(constant));
                }
                self.make(constant.data.len())?;
                let data = transpose(&constant.data, columns).into();
                return Ok(Value::Constant(Constant { dims: vec![columns, rows], data }));
            }
            ("Reshape", _) => {
                let shape = self.constant(node, 1)?;
                reshape(&shape.data, constant.data.len())
            }
            // Axes of length 1 do not matter for vectors.
            ("Squeeze" | "Unsqueeze", dims) => Some(dims.iter().copied().filter(|d| *d != 1).collect()),
            _ => None,
        };
        match dims {
            Some(dims) => Ok(Value::Constant(Constant { dims, data: constant.data })),
            None => Err(self.refuse(node, format!("its constant has shape {:?}", constant.dims))),
        }
    }
}

/// The lengths of a shape in which one may be -1; `None` if they do not fit.
fn reshape(shape: &[f64], elements: usize) -> Option<Vec<usize>> {
    let known: f64 = shape.iter().filter(|d| **d >= 0.0).product();
    let rest = elements as f64 / known;
    let dims: Vec<usize> = shape.iter().map(|d| if *d < 0.0 { rest } else { *d } as usize).collect();
    let product = dims.iter().try_fold(1_usize, |product, d| product.checked_mul(*d));
    (product == Some(elements)).then_some(dims)
}
