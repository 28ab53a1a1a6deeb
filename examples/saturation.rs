//! Why a saturated neuron learns slowly, and why cross-entropy fixes it (Nielsen, chapter 3).
//!
//! ```text
//! input 1 -> one neuron, a = sigma(w + b), sigma the sigmoid -> desired output 0
//!
//! quadratic loss   Dense<1, 1, Sigmoid>, Quadratic              dC/dw = a sigma'(z)
//! cross-entropy    Dense<1, 1> (the logit), SigmoidCrossEntropy dC/dw = a
//! ```
//!
//! Run it with `cargo run --release --example saturation`; `-- --out DIR` sets the directory of `saturation.svg`. It
//! prints and draws the output over 300 epochs from two starts: one moderately wrong (a = 0.82), one badly (a = 0.98).
//!
//! With the quadratic loss, the *worse* start learns *more slowly*: there sigma'(z) = a (1 - a) is 0.018, and the curve
//! stays flat for 150 epochs. The gradient of the cross-entropy has no sigma', so the further off the output is, the
//! faster the neuron learns.

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::Parser;
use stackprop::activation::Activation;
use stackprop::math::Elementary;
use stackprop::{Dense, Identity, LossOf, Network, Quadratic, Sgd, Sigmoid, SigmoidCrossEntropy, Trainer};

mod common;
use common::cli::{self, Out};
use common::plot;

const EPOCHS: usize = 300;
const SAMPLE: [([f32; 1], [f32; 1]); 1] = [([1.0], [0.0])];

/// Shows how a saturated neuron learns.
#[derive(Parser)]
struct Args {
    /// The directory for the drawing
    #[arg(long, default_value = "target/saturation")]
    out: PathBuf,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(args: Args, out: &mut Out) -> cli::Outcome {
    cli::make_directory(&args.out)?;
    let mut charts = vec![];
    for (weight, bias) in [(0.6, 0.9), (2.0, 2.0)] {
        let quadratic = learn::<Sigmoid>(weight, bias, Quadratic, |a| a)?;
        let entropy = learn::<Identity>(weight, bias, SigmoidCrossEntropy, Elementary::sigmoid)?;
        let start = format!("w = {weight:.1}, b = {bias:.1}");

        writeln!(out, "start {start}\nepoch  quadratic  cross-entropy")?;
        for epoch in [0, 10, 50, 100, 150, 200, 250, 299] {
            writeln!(out, "{epoch:5}  {:9.3}  {:13.3}", quadratic[epoch], entropy[epoch])?;
        }
        writeln!(out)?;
        charts.push((start, quadratic, entropy));
    }

    let path = args.out.join("saturation.svg");
    plot::save(&path, (1200, 440), |area| {
        for (half, (start, quadratic, entropy)) in area.split_evenly((1, 2)).iter().zip(&charts) {
            let curves: [(_, &[f32]); 2] = [("quadratic", quadratic), ("cross-entropy", entropy)];
            plot::curves(half, start, "epoch", ("output a", 0.0..1.0), &curves)?;
        }
        Ok(())
    })?;
    writeln!(out, "drawing: {}", path.display())?;
    Ok(())
}

/// The neuron's output before each epoch. `output` computes it from the network's output: by the identity, or as sigma
/// of the logit.
fn learn<A: Activation>(
    weight: f32,
    bias: f32,
    loss: impl LossOf<Network<1, Dense<1, 1, A>>, [f32; 1]>,
    output: fn(f32) -> f32,
) -> Result<[f32; EPOCHS], Box<dyn Error>> {
    let mut network = Network::new(Dense::<1, 1, A>::from_parameters([[weight]], [bias]));
    let mut trainer = Trainer::<_, Sgd, 1>::zeros();
    let sgd = Sgd { learning_rate: 0.15 };
    let mut outputs = [0.0; EPOCHS];
    for a in &mut outputs {
        let [y] = network.predict(&[1.0]);
        *a = output(y);
        trainer.step(&mut network, &sgd, &loss, &SAMPLE)?;
    }
    Ok(outputs)
}
