//! What the command lines of the examples share: a check, a progress bar, and how a run ends.

use std::error::Error;
use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use stackprop::StepError;

/// A learning rate for clap's `value_parser`.
pub fn positive(text: &str) -> Result<f32, String> {
    match text.parse() {
        Ok(x) if x > 0.0 && f32::is_finite(x) => Ok(x),
        Ok(_) => Err("it must be above 0 and finite".into()),
        Err(_) => Err("it is not a number".into()),
    }
}

/// A bar over all steps of all epochs, on stderr; indicatif hides it where stderr is not a terminal.
pub fn progress_bar(epochs: usize, steps: usize) -> ProgressBar {
    let template = "{elapsed:>4} {wide_bar} step {human_pos} of {human_len}, {eta} left";
    let style = ProgressStyle::with_template(template);
    ProgressBar::new(epochs.saturating_mul(steps) as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_finish(ProgressFinish::AndClear)
}

/// An error about a file that names the file.
pub fn about(path: &Path, error: impl Display) -> String {
    format!("{}: {error}", path.display())
}

/// Ends the program: 1 if training diverged, 2 if a file or an argument was bad.
pub fn exit(result: Result<(), Box<dyn Error>>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(if error.is::<StepError>() { 1 } else { 2 })
        }
    }
}
