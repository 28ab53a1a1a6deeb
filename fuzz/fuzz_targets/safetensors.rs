//! Any bytes as a file of weights.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stackprop_fuzz::weights::check(bytes));
