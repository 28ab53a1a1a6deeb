//! The protocol between the driver and a rival: one JSON value per line, on the rival's standard input and output.
//!
//! A rival starts with [`Reply::Hello`], and then answers each request with one line until its input ends. If it cannot
//! run, it says [`Reply::Cannot`] and exits. It keeps nothing from one request to the next: training starts anew each
//! time.

use serde::{Deserialize, Serialize};

use crate::run::Timing;
use crate::workload::Workload;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Asks for the answer: all outputs, or the loss before each of `steps` training steps.
    Check { workload: Workload, steps: usize },
    /// Asks for the time per sample.
    Time { workload: Workload, timing: Timing },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The library's version.
    Hello(String),
    /// The reply to [`Request::Check`].
    Answer(Vec<f32>),
    /// The reply to [`Request::Time`]: the seconds per sample.
    Seconds(f64),
    /// Why the rival cannot run this workload, or any.
    Cannot(String),
}
