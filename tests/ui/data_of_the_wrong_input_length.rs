//! The network takes 3 inputs, the data set has 2.
use stackprop::{Dense, Network, Quadratic, Sgd, Trainer};

type Net = Network<3, Dense<3, 1>>;

fn main() {
    let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 4>::zeros());
    let data = [([0.0, 1.0], [1.0])];
    let _ = trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &Quadratic, &data);
}
