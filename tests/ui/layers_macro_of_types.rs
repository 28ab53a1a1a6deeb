//! `layers!` of types where a value is expected.
use stackprop::{Dense, Network, Relu, layers};

fn main() {
    let _network = Network::<4, _>::new(layers![Dense<4, 8, Relu>, Dense<8, 2>]);
}
