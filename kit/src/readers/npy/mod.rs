//! .npy files, which `numpy.save` writes.

mod array;
mod dtype;
mod error;
mod header;
mod samples;

pub use error::NpyProblem;
pub use samples::{Npy, NpyClasses, NpyRows, NpySource, NpyTarget, NpyValues};
