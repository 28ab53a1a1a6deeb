//! A layer with no inputs, in a variable.
use stackprop::{Dense, Network};

fn main() {
    let _network = Network::new(Dense::<0, 3>::new());
}
