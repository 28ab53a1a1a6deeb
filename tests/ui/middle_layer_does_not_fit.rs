//! The first layer produces 30 values, the second takes 32.
use stackprop::{Dense, Network, Relu, layers};

fn main() {
    let _network = Network::new(layers![
        Dense::<784, 30, Relu>::new(),
        Dense::<32, 20, Relu>::new(),
        Dense::<20, 10>::new(),
    ]);
}
