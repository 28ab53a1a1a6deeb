//! A function that runs inference with a network whose layers do not fit: 16 against 12.
use stackprop::{Chain, Dense, Network, Relu};

type Digits = Network<64, Chain![Dense<64, 16, Relu>, Dense<12, 10>]>;

fn digit(network: &Digits, pixels: &[f32; 64]) -> [f32; 10] {
    network.predict(pixels)
}

fn main() {}
