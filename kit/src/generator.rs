//! The state of a random generator in a checkpoint.

use serde::Serialize;
use serde::de::DeserializeOwned;
use stackprop::{Parts, Persist};
use thiserror::Error;

/// The state of a generator, or of anything that `serde` knows, in `BYTES` bytes, for a checkpoint.
///
/// ```
/// use stackprop::rand::{Rng, SeedableRng, rngs::Xoshiro128PlusPlus};
/// use stackprop_kit::generator::State;
///
/// let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
/// rng.next_u32();
/// let state = State::<64>::of(&rng)?; // goes into a checkpoint as a value of your own
/// let mut restored: Xoshiro128PlusPlus = state.restore()?;
/// assert_eq!(restored.next_u32(), rng.next_u32());
/// # Ok::<(), stackprop_kit::generator::StateError>(())
/// ```
///
/// The generator's crate has to have its feature `serde`. How many bytes a state takes depends on its numbers: an integer of
/// 32 bits takes up to 5, one of 64 bits up to 10. So `BYTES` is at least 1.25 times the size of the generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State<const BYTES: usize> {
    bytes: [u8; BYTES],
}

/// Why a state could not be made or restored.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the state of a generator, in {bytes} bytes: {error}")]
pub struct StateError {
    /// The bytes that there are.
    pub bytes: usize,
    /// The reason.
    pub error: postcard::Error,
}

impl<const BYTES: usize> State<BYTES> {
    /// A state to load into.
    pub const ZERO: Self = Self { bytes: [0; BYTES] };

    /// The state of this generator.
    ///
    /// # Errors
    ///
    /// [`StateError`] if it takes more than `BYTES` bytes.
    pub fn of(generator: &impl Serialize) -> Result<Self, StateError> {
        let mut state = Self::ZERO;
        postcard::to_slice(generator, &mut state.bytes)
            .map_err(|error| StateError { bytes: BYTES, error })?;
        Ok(state)
    }

    /// A generator in this state.
    ///
    /// # Errors
    ///
    /// [`StateError`] if the bytes are not the state of such a generator, as far as that can be seen: they have no names.
    pub fn restore<R: DeserializeOwned>(&self) -> Result<R, StateError> {
        let error = |error| StateError { bytes: BYTES, error };
        let (generator, rest) = postcard::take_from_bytes(&self.bytes).map_err(error)?;
        if rest.iter().any(|byte| *byte != 0) {
            return Err(error(postcard::Error::DeserializeBadEncoding));
        }
        Ok(generator)
    }
}

impl<const BYTES: usize> Persist for State<BYTES> {
    fn walk<const R: usize, const W: usize>(
        read: [&Self; R],
        write: [&mut Self; W],
        parts: &mut impl Parts<R, W>,
    ) {
        parts.numbers("", read.map(|state| &state.bytes), write.map(|state| &mut state.bytes));
    }
}
