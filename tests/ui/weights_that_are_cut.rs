//! The end of the file is missing.
use stackprop::{Chain, Dense, Network, Relu, weights};

type Net = Network<4, Chain![Dense<4, 8, Relu>, Dense<8, 3>]>;

static NETWORK: Net = weights!("../data/cut.safetensors");

fn main() {
    let _ = NETWORK.predict(&[0.0; 4]);
}
