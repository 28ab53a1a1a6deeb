//! The type of a chain of no layers.
use stackprop::{Chain, Network};

type Net = Network<4, Chain![]>;

fn main() {}
