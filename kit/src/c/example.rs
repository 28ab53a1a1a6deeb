//! The built-in example of the self-check.

use crate::model::{Layer, Model};

/// An input made of numbers from -2 to 2. If the first layer knows the mean and the deviation of each input, the numbers
/// are in these units.
pub(super) fn input(model: &Model) -> Vec<f32> {
    let units = (0..model.inputs).map(|i| (i * 37 % 65) as f64 / 16.0 - 2.0);
    match model.layers.first() {
        Some(Layer::BatchNorm { mean, variance, .. } | Layer::Standardize { mean, variance, .. }) => {
            units.zip(mean.iter().zip(variance)).map(|(unit, (m, v))| (unit * v.sqrt() + m) as f32).collect()
        }
        _ => units.map(|unit| unit as f32).collect(),
    }
}
