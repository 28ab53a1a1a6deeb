//! A random number generator that is not one of `stackprop::rand`.
use stackprop::{Dense, Network, init};

struct SmallRng;

fn main() {
    let mut network = Network::<4, Dense<4, 2>>::zeros();
    network.init(&init::XavierUniform, &mut SmallRng);
}
