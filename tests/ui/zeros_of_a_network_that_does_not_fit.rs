//! A network that is given only as a type: 16 against 12. Only the text of the message names the layer.
use stackprop::{Chain, Dense, Network, Relu};

type Digits = Network<64, Chain![Dense<64, 16, Relu>, Dense<12, 10>]>;

fn main() {
    let _network = Digits::zeros();
}
