//! Three inputs, but two targets.
use stackprop::Samples;

fn main() {
    let _samples = Samples::from_arrays(&[[0.0], [1.0], [2.0]], &[[0.0], [1.0]]);
}
