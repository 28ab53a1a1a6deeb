//! 64 bytes of activations, 32 allowed.
use stackprop::{Chain, Dense, Network, Relu, budget};

type Digits = Network<64, Chain![Dense<64, 16, Relu>, Dense<16, 10>]>;

budget!(Digits: inference <= 32);

fn main() {}
