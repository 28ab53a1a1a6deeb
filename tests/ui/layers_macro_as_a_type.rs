//! `layers!` of types where a type is expected.
use stackprop::{Dense, Network, Relu, layers};

type Net = Network<4, layers![Dense<4, 8, Relu>, Dense<8, 2>]>;

fn main() {
    let _network = Net::zeros();
}
