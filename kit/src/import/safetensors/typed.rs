//! A file that has the type of its network: each tensor must be there, with the shape that its layer needs.

use safetensors::SafeTensors;

use super::{Options, SafetensorsError, modules, real_numbers};
use crate::import::Imported;
use crate::model::{Layer, Model, parse_type, transpose};

pub fn import(
    file: &SafeTensors<'_>,
    type_text: &str,
    file_bytes: usize,
    options: &Options,
) -> Result<Imported, SafetensorsError> {
    // A parameter has at least two bytes.
    let mut model = parse_type(type_text, file_bytes)?;
    let modules: Vec<String> = model.modules().iter().map(usize::to_string).collect();
    fill(file, &mut model, &modules, file.names().into_iter())?;
    check_activations(&model, options)?;
    Ok(Imported { model, notes: vec![] })
}

/// Reads the parameters of a network, whose layers have these modules, from exactly these tensors.
pub fn fill<'f>(
    file: &SafeTensors<'_>,
    model: &mut Model,
    modules: &[String],
    tensors: impl Iterator<Item = &'f str>,
) -> Result<(), SafetensorsError> {
    let mut names: Vec<String> = vec![];
    for (layer, module) in model.layers.iter_mut().zip(modules) {
        fill_layer(file, layer, module, &mut names)?;
    }
    let surplus = tensors.filter(|name| !names.iter().any(|known| known == name)).min();
    if let Some(tensor) = surplus {
        return Err(SafetensorsError::Surplus { tensor: tensor.into() });
    }
    Ok(model.check()?)
}

/// Reads the parameters of a layer, and adds the names of its tensors.
fn fill_layer(
    file: &SafeTensors<'_>,
    layer: &mut Layer,
    module: &str,
    names: &mut Vec<String>,
) -> Result<(), SafetensorsError> {
    let shapes: Vec<_> =
        layer.fields().iter().map(|(field, values)| layer.file_shape(field, values.len())).collect();
    for ((field, values), needed) in layer.fields_mut().into_iter().zip(shapes) {
        let name = format!("{module}.{field}");
        let tensor = file.tensor(&name).map_err(|_| SafetensorsError::Missing { tensor: name.clone() })?;
        if tensor.shape() != needed {
            let found = tensor.shape().to_vec();
            return Err(SafetensorsError::Shape { tensor: name, found, needed });
        }
        let numbers = real_numbers(&name, &tensor)?;
        *values = match needed[..] {
            [_, inputs] => transpose(&numbers, inputs),
            _ => numbers,
        };
        names.push(name);
    }
    if let Layer::BatchNorm { count, .. } | Layer::Standardize { count, .. } = layer {
        let name = format!("{module}.num_batches_tracked");
        let tensor = file.tensor(&name).map_err(|_| SafetensorsError::Missing { tensor: name.clone() })?;
        *count = modules::count(&name, &tensor)?;
        names.push(name);
    }
    Ok(())
}

/// Activations that were given, although the file has them, must be the same.
pub fn check_activations(model: &Model, options: &Options) -> Result<(), SafetensorsError> {
    let Some(given) = &options.activations else { return Ok(()) };
    let found = model.layers.iter().filter_map(|layer| match layer {
        Layer::Dense { activation, .. } => Some(activation),
        _ => None,
    });
    for (layer, (given, found)) in given.iter().zip(found).enumerate() {
        if modules::activation(given)? != Some(*found) {
            let (found, given) = (found.to_string(), given.clone());
            return Err(SafetensorsError::OtherActivation { layer, found, given });
        }
    }
    Ok(())
}
