//! Two layers as a user of the crate writes them: without access to anything private, and without `unsafe`.
//!
//! [`Scale`] keeps what most layers keep; [`Normalize`] has a cache of its own.

#![forbid(unsafe_code)]

mod normalize;
mod scale;

pub use normalize::{Normalize, NormalizeCache};
pub use scale::Scale;
