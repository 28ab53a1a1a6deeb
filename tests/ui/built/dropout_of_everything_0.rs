//! All numbers are dropped.
use stackprop::{Chain, Dense, Dropout, Network, Quadratic, Sgd, Trainer};

type Net = Network<2, Chain![Dense<2, 3>, Dropout<100>, Dense<3, 1>]>;

fn main() {
    let mut trainer = Trainer::<Net, Sgd, 1>::zeros();
    let _ = trainer.step(&mut Net::zeros(), &Sgd::default(), &Quadratic, &[([0.0; 2], [0.0])]);
}
