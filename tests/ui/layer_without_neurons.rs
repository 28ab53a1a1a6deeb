//! A layer with no neurons, in a `static`. The compiler shows only the failing constant, not the code that needs it.
use stackprop::{Dense, Network};

static NETWORK: Network<4, Dense<4, 0>> = Network::new(Dense::new());

fn main() {
    NETWORK.predict(&[0.0; 4]);
}
