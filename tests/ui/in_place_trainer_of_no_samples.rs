//! An in-place trainer for mini-batches of 0 samples.
use stackprop::{Dense, InPlaceTrainer, Network, Sgd, Zero};

static TRAINER: InPlaceTrainer<Network<4, Dense<4, 2>>, Sgd, 0> = Zero::ZERO;

fn main() {
    let _ = &TRAINER;
}
