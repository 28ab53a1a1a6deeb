//! An epoch over an array of samples, given by value, where mini-batches of them are expected.
use stackprop::{Dense, InPlaceTrainer, Network, Quadratic, Sgd};

type Net = Network<2, Dense<2, 1>>;

fn main() {
    let (mut network, mut trainer) = (Net::zeros(), InPlaceTrainer::<Net, Sgd, 4>::zeros());
    let data = [([0.0, 0.0], [0.0]), ([0.0, 1.0], [1.0])];
    let _ = trainer.epoch(&mut network, &Sgd { learning_rate: 0.1 }, &Quadratic, data);
}
