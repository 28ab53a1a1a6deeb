//! Training without `std`. Exit code 0 if the network has learnt XOR.
#![no_std]
#![no_main]

use no_std_programs as _; // links what a host needs

use rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{Adam, Chain, Dense, MiniBatches, Network, SigmoidCrossEntropy, Tanh, Trainer, init};

type Xor = Network<2, Chain![Dense<2, 4, Tanh>, Dense<4, 1>]>;

#[unsafe(no_mangle)]
pub extern "C" fn main() -> i32 {
    let samples = [([0.0, 0.0], [0.0]), ([0.0, 1.0], [1.0]), ([1.0, 0.0], [1.0]), ([1.0, 1.0], [0.0])];
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
    let mut network = Xor::zeros();
    network.init(&init::XavierUniform, &mut rng);

    let mut trainer = Trainer::<Xor, Adam, 1>::zeros();
    let adam = Adam { learning_rate: 0.05, ..Adam::default() };
    for _ in 0..200 {
        let batches = MiniBatches::shuffled(&samples, 2, &mut rng);
        if trainer.epoch(&mut network, &adam, &SigmoidCrossEntropy, batches).is_err() {
            return -1;
        }
    }
    let is_wrong =
        |(input, [target]): &([f32; 2], [f32; 1])| (network.predict(input)[0] > 0.0) != (*target == 1.0);
    i32::from(samples.iter().any(is_wrong))
}
