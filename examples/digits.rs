//! Reads handwritten digits: trains a classifier on 1,437 real images and tests it on 360 others.
//!
//! ```text
//! 64 pixels -> Dense<64, 64, Relu> -> Dense<64, 10> -> 10 logits -> SoftmaxCrossEntropy
//! ```
//!
//! Run it with `cargo run --release --example digits`, or with `-- --help` to see its options. It prints the
//! average loss and the test accuracy after each epoch, the confusion matrix, and the memory that the network and
//! its trainer take. It draws `learning-curve.svg`, and `misread.svg` with every digit that it misread.
//!
//! Every fifth image is kept for testing. Images by one writer follow each other, so the test images are new digits
//! by writers that the network has seen.

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::Parser;
use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{Adam, Chain, Dense, Network, Relu, SoftmaxCrossEntropy, Trainer, argmax, init};
use stackprop_kit::fit::{Cause, Epoch, Fit, FitError, Progress};

mod common;
use common::cli::{self, Failed, Out};
use common::{confusion, digits, plot};

type Net = Network<64, Chain![Dense<64, 64, Relu>, Dense<64, 10>]>;
/// The trainer, which works on tiles of 16 samples, whatever the mini-batch.
type Training = Trainer<Net, Adam, 16>;

const LEARNING_RATE: f32 = 0.003;

/// Learns to read handwritten digits.
#[derive(Parser)]
#[command(allow_negative_numbers = true)] // as values, so that the error for `--epochs -1` says what is allowed
struct Args {
    /// How many times to go through the training images
    #[arg(long, default_value_t = 40, value_parser = cli::epochs)]
    epochs: u32,
    /// Samples in a mini-batch
    #[arg(long, default_value_t = 32, value_parser = cli::count)]
    batch: usize,
    /// The learning rate of Adam
    #[arg(long, default_value_t = LEARNING_RATE, value_parser = cli::learning_rate, allow_hyphen_values = true)]
    learning_rate: f32,
    /// The seed of the random numbers: the same seed gives the same network, bit for bit
    #[arg(long, default_value_t = 1, value_parser = cli::seed)]
    seed: u64,
    /// The directory for the two drawings
    #[arg(long, default_value = "target/digits")]
    out: PathBuf,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(args: Args, out: &mut Out) -> cli::Outcome {
    cli::make_directory(&args.out)?;
    let (train, test) = digits::split()?;

    let mut rng = Xoshiro128PlusPlus::seed_from_u64(args.seed);
    let mut network = Net::zeros();
    network.init(&init::KaimingUniform, &mut rng);
    let mut trainer = Training::zeros();
    let adam = Adam { learning_rate: args.learning_rate, ..Adam::default() };

    // The test images are looked at after each epoch, but choose nothing: there is no early stopping.
    let history = Fit::new(&mut network, &mut trainer, &adam, &SoftmaxCrossEntropy, &train)
        .epochs(args.epochs)
        .batch(args.batch)
        .seed(args.seed)
        .validate(&test)
        .metric("test accuracy", |logits, class| argmax(logits) == class.index())
        .observe(Progress::bar())
        .observe(|epoch: &Epoch| writeln!(out, "{epoch}"))
        .run()
        .map_err(ended)?;

    let matrix = confusion::of(&network, &test, &mut trainer.workspace)?;
    writeln!(out, "\n{matrix}\n\n{} parameters", Net::PARAMETERS)?;
    writeln!(out, "{} bytes of network, {} of trainer", Net::BYTES, Training::BYTES)?;
    let losses: Vec<_> = history.epochs.iter().map(|epoch| epoch.loss as f32).collect();
    let accuracies: Vec<_> = history.epochs.iter().map(|epoch| epoch.metrics[0].1 as f32).collect();
    plot::learning_curve(&args.out.join("learning-curve.svg"), &losses, &accuracies)?;
    plot::sheet(&args.out.join("misread.svg"), &misread(&network, &test))?;
    writeln!(out, "drawings: see {}", args.out.display())?;
    writeln!(out, "test accuracy: {:.4}", confusion::accuracy(&matrix))?;
    confusion::ensure_better_than_chance(&matrix, args.learning_rate, LEARNING_RATE)?;
    Ok(())
}

/// The error of standard output, if that ended the run, or else that of the training.
fn ended(error: FitError) -> Box<dyn Error> {
    let failed = Failed::new(&error);
    match *error.cause {
        Cause::Observer { error, .. } => error,
        _ => failed.into(),
    }
}

/// The digits that the network misreads, each with the text "true -> read".
fn misread<'a>(network: &Net, digits: &'a [digits::Digit]) -> Vec<(String, &'a [f32; 64])> {
    digits
        .iter()
        .map(|(pixels, class)| (class.index(), argmax(&network.predict(pixels)), pixels))
        .filter(|(class, read, _)| class != read)
        .map(|(class, read, pixels)| (format!("{class} -> {read}"), pixels))
        .collect()
}
