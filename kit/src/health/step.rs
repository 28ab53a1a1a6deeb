//! The steps that the trainer would make next on this mini-batch, on a copy.

use stackprop::{Block, Dataset, LearningRate, LossOf, Model, Role, Scalar, StateOf, StepError, Trainer};

use super::observe::norms;

/// So many steps on one mini-batch should make its loss smaller.
const STEPS: usize = 5;

/// What the steps do.
pub(super) struct Step {
    /// The rate of this step, and that of the optimiser without its schedule.
    pub learning_rate: f64,
    pub full_rate: f64,
    /// The loss of the mini-batch after each step on it, as at inference; infinite if it is not finite, or the step fails. Or why there
    /// is no first step.
    pub losses: Result<Vec<f64>, StepError>,
    /// Of each layer, the norm of the change of its weights in the first step divided by the norm of its weights.
    pub ratios: Vec<f64>,
}

/// Makes the step.
pub(super) fn step<N, O, C, D, const B: usize>(
    trainer: &Trainer<N, O, B>,
    network: &N,
    optimizer: &O,
    loss: &C,
    batch: &D,
) -> Step
where
    N: Model + Clone,
    O: LearningRate<N::Scalar>,
    StateOf<N, O>: Clone,
    C: LossOf<N, D::Target>,
    D: Dataset<Input = N::Input> + ?Sized,
{
    let (mut trainer, mut moved) = (trainer.boxed_clone(), network.boxed_clone());
    let learning_rate = trainer.learning_rate(optimizer).to_f64();
    let full_rate = optimizer.learning_rate().to_f64();
    let mut next = |moved: &mut N| {
        trainer.step(moved, optimizer, loss, batch)?;
        let after = trainer.workspace.loss(moved, loss, batch);
        Ok(after.map_or(f64::INFINITY, |after| after.to_f64()))
    };
    let first = next(&mut moved);
    let ratios = changes(network, &moved);
    let losses = first.map(|first| {
        let mut losses = vec![first];
        while losses.len() < STEPS && losses.iter().all(|loss| loss.is_finite()) {
            losses.push(next(&mut moved).unwrap_or(f64::INFINITY));
        }
        losses
    });
    Step { learning_rate, full_rate, losses, ratios }
}

/// Of each layer, the norm of the change of its weights divided by the norm of its weights; 0 if these are 0.
fn changes<N: Model>(network: &N, moved: &N) -> Vec<f64> {
    let sizes = norms(network, |role| role == Role::Weight);
    let mut ratios = vec![0.0; sizes.len()];
    let mut add = |block: Block, [old, new]: [&[N::Scalar]; 2], []: [&mut [N::Scalar]; 0]| {
        if let Some(slot) = ratios.get_mut(block.layer).filter(|_| block.role == Role::Weight) {
            *slot += old.iter().zip(new).map(|(a, b)| (b.to_f64() - a.to_f64()).powi(2)).sum::<f64>();
        }
    };
    N::walk(0, [network, moved], [], &mut add);
    for (ratio, size) in ratios.iter_mut().zip(sizes) {
        *ratio = if size > 0.0 { ratio.sqrt() / size } else { 0.0 };
    }
    ratios
}
