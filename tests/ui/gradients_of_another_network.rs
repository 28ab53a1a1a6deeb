//! Gradients of another width than the network.
use stackprop::{Chain, Dense, Gradients, Network, Optimizer, Sgd, Tanh};

type Narrow = Network<2, Chain![Dense<2, 3, Tanh>, Dense<3, 1>]>;
type Wide = Network<2, Chain![Dense<2, 4, Tanh>, Dense<4, 1>]>;

fn main() {
    let mut network = Narrow::zeros();
    let gradients = Gradients::<Wide>::zeros();
    let _ = Sgd { learning_rate: 0.1 }.step(&mut network, &gradients, &mut ());
}
