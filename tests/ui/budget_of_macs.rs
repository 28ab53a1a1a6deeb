//! 1,184 multiply-accumulates, 1,000 allowed.
use stackprop::{Chain, Dense, Network, Relu, budget};

type Digits = Network<64, Chain![Dense<64, 16, Relu>, Dense<16, 10>]>;

budget!(Digits: macs <= 1_000);

fn main() {}
