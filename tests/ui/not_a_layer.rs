//! An activation in place of a layer. An activation is a type parameter of a layer.
use stackprop::{Dense, Network, Relu, layers};

fn main() {
    let _network = Network::<4, _>::new(layers![Dense::<4, 3>::new(), Relu, Dense::<3, 2>::new()]);
}
