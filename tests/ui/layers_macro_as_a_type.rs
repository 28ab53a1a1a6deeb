//! `chain!` of types where a type is meant.
use stackprop::{Dense, Network, Relu, chain};

type Net = Network<4, chain![Dense<4, 8, Relu>, Dense<8, 2>]>;

fn main() {
    let _network = Net::zeros();
}
