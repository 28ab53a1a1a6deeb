//! The trainer is for another network.
use stackprop::{Dense, Network, Quadratic, Sgd, Trainer};

type Net = Network<1, Dense<1, 1>>;
type Other = Network<1, Dense<1, 2>>;

fn main() {
    let (mut network, mut trainer) = (Net::zeros(), Trainer::<Other, Sgd, 1>::zeros());
    let _ = trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &Quadratic, &[([1.0], [1.0])]);
}
