//! Parameters from a file and back, without a heap. Exit code 0 if the file comes out as it went in.
#![no_std]
#![no_main]

use core::hint::black_box;

use no_std_programs::File;

use stackprop::weights::{Names, load, save};
use stackprop::{BatchNorm, Chain, Dense, Network, Parallel, Relu, Residual, weights};

type Net = Network<2, Chain![Dense<2, 3, Relu>, Residual<BatchNorm<3>>, Parallel<Dense<3, 1>, Dense<3, 2>>]>;

type Classifier = Network<4, Chain![Dense<4, 8, Relu>, Dense<8, 3>]>;

static FILE: &[u8] = include_bytes!("../../../data/pytorch.safetensors");
static COMPILED: Classifier = weights!("../../../data/pytorch.safetensors");

/// Made by the compiler and loaded when the program runs, a network is the same.
fn is_the_same() -> bool {
    let mut loaded = Classifier::zeros();
    load(&mut loaded, black_box(FILE), Names::Sequential).is_ok() && loaded == COMPILED
}

fn saved(network: &Net, names: Names<'_>) -> Option<File> {
    let mut file = File::EMPTY;
    save(network, names, |bytes| file.write(bytes)).ok()?;
    Some(file)
}

fn run(names: Names<'_>) -> Option<bool> {
    let (mut network, mut copy) = (Net::zeros(), Net::zeros());
    network.layers.0.weight = black_box([[0.5, -1.0, 2.0], [0.25, 3.0, -0.125]]);
    network.layers.1.0.0.count = [7.0];
    let file = saved(&network, names)?;
    load(&mut copy, black_box(file.bytes.get(..file.len)?), names).ok()?;
    let again = saved(&copy, names)?;
    Some(copy == network && again.bytes == file.bytes && load(&mut copy, &file.bytes, names).is_err())
}

#[unsafe(no_mangle)]
pub extern "C" fn main() -> i32 {
    let given = ["embed", "norm", "policy", "value"];
    let sequential = run(black_box(Names::Sequential)) == Some(true);
    let named = run(Names::Given(black_box(&given))) == Some(true);
    i32::from(!(sequential && named && is_the_same()))
}
