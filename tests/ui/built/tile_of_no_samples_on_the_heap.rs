//! A trainer for tiles of 0 samples, made on the heap.
use stackprop::{Dense, Network, Sgd, Trainer};

fn main() {
    let _trainer = Trainer::<Network<4, Dense<4, 2>>, Sgd, 0>::boxed();
}
