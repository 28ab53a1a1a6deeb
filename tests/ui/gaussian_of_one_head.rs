//! A normal distribution has a mean and a variance, so the network needs two heads.
use stackprop::{Dense, GaussianNegativeLogLikelihood, Network, Sgd, Trainer};

type Net = Network<2, Dense<2, 1>>;

fn main() {
    let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 1>::zeros());
    let data = [([0.0, 1.0], [-1.0])];
    trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &GaussianNegativeLogLikelihood, &data).unwrap();
}
