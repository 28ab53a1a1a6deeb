//! Code shared by the examples.
#![allow(dead_code, reason = "each example uses its part of this")]

pub mod cli;
pub mod confusion;
#[cfg(feature = "alloc")]
pub mod differences;
pub mod digits;
pub mod plot;
