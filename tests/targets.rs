//! Runs the tests in `build.rs`: what it decides for each target, and which targets it refuses.
#![allow(dead_code, reason = "a build script has a `main` that is not called here")]

#[path = "../build.rs"]
mod build;
