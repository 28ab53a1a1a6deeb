//! Any bytes as an IDX file, zipped or not.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stackprop_fuzz::readers::idx(bytes));
