//! A step with SGD by a trainer whose state is Adam's.
use stackprop::{Adam, Dense, Network, Quadratic, Sgd, Trainer};

type Net = Network<1, Dense<1, 1>>;

fn main() {
    let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Adam, 1>::zeros());
    let _ = trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &Quadratic, &[([1.0], [1.0])]);
}
