//! A rival, at the driver's end of the protocol: a process of its own with one thread.

use std::env::current_exe;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::protocol::{Reply, Request};
use crate::rivals::Rival;
use crate::run::{Error, Timing};
use crate::workload::Workload;

/// What keeps each of the libraries to one thread, and jax to the processor.
const ONE_THREAD: [(&str, &str); 7] = [
    ("RAYON_NUM_THREADS", "1"),
    ("OMP_NUM_THREADS", "1"),
    ("MKL_NUM_THREADS", "1"),
    ("OPENBLAS_NUM_THREADS", "1"),
    ("NPROC", "1"),
    ("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"),
    ("JAX_PLATFORMS", "cpu"),
];

pub struct Process {
    child: Child,
    /// `None` when it has been hung up on.
    requests: Option<ChildStdin>,
    replies: BufReader<ChildStdout>,
    /// The library and its version.
    pub version: String,
}

impl Process {
    /// Starts a rival and waits for its version.
    ///
    /// # Errors
    ///
    /// What it said, or what the system said.
    pub fn start(rival: Rival, python: &Path) -> Result<Self, Error> {
        let mut command;
        if rival.is_python() {
            command = Command::new(python);
            command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/python/rivals.py")).arg(rival.name());
        } else {
            command = Command::new(current_exe()?);
            command.args(["--serve", rival.name()]);
        }
        let mut child = command.envs(ONE_THREAD).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let requests = child.stdin.take();
        let replies = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        let mut process = Self { child, requests, replies, version: String::new() };
        match process.reply()? {
            Reply::Hello(version) => process.version = version,
            other => return Err(format!("it said {other:?} for a greeting").into()),
        }
        Ok(process)
    }

    /// What it computes: all outputs, or the cost before each of `steps` training steps.
    pub fn check(&mut self, workload: &Workload, steps: usize) -> Result<Vec<f32>, Error> {
        match self.ask(&Request::Check { workload: workload.clone(), steps })? {
            Reply::Answer(numbers) => Ok(numbers),
            other => Err(format!("it said {other:?} for an answer").into()),
        }
    }

    /// The seconds that a sample takes it.
    pub fn time(&mut self, workload: &Workload, timing: Timing) -> Result<f64, Error> {
        match self.ask(&Request::Time { workload: workload.clone(), timing })? {
            Reply::Seconds(seconds) => Ok(seconds),
            other => Err(format!("it said {other:?} for a time").into()),
        }
    }

    fn ask(&mut self, request: &Request) -> Result<Reply, Error> {
        let requests = self.requests.as_mut().ok_or("hung up")?;
        writeln!(requests, "{}", serde_json::to_string(request)?)?;
        requests.flush()?;
        self.reply()
    }

    fn reply(&mut self) -> Result<Reply, Error> {
        let mut line = String::new();
        if self.replies.read_line(&mut line)? == 0 {
            return Err(format!("it ended ({})", self.child.wait()?).into());
        }
        match serde_json::from_str(&line)? {
            Reply::Cannot(reason) => Err(reason.into()),
            reply => Ok(reply),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.requests.take()); // it ends with its input
        let _ = self.child.wait();
    }
}
