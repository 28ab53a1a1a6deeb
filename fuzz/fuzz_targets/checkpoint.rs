//! Any bytes as a checkpoint, and the same with the right checksum.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stackprop_fuzz::checkpoint::check(bytes));
