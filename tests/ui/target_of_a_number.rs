//! The network has one output, the target is a number and not an array of one.
use stackprop::{Dense, Network, Quadratic, Sgd, Trainer};

type Net = Network<2, Dense<2, 1>>;

fn main() {
    let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 4>::zeros());
    let data = [([0.0, 1.0], 1.0_f32)];
    let _ = trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &Quadratic, &data);
}
