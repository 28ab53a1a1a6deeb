//! Tools for [stackprop] that want a file system, a terminal or a larger library.
//!
//! Feature `tools`, which is on by default, is everything but [`readers`]. Without it, this crate needs few others.

#[cfg(feature = "tools")]
pub mod c;
#[cfg(feature = "tools")]
pub mod checkpoints;
#[cfg(feature = "tools")]
pub mod generator;
#[cfg(feature = "tools")]
pub mod import;
#[cfg(feature = "tools")]
pub mod inspect;
#[cfg(feature = "tools")]
pub mod model;
pub mod readers;
#[cfg(feature = "tools")]
pub mod rust;
