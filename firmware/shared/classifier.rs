//! The classifier that `host` trains and that the images hold in flash.
#![allow(dead_code, reason = "each program that includes this file uses its part of it")]

use stackprop::{Chain, Dense, Network, Relu};

/// 64 pixels, 64 hidden neurons, 10 logits: 4,810 weights and biases.
pub type Classifier = Hidden<Relu>;
/// The same with another hidden activation, for measurements.
pub type Hidden<A> = Network<64, Chain![Dense<64, 64, A>, Dense<64, 10>]>;
