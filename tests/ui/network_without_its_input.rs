//! The type of a network without its number of inputs. The message is the compiler's own. It shows the declaration of `Network`.
use stackprop::{Chain, Dense, Network, Relu};

type Net = Network<Chain![Dense<4, 8, Relu>, Dense<8, 2>]>;

fn main() {
    let _network = Net::zeros();
}
