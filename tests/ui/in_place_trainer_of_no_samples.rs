//! An in-place trainer for mini-batches of 0 samples.
use stackprop::{Dense, InPlaceTrainer, Network, Sgd, Zero};

fn main() {
    let _trainer: InPlaceTrainer<Network<4, Dense<4, 2>>, Sgd, 0> = Zero::ZERO;
}
