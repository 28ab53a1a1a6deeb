//! Labels that are independent of each other are not smoothed over all outputs.
use stackprop::{Dense, LabelSmoothing, Network, Sgd, SigmoidCrossEntropy, Trainer};

type Net = Network<2, Dense<2, 3>>;

fn main() {
    let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 1>::zeros());
    let data = [([0.0, 1.0], [0.0, 1.0, 1.0])];
    let loss = LabelSmoothing { smoothing: 0.1, loss: SigmoidCrossEntropy };
    trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &loss, &data).unwrap();
}
