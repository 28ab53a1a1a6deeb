//! Checkpoints of a training run, from which it goes on with the same bits. Feature `checkpoint`.
//!
//! A checkpoint has every number that the next step depends on: the network's parameters, the trainer's optimiser state,
//! seed and counts of epochs and steps, and values of your own, such as a generator's seed. It has no settings: the
//! learning rate is the program's.
//!
//! [`save`] and [`load`] work on bytes, without a heap and without `std`:
//!
//! ```
//! use stackprop::{Adam, Dense, Network, Quadratic, Trainer, checkpoint};
//!
//! type Net = Network<1, Dense<1, 1>>;
//! let (adam, data) = (Adam::default(), [([1.0], [2.0]), ([3.0], [6.0])]);
//!
//! let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Adam, 2>::zeros());
//! trainer.step(&mut network, &adam, &Quadratic, &data)?;
//! let mut file = vec![];
//! checkpoint::save(&network, &trainer, &(), |bytes| {
//!     file.extend_from_slice(bytes); // or `write_all` to a file
//!     Ok::<(), std::convert::Infallible>(())
//! })?;
//! trainer.step(&mut network, &adam, &Quadratic, &data)?;
//!
//! // In another process:
//! let (mut resumed, mut trainer) = (Net::zeros(), Trainer::<Net, Adam, 2>::zeros());
//! checkpoint::load(&mut resumed, &mut trainer, &mut (), &file)?;
//! trainer.step(&mut resumed, &adam, &Quadratic, &data)?;
//! assert_eq!(resumed, network);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **The file** is a safetensors file: `network.0.weight` and the others are in PyTorch's layout, and any tool for the
//! format can open it. Its metadata have the format's version, the optimiser's name and the network's structure, in text and
//! as a [fingerprint](crate::Schema::fingerprint). The last tensor, `checksum`, is the CRC-32 of all bytes before it.
//!
//! **Resuming is exact** for each optimiser, and for both trainers: a run goes on with the same bits in a
//! [`Trainer`](crate::Trainer) or an [`InPlaceTrainer`](crate::InPlaceTrainer), of any tile. An epoch can be resumed in the
//! middle, if its steps are made one by one ([`Trainer::end_epoch`](crate::Trainer::end_epoch)) and its order can be made
//! again: draw it from a generator that is seeded anew for each epoch.
//!
//! **Files** need `std`: the package `stackprop-kit` replaces a file in one step and keeps the last and the best. Feature
//! `std` of this crate is not needed.

mod crc32;
pub mod flash;
mod load;
mod save;
mod structure;

pub use crate::text::Label;
pub use load::{CheckpointError, check, load, load_network};
pub use save::save;

use crate::params::Parameters;
use crate::persist::{Parts, Persist};
use crate::scalar::Scalar;

/// The version of the format, and the names of its metadata.
const VERSION: &str = "1";
const VERSION_KEY: &str = "stackprop.checkpoint";
const NETWORK_KEY: &str = "stackprop.network";
const FINGERPRINT_KEY: &str = "stackprop.fingerprint";
const OPTIMIZER_KEY: &str = "stackprop.optimizer";

/// The name of the checksum's tensor, and its length.
const CHECKSUM: &str = "checksum";
const CHECKSUM_BYTES: usize = 4;

/// Visits all that a checkpoint has: the network, the run, and the user's own values.
fn visit<T: Scalar, N: Parameters<T>, R: Persist, X: Persist, const READ: usize, const WRITE: usize>(
    network: ([&N; READ], [&mut N; WRITE]),
    run: ([&R; READ], [&mut R; WRITE]),
    own: ([&X; READ], [&mut X; WRITE]),
    parts: &mut impl Parts<READ, WRITE>,
) {
    parts.parameters::<T, N>("network", network.0, network.1);
    parts.group("trainer", run.0, run.1);
    parts.group("own", own.0, own.1);
}
