//! An array of another length than what is flattened.
use stackprop::{Chain, Dense, Flatten, Network, Parallel};

type Net = Network<4, Chain![Parallel<Dense<4, 3>, Dense<4, 2>>, Flatten<6>, Dense<6, 2>]>;

fn main() {
    let _ = Net::zeros().predict(&[0.0; 4]);
}
