//! Also outside of a `static`, a file that does not fit is an error of the compiler.
use stackprop::{Dense, Network, weights};

fn main() {
    let network: Network<4, Dense<4, 8>> = weights!("../../data/pytorch.safetensors");
    let _ = network.predict(&[0.0; 4]);
}
