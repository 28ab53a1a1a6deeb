//! The smallest complete program: a network learns the exclusive or.
//!
//! ```text
//! 2 bits -> Dense<2, 3, Tanh> -> Dense<3, 1> -> 1 logit -> SigmoidCrossEntropy
//! ```
//!
//! Run it with `cargo run --release --example xor`. It prints the four answers, each as the probability of a 1, and
//! whether all are right. Nothing here is on the heap: the network and its trainer are local variables.
//!
//! `writeln!(out, ...)?` replaces `println!(...)`: if the output cannot be written, it ends the program and does not
//! panic (see `common/cli.rs`).

use std::process::ExitCode;

use clap::Parser;
use stackprop::math::Elementary;
use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{Adam, Chain, Dense, Network, SigmoidCrossEntropy, Tanh, Trainer, init};

mod common;
use common::cli::{self, Out};

type Xor = Network<2, Chain![Dense<2, 3, Tanh>, Dense<3, 1>]>;

/// Input and target of the four samples. One hidden layer is needed: no line separates the ones from the zeros.
const TRUTH: [([f32; 2], [f32; 1]); 4] =
    [([0.0, 0.0], [0.0]), ([0.0, 1.0], [1.0]), ([1.0, 0.0], [1.0]), ([1.0, 1.0], [0.0])];

/// Learns the exclusive or.
#[derive(Parser)]
struct Args;

fn main() -> ExitCode {
    cli::main(run)
}

fn run(_: Args, out: &mut Out) -> cli::Outcome {
    let mut network = Xor::zeros();
    network.init(&init::XavierUniform, &mut Xoshiro128PlusPlus::seed_from_u64(1));

    let adam = Adam { learning_rate: 0.05, ..Adam::default() };
    let mut trainer = Trainer::<Xor, Adam, 4>::zeros();
    for step in 0..500 {
        let loss = trainer.step(&mut network, &adam, &SigmoidCrossEntropy, &TRUTH)?;
        if step % 100 == 0 {
            writeln!(out, "step {step}: loss {loss:.4}")?;
        }
    }

    let mut right = 0;
    for ([x, y], [target]) in TRUTH {
        let [logit] = network.predict(&[x, y]);
        let probability = Elementary::sigmoid(logit);
        writeln!(out, "{x} xor {y} = {probability:.3}")?;
        right += usize::from((probability > 0.5) == (target == 1.0));
    }
    writeln!(out, "{right} of 4 right")?;
    cli::ensure(right == 4, "the network has not learned the exclusive or")?;
    Ok(())
}
