//! The walk through a graph, from its input to the output of the network.
//!
//! Every value on the way is a constant, or an [expression](super::expression): an elementwise function of the output of a
//! layer. A layer that mixes its inputs starts a new expression.

mod layers;
mod shapes;

use std::collections::HashMap;
use std::rc::Rc;

use rten_onnx::onnx::{NodeProto, ValueInfoProto};

use super::OnnxError;
use super::expression::{Expression, Expressions, Id, Operand, Operation, each};
use super::functions;
use super::graph::{Graph, float, input, label, operator};
use super::tensor::{Constant, Tensors};
use crate::import::assemble::{Kind, Step};
use crate::import::not_finite;

/// What a name stands for.
#[derive(Clone)]
pub enum Value {
    Constant(Constant),
    Expression(Id),
    /// The shape of an expression of this stem.
    Shape {
        stem: usize,
    },
}

/// The output of a layer that mixes its inputs, of which expressions are functions.
struct Stem {
    /// The input of the layer; `None` for the input of the network.
    from: Option<Id>,
    /// The layer; `None` for the input of the network.
    step: Option<Step>,
    /// The layer, or the input, for messages.
    name: String,
    width: Option<usize>,
    /// Whether the layer has as many outputs as inputs.
    same_width: bool,
}

/// The state of the walk.
pub struct Walk<'a, 'g> {
    graph: &'a Graph<'g>,
    tensors: &'a mut Tensors<'g>,
    values: HashMap<&'g str, Value>,
    expressions: Expressions,
    stems: Vec<Stem>,
    /// The nodes `LogSoftmax`.
    logarithms: Vec<&'g NodeProto>,
    pub notes: Vec<String>,
    /// How many numbers may be made, less those in other files: no more than a few times what the file has.
    limit: usize,
    made: usize,
}

type Result<T, E = OnnxError> = std::result::Result<T, E>;

impl<'a, 'g> Walk<'a, 'g> {
    pub fn new(
        graph: &'a Graph<'g>,
        tensors: &'a mut Tensors<'g>,
        file_bytes: usize,
        notes: Vec<String>,
    ) -> Self {
        let limit = file_bytes.saturating_mul(4).saturating_add(1 << 20);
        let (values, expressions, stems) = (HashMap::new(), Expressions::default(), vec![]);
        Self { graph, tensors, values, expressions, stems, logarithms: vec![], notes, limit, made: 0 }
    }

    /// The steps from the network's input to the value `name`, and the number of inputs.
    pub fn steps(mut self, name: &'g str) -> Result<(usize, Vec<Step>, Vec<String>)> {
        for node in self.graph.needed_for(name) {
            let value = self.node(node)?;
            // The first output of a classifier is the label, which is cut off.
            let place = usize::from(operator(node) == "LinearClassifier");
            if let Some(output) = node.output.get(place) {
                self.values.insert(output, value);
            }
        }
        let Value::Expression(mut at) = self.value(name, None)? else {
            return Err(OnnxError::NoNetwork { output: name.into() });
        };
        let mut reversed = vec![];
        loop {
            let steps = self.expressions.steps(at).map_err(|nodes| OnnxError::Activation { nodes })?;
            reversed.extend(steps.into_iter().rev().map(|(name, kind)| Step { name, kind }));
            let stem = self.expressions.get(at).map(|e| e.stem).and_then(|stem| self.stems.get_mut(stem));
            let Some(stem) = stem else { break };
            reversed.extend(stem.step.take());
            match (stem.from, stem.width) {
                (Some(from), _) => at = from,
                // The declared width of an input is not trusted, unless weights have it, too.
                (None, Some(width)) if reversed.iter().any(|s| matches!(s.kind, Kind::Affine { .. })) => {
                    self.check_logarithms(&reversed)?;
                    reversed.reverse();
                    return Ok((width, reversed, self.notes));
                }
                (None, _) => break,
            }
        }
        Err(OnnxError::NoNetwork { output: name.into() })
    }

    /// A `LogSoftmax` becomes a Softmax, which only the outputs can be.
    fn check_logarithms(&self, reversed: &[Step]) -> Result<()> {
        match self.logarithms.split_last() {
            None => Ok(()),
            Some((node, [])) if reversed.first().is_some_and(|step| step.name == label(node)) => Ok(()),
            Some((node, others)) => {
                Err(self.refuse(others.first().unwrap_or(node), "it is imported only as the last layer"))
            }
        }
    }

    /// Counts numbers that are made from a few bytes of the file.
    fn make(&mut self, numbers: usize) -> Result<()> {
        self.made = self.made.saturating_add(numbers);
        let limit = self.limit.saturating_add(self.tensors.external_bytes().saturating_mul(4));
        if self.made > limit { Err(OnnxError::TooLarge) } else { Ok(()) }
    }

    /// The value of a name.
    fn value(&mut self, name: &'g str, node: Option<&NodeProto>) -> Result<Value> {
        if let Some(value) = self.values.get(name) {
            return Ok(value.clone());
        }
        let value = if let Some(tensor) = self.graph.initializers.get(name) {
            let constant = self.tensors.constant(tensor);
            let constant = constant.map_err(|problem| OnnxError::Tensor { tensor: name.into(), problem })?;
            self.make(constant.data.len())?;
            Value::Constant(constant)
        } else if let Some(declared) = self.graph.inputs.get(name) {
            Value::Expression(self.stem(None, None, width_of(declared), false, format!("input `{name}`")))
        } else {
            let node = node.map(label).unwrap_or_else(|| "the graph".into());
            return Err(OnnxError::Undefined { node, input: name.into() });
        };
        self.values.insert(name, value.clone());
        Ok(value)
    }

    fn input(&mut self, node: &'g NodeProto, place: usize) -> Result<Value> {
        match input(node, place) {
            Some(name) => self.value(name, Some(node)),
            None => Err(OnnxError::Inputs { node: label(node), found: node.input.len(), needed: place + 1 }),
        }
    }

    fn constant(&mut self, node: &'g NodeProto, place: usize) -> Result<Constant> {
        match self.input(node, place)? {
            Value::Constant(constant) => Ok(constant),
            Value::Expression(_) | Value::Shape { .. } => {
                let input = input(node, place).unwrap_or_default().into();
                Err(OnnxError::NotConstant { node: label(node), input })
            }
        }
    }

    /// A constant of weights or biases.
    fn finite(&mut self, node: &'g NodeProto, place: usize) -> Result<Constant> {
        let constant = self.constant(node, place)?;
        match not_finite(&constant.data, &constant.dims) {
            Some((index, value)) => {
                let tensor = input(node, place).unwrap_or_default().into();
                Err(OnnxError::NotFinite { tensor, index, value: value.to_string() })
            }
            None => Ok(constant),
        }
    }

    /// The input of a layer, which must not be a constant.
    fn expression(&mut self, node: &'g NodeProto) -> Result<Id> {
        match self.input(node, 0)? {
            Value::Expression(id) => Ok(id),
            Value::Constant(_) => Err(self.refuse(node, "its first input must not be a constant")),
            Value::Shape { .. } => Err(self.refuse(node, "it computes with the shape of a tensor")),
        }
    }

    fn refuse(&self, node: &NodeProto, problem: impl Into<String>) -> OnnxError {
        OnnxError::Refused { node: label(node), problem: problem.into() }
    }

    /// A constant with one number, or one for each of the `width` outputs of a stem.
    fn vector(&mut self, node: &NodeProto, constant: &Constant, stem: usize) -> Result<Rc<[f64]>> {
        let rows = constant.dims.split_last().map_or(1, |(_, rows)| rows.iter().product());
        if rows != 1 || constant.data.is_empty() {
            return Err(self.refuse(
                node,
                format!(
                    "its constant has shape {:?}, but must have one number, or one for each neuron",
                    constant.dims
                ),
            ));
        }
        if constant.data.len() > 1 {
            self.unify(node, stem, constant.data.len())?;
        }
        Ok(Rc::clone(&constant.data))
    }

    /// Learns the width of a stem, or checks it.
    fn unify(&mut self, node: &NodeProto, mut stem: usize, needed: usize) -> Result<()> {
        while let Some(Stem { width, same_width, from, .. }) = self.stems.get_mut(stem) {
            match *width {
                Some(found) if found != needed => {
                    return Err(OnnxError::Width { node: label(node), found, needed });
                }
                _ => *width = Some(needed),
            }
            let below = if *same_width { from.and_then(|id| self.expressions.get(id)) } else { None };
            let Some(below) = below else { break };
            stem = below.stem;
        }
        Ok(())
    }

    fn stem(
        &mut self,
        from: Option<Id>,
        step: Option<Step>,
        width: Option<usize>,
        same_width: bool,
        node: String,
    ) -> Id {
        let stem = self.stems.len();
        self.stems.push(Stem { from, step, name: node.clone(), width, same_width });
        self.expressions.push(Expression { operation: Operation::Start, operands: vec![], stem, node })
    }

    /// The error that functions of different stems meet.
    fn join(&self, node: &NodeProto, stems: &[usize]) -> OnnxError {
        let stems = || stems.iter().filter_map(|stem| self.stems.get(*stem));
        let mut names: Vec<&str> = stems().map(|stem| stem.name.as_str()).collect();
        names.dedup();
        let (node, names) = (label(node), names.join(" and "));
        if stems().all(|stem| stem.from.is_none()) {
            OnnxError::JoinInputs { node, inputs: names }
        } else {
            OnnxError::Join { node, branches: names }
        }
    }

    fn stem_of(&self, id: Id) -> usize {
        self.expressions.get(id).map_or(usize::MAX, |expression| expression.stem)
    }

    fn width(&self, id: Id) -> Option<usize> {
        self.stems.get(self.stem_of(id)).and_then(|stem| stem.width)
    }

    /// A layer that has as many outputs as inputs.
    fn same_width(&mut self, node: &NodeProto, x: Id, kind: Kind) -> Value {
        let step = Step { name: label(node), kind };
        Value::Expression(self.stem(Some(x), Some(step), self.width(x), true, label(node)))
    }

    fn node(&mut self, node: &'g NodeProto) -> Result<Value> {
        match operator(node) {
            "Constant" => self.constant_node(node),
            "Gemm" => self.gemm(node),
            "MatMul" => self.matmul(node),
            "Identity" => self.input(node, 0),
            "Dropout" => self.dropout(node),
            "Cast" => self.cast(node),
            "Flatten" | "Reshape" | "Squeeze" | "Unsqueeze" | "Transpose" => self.shape_node(node),
            "BatchNormalization" => self.batch_normalization(node),
            "LayerNormalization" => self.layer_normalization(node),
            "Scaler" => self.scaler(node),
            "Softmax" | "LogSoftmax" => self.softmax(node),
            "Clip" => self.clip(node),
            "LinearClassifier" | "LinearRegressor" => self.linear_model(node),
            "ReduceMean" => self.reduce(node, |x| x.iter().sum::<f64>() / x.len() as f64),
            "ReduceSum" => self.reduce(node, |x| x.iter().sum()),
            "ReduceMax" => self.reduce(node, |x| x.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
            "Shape" | "ConstantOfShape" | "Expand" | "Gather" | "Concat" => self.dynamic_shape(node),
            _ => match functions::of(node) {
                Some(operation) => {
                    let operands: Result<_> =
                        (0..node.input.len()).map(|place| self.input(node, place)).collect();
                    self.elementwise(node, operation, operands?)
                }
                None => Err(OnnxError::Operator { node: label(node) }),
            },
        }
    }

    /// A function of each number.
    fn elementwise(&mut self, node: &NodeProto, operation: Operation, operands: Vec<Value>) -> Result<Value> {
        let stems = operands.iter().filter_map(|value| match value {
            Value::Expression(id) => Some(self.stem_of(*id)),
            Value::Constant(_) | Value::Shape { .. } => None,
        });
        let stems: Vec<usize> = stems.collect();
        let Some((stem, others)) = stems.split_first() else {
            return self.folded(node, &operation, &operands);
        };
        if others.iter().any(|other| other != stem) {
            return Err(self.join(node, &stems));
        }
        let operands: Result<Vec<Operand>> = operands
            .iter()
            .map(|value| match value {
                Value::Expression(id) => Ok(Operand::Expression(*id)),
                Value::Constant(constant) => Ok(Operand::Constant(self.vector(node, constant, *stem)?)),
                Value::Shape { .. } => Err(self.refuse(node, "it computes with the shape of a tensor")),
            })
            .collect();
        let expression = Expression { operation, operands: operands?, stem: *stem, node: label(node) };
        Ok(Value::Expression(self.expressions.push(expression)))
    }

    /// A function of constants, of equal lengths or of one number.
    fn folded(&mut self, node: &NodeProto, operation: &Operation, operands: &[Value]) -> Result<Value> {
        let constants: Vec<&Constant> = operands
            .iter()
            .filter_map(|value| if let Value::Constant(constant) = value { Some(constant) } else { None })
            .collect();
        let Some(longest) = constants.iter().max_by_key(|constant| constant.data.len()) else {
            return Err(OnnxError::Inputs { node: label(node), found: 0, needed: 1 });
        };
        let length = longest.data.len();
        if constants.len() != operands.len() {
            return Err(self.refuse(node, "it computes with the shape of a tensor"));
        }
        if constants.iter().any(|constant| ![1, length].contains(&constant.data.len())) {
            return Err(self.refuse(node, "its constants have different shapes"));
        }
        self.make(length)?;
        let data: Vec<_> = constants.iter().map(|constant| Rc::clone(&constant.data)).collect();
        Ok(Value::Constant(Constant { dims: longest.dims.clone(), data: each(operation, &data).into() }))
    }

    fn constant_node(&mut self, node: &'g NodeProto) -> Result<Value> {
        let single = |x: f64| Constant { dims: vec![], data: [x].into() };
        let Some(attribute) = node.attribute.first() else {
            return Err(self.refuse(node, "it has no value"));
        };
        let constant = match (attribute.name.as_deref().unwrap_or_default(), &attribute.t) {
            ("value", Some(tensor)) => self.tensors.constant(tensor).map_err(|problem| {
                OnnxError::Tensor { tensor: node.output.first().cloned().unwrap_or_default(), problem }
            })?,
            ("value_float", _) => single(attribute.f.map_or(0.0, f64::from)),
            ("value_int", _) => single(attribute.i.unwrap_or(0) as f64),
            ("value_floats", _) => Constant::vector(attribute.floats.iter().map(|x| f64::from(*x)).collect()),
            ("value_ints", _) => Constant::vector(attribute.ints.iter().map(|x| *x as f64).collect()),
            (name, _) => {
                return Err(self.refuse(node, format!("its attribute `{name}` is not a tensor or number")));
            }
        };
        self.make(constant.data.len())?;
        Ok(Value::Constant(constant))
    }

    /// The limits are inputs or, before opset 11, attributes.
    fn clip(&mut self, node: &'g NodeProto) -> Result<Value> {
        let mut limits = [float(node, "min", f64::NEG_INFINITY), float(node, "max", f64::INFINITY)];
        for (place, limit) in limits.iter_mut().enumerate() {
            if input(node, place + 1).is_some() {
                let constant = self.constant(node, place + 1)?;
                let [one] = constant.data[..] else {
                    return Err(self.refuse(node, "a limit must be one number"));
                };
                *limit = one;
            }
        }
        let [low, high] = limits;
        let x = self.input(node, 0)?;
        self.elementwise(node, functions::one(move |x| x.max(low).min(high)), vec![x])
    }
}

/// The number of numbers in a sample, by the declared shape, whose first dimension is that of the samples.
fn width_of(declared: &ValueInfoProto) -> Option<usize> {
    let shape = declared.r#type.as_ref()?.tensor_type.as_ref()?.shape.as_ref()?;
    let dims = match &shape.dim[..] {
        [_, sample @ ..] if !sample.is_empty() => sample,
        all => all,
    };
    let lengths = dims.iter().map(|dim| dim.dim_value.and_then(|length| usize::try_from(length).ok()));
    lengths
        .filter(|length| *length != Some(0))
        .try_fold(1_usize, |product, length| product.checked_mul(length?))
        .filter(|_| !dims.is_empty())
}
