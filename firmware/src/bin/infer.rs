//! A network trained on the host, with its weights in flash, classifies digits that are stored in flash.
//!
//! It uses no RAM but the stack, whose size is known: the activations, from the types, and the call frames.
#![no_std]
#![no_main]

use core::hint::black_box;

use firmware::{instructions, peak_stack, say};
use stackprop::weights::{Example, Mismatch};
use stackprop::{Dataset, budget, example, weights};

#[path = "../../shared/classifier.rs"]
mod classifier;
#[path = "../../shared/digits.rs"]
mod digits;

use classifier::Classifier;

firmware::entry!(main);

static NETWORK: Classifier = weights!("../../data/weights.safetensors");

/// A digit, and the bits of the outputs that the host computed for it.
static EXAMPLE: Example<[f32; 64], [f32; 10]> = example!("../../data/weights.safetensors");

// The resources that this product can spare. A network that needs more does not compile.
budget!(Classifier: flash <= 20 * 1024, macs <= 5_000, inference <= 256);

/// The limit of the stack for return addresses, saved registers and the result, in addition to the activations.
const FRAMES: usize = 192;

fn main() -> bool {
    say!("infer: 64-64-10 relu, {} bytes of weights in flash", Classifier::BYTES);
    match NETWORK.verify(&EXAMPLE) {
        Ok(()) => say!("self-test: the parameters and the bits of the host"),
        Err(Mismatch::Output { index, .. }) => {
            say!("self-test: output {} differs from the host's", index);
            let _ = index; // if nothing is printed
            return false;
        }
        Err(_) => {
            say!("self-test: the parameters have changed");
            return false;
        }
    }

    let data = digits::test();
    let correct = digits::correct(&NETWORK, &data);
    say!("accuracy: {} of {} digits right", correct, data.len());

    let mut input = [0.0; 64];
    data.sample(0, &mut input);
    let inference = || {
        black_box(NETWORK.predict(black_box(&input)));
    };
    let count = instructions(100, inference);
    let hundredths = count * 100 / Classifier::MACS as u64;
    say!("instructions: {} for an inference, {}.{:02} for a MAC", count, hundredths / 100, hundredths % 100);
    let stack = peak_stack(inference);
    say!("peak stack: {} bytes for an inference, {} of them activations", stack, Classifier::INFERENCE_BYTES);
    correct * 100 >= data.len() * 95 && stack <= Classifier::INFERENCE_BYTES + FRAMES
}
