//! The health report: what a beginner gets wrong on the digits is found and named, and healthy networks have no finding.

mod by_hand;
#[path = "../../../examples/common/digits.rs"]
#[expect(dead_code, reason = "only the examples split the digits")]
mod digits;
mod healthy;
mod mistakes;
mod range_test;

use std::sync::LazyLock;

use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Class, Dataset, LearningRate, LossOf, MiniBatches, Model, StateOf, Trainer, Zero, init::Initializer,
};
use stackprop_kit::health::{self, Report};

/// The report of a network after so many steps, on mini-batches of 32, with the optimiser.
fn report_after<N, O, C, X, Y>(
    steps: usize,
    network: &mut N,
    optimizer: &O,
    loss: &C,
    data: &[(X, Y)],
    seed: u64,
) -> Report
where
    N: Model<Input = X> + Clone,
    O: LearningRate<N::Scalar>,
    StateOf<N, O>: Clone,
    C: LossOf<N, Y>,
    X: Copy,
{
    let mut trainer = Trainer::<N, O, 32>::boxed();
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(seed);
    let mut left = steps;
    while left > 0 {
        for batch in MiniBatches::shuffled(data, 32, &mut rng).take(left) {
            left -= 1;
            // A network that diverges has a report, too.
            let _ = trainer.step(network, optimizer, loss, &batch);
        }
        trainer.end_epoch();
    }
    let batch = MiniBatches::shuffled(data, 128, &mut rng).next().unwrap();
    assert!(batch.len() > 0);
    health::report(&trainer, network, optimizer, loss, &batch).unwrap()
}

/// A network with random weights.
fn initialised<N: Model<Scalar = f32>>(initializer: &impl Initializer<f32>, seed: u64) -> Box<N> {
    let mut network = <N as Zero>::boxed();
    network.init(initializer, &mut Xoshiro128PlusPlus::seed_from_u64(seed));
    network
}

/// The digits with other inputs and targets.
fn digits_with<Y>(input: impl Fn(f32) -> f32, target: impl Fn(Class<10>) -> Y) -> Vec<([f32; 64], Y)> {
    static DIGITS: LazyLock<Vec<digits::Digit>> = LazyLock::new(|| digits::read().unwrap());
    DIGITS.iter().map(|(pixels, class)| (pixels.map(&input), target(*class))).collect()
}

/// Digits whose pixels have mean 0 and deviation 1 all together.
fn standard<Y>(target: impl Fn(Class<10>) -> Y) -> Vec<([f32; 64], Y)> {
    digits_with(|x| (x - 0.305) / 0.376, target)
}
