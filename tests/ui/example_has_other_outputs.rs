//! The example in a file has three outputs, and a program expects two.

use stackprop::example;
use stackprop::weights::Example;

static EXAMPLE: Example<[f32; 4], [f32; 2]> = example!("../data/example.safetensors");

fn main() {
    let _ = EXAMPLE.input;
}
