//! 4,840 bytes of parameters, 4,096 allowed.
use stackprop::{Chain, Dense, Network, Relu, budget};

type Digits = Network<64, Chain![Dense<64, 16, Relu>, Dense<16, 10>]>;

budget!(Digits: flash <= 4 * 1024);

fn main() {}
