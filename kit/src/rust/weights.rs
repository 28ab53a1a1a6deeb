//! The parameters of a model as a safetensors file, with PyTorch's names and layout.
//!
//! The header is written here and not by the crate `safetensors`, whose metadata come in another order each time: the same
//! model is the same file.

use std::fmt::Write;

use super::example_input;
use crate::import::safetensors::TYPE_KEY;
use crate::model::{Layer, Model, ModelError, transpose};

/// A tensor of the file.
struct Tensor {
    name: String,
    dtype: &'static str,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

/// The parameters of a model as a safetensors file: rounded to `f32`, named as in PyTorch's `nn.Sequential`. The metadata have
/// the type of the network, and an [`Example`](stackprop::weights::Example) for `network.verify`.
///
/// It is what `weights!("model.safetensors")` and `network.load(bytes, Names::Sequential)` of that type read.
///
/// # Errors
///
/// If the model is not a network of stackprop.
pub fn safetensors(model: &Model) -> Result<Vec<u8>, ModelError> {
    model.check()?;
    let tensors = tensors(model);
    let input = example_input(model);
    let (input, output) = (hexadecimal(&input), hexadecimal(&model.evaluate_f32(&input)?));
    let mut header = format!(
        "{{\"__metadata__\":{{\"format\":\"pt\",\"{TYPE_KEY}\":\"{model}\",\
         \"stackprop.example.input\":\"{input}\",\"stackprop.example.output\":\"{output}\",\
         \"stackprop.example.parameters\":\"{:016x}\"}}",
        checksum(model)
    );
    let mut end = 0;
    for Tensor { name, dtype, shape, bytes } in &tensors {
        let start = end;
        end += bytes.len();
        // (Writing to a `String` does not fail.)
        let _ = write!(
            header,
            ",\"{name}\":{{\"dtype\":\"{dtype}\",\"shape\":{shape:?},\"data_offsets\":[{start},{end}]}}"
        );
    }
    header.push('}');
    // The numbers begin at a multiple of 8 bytes.
    let length = header.len().next_multiple_of(8);
    let mut file = (length as u64).to_le_bytes().to_vec();
    file.extend(format!("{header:length$}").as_bytes());
    file.extend(tensors.into_iter().flat_map(|tensor| tensor.bytes));
    Ok(file)
}

/// [`Parameters::checksum`](stackprop::Parameters::checksum) of the network: FNV-1a of the bits of each parameter.
fn checksum(model: &Model) -> u64 {
    let counts = |layer: &Layer| layer.count().map(|count| count as f32);
    let parameters = model.layers.iter().flat_map(|layer| {
        let fields = layer.fields().into_iter().flat_map(|(_, values)| values.iter().map(|x| *x as f32));
        fields.chain(counts(layer))
    });
    parameters.flat_map(f32::to_le_bytes).fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The bits of each number.
fn hexadecimal(numbers: &[f32]) -> String {
    numbers.iter().map(|x| format!("{:08x}", x.to_bits())).collect()
}

/// The tensors: first those of the longest numbers, so that all are aligned, in the order of the layers.
fn tensors(model: &Model) -> Vec<Tensor> {
    let (mut counts, mut numbers) = (vec![], vec![]);
    for (layer, module) in model.layers.iter().zip(model.modules()) {
        for (field, values) in layer.fields() {
            let shape = layer.file_shape(field, values.len());
            let transposed;
            let values = match shape[..] {
                // In the file, the inputs are the columns; in the model, the outputs are.
                [outputs, _] => {
                    transposed = transpose(values, outputs);
                    &transposed
                }
                _ => values,
            };
            let bytes = values.iter().flat_map(|x| (*x as f32).to_le_bytes()).collect();
            numbers.push(Tensor { name: format!("{module}.{field}"), dtype: "F32", shape, bytes });
        }
        if let Some(count) = layer.count() {
            let (name, bytes) = (format!("{module}.num_batches_tracked"), count.to_le_bytes().to_vec());
            counts.push(Tensor { name, dtype: "I64", shape: vec![], bytes });
        }
    }
    counts.append(&mut numbers);
    counts
}
