//! A network that no constructor made, with a layer whose constants do not fit.
use stackprop::{Flatten, Network, Zero};

fn main() {
    let network: Network<4, Flatten<3>> = Zero::ZERO;
    network.predict_many(&[[0.0; 4]], &mut [[0.0; 3]]).unwrap();
}
