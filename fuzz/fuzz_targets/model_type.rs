//! Any text as the type of a network.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| stackprop_fuzz::import::check_type(text));
