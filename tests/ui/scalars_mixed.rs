//! A layer of `f64` after a layer of `f32`.
use stackprop::{Dense, Identity, Network, Tanh, layers};

fn main() {
    let _network = Network::new(layers![Dense::<4, 3, Tanh, f32>::new(), Dense::<3, 2, Identity, f64>::new()]);
}
