//! What the tensors of a model are called in a file: as in PyTorch's `nn.Sequential`, which counts activations, too.

use super::{Activation, Layer, Model};

impl Model {
    /// The number of each layer's module in an `nn.Sequential`.
    pub(crate) fn modules(&self) -> Vec<usize> {
        let mut next = 0;
        let number = |layer: &Layer| {
            let number = next;
            next += match layer {
                Layer::Dense { activation, .. } if *activation != Activation::Identity => 2,
                _ => 1,
            };
            number
        };
        self.layers.iter().map(number).collect()
    }
}

impl Layer {
    /// The shape of a block in a file.
    pub(crate) fn file_shape(&self, field: &str, length: usize) -> Vec<usize> {
        match self {
            Layer::Dense { inputs, outputs, .. } if field == "weight" => vec![*outputs, *inputs],
            _ => vec![length],
        }
    }

    /// The number of samples that the statistics have seen, if the layer has statistics.
    pub(crate) fn count(&self) -> Option<u64> {
        match self {
            Layer::BatchNorm { count, .. } | Layer::Standardize { count, .. } => Some(*count),
            _ => None,
        }
    }
}

/// The transpose of a matrix with so many columns.
pub(crate) fn transpose(values: &[f64], columns: usize) -> Vec<f64> {
    // (A matrix without rows may have any number of columns.)
    let columns = if values.is_empty() { 0 } else { columns };
    (0..columns).flat_map(|column| values.iter().skip(column).step_by(columns).copied()).collect()
}
