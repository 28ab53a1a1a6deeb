//! A trainer for a network whose layers do not fit: 16 against 12.
use stackprop::{Adam, Chain, Dense, Network, Relu, Trainer};

type Digits = Network<64, Chain![Dense<64, 16, Relu>, Dense<12, 10>]>;

fn main() {
    let _trainer = Trainer::<Digits, Adam, 8>::zeros();
}
