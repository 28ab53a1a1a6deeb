//! What classifiers do with the outputs of their network: labels, tables, `1 - p`. It is cut off, with a note.

use rten_onnx::onnx::NodeProto;

use super::graph::{Graph, attribute, input, label, operator};
use super::tensor::Tensors;

/// The value from which `name` is computed by nodes that are no part of a network; `name` itself if there are none.
pub fn cut<'g>(
    graph: &Graph<'g>,
    tensors: &mut Tensors<'_>,
    name: &'g str,
    notes: &mut Vec<String>,
) -> &'g str {
    let (mut source, mut at) = (name, name);
    // (A graph without cycles has no longer path.)
    for _ in 0..graph.nodes.len() {
        let Some(node) = graph.producer(at) else { break };
        if let Some(from) = neutral(node) {
            at = from;
            continue;
        }
        let Some((from, reason)) = cut_node(graph, tensors, node, at) else { break };
        let note = format!("cut off {}: {reason}", label(node));
        if !notes.contains(&note) {
            notes.push(note);
        }
        (source, at) = (from, from);
    }
    source
}

/// The input of a node that may stand between those that are cut off. By itself it is not cut off.
fn neutral(node: &NodeProto) -> Option<&str> {
    matches!(operator(node), "Cast" | "Reshape" | "Identity" | "Squeeze").then(|| input(node, 0))?
}

/// The input that the network computes, and what the node does with it.
fn cut_node<'g>(
    graph: &Graph<'g>,
    tensors: &mut Tensors<'_>,
    node: &'g NodeProto,
    output: &str,
) -> Option<(&'g str, String)> {
    let first = input(node, 0)?;
    Some(match operator(node) {
        "ArgMax" => (first, class(graph, tensors, first).into()),
        "LinearClassifier" if node.output.first().is_some_and(|label| label == output) => {
            let scores = node.output.get(1)?;
            (scores, format!("its first output is the label: {}", class(graph, tensors, scores)))
        }
        "ArrayFeatureExtractor" => (input(node, 1)?, "it gives the class its label".into()),
        "ZipMap" => (first, format!("it makes a table of the outputs{}", labels(node))),
        "Normalizer" => (first, "it divides the outputs by their norm, which is 1 after a Softmax".into()),
        "Concat" => (
            complement(graph, tensors, node)?,
            "the outputs are `p`, and not the two columns `1 - p` and `p`".into(),
        ),
        _ => return None,
    })
}

/// The class by the outputs of the network, given the name of the `ArgMax`'s input: `p` alone is imported of `1 - p` and `p`.
fn class<'g>(graph: &Graph<'g>, tensors: &mut Tensors<'_>, mut name: &'g str) -> &'static str {
    for _ in 0..graph.nodes.len() {
        let Some(node) = graph.producer(name) else { break };
        match neutral(node) {
            Some(from) => name = from,
            None if operator(node) == "Concat" && complement(graph, tensors, node).is_some() => {
                return "the class is 1 if the output is above 0.5";
            }
            None => break,
        }
    }
    "the class is the index of the largest output (`stackprop::argmax`)"
}

/// The labels of a `ZipMap`.
fn labels(node: &NodeProto) -> String {
    let integers = attribute(node, "classlabels_int64s").map(|a| format!("{:?}", a.ints));
    let strings = attribute(node, "classlabels_strings").map(|a| format!("{:?}", a.strings));
    integers.or(strings).map(|labels| format!(" with the labels {labels}")).unwrap_or_default()
}

/// The `p` of `Concat(1 - p, p)`.
fn complement<'g>(graph: &Graph<'g>, tensors: &mut Tensors<'_>, node: &'g NodeProto) -> Option<&'g str> {
    let [_, p] = &node.input[..] else { return None };
    let sub = graph.producer(input(node, 0)?).filter(|node| operator(node) == "Sub")?;
    let one = tensors.constant(graph.initializers.get(input(sub, 0)?)?).ok()?;
    (one.data[..] == [1.0] && input(sub, 1)? == p).then_some(p)
}
