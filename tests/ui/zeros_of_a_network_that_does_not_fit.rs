//! A network that is only named as a type: 16 against 12. There is no layer to point at but in the message.
use stackprop::{Chain, Dense, Network, Relu};

type Digits = Network<64, Chain![Dense<64, 16, Relu>, Dense<12, 10>]>;

fn main() {
    let _network = Digits::zeros();
}
