//! The target is the index of a class, as a `usize`.
use stackprop::{Dense, Network, SoftmaxCrossEntropy, Sgd, Trainer};

type Net = Network<2, Dense<2, 10>>;

fn main() {
    let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 4>::zeros());
    let data = [([0.0, 1.0], 3_usize)];
    let _ = trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &SoftmaxCrossEntropy, &data);
}
