//! `layers!` of values where a type is expected. The message is the compiler's own: a macro does not know where it is used.
use stackprop::{Dense, Network, Relu, layers};

type Net = Network<4, layers![Dense::<4, 8, Relu>::new(), Dense::<8, 2>::new()]>;

fn main() {
    let _network = Net::zeros();
}
