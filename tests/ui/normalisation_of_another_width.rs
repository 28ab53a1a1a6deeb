//! A normalisation has another width than the layer before it.
use stackprop::{Chain, Dense, LayerNorm, Network, Tanh};

type Net = Network<4, Chain![Dense<4, 6, Tanh>, LayerNorm<4>, Dense<6, 2>]>;

fn main() {
    let _ = Net::zeros();
}
