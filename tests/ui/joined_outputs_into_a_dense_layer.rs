//! Two outputs side by side are not an array.
use stackprop::{Chain, Dense, Network, Parallel};

type Net = Network<4, Chain![Parallel<Dense<4, 3>, Dense<4, 2>>, Dense<5, 2>]>;

fn main() {
    let _ = Net::zeros();
}
