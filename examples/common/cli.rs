//! The command line of the examples: start and exit, standard output, numeric arguments, and a progress bar.

use std::error::Error;
use std::fmt::{self, Display};
use std::io::{self, ErrorKind, StdoutLock, Write};
use std::num::{IntErrorKind, ParseIntError};
use std::path::Path;
use std::process::ExitCode;
use std::{fs, str::FromStr};

use clap::Parser;
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use stackprop::StepError;

/// The result of a run. `?` accepts any error.
pub type Outcome = Result<(), Box<dyn Error>>;

/// Parses the arguments, runs, and reports errors on stderr. The `main` of each example only calls this.
///
/// | exit code | |
/// |---|---|
/// | 0 | success, or the reader of the output has closed it (`xor \| head -1`) |
/// | 1 | the run failed: training diverged, or the result is wrong ([`ensure`]) |
/// | 2 | bad arguments, a bad file, output that cannot be written |
pub fn main<A: Parser>(run: impl FnOnce(A, &mut Out) -> Outcome) -> ExitCode {
    let mut out = Out(io::stdout().lock());
    let arguments = match A::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage::<A>(&error),
    };
    match run(arguments, &mut out).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(&*error),
    }
}

/// Standard output. If it cannot be written, `println!` panics; `writeln!(out, ...)?` ends the program.
pub struct Out(StdoutLock<'static>);

impl Out {
    /// Called by `writeln!`.
    pub fn write_fmt(&mut self, text: fmt::Arguments) -> Result<(), OutError> {
        self.0.write_fmt(text).map_err(OutError)
    }

    fn flush(&mut self) -> Outcome {
        Ok(self.0.flush().map_err(OutError)?)
    }
}

/// Standard output cannot be written. A separate type, because a broken pipe is no error here, but would be one for a
/// file.
#[derive(Debug)]
pub struct OutError(io::Error);

impl Display for OutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "standard output cannot be written: {}", self.0)
    }
}

impl Error for OutError {}

/// The program ran, but its result is wrong.
#[derive(Debug)]
pub struct Failed(String);

impl Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Failed {}

impl Failed {
    /// An error that ends the run with exit code 1 and this message.
    pub fn new(message: impl Display) -> Self {
        Self(message.to_string())
    }
}

/// Returns an error that ends the run with exit code 1 and this message, unless the result is right.
pub fn ensure(right: bool, otherwise: impl Display) -> Result<(), Failed> {
    if right { Ok(()) } else { Err(Failed::new(otherwise)) }
}

/// Reports why the run ended, and returns the exit code.
fn report(error: &(dyn Error + 'static)) -> ExitCode {
    if error.downcast_ref().is_some_and(|OutError(cause)| cause.kind() == ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    complain(format_args!("error: {error}"));
    let failed = error.is::<Failed>() || error.is::<StepError>();
    ExitCode::from(if failed { 1 } else { 2 })
}

/// Prints the help, or what is wrong with the arguments.
fn usage<A: Parser>(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return match error.print().and_then(|()| io::stdout().flush()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => report(&OutError(error)),
        };
    }
    let _ = error.print(); // there is no other place to report it
    if error.kind() == clap::error::ErrorKind::MissingRequiredArgument
        && let Some(whence) = A::command().get_after_help()
    {
        complain(format_args!("\n{whence}"));
    }
    ExitCode::from(2)
}

/// Prints a line on stderr. Ignores errors, where `eprintln!` would panic: if stderr is closed or full, there is no
/// other place to report it.
fn complain(text: fmt::Arguments) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// For clap's `value_parser`: a whole number, 1 or more.
pub fn count(text: &str) -> Result<usize, String> {
    whole(text, 1, usize::MAX)
}

/// For clap's `value_parser`: a number of epochs, 1 or more.
pub fn epochs(text: &str) -> Result<u32, String> {
    whole(text, 1, u32::MAX)
}

/// For clap's `value_parser`: a seed of random numbers.
pub fn seed(text: &str) -> Result<u64, String> {
    whole(text, 0, u64::MAX)
}

fn whole<T: FromStr<Err = ParseIntError> + PartialOrd + Display>(
    text: &str,
    least: T,
    most: T,
) -> Result<T, String> {
    match text.parse() {
        Ok(number) if number >= least => Ok(number),
        Err(error) if *error.kind() == IntErrorKind::PosOverflow => Err(format!("must be at most {most}")),
        _ => Err(format!("must be a whole number, {least} or more")),
    }
}

/// For clap's `value_parser`: a learning rate.
pub fn learning_rate(text: &str) -> Result<f32, String> {
    match text.parse() {
        Ok(x) if x > 0.0 && f32::is_finite(x) => Ok(x),
        _ => Err(format!("must be a number from {:e} to {:e}, such as 0.01", f32::from_bits(1), f32::MAX)),
    }
}

/// A progress bar over all steps of all epochs, on stderr. indicatif hides it if stderr is not a terminal, and goes on
/// if it cannot be drawn.
pub fn progress_bar(epochs: usize, steps: usize) -> ProgressBar {
    let template = "{elapsed:>4} {wide_bar} step {human_pos} of {human_len}, {eta} left";
    let style = ProgressStyle::with_template(template);
    ProgressBar::new(epochs.saturating_mul(steps) as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_finish(ProgressFinish::AndClear)
}

/// Makes the directory for drawings, unless it exists.
pub fn make_directory(path: &Path) -> Result<(), String> {
    fs::create_dir_all(path).map_err(|error| about(path, format!("cannot be made a directory: {error}")))
}

/// An error message that names the file.
pub fn about(path: &Path, error: impl Display) -> String {
    format!("{}: {error}", path.display())
}
