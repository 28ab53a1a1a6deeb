//! Softmax twice: the loss applies it as well.
use stackprop::{Chain, Class, Dense, Network, Relu, Sgd, Softmax, SoftmaxCrossEntropy, Trainer};

type Net = Network<2, Chain![Dense<2, 4, Relu>, Dense<4, 3, Softmax>]>;

fn main() {
    let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 4>::zeros());
    let data = [([0.0, 1.0], Class::<3>::new(2).unwrap())];
    trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &SoftmaxCrossEntropy, &data).unwrap();
}
