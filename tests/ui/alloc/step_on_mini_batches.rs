//! A step on an iterator of mini-batches, where one mini-batch is expected.
use stackprop::{Dense, MiniBatches, Network, Quadratic, Sgd, Trainer};

type Net = Network<2, Dense<2, 1>>;

fn main() {
    let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 4>::zeros());
    let data = [([0.0, 0.0], [0.0]), ([0.0, 1.0], [1.0])];
    let batches = MiniBatches::in_order(&data, 2);
    let _ = trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &Quadratic, &batches);
}
