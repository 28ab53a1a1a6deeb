//! A hinge compares scores of both signs, which a sigmoid does not have.
use stackprop::{Dense, Hinge, Network, Sgd, Sigmoid, Trainer};

type Net = Network<2, Dense<2, 1, Sigmoid>>;

fn main() {
    let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 1>::zeros());
    let data = [([0.0, 1.0], [-1.0])];
    trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &Hinge, &data).unwrap();
}
