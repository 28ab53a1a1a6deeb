//! `Chain!` of types where a value is expected. The first line is the compiler's own: a macro does not know where it is used.
use stackprop::{Chain, Dense, Network, Relu};

fn main() {
    let _network = Network::<4, _>::new(Chain![Dense<4, 8, Relu>, Dense<8, 2>]);
}
