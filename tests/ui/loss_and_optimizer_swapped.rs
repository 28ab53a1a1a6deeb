//! The loss in the optimiser's place, and the optimiser in the loss's.
use stackprop::{Dense, Network, Quadratic, Sgd, Trainer};

type Net = Network<2, Dense<2, 1>>;

fn main() {
    let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 4>::zeros());
    let data = [([0.0, 1.0], [1.0])];
    let _ = trainer.step(&mut network, &Quadratic, &Sgd { learning_rate: 0.1 }, &data);
}
