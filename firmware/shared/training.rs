//! The training run of image `train`. `host` compiles the same source, and its run must give the same bits.
#![allow(dead_code, reason = "each program that includes this file uses its part of it")]

use rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Adam, Chain, Dense, MiniBatches, Network, Relu, SoftmaxCrossEntropy, StepError, Trainer, init,
};

use crate::digits;

/// 1,210 weights and biases.
pub type Net = Network<64, Chain![Dense<64, 16, Relu>, Dense<16, 10>]>;
/// Gradients, Adam's moments, and a workspace for two samples at a time. (The tile changes no bit.)
pub type Training = Trainer<Net, Adam, 2>;

/// The number of passes over the images.
pub const EPOCHS: usize = 8;
/// The number of samples in a mini-batch.
pub const BATCH: usize = 10;
/// The number of mini-batches in the whole run.
pub const STEPS: usize = EPOCHS * digits::TRAIN.div_ceil(BATCH);

/// Trains from scratch and returns the average loss of each epoch.
pub fn run(network: &mut Net, trainer: &mut Training) -> Result<[f32; EPOCHS], StepError> {
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
    network.init(&init::KaimingUniform, &mut rng);
    let adam = Adam { learning_rate: 0.01, ..Adam::default() };
    let data = digits::train();
    let mut losses = [0.0; EPOCHS];
    for loss in &mut losses {
        let batches = MiniBatches::shuffled(&data, BATCH, &mut rng);
        *loss = trainer.epoch(network, &adam, &SoftmaxCrossEntropy, batches)?;
    }
    Ok(losses)
}

/// The start of [`run`]. Returns the generator of its shuffles.
pub fn init(network: &mut Net) -> Xoshiro128PlusPlus {
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
    network.init(&init::KaimingUniform, &mut rng);
    rng
}

/// The rest of [`run`], from any step on. Calls `after_step` after each step.
///
/// The generator is that of [`init`]: it makes the draws of completed epochs again.
pub fn go_on(
    network: &mut Net,
    trainer: &mut Training,
    mut rng: Xoshiro128PlusPlus,
    mut after_step: impl FnMut(&Net, &Training),
) -> Result<(), StepError> {
    let adam = Adam { learning_rate: 0.01, ..Adam::default() };
    let data = digits::train();
    for epoch in 0..EPOCHS as u32 {
        let batches = MiniBatches::shuffled(&data, BATCH, &mut rng);
        if epoch < trainer.epochs() {
            continue;
        }
        for batch in batches.skip(trainer.steps_in_epoch() as usize) {
            trainer.step(network, &adam, &SoftmaxCrossEntropy, &batch)?;
            after_step(network, trainer);
        }
        trainer.end_epoch();
    }
    Ok(())
}
