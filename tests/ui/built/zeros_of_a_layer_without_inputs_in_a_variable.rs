//! A network of zeros whose layer has no inputs, in a variable.
use stackprop::{Dense, Network};

fn main() {
    let _network = Network::<0, Dense<0, 3>>::zeros();
}
