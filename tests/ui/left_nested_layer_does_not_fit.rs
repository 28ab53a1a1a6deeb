//! Layers that do not fit, in pairs nested to the left: 30 against 31.
use stackprop::{Dense, Network, Relu};

fn main() {
    let _network = Network::new((
        (Dense::<784, 30, Relu>::new(), Dense::<31, 20, Relu>::new()),
        Dense::<20, 10>::new(),
    ));
}
