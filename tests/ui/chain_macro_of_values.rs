//! `Chain!` of values.
use stackprop::{Chain, Dense, Network, Relu};

fn main() {
    let _network = Network::new(Chain![Dense::<4, 8, Relu>::new(), Dense::<8, 2>::new()]);
}
