//! Values by `chain!` where a type is meant. The message is the compiler's own: a macro cannot tell where it stands.
use stackprop::{Dense, Network, Relu, chain};

type Net = Network<4, chain![Dense::<4, 8, Relu>::new(), Dense::<8, 2>::new()]>;

fn main() {
    let _network = Net::zeros();
}
