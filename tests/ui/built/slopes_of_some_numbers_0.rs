//! A `PRelu` with two slopes for three numbers.
use stackprop::{Network, PRelu};

fn main() {
    let _ = Network::<3, PRelu<3, 2>>::new(PRelu::new()).predict(&[0.0; 3]);
}
