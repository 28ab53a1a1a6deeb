//! Tools for [stackprop] that want a file system, a terminal or a larger library.

pub mod c;
pub mod checkpoints;
pub mod generator;
pub mod import;
pub mod inspect;
pub mod model;
pub mod readers;
pub mod rust;
