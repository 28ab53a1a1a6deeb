//! Any bytes as a `state_dict` to be imported, with any activations.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stackprop_fuzz::import::check_state_dict(bytes));
