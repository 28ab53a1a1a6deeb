//! The crate's reference run, and its elementary functions over the whole range of `f32`, give the same bits as
//! everywhere.
#![no_std]
#![no_main]

use firmware::{FUSED, Once, say};
use stackprop::Parameters;

#[path = "../../shared/expected.rs"]
mod expected;
#[path = "../../shared/functions.rs"]
mod functions;
#[path = "../../../tests/reference/mod.rs"]
mod reference;

use expected::expected;

firmware::entry!(main);

static NETWORK: Once<reference::Net> = Once::new(reference::Net::zeros());

const REFERENCE: u64 = expected(include_str!("../../../tests/data/checksum.txt"), firmware::CLASS);
const FUNCTIONS: &str = include_str!("../../data/functions.txt");
const COARSE: u64 = expected(FUNCTIONS, if FUSED { "fused coarse" } else { "separate coarse" });
const FINE: u64 = expected(FUNCTIONS, if FUSED { "fused fine" } else { "separate fine" });

fn main() -> bool {
    let Some(network) = NETWORK.take() else { return false };
    let loss = reference::train::<4>(network);
    say!("bits: the reference run's last average loss is {}", loss);
    let mut same = show("reference", network.checksum(), REFERENCE);
    same &= show("functions-coarse", functions::sweep(functions::COARSE), COARSE);
    // Without a floating-point unit, two million arguments take too long.
    if cfg!(any(target_abi = "eabihf", target_feature = "f")) {
        same &= show("functions-fine", functions::sweep(functions::FINE), FINE);
    }
    same
}

#[allow(unused_variables, reason = "a silent image prints no name")]
fn show(name: &str, hash: u64, expected: u64) -> bool {
    say!("hash {} {} {:016x}", name, firmware::CLASS, hash);
    hash == expected
}
