//! The compiler takes numbers of the network's own type.
use stackprop::{Chain, Dense, Network, weights};

type Net = Network<2, Chain![Dense<2, 2>]>;

static NETWORK: Net = weights!("../data/half.safetensors");

fn main() {
    let _ = NETWORK.predict(&[0.0; 2]);
}
