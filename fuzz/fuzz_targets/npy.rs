//! Any bytes as a .npy file, zipped or not.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stackprop_fuzz::readers::npy(bytes));
