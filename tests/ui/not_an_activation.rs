//! A type that is not an activation.
use stackprop::{Dense, Network};

struct Swish;

fn main() {
    let _network = Network::<4, _>::new(Dense::<4, 3, Swish>::new());
}
