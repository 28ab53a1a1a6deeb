//! The input has 784 pixels, the first layer takes 780.
use stackprop::{Dense, Network, Sigmoid, layers};

fn main() {
    Network::<784, _>::new(layers![Dense::<780, 30, Sigmoid>::new(), Dense::<30, 10, Sigmoid>::new()]);
}
