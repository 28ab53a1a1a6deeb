//! The layers in a residual connection produce another number of values than they take.
use stackprop::{Chain, Dense, Network, Residual, Tanh};

type Net = Network<4, Chain![Dense<4, 6, Tanh>, Residual<Dense<6, 5>>, Dense<5, 2>]>;

fn main() {
    let _ = Net::zeros();
}
