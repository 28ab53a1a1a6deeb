//! The numbers of each layer for the table.

use stackprop::Model;

use super::LayerHealth;
use super::leaves::Leaf;
use super::observe::{Observed, Sums, norms};
use super::step::Step;

/// A row for each layer that was seen.
pub(super) fn table<N: Model>(
    network: &N,
    leaves: &[Leaf],
    observed: &Observed<N>,
    step: Option<&Step>,
    samples: usize,
) -> Vec<LayerHealth> {
    let (weights, gradients) = (norms(network, |_| true), norms(&observed.gradients.of, |_| true));
    let made = step.filter(|step| step.losses.is_ok());
    let seen = observed.layers.iter().enumerate().filter_map(|(layer, sums)| Some((layer, sums.as_ref()?)));
    seen.map(|(layer, sums)| {
        let leaf = leaves.get(layer);
        LayerHealth {
            layer,
            name: leaf.map_or("", |leaf| leaf.name),
            activation: leaf.map_or("", |leaf| leaf.activation),
            outputs: sums.outputs.columns.len(),
            mean: sums.moments.mean,
            deviation: sums.moments.deviation(),
            zeros: sums.share(sums.zeros),
            saturated: sums.share(sums.saturated),
            dead: sums.dead(),
            delta: delta(sums, samples),
            gradient: gradients.get(layer).copied().unwrap_or(0.0),
            weights: weights.get(layer).copied().unwrap_or(0.0),
            step: made.and_then(|step| step.ratios.get(layer).copied()).filter(|ratio| *ratio > 0.0),
        }
    })
    .collect()
}

/// The root mean square of delta. Each delta has the 1/n of the average, which is taken out.
fn delta(sums: &Sums, samples: usize) -> f64 {
    samples as f64 * (sums.delta_squares / sums.count.max(1) as f64).sqrt()
}
