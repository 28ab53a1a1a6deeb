//! The network produces 2 outputs, and 3 are expected.
use stackprop::{Dense, Network};

fn main() {
    let network = Network::new(Dense::<3, 2>::new());
    let _outputs: [f32; 3] = network.predict(&[1.0, 2.0, 3.0]);
}
