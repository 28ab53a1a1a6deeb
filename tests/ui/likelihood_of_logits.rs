//! The negative log-likelihood of outputs that are not probabilities.
use stackprop::{Class, Dense, Network, NegativeLogLikelihood, Workspace};

type Net = Network<2, Dense<2, 3>>;

fn main() {
    let (network, mut workspace) = (Net::zeros(), Workspace::<Net, 4>::zeros());
    let data = [([0.0, 1.0], Class::<3>::new(2).unwrap())];
    let _ = workspace.loss(&network, &NegativeLogLikelihood, &data);
}
