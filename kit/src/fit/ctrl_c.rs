//! Ctrl-C ends a run after the step.

use std::io::{self, Write};
use std::process;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};

use super::history::History;
use super::observer::{Flow, Observer, ObserverError, Start, Step};
use super::record::Epoch;

/// The runs that end on Ctrl-C.
static RUNS: AtomicUsize = AtomicUsize::new(0);
static PRESSED: AtomicBool = AtomicBool::new(false);
/// Whether the handler is set, which a process can do only once.
static IS_SET: Mutex<bool> = Mutex::new(false);

/// Ends the run after the step in which Ctrl-C is pressed, with a checkpoint if there are [checkpoints](super::Fit::checkpoints).
///
/// Pressed again, or while there is no run, Ctrl-C ends the process at once, with exit code 130. A process that was started with Ctrl-C
/// ignored, in the background of a shell script, goes on ignoring it.
///
/// ```no_run
/// # use stackprop::{Dense, Network, Quadratic, Sgd, Trainer};
/// # use stackprop_kit::fit::{CtrlC, Fit};
/// # type Net = Network<1, Dense<1, 1>>;
/// # let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 2>::zeros());
/// # let (sgd, data) = (Sgd { learning_rate: 0.1 }, [([1.0], [2.0])]);
/// Fit::new(&mut network, &mut trainer, &sgd, &Quadratic, &data).observe(CtrlC::new()?).run()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct CtrlC {
    runs: bool,
}

impl CtrlC {
    /// Takes over what Ctrl-C does, for the rest of the process.
    ///
    /// # Errors
    ///
    /// [`ctrlc::Error`] if the program has a handler of its own, or the system does not allow one.
    pub fn new() -> Result<Self, ctrlc::Error> {
        let mut is_set = IS_SET.lock().unwrap_or_else(PoisonError::into_inner);
        if !*is_set {
            match ctrlc::try_set_handler(pressed) {
                Err(ctrlc::Error::MultipleHandlers) if is_ignored() => {}
                result => result?,
            }
            *is_set = true;
        }
        Ok(Self { runs: false })
    }

    fn ends(&mut self) {
        if self.runs && RUNS.fetch_sub(1, SeqCst) == 1 {
            PRESSED.store(false, SeqCst);
        }
        self.runs = false;
    }
}

/// Whether this process was started with Ctrl-C ignored, as a shell script starts a command in the background: then it stays ignored.
/// (Known on Linux only.)
fn is_ignored() -> bool {
    const SIGINT: u64 = 1 << 1; // signal 2
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & SIGINT != 0)
}

/// Called in a thread of its own.
fn pressed() {
    if RUNS.load(SeqCst) == 0 || PRESSED.swap(true, SeqCst) {
        process::exit(130);
    }
    let _ = writeln!(io::stderr(), "\nCtrl-C: the run ends after this step; once more ends it at once");
}

fn flow() -> Result<Flow, ObserverError> {
    Ok(if PRESSED.load(SeqCst) { Flow::stop("Ctrl-C") } else { Flow::Continue })
}

impl Observer for CtrlC {
    fn start(&mut self, _: &Start<'_>) -> Result<Flow, ObserverError> {
        self.runs = true;
        RUNS.fetch_add(1, SeqCst);
        flow()
    }

    fn step(&mut self, _: &Step) -> Result<Flow, ObserverError> {
        flow()
    }

    fn epoch(&mut self, _: &Epoch) -> Result<Flow, ObserverError> {
        flow()
    }

    fn end(&mut self, _: &History) -> Result<(), ObserverError> {
        self.ends();
        Ok(())
    }
}

impl Drop for CtrlC {
    fn drop(&mut self) {
        self.ends();
    }
}
