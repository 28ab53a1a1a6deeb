//! Files of weights that are almost right.
#![no_main]

use stackprop_fuzz::{header::File, weights};

libfuzzer_sys::fuzz_target!(|file: File| weights::check(&file.bytes()));
