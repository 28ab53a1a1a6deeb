//! MNIST with the networks of Nielsen's *Neural Networks and Deep Learning*, and with better ones.
//!
//! It reads the four files of the database, zipped or not, from a directory:
//! `cargo run --release --example mnist -- --data DIR`; `--help` shows the other options.
//!
//! Without `--recipe`, it is the first chapter of the book: the same network, the same loss, the same settings.
//!
//! ```text
//! 784 pixels -> Dense<784, 30, Sigmoid> -> Dense<30, 10, Sigmoid> -> 10 activations -> Quadratic
//! ```
//!
//! As in the book, it learns from the first 50,000 training images, and prints after each epoch how many of the 10,000
//! test images it reads correctly. `--hidden 100` is the book's larger network. With initial weights from N(0, 1), most
//! of its runs get stuck at 70 to 90 %: an output neuron saturates at 0 and never becomes active again. (Try `--seed 1`,
//! look for the empty column in the confusion matrix, and see the example `saturation`.) The default seed, 3, is one of
//! the lucky ones. With `--scaled`, the initialisation of the book's third chapter, every seed reads about 97.8 %
//! correctly.
//!
//! `--recipe` chooses another network and its settings, those of `mnist/recipes.rs`. Such a run prints how many of the validation
//! images it reads correctly: the last 10,000 training images, or those of them that it does not learn from. It sees the
//! test images once, at the end.

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use stackprop::Dataset;
use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop_kit::readers::Problem;

mod common;
#[path = "mnist/files.rs"]
mod files;
#[path = "mnist/recipes.rs"]
mod recipes;
#[path = "mnist/run.rs"]
mod run;
use common::cli::{self, Out};
use files::SOURCE;
use recipes::Recipe;
use run::Run;

/// Learns to read the handwritten digits of MNIST.
#[derive(Parser)]
#[command(after_help = SOURCE)]
#[command(allow_negative_numbers = true)] // as values, so that the error for `--epochs -1` says what is allowed
struct Args {
    /// The directory with the four files of the database: see below
    #[arg(long)]
    data: PathBuf,
    /// Instead of the book's first chapter: chapter3, chapter3-slow, more-data, ours or ours-augmented
    #[arg(long, value_parser = recipes::named, conflicts_with_all = ["hidden", "scaled"])]
    recipe: Option<Recipe>,
    /// Neurons in the hidden layer of the first chapter: 10, 30 or 100
    #[arg(long, default_value = "30", value_parser = recipes::chapter1)]
    hidden: Recipe,
    /// How many of the training images to learn from [default: the book's 50000, 60000 in our recipes, or all if there
    /// are fewer]
    #[arg(long, value_parser = cli::count)]
    train: Option<usize>,
    /// How many times to go through the training images [default: the recipe's; 30 in the first chapter]
    #[arg(long, value_parser = cli::count)]
    epochs: Option<usize>,
    /// Samples in a mini-batch [default: the recipe's; 10 in the first chapter]
    #[arg(long, value_parser = cli::count)]
    batch: Option<usize>,
    /// The learning rate, eta [default: the recipe's; 3 in the first chapter]
    #[arg(long, value_parser = cli::learning_rate, allow_hyphen_values = true)]
    learning_rate: Option<f32>,
    /// Start from weights N(0, 1/sqrt 784) as in the book's third chapter, not from N(0, 1)
    #[arg(long)]
    scaled: bool,
    /// The seed of the random numbers: the same seed gives the same network, bit for bit; 3 is a lucky one
    #[arg(long, default_value_t = 3, value_parser = cli::seed)]
    seed: u64,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(args: Args, out: &mut Out) -> cli::Outcome {
    let read = |part| {
        files::read(&args.data, part).map_err(|error| match *error.problem {
            Problem::Missing => format!("{error}\n\n{SOURCE}"),
            _ => error.to_string(),
        })
    };
    let (images, test) = (read("train")?, read("t10k")?);
    let recipe = args.recipe.unwrap_or(args.hidden);
    let train = args.train.unwrap_or(recipe.images).min(images.len());
    if let Some(more) = args.train.filter(|more| *more > train) {
        return Err(format!("--train {more}: must be at most {train}, the number of training images").into());
    }
    let learning_rate = args.learning_rate.unwrap_or(recipe.learning_rate);
    let last = (&images).skip(train.max(images.len().saturating_sub(10_000)));
    let watched =
        if args.recipe.is_some() { ("validation", last) } else { ("test", (&test).take(usize::MAX)) };
    (recipe.learn)(Run {
        train: (&images).take(train),
        watched,
        test: &test,
        learning_rate,
        usual_learning_rate: recipe.learning_rate,
        epochs: args.epochs.unwrap_or(recipe.epochs),
        batch: args.batch.unwrap_or(recipe.batch),
        scaled: args.scaled,
        seed: args.seed,
        rng: Xoshiro128PlusPlus::seed_from_u64(args.seed),
        out,
    })
}
