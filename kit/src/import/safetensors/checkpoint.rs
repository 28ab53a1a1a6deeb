//! A checkpoint of stackprop: its metadata have the layers of the network, such as `Dense [2, 3] [3] Relu; Dense [3, 1] [1]
//! Identity`, and the tensors in the group `network` have the parameters.

use safetensors::SafeTensors;

use super::{Options, SafetensorsError, typed};
use crate::import::Imported;
use crate::model::{Activation, Layer, Model, parse_type};

pub fn import(
    file: &SafeTensors<'_>,
    layers_text: &str,
    file_bytes: usize,
    options: &Options,
) -> Result<Imported, SafetensorsError> {
    let mut model = Model { inputs: 0, layers: vec![] };
    let (mut modules, mut notes) = (vec![], vec![]);
    let mut next = 0;
    for text in layers_text.split("; ") {
        let number = next;
        next += 1;
        if ["Dropout", "Flatten"].contains(&text) {
            notes.push(format!("left out module {number}, a {text}, which does not change a vector"));
            continue;
        }
        // A parameter has at least two bytes.
        let limit = file_bytes.saturating_sub(model.parameters());
        let layer = layer(text, limit).ok_or_else(|| SafetensorsError::Layer { layer: text.into() })?;
        if let Layer::Dense { activation, .. } = layer
            && activation != Activation::Identity
        {
            next += 1;
        }
        modules.push(format!("network.{number}"));
        model.layers.push(layer);
    }
    model.inputs = inputs(&model.layers);
    let tensors = file.names().into_iter().filter(|name| name.starts_with("network."));
    typed::fill(file, &mut model, &modules, tensors)?;
    typed::check_activations(&model, options)?;
    Ok(Imported { model, notes })
}

/// The layer with this text, which is its name, the shapes of its parameters and its activation. The parameters are zero.
/// `None` if there is no such layer, or it has more than `limit` parameters.
fn layer(text: &str, limit: usize) -> Option<Layer> {
    let (name, rest) = text.split_once(" [")?;
    let (shape, rest) = rest.split_once(']')?;
    let arguments = match name {
        "Dense" => format!("{shape}, {}", rest.rsplit_once(' ')?.1),
        "PRelu" => format!("{shape}, {shape}"),
        _ => shape.into(),
    };
    parse_type(&format!("Network<1, Chain![{name}<{arguments}>]>"), limit).ok()?.layers.pop()
}

/// The number of inputs. A `PRelu` with one slope does not tell it.
fn inputs(layers: &[Layer]) -> usize {
    let width = |layer: &Layer| match layer {
        Layer::Dense { inputs, .. } => Some(*inputs),
        Layer::BatchNorm { mean: one, .. }
        | Layer::Standardize { mean: one, .. }
        | Layer::LayerNorm { gain: one, .. } => Some(one.len()),
        Layer::PRelu { slope } => Some(slope.len()).filter(|slopes| *slopes > 1),
    };
    layers.iter().find_map(width).unwrap_or(1)
}
