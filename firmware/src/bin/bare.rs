//! Image `floor` without a network.
#![no_std]
#![no_main]

use core::hint::black_box;

use firmware::say;

firmware::entry!(main);

fn main() -> bool {
    let x = black_box(42.0);
    let y: f32 = x;
    say!("bare: {}", y);
    y == 42.0
}
