//! The network takes 3 inputs, and is given 4.
use stackprop::{Dense, Network};

fn main() {
    let network = Network::new(Dense::<3, 2>::new());
    network.predict(&[1.0, 2.0, 3.0, 4.0]);
}
