//! The reference run: one network, one seed, one data set, the weights of which are the same bits everywhere.
//!
//! It needs nothing but `core` and this crate, so that firmware can include it as it is.

use rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Adam, Chain, Class, Dense, Gelu, MiniBatches, Momentum, Network, Optimizer, Scalar, Sgd, Sigmoid,
    SoftmaxCrossEntropy, Tanh, Trainer, argmax, init,
};

/// Awkward widths, three activations, and logits.
pub type Net =
    Network<9, Chain![Dense<9, 33, Tanh>, Dense<33, 17, Gelu>, Dense<17, 10, Sigmoid>, Dense<10, 3>]>;

/// How many samples.
pub const SAMPLES: usize = 150;

/// The samples: nine uniform numbers, and which of the first three is largest.
pub fn data(rng: &mut Xoshiro128PlusPlus) -> [([f32; 9], Class<3>); SAMPLES] {
    core::array::from_fn(|_| {
        let input: [f32; 9] = core::array::from_fn(|_| f32::random(rng));
        (input, Class::new(argmax(&input[..3])).unwrap_or(const { Class::new(0).unwrap() }))
    })
}

fn epochs<O: Optimizer<f32>, const B: usize>(
    network: &mut Net,
    optimizer: &O,
    rng: &mut Xoshiro128PlusPlus,
) -> f32 {
    let data = data(&mut Xoshiro128PlusPlus::seed_from_u64(2));
    let mut trainer = Trainer::<Net, O, B>::zeros();
    let mut cost = f32::NAN;
    for _ in 0..5 {
        let batches = MiniBatches::shuffled(&data, 10, rng);
        match trainer.epoch(network, optimizer, &SoftmaxCrossEntropy, batches) {
            Ok(average) => cost = average,
            Err(_) => return f32::NAN,
        }
    }
    cost
}

/// Five epochs with each optimiser, mini-batches of 10 in tiles of `B`: the last average cost.
pub fn train<const B: usize>(network: &mut Net) -> f32 {
    let rng = &mut Xoshiro128PlusPlus::seed_from_u64(1);
    network.init(&init::XavierNormal, rng);
    epochs::<_, B>(network, &Sgd { learning_rate: 0.5 }, rng);
    epochs::<_, B>(network, &Momentum { learning_rate: 0.1, momentum: 0.9 }, rng);
    epochs::<_, B>(network, &Adam { learning_rate: 0.01, ..Adam::default() }, rng)
}
