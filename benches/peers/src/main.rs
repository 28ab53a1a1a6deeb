//! Compares stackprop with its rivals on the same networks, weights and inputs, on one thread or more. Answers are
//! checked, then timed in turn.
//!
//! ```text
//! cargo run --release -- --python PYTHON
//! ```
//!
//! README.md says what is compared and how.

mod child;
mod contest;
mod ours;
mod protocol;
mod report;
mod rivals;
mod run;
mod serve;
mod workload;

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use crate::child::Process;
use crate::rivals::Rival;
use crate::run::Error;

/// Prints how many times slower than stackprop its rivals are.
#[derive(Parser)]
struct Args {
    /// The number of rounds. In each round, every contender has a turn.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Run only these workloads.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// Run only these rivals.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    rivals: Vec<Rival>,
    /// The number of threads that a contender may use.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    threads: u16,
    /// The interpreter for the rivals in Python, with the packages of requirements.txt.
    #[arg(long, value_name = "PATH", default_value = "python3")]
    python: PathBuf,
    /// Print all numbers as JSON instead of the table.
    #[arg(long)]
    json: bool,
    /// Act as this rival, for a driver at standard input and output.
    #[arg(long, value_name = "NAME", hide = true)]
    serve: Option<Rival>,
}

fn main() -> Result<(), Error> {
    let args = Args::parse();
    if let Some(rival) = args.serve {
        return serve::serve(rival);
    }

    stackprop::threads::set_count(args.threads.into());
    let mut workloads = workload::all();
    if let Some(unknown) = args.only.iter().find(|name| workloads.iter().all(|w| w.name != **name)) {
        return Err(format!("no workload {unknown}").into());
    }
    workloads.retain(|workload| args.only.is_empty() || args.only.contains(&workload.name));

    let start = |&rival: &Rival| {
        (rival, Process::start(rival, &args.python, args.threads).map_err(|e| e.to_string()))
    };
    let rivals = if args.rivals.is_empty() { Rival::value_variants() } else { &args.rivals };
    let mut contenders: Vec<_> = rivals.iter().map(start).collect();
    let results = contest::contest(workloads, &mut contenders, args.rounds.into())?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&results)?);
    } else {
        print!("{results}");
    }
    Ok(())
}
