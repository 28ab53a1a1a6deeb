//! A leaky rectified linear unit whose slope is 0.
use stackprop::LeakyRelu;
use stackprop::activation::Elementwise;

fn main() {
    <LeakyRelu<0>>::value(-1.0_f32);
}
