//! The driver's end of the protocol: a rival as a child process.

use std::env::current_exe;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::protocol::{Reply, Request};
use crate::rivals::Rival;
use crate::run::{Error, Timing};
use crate::workload::Workload;

/// The environment variables of rivals that name the number of threads. (`NPROC` is that of jax.)
const THREADS: [&str; 7] = [
    "RAYON_NUM_THREADS",
    "MATMUL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NPROC",
    // Of the scripts in `python`.
    "PEERS_THREADS",
];

/// The other environment variables of rivals.
const ENVIRONMENT: [(&str, &str); 3] = [
    ("JAX_PLATFORMS", "cpu"),
    // Makes glibc keep freed memory. By default, it may return each large tensor to the system and get the next one
    // page by page. In some runs, but not in others, this took more than half of candle's time in T2.
    ("MALLOC_MMAP_THRESHOLD_", "1073741824"),
    ("MALLOC_TRIM_THRESHOLD_", "1073741824"),
];

pub struct Process {
    child: Child,
    /// `None` after the pipe has been closed.
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
    /// The rival's reason, or the system's error.
    pub fn start(rival: Rival, python: &Path, threads: u16) -> Result<Self, Error> {
        let mut command;
        if rival.is_python() {
            command = Command::new(python);
            command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/python/rivals.py")).arg(rival.name());
        } else {
            command = Command::new(current_exe()?);
            command.args(["--serve", rival.name()]);
        }
        let mut child = command
            .envs(ENVIRONMENT)
            .envs(THREADS.map(|name| (name, threads.to_string())))
            .env(
                "XLA_FLAGS",
                format!(
                    "--xla_cpu_multi_thread_eigen={} intra_op_parallelism_threads={threads}",
                    threads > 1
                ),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("{}: {e}", command.get_program().display()))?;
        let requests = child.stdin.take();
        let replies = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        let mut process = Self { child, requests, replies, version: String::new() };
        match process.reply()? {
            Reply::Hello(version) => process.version = version,
            other => return Err(format!("it replied {other:?} instead of a greeting").into()),
        }
        Ok(process)
    }

    /// The rival's answer: all outputs, or the loss before each of `steps` training steps.
    pub fn check(&mut self, workload: &Workload, steps: usize) -> Result<Vec<f32>, Error> {
        match self.ask(&Request::Check { workload: workload.clone(), steps })? {
            Reply::Answer(numbers) => Ok(numbers),
            other => Err(format!("it replied {other:?} instead of an answer").into()),
        }
    }

    /// The rival's seconds per sample.
    pub fn time(&mut self, workload: &Workload, timing: Timing) -> Result<f64, Error> {
        match self.ask(&Request::Time { workload: workload.clone(), timing })? {
            Reply::Seconds(seconds) => Ok(seconds),
            other => Err(format!("it replied {other:?} instead of a time").into()),
        }
    }

    fn ask(&mut self, request: &Request) -> Result<Reply, Error> {
        let requests = self.requests.as_mut().ok_or("the pipe is closed")?;
        writeln!(requests, "{}", serde_json::to_string(request)?)?;
        requests.flush()?;
        self.reply()
    }

    fn reply(&mut self) -> Result<Reply, Error> {
        let mut line = String::new();
        if self.replies.read_line(&mut line)? == 0 {
            return Err(format!("the process ended ({})", self.child.wait()?).into());
        }
        match serde_json::from_str(&line)? {
            Reply::Cannot(reason) => Err(reason.into()),
            reply => Ok(reply),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.requests.take()); // the process exits at the end of its input
        let _ = self.child.wait();
    }
}
