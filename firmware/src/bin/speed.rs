//! Instructions for one inference of a 64-64-10 network, by hidden activation. `Identity` measures the products alone.
//!
//! This is a separate image because it holds the weights three times.
#![no_std]
#![no_main]

use core::hint::black_box;

use firmware::{instructions, say};
use stackprop::{Dataset, Dense, Identity, Layer, Relu, Tanh, weights};

#[path = "../../shared/classifier.rs"]
mod classifier;
#[path = "../../shared/digits.rs"]
mod digits;

use classifier::{Classifier, Hidden};

firmware::entry!(main);

// With names, because `Identity` is no module of its own.
static IDENTITY: Hidden<Identity> = weights!("../../data/weights.safetensors", ["0", "2"]);
static RELU: Hidden<Relu> = weights!("../../data/weights.safetensors");
static TANH: Hidden<Tanh> = weights!("../../data/weights.safetensors");

fn main() -> bool {
    say!("speed: 64-64-10, {} MACs", Classifier::MACS);
    // The limits are the project's own: one load and one multiply-add for each MAC, and a share of the rest.
    let identity = show("identity", &IDENTITY, 250);
    let relu = show("relu", &RELU, 350);
    let tanh = show("tanh", &TANH, 350);
    identity & relu & tanh
}

/// Prints the instructions. Returns whether a MAC takes at most `limit` hundredths of an instruction.
#[allow(unused_variables, reason = "a silent image prints no name")]
fn show<A>(name: &str, network: &Hidden<A>, limit: u64) -> bool
where
    Dense<64, 64, A>: Layer<[f32; 64], Output = [f32; 64]>,
{
    let mut input = [0.0; 64];
    digits::test().sample(0, &mut input);
    let count = instructions(100, || {
        black_box(network.predict(black_box(&input)));
    });
    let hundredths = count * 100 / Classifier::MACS as u64;
    say!("{}: {} instructions, {}.{:02} for a MAC", name, count, hundredths / 100, hundredths % 100);
    hundredths <= limit
}
