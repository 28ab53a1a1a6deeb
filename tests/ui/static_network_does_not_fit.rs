//! A network in a `static`: 16 against 12.
use stackprop::{Chain, Dense, Network, Relu, layers};

static NETWORK: Network<64, Chain![Dense<64, 16, Relu>, Dense<12, 10>]> =
    Network::new(layers![Dense::new(), Dense::new()]);

fn main() {
    NETWORK.predict(&[0.0; 64]);
}
