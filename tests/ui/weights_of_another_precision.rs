//! Single precision for a network of doubles.
use stackprop::{Chain, Dense, Linear, Network, Relu, weights};

type Net = Network<4, Chain![Dense<4, 8, Relu, f64>, Linear<8, 3, f64>], f64>;

static NETWORK: Net = weights!("../data/pytorch.safetensors");

fn main() {
    let _ = NETWORK.predict(&[0.0; 4]);
}
