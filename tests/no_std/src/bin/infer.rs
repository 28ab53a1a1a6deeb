//! Inference with the parameters in read-only memory. Exit code 0 if the four answers are right.
#![no_std]
#![no_main]

use no_std_programs as _; // links what a host needs

use stackprop::{Chain, Dense, Network, Relu, layers};

/// XOR from two rectifiers: `relu(x + y) - 2 relu(x + y - 1)`.
static XOR: Network<2, Chain![Dense<2, 2, Relu>, Dense<2, 1>]> = Network::new(layers![
    Dense::from_parameters([[1.0, 1.0], [1.0, 1.0]], [0.0, -1.0]),
    Dense::from_parameters([[1.0], [-2.0]], [0.0]),
]);

#[unsafe(no_mangle)]
pub extern "C" fn main() -> i32 {
    let mut wrong = 0;
    for (input, expected) in [([0.0, 0.0], 0.0), ([0.0, 1.0], 1.0), ([1.0, 0.0], 1.0), ([1.0, 1.0], 0.0)] {
        let [output] = XOR.predict(core::hint::black_box(&input));
        wrong += i32::from(output != expected);
    }
    wrong
}
