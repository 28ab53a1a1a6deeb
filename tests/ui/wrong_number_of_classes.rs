//! The network produces 10 logits, the target is one of 9 classes.
use stackprop::{Class, Dense, Network, Sgd, SoftmaxCrossEntropy, Trainer};

type Net = Network<3, Dense<3, 10>>;

fn main() {
    let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 4>::zeros());
    let data = [([0.0, 1.0, 2.0], Class::<9>::new(3).unwrap())];
    let _ = trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &SoftmaxCrossEntropy, &data);
}
