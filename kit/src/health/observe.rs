//! One forward and backward pass over the mini-batch, and what the layers leave.

use stackprop::{Gradients, LayerPass, LossOf, Model, Parameters, Scalar, Vector, Workspace, Zero};

use super::features::{Features, Moments};
use super::leaves::Leaf;

/// The samples of a mini-batch.
pub(super) struct Batch<'d, X, Y> {
    pub inputs: Vec<X>,
    pub targets: Vec<&'d Y>,
}

/// Sums over the outputs and deltas of a layer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sums {
    /// Each output by itself.
    pub outputs: Features,
    /// All outputs together.
    pub moments: Moments,
    /// How many outputs are 0.
    pub zeros: usize,
    /// How many outputs are where sigma' is nearly 0.
    pub saturated: usize,
    /// The number of outputs of all samples.
    pub count: usize,
    /// The sum of delta^2.
    pub delta_squares: f64,
}

impl Sums {
    fn add<T: Scalar>(&mut self, leaf: Option<&Leaf>, width: usize, pass: &LayerPass<'_, T>) {
        for row in pass.outputs.chunks(width.max(1)) {
            self.outputs.add(row.iter().map(|a| a.to_f64()));
        }
        for a in pass.outputs.iter().map(|a| a.to_f64()) {
            self.count += 1;
            self.zeros += usize::from(a == 0.0);
            self.saturated += usize::from(leaf.is_some_and(|leaf| leaf.is_saturated(a)));
            if a.is_finite() {
                self.moments.add(a);
            }
        }
        self.delta_squares += pass.deltas.iter().map(|d| d.to_f64().powi(2)).sum::<f64>();
    }

    /// The outputs that were 0 for every sample.
    pub fn dead(&self) -> usize {
        self.outputs.columns.iter().filter(|a| a.least == 0.0 && a.largest == 0.0).count()
    }

    pub fn share(&self, count: usize) -> f64 {
        count as f64 / self.count.max(1) as f64
    }
}

/// What a pass has shown.
pub(super) struct Observed<N: Model> {
    /// The average loss of the samples whose target the loss accepts.
    pub loss: f64,
    /// The samples whose target it does not accept.
    pub refused: Vec<usize>,
    /// Of each layer, unless it is inside of a layer that does not show its layers.
    pub layers: Vec<Option<Sums>>,
    pub gradients: Box<Gradients<N>>,
}

/// The samples of a tile; no bit depends on it.
pub(super) const TILE: usize = 32;

/// Makes the pass: as at inference, so `Dropout` drops nothing.
pub(super) fn observe<N: Model, Y, C: LossOf<N, Y>>(
    network: &N,
    leaves: &[Leaf],
    loss: &C,
    batch: &Batch<'_, N::Input, Y>,
    workspace: &mut Workspace<N, TILE>,
) -> Observed<N> {
    let mut observed = Observed {
        loss: 0.0,
        refused: vec![],
        layers: vec![None; <N as Parameters<N::Scalar>>::LAYERS],
        gradients: Gradients::boxed(),
    };
    let mut sum = 0.0;
    let share = N::Scalar::ONE / N::Scalar::from_usize(batch.inputs.len());
    let (tiles, mut first) = (batch.inputs.chunks(TILE).zip(batch.targets.chunks(TILE)), 0);
    for (inputs, targets) in tiles {
        let Ok(mut pass) = workspace.forward(network, inputs) else { break };
        let mut output_gradient = vec![N::Output::ZERO; inputs.len()];
        for (row, ((output, target), gradient)) in
            pass.outputs().iter().zip(targets).zip(&mut output_gradient).enumerate()
        {
            if !loss.accepts(target) {
                observed.refused.push(first + row);
                continue;
            }
            sum += loss.evaluate(output, target, gradient).to_f64();
            for g in gradient.as_mut_slice() {
                *g *= share;
            }
        }
        let mut input_gradient = inputs.to_vec();
        let show = |pass: LayerPass<'_, N::Scalar>| {
            let width = pass.outputs.len() / inputs.len();
            if let Some(slot) = observed.layers.get_mut(pass.layer) {
                slot.get_or_insert_default().add(leaves.get(pass.layer), width, &pass);
            }
        };
        // (The rows are as many as those of the forward pass.)
        let _ = pass.inspect(&output_gradient, &mut observed.gradients, &mut input_gradient, show);
        first += inputs.len();
    }
    observed.loss = sum / (batch.inputs.len() - observed.refused.len()) as f64;
    observed
}

/// The Euclidean norm of each layer's parameters that `is_counted`.
pub(super) fn norms<T: Scalar, P: Parameters<T>>(
    parameters: &P,
    is_counted: impl Fn(stackprop::Role) -> bool,
) -> Vec<f64> {
    let mut squares = vec![0.0; P::LAYERS];
    parameters.visit(|block, values| {
        if let Some(slot) = squares.get_mut(block.layer).filter(|_| is_counted(block.role)) {
            *slot += values.iter().map(|x| x.to_f64().powi(2)).sum::<f64>();
        }
    });
    squares.into_iter().map(f64::sqrt).collect()
}
