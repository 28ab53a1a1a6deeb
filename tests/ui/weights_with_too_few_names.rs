//! Two layers, one name.
use stackprop::{Chain, Dense, Network, Relu, weights};

type Net = Network<4, Chain![Dense<4, 8, Relu>, Dense<8, 3>]>;

static NETWORK: Net = weights!("../data/pytorch.safetensors", ["0"]);

fn main() {
    let _ = NETWORK.predict(&[0.0; 4]);
}
