//! A workspace for tiles of 0 samples.
use stackprop::{Dense, Network, Workspace};

static WORKSPACE: Workspace<Network<4, Dense<4, 2>>, 0> = Workspace::zeros();

fn main() {
    let _ = &WORKSPACE;
}
