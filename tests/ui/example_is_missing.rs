//! A file of weights without an example.

use stackprop::example;
use stackprop::weights::Example;

static EXAMPLE: Example<[f32; 4], [f32; 3]> = example!("../data/pytorch.safetensors");

fn main() {
    let _ = EXAMPLE.input;
}
