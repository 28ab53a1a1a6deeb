//! A network with a layer of no neurons, made on the heap.
use stackprop::{Dense, Network};

fn main() {
    let _network = Network::<4, Dense<4, 0>>::boxed();
}
