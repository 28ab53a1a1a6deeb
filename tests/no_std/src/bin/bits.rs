//! The reference run. Exit code 0 if its weights have the same bits as everywhere.
#![no_std]
#![no_main]

use no_std_programs as _; // links what a host needs

use stackprop::Parameters;
use stackprop::math::MulAdd;

#[path = "../../../../firmware/shared/expected.rs"]
mod expected;
#[path = "../../../reference/mod.rs"]
mod reference;

const CLASS: &str = if <f32 as MulAdd>::FUSED { "fused" } else { "separate" };
const EXPECTED: u64 = expected::expected(include_str!("../../../data/checksum.txt"), CLASS);

#[unsafe(no_mangle)]
pub extern "C" fn main() -> i32 {
    let mut network = reference::Net::zeros();
    reference::train::<4>(&mut network);
    i32::from(network.checksum() != EXPECTED)
}
