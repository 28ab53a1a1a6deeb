//! The tests of `build.rs`, which stand beside what they test: what it decides for each target, and which it refuses.
#![allow(dead_code, reason = "a build script has a `main` that is not called here")]

#[path = "../build.rs"]
mod build;
