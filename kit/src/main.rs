//! The program `stackprop`.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tools for stackprop, neural networks whose shape is their type.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Export(commands::export::Arguments),
    Import(commands::import::Arguments),
    Inspect(commands::inspect::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Export(arguments) => arguments.run(),
        Command::Import(arguments) => arguments.run(),
        Command::Inspect(arguments) => arguments.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
