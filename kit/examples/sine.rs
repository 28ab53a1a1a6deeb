//! Regression with uncertainty: a network learns a noisy sine, and how noisy it is.
//!
//! ```text
//! x -> Dense<1, 16, Tanh> -> Dense<16, 16, Tanh> -> Parallel<Dense<16, 1>, Dense<16, 1>> -> mean and ln variance
//! ```
//!
//! Run it with `cargo run --release -p stackprop-kit --example sine -- DIRECTORY`. The noise grows from left to right. The loss is the likelihood of
//! the data, so the second head learns the variance at each x without being told. It writes `sine.svg`: the mean, two standard deviations on each
//! side, the data and the true function. The last line says how many of other samples are in the band: of normal noise, it should be 95 %.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use stackprop::math::Elementary;
use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::schedule::Cosine;
use stackprop::{
    Adam, Chain, Dense, GaussianNegativeLogLikelihood, MiniBatches, Network, Parallel, Scalar, Scheduled,
    Tanh, Trainer, init,
};
use stackprop_kit::pictures::{Band, Curve};

mod common;

type Heads = Parallel<Dense<16, 1>, Dense<16, 1>>;
type Net = Network<1, Chain![Dense<1, 16, Tanh>, Dense<16, 16, Tanh>, Heads]>;
type Rule = Scheduled<Cosine, Adam>;

const EPOCHS: u32 = 300;
const BATCH: usize = 32;
const SAMPLES: usize = 800;

/// The sine with noise of the deviation 0.05 to 0.4, for x from -1 to 1, which stands for -pi to pi.
fn samples(count: usize, rng: &mut Xoshiro128PlusPlus) -> Vec<([f32; 1], [f32; 1])> {
    let sample = |_| {
        let x = 2.0 * f32::random(rng) - 1.0;
        // The sum of 12 uniform numbers, less 6, is nearly normal.
        let noise = (0..12).map(|_| f32::random(rng)).sum::<f32>() - 6.0;
        ([x], [x.sin_pi() + (0.225 + 0.175 * x) * noise])
    };
    (0..count).map(sample).collect()
}

/// The mean and the standard deviation at x.
fn answer(network: &Net, x: f32) -> (f64, f64) {
    let output = network.predict(&[x]);
    (output.0[0].into(), f64::from(output.1[0] / 2.0).exp())
}

fn main() -> ExitCode {
    common::main("", |directory, _| run(&directory))
}

fn run(directory: &Path) -> Result<(), Box<dyn Error>> {
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
    let (train, other) = (samples(SAMPLES, &mut rng), samples(2000, &mut rng));
    let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Rule, BATCH>::zeros());
    network.init(&init::XavierUniform, &mut rng);

    let steps = EPOCHS * SAMPLES.div_ceil(BATCH) as u32;
    let adam = Adam { learning_rate: 0.005, ..Adam::default() };
    let optimizer = Scheduled::new(Cosine { steps, least: 0.0 }, adam);
    for epoch in 0..EPOCHS {
        let batches = MiniBatches::shuffled(&train, BATCH, &mut rng);
        let loss = trainer.epoch(&mut network, &optimizer, &GaussianNegativeLogLikelihood, batches)?;
        if epoch % 50 == 49 {
            println!("epoch {:3}: loss {loss:.4}", epoch + 1);
        }
    }

    let xs = (0..=200_u8).map(|i| f32::from(i) / 100.0 - 1.0);
    let (means, deviations): (Vec<f64>, Vec<f64>) = xs.clone().map(|x| answer(&network, x)).unzip();
    let band = Band {
        title: "a noisy sine: mean and two standard deviations".into(),
        deviations,
        data: Curve::new(train.iter().step_by(4).map(|([x], [y])| (f64::from(*x), f64::from(*y)))),
        truth: Curve::new(xs.clone().map(|x| (f64::from(x), f64::from(x.sin_pi())))),
        ..Band::new(Curve::new(xs.map(f64::from).zip(means)))
    };
    let path = directory.join("sine.svg");
    band.draw()?.save(&path)?;
    println!("picture: {}", path.display());

    let inside = other.iter().filter(|([x], [y])| {
        let (mean, deviation) = answer(&network, *x);
        (f64::from(*y) - mean).abs() <= 2.0 * deviation
    });
    println!("in the band: {:.1} % of other samples", 100.0 * inside.count() as f64 / other.len() as f64);
    Ok(())
}
