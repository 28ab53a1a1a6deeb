//! The ninth of ten layers takes 9 values, the eighth produces 8.
use stackprop::{Dense, Network, Tanh, layers};

fn main() {
    let _network = Network::new(layers![
        Dense::<8, 8, Tanh>::new(),
        Dense::<8, 8, Tanh>::new(),
        Dense::<8, 8, Tanh>::new(),
        Dense::<8, 8, Tanh>::new(),
        Dense::<8, 8, Tanh>::new(),
        Dense::<8, 8, Tanh>::new(),
        Dense::<8, 8, Tanh>::new(),
        Dense::<8, 8, Tanh>::new(),
        Dense::<9, 8, Tanh>::new(),
        Dense::<8, 2>::new(),
    ]);
}
