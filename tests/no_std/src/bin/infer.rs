//! Inference with the parameters in read-only memory. Exit code 0: the four answers are right.
#![no_std]
#![no_main]

use stackprop::{Chain, Dense, Network, Relu, chain};

/// XOR by two rectifiers: `relu(x + y) - 2 relu(x + y - 1)`.
static XOR: Network<2, Chain![Dense<2, 2, Relu>, Dense<2, 1>]> = Network::new(chain![
    Dense::from_parameters([[1.0, 1.0], [1.0, 1.0]], [0.0, -1.0]),
    Dense::from_parameters([[1.0], [-2.0]], [0.0]),
]);

#[unsafe(no_mangle)]
pub extern "C" fn main() -> i32 {
    let mut wrong = 0;
    for (input, expected) in [
        ([0.0, 0.0], 0.0),
        ([0.0, 1.0], 1.0),
        ([1.0, 0.0], 1.0),
        ([1.0, 1.0], 0.0),
    ] {
        let [output] = XOR.predict(core::hint::black_box(&input));
        wrong += i32::from(output != expected);
    }
    wrong
}

// Start-up code and `memcpy`: here the C library, on a microcontroller `cortex-m-rt` and its kin.
#[link(name = "c")]
unsafe extern "C" {}

/// The host's precompiled `core` names it; nothing unwinds here.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}
