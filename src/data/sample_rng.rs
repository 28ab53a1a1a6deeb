//! Random numbers for one sample of a data set.

use core::convert::Infallible;

use rand::TryRng;

use crate::layer::Draws;
use crate::layer::draws::mix;
use crate::scalar::Scalar;

/// What random numbers are for. Each purpose has numbers of its own, also for the same seed. A training step takes the number
/// of its mini-batch in this place, from 0.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    Augmentation,
    Mixup,
    Balance,
    Weights,
}

/// The random numbers for a sample in an epoch: SplitMix64 (Steele, Lea, Flood 2014), whose start is a hash of a seed, the
/// epoch and the index of the sample.
///
/// No state passes from one sample to the next, so the numbers depend neither on the order of the samples nor on mini-batches and tiles. It
/// is a generator of `rand`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleRng {
    state: u64,
}

impl SampleRng {
    /// The random numbers that [`Augmented`](super::augment::Augmented) gives this sample.
    #[must_use]
    pub fn new(seed: u32, epoch: u32, source_index: usize) -> Self {
        Self::of(Purpose::Augmentation, seed, epoch, source_index)
    }

    pub(super) fn of(purpose: Purpose, seed: u32, epoch: u32, index: usize) -> Self {
        let draws = Draws::new(seed, epoch, u32::MAX.wrapping_sub(purpose as u32));
        Self { state: draws.row(index).key() }
    }

    /// Other random numbers, for each `number` its own.
    pub(super) fn fork(&self, number: usize) -> Self {
        Self { state: mix(self.state ^ mix(number as u64)) }
    }

    /// Uniform in `0..n`, for `n` of at least 1 and at most 2^32: each probability is off by at most 2^-32.
    pub(super) fn below(&mut self, n: usize) -> usize {
        (u64::from(self.word()).wrapping_mul(n as u64) >> 32) as usize
    }

    /// Uniform in `[low, high)`.
    pub(super) fn uniform<T: Scalar>(&mut self, low: T, high: T) -> T {
        low + (high - low) * T::random(self)
    }

    fn next(&mut self) -> u64 {
        let word = mix(self.state);
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        word
    }

    /// The upper half, whose bits are the better ones.
    pub(super) fn word(&mut self) -> u32 {
        (self.next() >> 32) as u32
    }
}

impl TryRng for SampleRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.word())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        let mut rest = bytes.iter_mut();
        while rest.len() > 0 {
            // In this order: the end of the word must not take a byte from `rest`.
            for (random, byte) in self.next().to_le_bytes().into_iter().zip(rest.by_ref()) {
                *byte = random;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;
    use std::collections::HashSet;

    // The first outputs of SplitMix64 with seed 1234567 in its authors' code.
    #[test]
    fn it_is_splitmix64() {
        let mut rng = SampleRng { state: 1_234_567 };
        let words = core::array::from_fn(|_| rng.next_u64());
        assert_eq!(words, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn each_counter_and_each_purpose_matters() {
        let mut seen = HashSet::new();
        for purpose in [Purpose::Augmentation, Purpose::Mixup, Purpose::Balance, Purpose::Weights] {
            for n in 0..512 {
                let rng = SampleRng::of(purpose, n % 8, n / 8 % 8, n as usize / 64);
                for number in 0..4 {
                    assert!(seen.insert(rng.fork(number).next_u64()));
                }
            }
        }
    }

    #[test]
    fn bytes_are_those_of_the_words() {
        let (mut bytes, mut rng) = ([0; 11], SampleRng::new(1, 2, 3));
        rng.clone().fill_bytes(&mut bytes);
        let words = [rng.next_u64().to_le_bytes(), rng.next_u64().to_le_bytes()];
        assert_eq!(bytes, words.as_flattened()[..11]);
    }
}
