//! An array as the gradient of joined outputs, which must itself be joined.
use stackprop::{Dense, Gradients, Network, Parallel, Workspace};

type Net = Network<2, Parallel<Dense<2, 1>, Dense<2, 1>>>;

fn main() {
    let (network, mut gradients) = (Net::zeros(), Gradients::<Net>::zeros());
    let mut workspace = Workspace::<Net, 1>::zeros();
    let mut pass = workspace.forward(&network, &[[0.0, 1.0]]).unwrap();
    pass.backward(&[[1.0, 2.0]], &mut gradients, None).unwrap();
}
