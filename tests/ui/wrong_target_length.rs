//! The network produces 2 outputs, the targets have 3.
use stackprop::{Dense, Network, Quadratic, Sgd, Trainer};

type Net = Network<3, Dense<3, 2>>;

fn main() {
    let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 4>::zeros());
    let data = [([0.0, 1.0, 2.0], [1.0, 0.0, 0.0])];
    let _ = trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &Quadratic, &data);
}
