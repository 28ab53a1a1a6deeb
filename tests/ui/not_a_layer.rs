//! An activation is no layer of its own: it is a parameter of one.
use stackprop::{Dense, Network, Relu, layers};

fn main() {
    let _network = Network::<4, _>::new(layers![Dense::<4, 3>::new(), Relu, Dense::<3, 2>::new()]);
}
