//! The smallest network, with one weight and one bias, shows the cost of the crate itself. `bare` is the same without
//! a network.
#![no_std]
#![no_main]

use core::hint::black_box;

use firmware::say;
use stackprop::{Dense, Network};

firmware::entry!(main);

static NETWORK: Network<1, Dense<1, 1>> = Network::new(Dense::from_parameters([[2.0]], [1.0]));

fn main() -> bool {
    let x = black_box(20.5);
    let [y] = black_box(&NETWORK).predict(&[x]);
    say!("floor: {}", y);
    y == 42.0
}
