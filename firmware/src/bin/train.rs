//! Trains a classifier of digits on the device, from images in flash. The trained weights equal the host's.
//!
//! All state is in `static`s that start as zeros, so the linker knows the RAM, and none of the state takes flash.
#![no_std]
#![no_main]

use firmware::{Once, machine, peak_stack, say};
use stackprop::{Dataset, Parameters};

#[path = "../../shared/digits.rs"]
mod digits;
#[path = "../../shared/expected.rs"]
mod expected;
#[path = "../../shared/training.rs"]
mod training;

use training::{Net, STEPS, Training};

firmware::entry!(main);

static NETWORK: Once<Net> = Once::new(Net::zeros());
static TRAINER: Once<Training> = Once::new(Training::zeros());

const EXPECTED: u64 = expected::expected(include_str!("../../data/train.txt"), firmware::CLASS);

fn main() -> bool {
    let (Some(network), Some(trainer)) = (NETWORK.take(), TRAINER.take()) else { return false };
    say!("train: 64-16-10 relu, Adam, {} images, mini-batches of {}", digits::TRAIN, training::BATCH);
    say!("static RAM: {} bytes of network, {} of trainer", Net::BYTES, Training::BYTES);

    let before = machine::count();
    let Ok(losses) = training::run(network, trainer) else { return false }; // it diverged
    let instructions = (machine::count() - before) / STEPS as u64;
    for (epoch, loss) in losses.iter().enumerate() {
        say!("epoch {}: average loss {:.4}", epoch, loss);
    }

    let test = digits::test();
    let correct = digits::correct(network, &test);
    say!("accuracy: {} of {} other digits right", correct, test.len());
    say!("instructions: {} for a step, initialisation and shuffling included", instructions);
    let hash = network.checksum();
    say!("hash train {} {:016x}", firmware::CLASS, hash);
    // Trains again to measure the stack, which works only without interrupts. The counter above needs interrupts.
    let mut result = Ok([0.0; training::EPOCHS]);
    let stack = peak_stack(|| result = training::run(network, trainer));
    say!("peak stack: {} bytes", stack);
    result.is_ok() && hash == EXPECTED && correct * 100 >= test.len() * 85
}
