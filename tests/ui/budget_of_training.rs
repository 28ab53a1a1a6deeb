//! Network and trainer take more than 16 KiB.
use stackprop::{Adam, Chain, Dense, Network, Relu, budget};

type Digits = Network<64, Chain![Dense<64, 16, Relu>, Dense<16, 10>]>;

budget!(Digits: training::<Adam, 8> <= 16 * 1024);

fn main() {}
