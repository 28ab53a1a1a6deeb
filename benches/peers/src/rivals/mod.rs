//! The rivals. Those in Rust are modules of this program; those in Python are scripts in `python/`.

mod burn;
mod candle;
mod dfdx;

use clap::ValueEnum;

use crate::run::{Error, Run};
use crate::workload::Workload;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Rival {
    Candle,
    BurnFlex,
    BurnNdarray,
    Dfdx,
    Torch,
    TorchFused,
    Jax,
    Onnxruntime,
}

impl Rival {
    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Rival::Candle => "candle",
            Rival::BurnFlex => "burn-flex",
            Rival::BurnNdarray => "burn-ndarray",
            Rival::Dfdx => "dfdx",
            Rival::Torch => "torch",
            Rival::TorchFused => "torch-fused",
            Rival::Jax => "jax",
            Rival::Onnxruntime => "onnxruntime",
        }
    }

    /// Whether it is a Python package.
    pub fn is_python(self) -> bool {
        matches!(self, Rival::Torch | Rival::TorchFused | Rival::Jax | Rival::Onnxruntime)
    }

    /// Prepares a workload in a Rust library.
    pub fn prepare(self, workload: &Workload) -> Result<Box<dyn Run>, Error> {
        match self {
            Rival::Candle => candle::prepare(workload),
            Rival::BurnFlex => burn::prepare(workload, burn::flex()),
            Rival::BurnNdarray => burn::prepare(workload, burn::ndarray()),
            Rival::Dfdx => dfdx::prepare(workload),
            Rival::Torch | Rival::TorchFused | Rival::Jax | Rival::Onnxruntime => {
                Err("this one is in Python".into())
            }
        }
    }

    /// The library's name and version, from Cargo.lock.
    pub fn locked_version(self) -> String {
        let package = if self == Rival::Candle { "candle-nn" } else { self.name() };
        let entry = format!("name = \"{package}\"\nversion = \"");
        let version = include_str!("../../Cargo.lock")
            .split_once(&entry)
            .and_then(|(_, rest)| rest.split_once('"'))
            .map_or("?", |(version, _)| version);
        format!("{package} {version}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{answer, compare};
    use crate::{ours, workload};

    #[test]
    fn versions_are_in_the_lock_file() {
        for rival in Rival::value_variants().iter().filter(|rival| !rival.is_python()) {
            assert!(!rival.locked_version().ends_with('?'), "{rival:?}");
        }
    }

    #[test]
    fn rust_rivals_compute_what_we_compute() {
        for workload in workload::all() {
            let ours = answer(&mut *ours::prepare(&workload).unwrap(), &workload, 100).unwrap();
            for rival in Rival::value_variants().iter().filter(|rival| !rival.is_python()) {
                let theirs = answer(&mut *rival.prepare(&workload).unwrap(), &workload, 100).unwrap();
                compare(&ours, &theirs, &workload)
                    .unwrap_or_else(|e| panic!("{rival:?}, {}: {e}", workload.name));
            }
        }
    }
}
