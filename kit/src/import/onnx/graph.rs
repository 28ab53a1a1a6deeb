//! The graph of an ONNX file: names, nodes, attributes.

use std::collections::{BTreeSet, HashMap};

use rten_onnx::onnx::{AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto};

/// A graph with tables of what its names are.
pub struct Graph<'g> {
    pub nodes: &'g [NodeProto],
    pub outputs: Vec<&'g str>,
    /// Values that the caller gives: inputs that are no constants.
    pub inputs: HashMap<&'g str, &'g ValueInfoProto>,
    pub initializers: HashMap<&'g str, &'g TensorProto>,
    /// The place of the node that computes a value.
    producers: HashMap<&'g str, usize>,
}

impl<'g> Graph<'g> {
    pub fn new(graph: &'g GraphProto) -> Self {
        let initializers: HashMap<_, _> =
            graph.initializer.iter().filter_map(|tensor| Some((tensor.name.as_deref()?, tensor))).collect();
        let inputs = graph.input.iter().filter_map(|input| Some((input.name.as_deref()?, input)));
        let outputs = |(place, node): (usize, &'g NodeProto)| {
            node.output.iter().filter(|name| !name.is_empty()).map(move |name| (name.as_str(), place))
        };
        Self {
            nodes: &graph.node,
            outputs: graph.output.iter().filter_map(|output| output.name.as_deref()).collect(),
            inputs: inputs.filter(|(name, _)| !initializers.contains_key(name)).collect(),
            producers: graph.node.iter().enumerate().flat_map(outputs).collect(),
            initializers,
        }
    }

    /// The node that computes a value.
    pub fn producer(&self, name: &str) -> Option<&'g NodeProto> {
        self.producers.get(name).and_then(|place| self.nodes.get(*place))
    }

    /// The value of this name, if a node computes it.
    pub fn name(&self, name: &str) -> Option<&'g str> {
        self.producers.get_key_value(name).map(|(name, _)| *name)
    }

    /// The nodes that a value depends on, in the order of the file.
    pub fn needed_for(&self, name: &'g str) -> Vec<&'g NodeProto> {
        let (mut needed, mut open) = (BTreeSet::new(), vec![name]);
        while let Some(name) = open.pop() {
            let Some(place) = self.producers.get(name) else { continue };
            if needed.insert(*place)
                && let Some(node) = self.nodes.get(*place)
            {
                open.extend(node.input.iter().map(String::as_str));
            }
        }
        needed.into_iter().filter_map(|place| self.nodes.get(place)).collect()
    }
}

/// The operator of a node.
pub fn operator(node: &NodeProto) -> &str {
    node.op_type.as_deref().unwrap_or_default()
}

/// A node as messages name it: `Gemm` node `/0/Gemm`. A node without a name is named by its first output.
pub fn label(node: &NodeProto) -> String {
    match node.name.as_deref() {
        Some(name) if !name.is_empty() => format!("{} `{name}`", operator(node)),
        _ => format!("{} `{}`", operator(node), node.output.first().map(String::as_str).unwrap_or_default()),
    }
}

/// The name of input `place`, if it is given.
pub fn input(node: &NodeProto, place: usize) -> Option<&str> {
    node.input.get(place).map(String::as_str).filter(|name| !name.is_empty())
}

pub fn attribute<'n>(node: &'n NodeProto, name: &str) -> Option<&'n AttributeProto> {
    node.attribute.iter().find(|attribute| attribute.name.as_deref() == Some(name))
}

pub fn float(node: &NodeProto, name: &str, default: f64) -> f64 {
    attribute(node, name).and_then(|attribute| attribute.f).map_or(default, f64::from)
}

pub fn integer(node: &NodeProto, name: &str, default: i64) -> i64 {
    attribute(node, name).and_then(|attribute| attribute.i).unwrap_or(default)
}
