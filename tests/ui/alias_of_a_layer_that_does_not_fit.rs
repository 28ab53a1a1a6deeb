//! Layers that do not fit, in a network behind a type alias: 16 against 12.
use stackprop::{Chain, Dense, Network, Relu, layers};

type Hidden = Dense<64, 16, Relu>;
type Digits = Network<64, Chain![Hidden, Dense<12, 10>]>;

fn main() {
    let _network: Digits = Network::new(layers![Dense::new(), Dense::new()]);
}
