//! Eight inputs, but room for four outputs.
use stackprop::{Dense, Network};

fn main() {
    let network = Network::new(Dense::<3, 2>::new());
    let mut outputs = [[0.0; 2]; 4];
    network.predict_batch(&[[0.0; 3]; 8], &mut outputs);
}
