//! A loss in place of the optimiser in the type of a trainer.
use stackprop::{Dense, Network, Quadratic, Trainer};

type Net = Network<2, Dense<2, 1>>;

fn main() {
    let _trainer = Trainer::<Net, Quadratic, 4>::zeros();
}
