//! A layer with no neurons.
use stackprop::{Dense, Network};

static NETWORK: Network<4, Dense<4, 0>> = Network::new(Dense::new());

fn main() {
    NETWORK.predict(&[0.0; 4]);
}
