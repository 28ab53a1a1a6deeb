//! The second layer produces 20 values, the last takes 10.
use stackprop::{Dense, Network, Relu, layers};

fn main() {
    let _network = Network::new(layers![
        Dense::<784, 30, Relu>::new(),
        Dense::<30, 20, Relu>::new(),
        Dense::<10, 10>::new(),
    ]);
}
