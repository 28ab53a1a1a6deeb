//! `Flatten` to an array of another length than its input: 6 against 5.
use stackprop::{Chain, Dense, Flatten, Network, Parallel};

type Net = Network<4, Chain![Parallel<Dense<4, 3>, Dense<4, 2>>, Flatten<6>, Dense<6, 2>]>;

fn main() {
    let _ = Net::zeros().predict(&[0.0; 4]);
}
