//! An example is verified with a network that has other outputs.

use stackprop::weights::Example;
use stackprop::{Linear, Network};

fn main() {
    let network = Network::<4, Linear<4, 2>>::zeros();
    let example = Example { input: [0.0; 4], output: [0.0; 3], parameters: 0 };
    let _ = network.verify(&example);
}
