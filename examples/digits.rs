//! Reads handwritten digits: trains a classifier on 1,437 real images and tests it on 360 others.
//!
//! ```text
//! 64 pixels -> Dense<64, 64, Relu> -> Dense<64, 10> -> 10 logits -> SoftmaxCrossEntropy
//! ```
//!
//! Run it with `cargo run --release --example digits`, or with `-- --help` to see its options. It prints the
//! average cost and the test accuracy after each epoch, which digit was taken for which, and the memory that the
//! network and its trainer take. It draws `learning-curve.svg`, and `misread.svg` with every digit it got wrong.
//!
//! Every fifth image is kept for testing. Images of one writer follow each other, so these are new digits of
//! writers that the network knows.

use std::{error::Error, fs, num::NonZeroUsize, path::PathBuf};

use clap::Parser;
use rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{Adam, Chain, Dense, MiniBatches, Network, Relu, SoftmaxCrossEntropy, Trainer, argmax, init};

mod common;
use common::{cli, confusion::Confusion, digits, plot};

type Net = Network<64, Chain![Dense<64, 64, Relu>, Dense<64, 10>]>;
/// What training takes beside the network; it works on tiles of 16 samples, whatever the mini-batch.
type Training = Trainer<Net, Adam, 16>;

/// Learns to read handwritten digits.
#[derive(Parser)]
struct Args {
    /// How often to go through the training images
    #[arg(long, default_value = "40")]
    epochs: NonZeroUsize,
    /// Samples in a mini-batch
    #[arg(long, default_value = "32")]
    batch: NonZeroUsize,
    /// The learning rate of Adam
    #[arg(long, default_value = "0.003", allow_hyphen_values = true, value_parser = cli::positive)]
    learning_rate: f32,
    /// Where the random numbers start: the same seed gives the same network, bit for bit
    #[arg(long, default_value = "1")]
    seed: u64,
    /// The directory for the two drawings
    #[arg(long, default_value = "target/digits")]
    out: PathBuf,
}

fn main() -> std::process::ExitCode {
    cli::exit(run(&Args::parse()))
}

fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(&args.out).map_err(|e| cli::about(&args.out, e))?;
    let (mut train, mut test) = (vec![], vec![]);
    for five in digits::read()?.chunks(5) {
        test.push(five[0]);
        train.extend_from_slice(&five[1..]);
    }

    let mut rng = Xoshiro128PlusPlus::seed_from_u64(args.seed);
    let mut network = Net::zeros();
    network.init(&init::KaimingUniform, &mut rng);
    let mut trainer = Training::zeros();
    let adam = Adam { learning_rate: args.learning_rate, ..Adam::default() };

    let (epochs, batch) = (args.epochs.get(), args.batch.get());
    let bar = cli::progress_bar(epochs, train.len().div_ceil(batch));
    let (mut costs, mut accuracies) = (vec![], vec![]);
    for epoch in 0..epochs {
        let batches = MiniBatches::shuffled(&train, batch, &mut rng).inspect(|_| bar.inc(1));
        let cost = trainer.epoch(&mut network, &adam, &SoftmaxCrossEntropy, batches)?;
        let accuracy = Confusion::of(&network, &test, &mut trainer.workspace)?.accuracy();
        bar.suspend(|| println!("epoch {epoch:2}: cost {cost:.4}, test accuracy {accuracy:.4}"));
        costs.push(cost);
        accuracies.push(accuracy as f32);
    }
    bar.finish_and_clear();

    let confusion = Confusion::of(&network, &test, &mut trainer.workspace)?;
    println!("\n{confusion}\n\n{} parameters", Net::PARAMETERS);
    println!("{} bytes of network, {} of trainer", Net::BYTES, Training::BYTES);
    plot::learning_curve(&args.out.join("learning-curve.svg"), &costs, &accuracies)?;
    plot::sheet(&args.out.join("misread.svg"), &misread(&network, &test))?;
    println!("drawings: see {}", args.out.display());
    println!("test accuracy: {:.4}", confusion.accuracy());
    Ok(())
}

/// The digits that the network takes for another, each with "true -> read".
fn misread<'a>(network: &Net, digits: &'a [digits::Digit]) -> Vec<(String, &'a [f32; 64])> {
    digits
        .iter()
        .map(|(pixels, class)| (class.index(), argmax(&network.predict(pixels)), pixels))
        .filter(|(class, read, _)| class != read)
        .map(|(class, read, pixels)| (format!("{class} -> {read}"), pixels))
        .collect()
}
