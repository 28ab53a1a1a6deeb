//! MNIST as in the first chapter of Nielsen's *Neural Networks and Deep Learning*: the same network, the same loss,
//! the same settings.
//!
//! ```text
//! 784 pixels -> Dense<784, 30, Sigmoid> -> Dense<30, 10, Sigmoid> -> 10 activations -> Quadratic
//! ```
//!
//! It reads the four files of the database, zipped or not, from a directory:
//! `cargo run --release --example mnist -- --data DIR`; `--help` shows the other options. As in the book, it learns
//! from the first 50,000 training images, and prints after each epoch how many of the 10,000 test images it reads
//! correctly.
//!
//! `--hidden 100` is the book's larger network. With initial weights from N(0, 1), most of its runs get stuck at 70 to
//! 90 %: an output neuron saturates at 0 and never becomes active again. (Try `--seed 1`, look for the empty column in
//! the confusion matrix, and see the example `saturation`.) The default seed, 3, is one of the lucky ones. With
//! `--scaled`, the initialisation of the book's third chapter, every seed reads about 97.8 % correctly.
//!
//! The images stay bytes, as in the file: `Images` of `stackprop_kit::readers` is a data set that converts a sample when it is needed.

use std::{path::PathBuf, process::ExitCode, time::Instant};

use clap::Parser;
use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{Chain, Dataset, Dense, MiniBatches, Network, Quadratic, Sgd, Sigmoid, Trainer, init};
use stackprop_kit::readers::Problem;

mod common;
use common::cli::{self, Out};
use common::confusion::Confusion;
use common::mnist::{self, Mnist, SOURCE};

type Net<const HIDDEN: usize> = Network<784, Chain![Dense<784, HIDDEN, Sigmoid>, Dense<HIDDEN, 10, Sigmoid>]>;

const LEARNING_RATE: f32 = 3.0;

/// Learns to read the handwritten digits of MNIST.
#[derive(Parser)]
#[command(after_help = SOURCE)]
#[command(allow_negative_numbers = true)] // as values, so that the error for `--epochs -1` says what is allowed
struct Args {
    /// The directory with the four files of the database: see below
    #[arg(long)]
    data: PathBuf,
    /// Neurons in the hidden layer: 10, 30 or 100
    #[arg(long, default_value = "30", value_parser = hidden)]
    hidden: Learn,
    /// How many of the training images to learn from [default: the book's 50000, or all if there are fewer]
    #[arg(long, value_parser = cli::count)]
    train: Option<usize>,
    /// How many times to go through the training images
    #[arg(long, default_value_t = 30, value_parser = cli::count)]
    epochs: usize,
    /// Samples in a mini-batch
    #[arg(long, default_value_t = 10, value_parser = cli::count)]
    batch: usize,
    /// The learning rate, eta
    #[arg(long, default_value_t = LEARNING_RATE, value_parser = cli::learning_rate, allow_hyphen_values = true)]
    learning_rate: f32,
    /// Start from weights N(0, 1/sqrt 784) as in the book's third chapter, not from N(0, 1)
    #[arg(long)]
    scaled: bool,
    /// The seed of the random numbers: the same seed gives the same network, bit for bit; 3 is a lucky one
    #[arg(long, default_value_t = 3, value_parser = cli::seed)]
    seed: u64,
}

/// Trains and tests a network of one size.
type Learn = fn(&Args, &Mnist, &Mnist, &mut Out) -> cli::Outcome;

/// Each size is a network type of its own, so every size that can be chosen is listed here.
fn hidden(text: &str) -> Result<Learn, String> {
    match text {
        "10" => Ok(learn::<10>),
        "30" => Ok(learn::<30>),
        "100" => Ok(learn::<100>),
        _ => Err("must be 10, 30 or 100: the network's shape is a type, so the sizes are fixed when the program is \
                  compiled"
            .into()),
    }
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(args: Args, out: &mut Out) -> cli::Outcome {
    let read = |part| {
        mnist::read(&args.data, part).map_err(|error| match *error.problem {
            Problem::Missing => format!("{error}\n\n{SOURCE}"),
            _ => error.to_string(),
        })
    };
    let (mut train, test) = (read("train")?, read("t10k")?);
    let images = args.train.unwrap_or(train.len().min(50_000));
    if images > train.len() {
        return Err(format!(
            "--train {images}: must be at most {}, the number of training images",
            train.len()
        )
        .into());
    }
    train.truncate(images);
    (args.hidden)(&args, &train, &test, out)
}

fn learn<const H: usize>(args: &Args, train: &Mnist, test: &Mnist, out: &mut Out) -> cli::Outcome {
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(args.seed);
    // Made directly on the heap: 784-100-10 and its trainer are 0.7 MB.
    let mut network = Net::<H>::boxed();
    if args.scaled {
        network.init(&init::NielsenNormal, &mut rng);
    } else {
        network.init(&init::Normal::default(), &mut rng);
    }
    let mut trainer = Trainer::<Net<H>, Sgd, 10>::boxed();
    let sgd = Sgd { learning_rate: args.learning_rate };

    let (start, mut best) = (Instant::now(), 0.0);
    let bar = cli::progress_bar(args.epochs, train.len().div_ceil(args.batch));
    for epoch in 0..args.epochs {
        let batches = MiniBatches::shuffled(train, args.batch, &mut rng).inspect(|_| bar.inc(1));
        trainer.epoch(&mut network, &sgd, &Quadratic, batches)?;
        let read = Confusion::of(&*network, test, &mut trainer.workspace)?;
        bar.suspend(|| writeln!(out, "Epoch {epoch}: {} / {}", read.correct(), read.total()))?;
        best = read.accuracy().max(best);
    }
    bar.finish_and_clear();

    let read = Confusion::of(&*network, test, &mut trainer.workspace)?;
    let (parameters, time, accuracy) = (Net::<H>::PARAMETERS, start.elapsed(), read.accuracy());
    writeln!(out, "\n{read}\n\n{parameters} parameters, {time:.1?}")?;
    writeln!(out, "best test accuracy: {best:.4}\ntest accuracy: {accuracy:.4}")?;
    read.ensure_better_than_chance(args.learning_rate, LEARNING_RATE)?;
    Ok(())
}
