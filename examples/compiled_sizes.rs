//! Chooses the width of the hidden layer when the program runs, among sizes that were compiled.
//!
//! ```text
//! 64 pixels -> Dense<64, H, Relu> -> Dense<H, 10> -> 10 logits -> SoftmaxCrossEntropy, with H = 4, 8, 16, 32 or 64
//! ```
//!
//! Run it with `cargo run --release --example compiled_sizes`. It trains a network of each size on the digits, and prints parameters and test
//! accuracy; `-- --hidden 16` trains one.
//!
//! The shape of a network is its type, so a size that is known only at run time is a choice among types: a function that is generic over the
//! size, and a `match`. Each size that is listed becomes code of its own.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{Adam, Chain, Dense, MiniBatches, Network, Relu, SoftmaxCrossEntropy, Trainer, init};

mod common;
use common::cli::{self, Out};
use common::{confusion, digits, digits::Digit};

type Net<const HIDDEN: usize> = Network<64, Chain![Dense<64, HIDDEN, Relu>, Dense<HIDDEN, 10>]>;

/// The widths that were compiled.
const WIDTHS: [usize; 5] = [4, 8, 16, 32, 64];

/// Learns to read digits with a hidden layer of a width that is chosen at run time.
#[derive(Parser)]
struct Args {
    /// The number of hidden neurons: 4, 8, 16, 32 or 64 [default: each of them]
    #[arg(long, value_parser = cli::count)]
    hidden: Option<usize>,
    /// How many times to go through the training images
    #[arg(long, default_value_t = 20, value_parser = cli::count)]
    epochs: usize,
}

/// The number of parameters, and the share of the test images that are read.
struct Learnt {
    parameters: usize,
    accuracy: f64,
}

/// Trains the network of the width, if it was compiled.
fn learn(
    hidden: usize,
    epochs: usize,
    train: &[Digit],
    test: &[Digit],
) -> Option<Result<Learnt, Box<dyn Error>>> {
    Some(match hidden {
        4 => learn_of::<4>(epochs, train, test),
        8 => learn_of::<8>(epochs, train, test),
        16 => learn_of::<16>(epochs, train, test),
        32 => learn_of::<32>(epochs, train, test),
        64 => learn_of::<64>(epochs, train, test),
        _ => return None,
    })
}

fn learn_of<const HIDDEN: usize>(
    epochs: usize,
    train: &[Digit],
    test: &[Digit],
) -> Result<Learnt, Box<dyn Error>> {
    let rng = &mut Xoshiro128PlusPlus::seed_from_u64(1);
    let (mut network, mut trainer) = (Net::<HIDDEN>::boxed(), Trainer::<Net<HIDDEN>, Adam, 16>::boxed());
    network.init(&init::KaimingUniform, rng);
    let adam = Adam { learning_rate: 0.003, ..Adam::default() };
    for _ in 0..epochs {
        trainer.epoch(&mut network, &adam, &SoftmaxCrossEntropy, MiniBatches::shuffled(train, 32, rng))?;
    }
    let matrix = confusion::of(&*network, test, &mut trainer.workspace)?;
    Ok(Learnt { parameters: Net::<HIDDEN>::PARAMETERS, accuracy: confusion::accuracy(&matrix) })
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(args: Args, out: &mut Out) -> cli::Outcome {
    let (train, test) = digits::split()?;
    let widths = args.hidden.map_or(WIDTHS.to_vec(), |hidden| vec![hidden]);
    for hidden in widths {
        let Some(learnt) = learn(hidden, args.epochs, &train, &test) else {
            return Err(format!(
                "no network with {hidden} hidden neurons was compiled, only with {WIDTHS:?}"
            )
            .into());
        };
        let Learnt { parameters, accuracy } = learnt?;
        writeln!(out, "{hidden:2} hidden neurons, {parameters:4} parameters: test accuracy {accuracy:.4}")?;
    }
    Ok(())
}
