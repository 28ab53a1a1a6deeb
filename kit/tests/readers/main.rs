//! Readers of data: what they accept, exactly, and every message of what they refuse.

mod columns;
mod csv;
mod idx;
mod messages;
mod missing;
mod normal;
mod npy;
mod real;
mod stream;

use std::fs;
use std::path::{Path, PathBuf};

use stackprop_kit::readers::FileError;

/// A directory of a test.
struct Directory(tempfile::TempDir);

impl Directory {
    /// A new one, removed when it is dropped.
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Writes a file.
    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// The path of a file in it.
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// The message without the directory of the file.
fn message(path: &Path, error: &FileError) -> String {
    let directory = format!("{}/", path.parent().unwrap().display());
    error.to_string().replace(&directory, "")
}

/// A file of the examples.
fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data").join(name)
}

/// SplitMix64: random numbers for property tests.
struct Random(u64);

impl Random {
    /// The next number.
    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// A number below `n`.
    fn below(&mut self, n: usize) -> usize {
        (self.word() % n as u64) as usize
    }
}
