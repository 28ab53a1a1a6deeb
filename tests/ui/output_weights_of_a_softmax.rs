//! The outputs of a softmax are no terms of a sum: what has weights there are classes.
use stackprop::{Class, Dense, Network, OutputWeights, Sgd, SoftmaxCrossEntropy, Trainer};

type Net = Network<2, Dense<2, 3>>;

fn main() {
    let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 1>::zeros());
    let data = [([0.0, 1.0], Class::<3>::new(2).unwrap())];
    let loss = OutputWeights { weights: [1.0, 2.0, 1.0], loss: SoftmaxCrossEntropy };
    trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &loss, &data).unwrap();
}
