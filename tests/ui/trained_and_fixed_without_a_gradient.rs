//! A layer with both kinds of parameters, but no type for the gradient, which has one kind only.
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
