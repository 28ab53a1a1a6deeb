//! An in-place trainer with an optimiser that needs the whole gradient.
use stackprop::{ClipNorm, Dense, InPlaceTrainer, Network, Sgd};

static TRAINER: InPlaceTrainer<Network<4, Dense<4, 2>>, ClipNorm<Sgd>, 8> = InPlaceTrainer::zeros();

fn main() {
    let _ = &TRAINER;
}
