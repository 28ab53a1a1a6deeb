//! Any bytes as an ONNX file.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    stackprop_fuzz::import::check_onnx(bytes);
});
