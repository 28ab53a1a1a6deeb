//! The smallest slope and the smallest alpha that there are: 1/1000.
use stackprop::activation::Elementwise;
use stackprop::{Elu, LeakyRelu};

fn main() {
    assert_eq!(<LeakyRelu<1>>::value(-1000.0_f64), -1.0);
    assert_eq!(<Elu<1>>::value(f64::NEG_INFINITY), -0.001);
}
