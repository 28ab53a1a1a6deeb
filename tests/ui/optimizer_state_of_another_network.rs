//! Adam's moments have another width than the network.
use stackprop::{Adam, AdamState, Chain, Dense, Gradients, Network, Optimizer, Tanh, Zero};

type Narrow = Network<2, Chain![Dense<2, 3, Tanh>, Dense<3, 1>]>;
type Wide = Network<2, Chain![Dense<2, 4, Tanh>, Dense<4, 1>]>;

fn main() {
    let (mut network, gradients) = (Narrow::zeros(), Gradients::<Narrow>::zeros());
    let mut state = AdamState::<Wide>::ZERO;
    let _ = Adam::default().step(&mut network, &gradients, &mut state);
}
