//! An exponential linear unit whose alpha is 0.
use stackprop::Elu;
use stackprop::activation::Elementwise;

fn main() {
    <Elu<0>>::value(-1.0_f32);
}
