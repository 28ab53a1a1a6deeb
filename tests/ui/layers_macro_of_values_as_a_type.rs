//! Values by `layers!` where a type is meant. The message is the compiler's own: a macro cannot tell where it stands.
use stackprop::{Dense, Network, Relu, layers};

type Net = Network<4, layers![Dense::<4, 8, Relu>::new(), Dense::<8, 2>::new()]>;

fn main() {
    let _network = Net::zeros();
}
