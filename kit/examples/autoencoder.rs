//! Compresses images of digits to eight numbers, and restores them.
//!
//! ```text
//! 64 pixels -> Dense<64, 32, Tanh> -> Dense<32, 8> -> Dense<8, 32, Tanh> -> Dense<32, 64> -> 64 logits -> SigmoidCrossEntropy
//! ```
//!
//! Run it with `cargo run --release -p stackprop-kit --example autoencoder -- DIRECTORY`. The target of an image is the image itself. It writes
//! `reconstructions.png`, the first test images above what the network makes of them, and prints the error of a pixel beside that of the
//! average image, which every sensible compression must beat.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use stackprop::data::Statistics;
use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Adam, Chain, Dense, MiniBatches, Network, SigmoidCrossEntropy, Tanh, Trainer, init, sigmoid,
};
use stackprop_kit::pictures::ImageSheet;
use stackprop_kit::readers::{Csv, Table, Values};

mod common;

type Encoder = Chain![Dense<64, 32, Tanh>, Dense<32, 8>];
type Decoder = Chain![Dense<8, 32, Tanh>, Dense<32, 64>];
type Net = Network<64, Chain![Encoder, Decoder]>;

/// An image, and itself as target.
type Sample = ([f32; 64], [f32; 64]);

const EPOCHS: usize = 60;

/// The digits, 8 by 8 pixels from 0 to 1. The last column of the file is the class, which is not needed.
fn digits() -> Result<Vec<Sample>, Box<dyn Error>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/data/digits.csv.gz");
    let table: Table<64, [f32; 1]> =
        Csv::new(path).without_header().inputs(0..64).read(&Values::new([64]))?;
    Ok(table.inputs().iter().map(|pixels| pixels.map(|pixel| pixel / 16.0)).map(|x| (x, x)).collect())
}

/// The square root of the mean squared difference of the pixels.
fn error<'a>(pairs: impl Iterator<Item = (&'a [f32; 64], [f32; 64])>) -> f32 {
    let (mut sum, mut count) = (0.0, 0.0);
    for (x, y) in pairs {
        sum += x.iter().zip(y).map(|(x, y)| (x - y) * (x - y)).sum::<f32>();
        count += 64.0;
    }
    (sum / count).sqrt()
}

fn main() -> ExitCode {
    common::main("", |directory, _| run(&directory))
}

fn run(directory: &Path) -> Result<(), Box<dyn Error>> {
    let images = digits()?;
    let (train, test) = images.split_at(images.len() * 4 / 5);

    let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
    let (mut network, mut trainer) = (Net::boxed(), Trainer::<Net, Adam, 32>::boxed());
    network.init(&init::XavierUniform, &mut rng);
    let adam = Adam { learning_rate: 0.003, ..Adam::default() };
    for epoch in 1..=EPOCHS {
        let batches = MiniBatches::shuffled(train, 32, &mut rng);
        let loss = trainer.epoch(&mut network, &adam, &SigmoidCrossEntropy, batches)?;
        if epoch % 10 == 0 {
            println!("epoch {epoch}: loss {loss:.3}");
        }
    }

    let restored = |x: &[f32; 64]| sigmoid(&network.predict(x));
    let few: Vec<[f32; 64]> = test.iter().take(10).map(|(x, _)| *x).collect();
    let outputs: Vec<[f32; 64]> = few.iter().map(restored).collect();
    let sheet = ImageSheet {
        title: "64 pixels through 8 numbers".into(),
        range: Some([0.0, 1.0]),
        ..ImageSheet::new(8, 8)
    };
    let path = directory.join("reconstructions.png");
    sheet.row("input", &few).row("output", &outputs).draw()?.save(&path)?;
    println!("picture: {}", path.display());

    let mean = Statistics::of(train)?.mean();
    println!("error of a pixel, by the average image: {:.3}", error(test.iter().map(|(x, _)| (x, mean))));
    println!("error of a pixel, by the network: {:.3}", error(test.iter().map(|(x, _)| (x, restored(x)))));
    Ok(())
}
