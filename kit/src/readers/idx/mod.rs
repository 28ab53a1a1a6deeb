//! IDX files, in which the MNIST database is published.

mod array;
mod error;
mod images;

pub use array::IdxArray;
pub use error::IdxProblem;
pub use images::{Idx, IdxRows, Images};
