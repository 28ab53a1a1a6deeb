//! Tools for [stackprop] that want a file system, a terminal or a larger library.
//!
//! Each feature is a part: `readers` of data, `fit` for training, `health` of a network that trains badly, `pictures`, and
//! `program`, the import and export of models. All are on by default.

#[cfg(feature = "program")]
pub mod c;
#[cfg(any(feature = "fit", feature = "program"))]
pub mod checkpoints;
#[cfg(any(feature = "fit", feature = "pictures", feature = "program"))]
mod file;
#[cfg(feature = "fit")]
pub mod fit;
#[cfg(any(feature = "fit", feature = "program"))]
pub mod generator;
#[cfg(feature = "health")]
pub mod health;
#[cfg(feature = "program")]
pub mod import;
#[cfg(feature = "program")]
pub mod inspect;
#[cfg(feature = "program")]
pub mod model;
#[cfg(feature = "pictures")]
pub mod pictures;
#[cfg(feature = "readers")]
pub mod readers;
#[cfg(feature = "program")]
pub mod rust;
