//! The program `stackprop`.

use clap::Parser;

/// Tools for stackprop, neural networks whose shape is their type.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {}

fn main() {
    Arguments::parse();
}
