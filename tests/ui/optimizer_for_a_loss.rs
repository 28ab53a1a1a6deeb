//! An optimiser as the loss of a gradient.
use stackprop::{Dense, Gradients, Network, Sgd, Workspace};

type Net = Network<2, Dense<2, 1>>;

fn main() {
    let (network, mut gradients) = (Net::zeros(), Gradients::<Net>::zeros());
    let data = [([0.0, 1.0], [1.0])];
    let _ = Workspace::<Net, 4>::zeros().gradient(&network, &Sgd { learning_rate: 0.1 }, &data, &mut gradients);
}
