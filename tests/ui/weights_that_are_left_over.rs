//! The file has another layer.
use stackprop::{Chain, Dense, Network, Relu, weights};

type Net = Network<4, Chain![Dense<4, 8, Relu>]>;

static NETWORK: Net = weights!("../data/pytorch.safetensors");

fn main() {
    let _ = NETWORK.predict(&[0.0; 4]);
}
