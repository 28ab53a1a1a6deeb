//! Two layers as two arguments. The message is the compiler's own. It shows the line that says how to join several layers.
use stackprop::{Dense, Network, Relu};

fn main() {
    let _network = Network::<2, _>::new(Dense::<2, 3, Relu>::new(), Dense::<3, 1>::new());
}
