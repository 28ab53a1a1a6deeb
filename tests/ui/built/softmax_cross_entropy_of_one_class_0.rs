//! Softmax of one number is 1.
use stackprop::{Dense, Network, Sgd, SoftmaxCrossEntropy, Trainer};

type Net = Network<2, Dense<2, 1>>;

fn main() {
    let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 1>::zeros());
    let data = [([0.0, 1.0], [1.0])];
    trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &SoftmaxCrossEntropy, &data).unwrap();
}
