//! Without an activation, the second layer would be module 1.
use stackprop::{Chain, Dense, Network, weights};

type Net = Network<4, Chain![Dense<4, 8>, Dense<8, 3>]>;

static NETWORK: Net = weights!("../data/pytorch.safetensors");

fn main() {
    let _ = NETWORK.predict(&[0.0; 4]);
}
