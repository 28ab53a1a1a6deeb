//! Sigmoid twice: the loss applies it as well.
use stackprop::{Chain, Dense, InPlaceTrainer, Network, Relu, Sgd, Sigmoid, SigmoidCrossEntropy};

type Net = Network<2, Chain![Dense<2, 4, Relu>, Dense<4, 1, Sigmoid>]>;

fn main() {
    let (mut network, mut trainer) = (Net::zeros(), InPlaceTrainer::<Net, Sgd, 4>::zeros());
    let data = [([0.0, 1.0], [1.0])];
    trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &SigmoidCrossEntropy, &data).unwrap();
}
