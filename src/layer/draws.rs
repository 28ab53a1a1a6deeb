//! Random numbers in training, for layers that draw some.

/// What a forward pass is given besides its inputs.
#[derive(Clone, Copy, Debug)]
pub struct Pass<K> {
    /// The kernel of the processor's level.
    pub kernel: K,
    /// Random numbers for layers that draw some; `None` outside training.
    pub draws: Option<Draws>,
}

impl<K> Pass<K> {
    /// The pass for a layer that comes after `layers` others.
    #[inline(always)]
    pub(crate) fn above(self, layers: usize) -> Self {
        Self { draws: self.draws.map(|draws| draws.above(layers)), ..self }
    }

    /// The pass of a layer that is not trained.
    #[inline(always)]
    pub(crate) fn without_draws(self) -> Self {
        Self { draws: None, ..self }
    }
}

/// The random numbers of one layer in one training step.
///
/// Each number is a function of a seed, the step, the layer, the sample and a place in its row. No generator
/// advances, so neither the tile nor the order of the work changes a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draws {
    /// A hash of the seed and the step.
    key: u64,
    layer: usize,
    /// The index of row 0 in the mini-batch.
    first_sample: usize,
}

impl Draws {
    /// The random numbers of a step: the same for the same seed, epoch and mini-batch.
    pub const fn new(seed: u32, epoch: u32, batch: u32) -> Self {
        let key = mix(mix(seed as u64) ^ ((epoch as u64) << 32 | batch as u64));
        Self { key, layer: 0, first_sample: 0 }
    }

    /// The same random numbers for a tile that begins with this sample of the mini-batch.
    #[inline]
    pub(crate) fn starting_at(self, first_sample: usize) -> Self {
        Self { first_sample, ..self }
    }

    #[inline(always)]
    fn above(self, layers: usize) -> Self {
        Self { layer: self.layer.wrapping_add(layers), ..self }
    }

    /// The random numbers for row `row` of the tile.
    #[inline]
    pub fn row(self, row: usize) -> RowDraws {
        let sample = self.first_sample.wrapping_add(row) as u64;
        RowDraws { key: mix(mix(self.key ^ self.layer as u64) ^ sample) }
    }
}

/// The random numbers for one sample of [`Draws`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowDraws {
    key: u64,
}

impl RowDraws {
    /// 32 random bits for this place of the row.
    #[inline]
    pub fn bits(self, place: usize) -> u32 {
        (mix(self.key ^ place as u64) >> 32) as u32
    }

    /// The hash of all counters.
    pub(crate) fn key(self) -> u64 {
        self.key
    }
}

/// A step of SplitMix64 (Steele, Lea, Flood 2014): adds the golden ratio and mixes. A bijection of 64-bit numbers.
#[inline]
pub(crate) const fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    // The first output of SplitMix64 with seed 0 in its authors' code.
    #[test]
    fn mix_is_splitmix64() {
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn the_tile_changes_no_number() {
        let draws = Draws::new(1, 2, 3).above(4);
        for sample in 0..20 {
            for first in 0..=sample {
                assert_eq!(draws.starting_at(first).row(sample - first), draws.row(sample));
            }
        }
    }

    #[test]
    fn each_counter_matters() {
        let mut seen = HashSet::new();
        for (seed, epoch, batch) in (0..64).map(|n: u32| (n % 4, n / 4 % 4, n / 16)) {
            for (layer, sample, place) in (0..64).map(|n| (n % 4, n / 4 % 4, n / 16)) {
                let row = Draws::new(seed, epoch, batch).above(layer).row(sample);
                assert!(seen.insert(mix(row.key ^ place as u64)));
            }
        }
    }

    // Each bit is set in half of 2^20 numbers, within five standard deviations of 512 each. The same holds for
    // the exclusive or of neighbours in each counter, which shows that neighbours are not correlated.
    #[test]
    fn bits_are_balanced() {
        let bits = |step: u32, sample: usize, place: usize| Draws::new(7, 0, step).row(sample).bits(place);
        let mut counts = [[0_i32; 32]; 4];
        for n in 0..1_usize << 20 {
            let (step, sample, place) = ((n >> 14) as u32, n >> 7 & 127, n & 127);
            let here = bits(step, sample, place);
            let next =
                [bits(step + 1, sample, place), bits(step, sample + 1, place), bits(step, sample, place + 1)];
            for (count, word) in counts.iter_mut().zip([here, here ^ next[0], here ^ next[1], here ^ next[2]])
            {
                for (bit, count) in count.iter_mut().enumerate() {
                    *count += (word >> bit & 1) as i32;
                }
            }
        }
        for count in counts.as_flattened() {
            assert!((count - (1 << 19)).abs() < 5 * 512, "{count}");
        }
    }
}
