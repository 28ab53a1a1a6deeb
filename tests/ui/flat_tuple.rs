//! Three layers in one flat tuple.
use stackprop::{Dense, Network};

fn main() {
    let _network = Network::<4, _>::new((Dense::<4, 3>::new(), Dense::<3, 2>::new(), Dense::<2, 1>::new()));
}
