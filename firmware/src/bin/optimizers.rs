//! A short training by each optimiser: instructions of a step, bytes of state, and the host's bits. The rates of each
//! schedule.
#![no_std]
#![no_main]

use firmware::{machine, say};
use stackprop::{Optimizer, StepError};

#[path = "../../shared/digits.rs"]
mod digits;
#[path = "../../shared/expected.rs"]
mod expected;
#[path = "../../shared/optimizers.rs"]
mod optimizers;
#[path = "../../shared/training.rs"]
mod training;

use training::Net;

firmware::entry!(main);

const EXPECTED: u64 = expected::expected(include_str!("../../data/optimizers.txt"), firmware::CLASS);

fn main() -> bool {
    say!("optimizers: 64-16-10 relu, {} parameters, mini-batches of {}", Net::PARAMETERS, training::BATCH);
    say!("{:20} {:>12} {:>12} {:>6}", "", "instructions", "for each", "bytes");
    say!("{:20} {:>12} {:>12} {:>6}", "", "of a step", "parameter", "state");
    let mut table = Table { hash: 0, of_sgd: None };
    let done = optimizers::each(&mut table);
    table.hash = optimizers::join(table.hash, optimizers::rates());
    say!("hash optimizers {} {:016x}", firmware::CLASS, table.hash);
    done.is_ok() && table.hash == EXPECTED
}

/// Trains with each optimiser and prints a line.
struct Table {
    hash: u64,
    /// The instructions of a step of `Sgd`, which comes first.
    of_sgd: Option<u64>,
}

impl optimizers::Visitor for Table {
    #[allow(unused_variables, reason = "a silent image prints no name")]
    fn visit<O: Optimizer<f32>>(&mut self, name: &'static str, optimizer: O) -> Result<(), StepError> {
        let (checksum, instructions) = optimizers::run(&optimizer, machine::count)?;
        self.hash = optimizers::join(self.hash, checksum);
        let of_sgd = *self.of_sgd.get_or_insert(instructions);
        let more = (instructions as f32 - of_sgd as f32) / Net::PARAMETERS as f32;
        say!("{:20} {:12} {:+12.1} {:6}", name, instructions, more, optimizers::state_bytes::<O>());
        Ok(())
    }
}
