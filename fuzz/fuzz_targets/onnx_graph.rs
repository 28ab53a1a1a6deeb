//! Graphs of operators that ONNX has, with the shapes that they need, or almost.
#![no_main]

libfuzzer_sys::fuzz_target!(|graph: stackprop_fuzz::graph::Graph| graph.check());
