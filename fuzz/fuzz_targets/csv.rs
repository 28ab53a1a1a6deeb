//! Settings, and any bytes as a CSV file, zipped or not.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stackprop_fuzz::readers::csv(bytes));
