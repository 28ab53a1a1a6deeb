//! A run into a file.

use core::cell::Cell;
use core::iter::once;

use super::crc32::crc32;
use super::structure::{fingerprint, layers};
use super::{CHECKSUM, FINGERPRINT_KEY, NETWORK_KEY, OPTIMIZER_KEY, VERSION, VERSION_KEY, visit};
use crate::params::Parameters;
use crate::persist::{Parts, Persist};
use crate::scalar::Scalar;
use crate::weights::{Names, write_file};

/// Saves a run as a file: calls `write` with one piece of it after the other.
///
/// `run` is a trainer, or `()`; `own` are values of your own, or `()`.
///
/// # Errors
///
/// The error of `write`.
pub fn save<T: Scalar, N: Parameters<T>, R: Persist, E>(
    network: &N,
    run: &R,
    own: &impl Persist,
    mut write: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    // The checksum of the bytes before is known when its turn comes, because it is the last tensor.
    let sum = Cell::new(0);
    let write = |bytes: &[u8]| {
        sum.set(crc32(sum.get(), bytes));
        write(bytes)
    };
    write_file(
        Names::Sequential,
        write,
        |writer| {
            writer.metadata(VERSION_KEY, once(VERSION));
            writer.metadata(OPTIMIZER_KEY, once(R::NAME));
            writer.metadata(FINGERPRINT_KEY, once(fingerprint(&N::SCHEMA)));
            writer.metadata(NETWORK_KEY, layers(&N::SCHEMA));
        },
        |writer| {
            visit::<T, _, _, _, 1, 0>(([network], []), ([run], []), ([own], []), writer);
            writer.numbers(CHECKSUM, [&sum.get().to_le_bytes()], []);
        },
    )
}
