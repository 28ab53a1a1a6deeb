//! This is not a file of weights.
use stackprop::{Chain, Dense, Network, Relu, weights};

type Net = Network<4, Chain![Dense<4, 8, Relu>, Dense<8, 3>]>;

static NETWORK: Net = weights!("weights_that_are_text.rs");

fn main() {
    let _ = NETWORK.predict(&[0.0; 4]);
}
