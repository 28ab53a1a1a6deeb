//! The target is the `Option` that `Class::new` returns, not unwrapped.
use stackprop::{Class, Dense, Network, SoftmaxCrossEntropy, Sgd, Trainer};

type Net = Network<2, Dense<2, 10>>;

fn main() {
    let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 4>::zeros());
    let data = [([0.0, 1.0], Class::<10>::new(3))];
    let _ = trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &SoftmaxCrossEntropy, &data);
}
