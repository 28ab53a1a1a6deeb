//! The command line of the examples: a directory for what they write, and errors in words.

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

/// Calls `run` with the directory, which it makes, and with all other arguments, at most as many as `others` names. Ends with exit code 1, and
/// the error on stderr, if that fails, and with 2 if the arguments are no good.
pub fn main(
    others: &str,
    run: impl FnOnce(PathBuf, Vec<OsString>) -> Result<(), Box<dyn Error>>,
) -> ExitCode {
    let mut arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let options = arguments.iter().any(|argument| argument.to_string_lossy().starts_with('-'));
    if arguments.is_empty() || options || arguments.len() > 1 + others.split_whitespace().count() {
        eprintln!("usage: the example takes a directory to write to: -- DIRECTORY {others}");
        return ExitCode::from(2);
    }
    let directory = PathBuf::from(arguments.remove(0));
    let made = fs::create_dir_all(&directory).map_err(|error| format!("{}: {error}", directory.display()));
    match made.map_err(Into::into).and_then(|()| run(directory, arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
