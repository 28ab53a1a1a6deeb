//! A short training by each optimiser, and the rates of each schedule. `host` compiles the same source, and its runs
//! must give the same bits.
#![allow(dead_code, reason = "each program that includes this file uses its part of it")]

use stackprop::schedule::{
    Cosine, CosineRestarts, Exponential, Linear, MultiStep, OneCycle, Polynomial, StepDecay, Warmup,
};
use stackprop::{
    Accumulated, Adadelta, Adagrad, Adam, AdamW, AmsGrad, Averaged, CenteredRmsProp, ClipNorm, ClipValue,
    DecoupledDecay, L1, L2, LayerRates, Lion, MaxNorm, MiniBatches, Momentum, NAdam, Nesterov, Optimizer,
    Parameters, RAdam, RmsProp, Rprop, Schedule, Scheduled, Sgd, SoftmaxCrossEntropy, StateOf, StepError,
    Trainer,
};

use crate::{digits, training};

/// The number of steps by each optimiser.
pub const STEPS: usize = 16;

/// What is done with each optimiser.
pub trait Visitor {
    fn visit<O: Optimizer<f32>>(&mut self, name: &'static str, optimizer: O) -> Result<(), StepError>;
}

/// Visits each optimiser, and each value that goes around one.
pub fn each(visitor: &mut impl Visitor) -> Result<(), StepError> {
    let sgd = Sgd { learning_rate: 0.1 };
    visitor.visit("Sgd", sgd)?;
    visitor.visit("Momentum", Momentum { learning_rate: 0.05, ..Momentum::default() })?;
    visitor.visit("Nesterov", Nesterov { learning_rate: 0.05, ..Nesterov::default() })?;
    visitor.visit("RmsProp", RmsProp::<f32>::default())?;
    visitor.visit("CenteredRmsProp", CenteredRmsProp::<f32>::default())?;
    visitor.visit("Adam", Adam::<f32>::default())?;
    visitor.visit("AdamW", AdamW::<f32>::default())?;
    visitor.visit("AmsGrad", AmsGrad::<f32>::default())?;
    visitor.visit("NAdam", NAdam::<f32>::default())?;
    visitor.visit("RAdam", RAdam::<f32>::default())?;
    visitor.visit("Adagrad", Adagrad::<f32>::default())?;
    visitor.visit("Adadelta", Adadelta::<f32>::default())?;
    visitor.visit("Rprop", Rprop::<f32>::default())?;
    visitor.visit("Lion", Lion { learning_rate: 1e-3, ..Lion::default() })?;
    visitor.visit("L1 Sgd", L1::new(1e-3, sgd))?;
    visitor.visit("L2 Sgd", L2::new(1e-3, sgd))?;
    visitor.visit("DecoupledDecay Sgd", DecoupledDecay::new(1e-3, sgd))?;
    visitor.visit("MaxNorm Sgd", MaxNorm::new(1.0, sgd))?;
    visitor.visit("ClipValue Sgd", ClipValue::new(0.01, sgd))?;
    visitor.visit("ClipNorm Sgd", ClipNorm::new(0.1, sgd))?;
    visitor.visit("LayerRates Sgd", LayerRates::new([0.5, 1.0], sgd))?;
    visitor.visit("Scheduled Sgd", Scheduled::<_, _, f32>::new(Cosine { steps: 40, least: 0.0 }, sgd))?;
    visitor.visit("Averaged Sgd", Averaged::ema(0.9, sgd))?;
    visitor.visit("Accumulated Sgd", Accumulated::<_, f32>::new(4, sgd))
}

/// Trains from the start of `train` and returns the checksum of the weights.
///
/// `count` reads the counter of instructions: the second number is the average of a step.
pub fn run<O: Optimizer<f32>>(optimizer: &O, count: impl Fn() -> u64) -> Result<(u64, u64), StepError> {
    let (mut network, mut trainer) = (training::Net::zeros(), Trainer::<training::Net, O, 2>::zeros());
    let _ = training::init(&mut network);
    let data = digits::train();
    let before = count();
    for batch in MiniBatches::in_order(&data, training::BATCH).take(STEPS) {
        trainer.step(&mut network, optimizer, &SoftmaxCrossEntropy, &batch)?;
    }
    let instructions = (count() - before) / STEPS as u64;
    Ok((network.checksum(), instructions))
}

/// The bytes of an optimiser's state for the network of `train`.
pub const fn state_bytes<O: Optimizer<f32>>() -> usize {
    size_of::<StateOf<training::Net, O>>()
}

/// One hash of all checksums, which depends on their order.
pub const fn join(hash: u64, checksum: u64) -> u64 {
    hash.rotate_left(5) ^ checksum
}

/// The hash of the first learning rates of each schedule without state.
pub fn rates() -> u64 {
    let linear = Linear { start: 1.0, end: 0.25, steps: 20 };
    let cosine = Cosine { steps: 40, least: 0.01 };
    let hash = of_rates(0, StepDecay { every: 10, factor: 0.5 });
    let hash = of_rates(hash, MultiStep { milestones: [10, 20], factor: 0.3 });
    let hash = of_rates(hash, Exponential { factor: 0.9 });
    let hash = of_rates(hash, linear);
    let hash = of_rates(hash, Polynomial { steps: 30, power: 0.9 });
    let hash = of_rates(hash, cosine);
    let hash = of_rates(hash, CosineRestarts { first: 7, multiply: 2, least: 0.01 });
    let hash = of_rates(hash, OneCycle::new(40));
    of_rates(hash, Warmup { steps: 10, start: 0.1, then: cosine })
}

fn of_rates<S: Schedule<f32, State = ()>>(hash: u64, schedule: S) -> u64 {
    (0..50).fold(hash, |hash, step| join(hash, schedule.rate(0.1, step, &()).to_bits().into()))
}
