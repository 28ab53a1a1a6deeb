//! Softmax of one number is 1.
use stackprop::{Dense, Network, Softmax};

fn main() {
    let network = Network::<2, Dense<2, 1, Softmax>>::zeros();
    assert_eq!(network.predict(&[1.0, 2.0]), [1.0]);
}
