//! Targets that are values of a squared error are no probabilities of classes.
use stackprop::{ClassWeights, Dense, MeanSquaredError, Network, Sgd, Trainer};

type Net = Network<2, Dense<2, 3>>;

fn main() {
    let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 1>::zeros());
    let data = [([0.0, 1.0], [0.5, 1.0, 2.0])];
    let loss = ClassWeights { weights: [1.0, 2.0, 1.0], loss: MeanSquaredError };
    trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &loss, &data).unwrap();
}
