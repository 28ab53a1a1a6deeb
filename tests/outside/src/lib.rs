//! Two layers as a user of the crate writes them, without access to private items and without `unsafe`.
//!
//! [`Scale`] uses the cache that most layers use; [`Normalize`] has a cache of its own.

#![forbid(unsafe_code)]

mod normalize;
mod scale;

pub use normalize::{Normalize, NormalizeCache};
pub use scale::Scale;
