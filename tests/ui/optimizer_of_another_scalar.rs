//! Adam for `f32`, its default, and a network of `f64`.
use stackprop::{Adam, Dense, Identity, Network, Quadratic, Trainer};

type Net = Network<2, Dense<2, 1, Identity, f64>, f64>;

fn main() {
    let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Adam, 4>::zeros());
    let _ = trainer.step(&mut network, &Adam::default(), &Quadratic, &[([0.0, 1.0], [1.0])]);
}
