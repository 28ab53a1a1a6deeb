//! What the driver and a rival say to each other: one JSON value per line, the rival's standard input and output.
//!
//! A rival starts with [`Reply::Hello`] (or [`Reply::Cannot`], and ends), and then answers each request with one line
//! until its input ends. It keeps nothing from one request to the next: training starts anew each time.

use serde::{Deserialize, Serialize};

use crate::run::Timing;
use crate::workload::Workload;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// What do you compute? All outputs, or the loss before each of `steps` training steps.
    Check { workload: Workload, steps: usize },
    /// How long does a sample take you?
    Time { workload: Workload, timing: Timing },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The library's version.
    Hello(String),
    /// To [`Request::Check`].
    Answer(Vec<f32>),
    /// To [`Request::Time`]: the seconds of a sample.
    Seconds(f64),
    /// Not this workload, or none at all, and why.
    Cannot(String),
}
