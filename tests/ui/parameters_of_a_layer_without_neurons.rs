//! A layer with no neurons, constructed from parameters in a `static`.
use stackprop::{Dense, Network};

static NETWORK: Network<4, Dense<4, 0>> = Network::new(Dense::from_parameters([[]; 4], []));

fn main() {
    NETWORK.predict(&[0.0; 4]);
}
