//! The classifier that `host` trains and that the images hold in flash.
#![allow(dead_code, reason = "each program that includes this file uses its part of it")]

use stackprop::{Chain, Dense, Identity, Network, Relu, layers};

/// 64 pixels, 64 hidden neurons, 10 logits: 4,810 weights and biases.
pub type Classifier = Hidden<Relu>;
/// The same with another hidden activation, for measurements.
pub type Hidden<A> = Network<64, Chain![Dense<64, 64, A>, Dense<64, 10>]>;

static FILE: &[u8; 4 * 4810] = include_bytes!("../data/weights.bin");

/// The trained parameters. The compiler decodes the file, so that in a `static` they are in flash.
pub const fn trained<A>() -> Hidden<A>
where
    Dense<64, 64, A>: stackprop::Layer<[f32; 64], Output = [f32; 64]>,
{
    Network::new(layers![dense::<64, 64, A>(0), dense::<64, 10, Identity>(64 * 64 + 64)])
}

/// A layer whose parameters start at number `first` of the file. They are in the order of `Parameters::visit`: the
/// weights `[IN][OUT]`, then the biases, each a little-endian `f32`.
const fn dense<const IN: usize, const OUT: usize, A>(first: usize) -> Dense<IN, OUT, A> {
    let (mut weight, mut bias) = ([[0.0; OUT]; IN], [0.0; OUT]);
    let mut i = 0;
    while i < IN * OUT {
        weight[i / OUT][i % OUT] = parameter(first + i);
        i += 1;
    }
    while i < IN * OUT + OUT {
        bias[i - IN * OUT] = parameter(first + i);
        i += 1;
    }
    Dense::from_parameters(weight, bias)
}

const fn parameter(n: usize) -> f32 {
    f32::from_le_bytes([FILE[4 * n], FILE[4 * n + 1], FILE[4 * n + 2], FILE[4 * n + 3]])
}
