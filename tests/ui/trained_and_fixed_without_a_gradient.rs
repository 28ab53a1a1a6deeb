//! A layer with trained and fixed parameters, but without a type for the gradient, which has only trained ones.
use stackprop::parameters;

struct Centre {
    gain: [f32; 2],
    mean: [f32; 2],
}

parameters! {
    [] Centre, f32;
    trained { gain: Gain(2, 2) }
    fixed { mean: Mean(2, 2) }
}

fn main() {}
