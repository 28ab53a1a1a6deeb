//! A random order of `n` samples that is computed, not stored.
//!
//! Both methods below take their random numbers from a hash of a number and the permutation's keys,
//! [`Permutation::hash`].
//!
//! **Up to 64 samples: the Fisher-Yates shuffle, followed backwards.** The shuffle swaps `a[i]` and `a[j_i]` for
//! `i` from `n - 1` down to 1, `j_i` uniform in `0..=i`. The origin of the sample at position `p` is found
//! without an array. The last swap that touched `p` is that of `i = p`, which moved the sample from `j_p`. The
//! swaps before it have larger `i`. Going back through them, each swap whose `j_i` is the position found so far
//! moved the sample there from `i`. That is at most `n` hashes per index. All orders are equally likely, apart
//! from two limits: the keys have 192 bits, and 47 samples have more orders than that; and `j_i` is rounded, so
//! the probability of each of its values is off by at most 2^-32.
//!
//! **More samples: a Feistel network** with random keys. It is a bijection of the `b`-bit numbers, whatever its
//! round functions: it splits a number into halves `(l, h)`, and alternately replaces `h` by `h ^ f(l)` and `l`
//! by `l ^ f(h)`; each step is its own inverse. `b` is the smallest for which `2^b >= n`. A result of `n` or more
//! is passed through again until it is below `n` ("cycle walking"). That is a bijection of `0..n`, with fewer
//! than 2 passes per index on average. (Luby, Rackoff 1988; Black, Rogaway 2002; halves of different lengths:
//! Lucks 1996.) For few samples it shuffles badly: halves of one or two bits have few functions `f`, and a
//! network makes only even permutations.

use crate::generator::Generator;

/// The largest number of samples that are shuffled by swaps. An index takes half as many hashes as
/// samples on average.
const MOST_SWAPPED: usize = 64;

/// With 4 rounds, the pairs of 65 samples are off by 18 standard deviations in a million draws
/// (`tests/shuffle.rs`); with 6 and 8, no pair is.
const ROUNDS: u32 = 8;
const _: () = assert!(ROUNDS.is_multiple_of(2), "rounds are made in pairs");

/// An order of `0..len`: 40 bytes (36 on 32-bit targets), no heap, each index in constant time on average.
///
/// ```
/// use stackprop::Permutation;
/// use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
///
/// let order = Permutation::random(1000, &mut Xoshiro128PlusPlus::seed_from_u64(1));
/// let mut seen: Vec<usize> = (0..1000).filter_map(|i| order.index(i)).collect();
/// seen.sort();
/// assert!(seen.into_iter().eq(0..1000));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permutation {
    len: usize,
    method: Method,
    keys: [u32; 6],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Identity,
    Swaps,
    Feistel { bits: u32 },
}

impl Permutation {
    /// `0, 1, 2, ...`
    #[must_use]
    pub const fn identity(len: usize) -> Self {
        Self { len, method: Method::Identity, keys: [0; 6] }
    }

    /// A random order, which takes six `u32` from the generator, whatever `len` is.
    ///
    /// Up to 64 samples, all orders are equally likely, apart from the limit of 192 bits in these six numbers and
    /// a rounding of 2^-32. With more samples, a million draws show no deviation of the pairs from uniform.
    #[must_use]
    pub fn random<R: Generator + ?Sized>(len: usize, rng: &mut R) -> Self {
        let method = if len <= MOST_SWAPPED {
            Method::Swaps
        } else {
            // As many bits as the largest position needs.
            Method::Feistel { bits: usize::BITS.wrapping_sub(len.saturating_sub(1).leading_zeros()) }
        };
        Self { len, method, keys: core::array::from_fn(|_| rng.next_u32()) }
    }

    /// The number of positions.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "an order of nothing is no special case")]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Returns whether this is the identity.
    #[must_use]
    pub const fn is_identity(&self) -> bool {
        matches!(self.method, Method::Identity)
    }

    /// The index at `position`; `None` unless `position < len`.
    #[must_use]
    pub fn index(&self, position: usize) -> Option<usize> {
        if position >= self.len {
            return None;
        }
        match self.method {
            Method::Identity => Some(position),
            Method::Swaps => Some(self.swapped(position)),
            Method::Feistel { bits } => {
                let mut x = position as u64;
                // The loop ends: the walk follows a cycle of the bijection, and `position < len` is on that cycle.
                loop {
                    x = self.feistel(x, bits);
                    if x < self.len as u64 {
                        return Some(x as usize);
                    }
                }
            }
        }
    }

    fn swapped(&self, position: usize) -> usize {
        let mut from = self.partner(position);
        for i in position.saturating_add(1)..self.len {
            if self.partner(i) == from {
                from = i;
            }
        }
        from
    }

    /// `j_i`, uniform in `0..=i`: the upper half of a product, for `i` of at most 32 bits.
    fn partner(&self, i: usize) -> usize {
        let i = i as u32;
        (u64::from(self.hash(i)).wrapping_mul(u64::from(i).wrapping_add(1)) >> 32) as usize
    }

    /// Permutes the numbers of `bits` bits, where `bits` is from 7 to 64.
    fn feistel(&self, x: u64, bits: u32) -> u64 {
        // Each half fits into a word of a microcontroller. If `bits` is odd, the upper half has one bit more.
        let low_bits = bits >> 1;
        let mask = |bits| u32::MAX.wrapping_shr(u32::BITS.wrapping_sub(bits));
        let (low_mask, high_mask) = (mask(low_bits), mask(bits.wrapping_sub(low_bits)));
        let (mut low, mut high) = (x as u32 & low_mask, x.wrapping_shr(low_bits) as u32);
        for round in (0..ROUNDS).step_by(2) {
            // A different function in each round, for halves of fewer than 29 bits.
            high ^= self.hash(low ^ round << 29) & high_mask;
            low ^= self.hash(high ^ (round | 1) << 29) & low_mask;
        }
        u64::from(high).wrapping_shl(low_bits) | u64::from(low)
    }

    /// Mixes `x` with all keys.
    ///
    /// In each round, a multiplication carries every bit to higher bits, and a shift folds these back down. All
    /// products have 32 bits, so a microcontroller has an instruction for them. (The constants are MurmurHash3's,
    /// and 2^32 / golden ratio.)
    fn hash(&self, x: u32) -> u32 {
        let [a, b, c, d, e, f] = self.keys;
        let round = |x: u32, factor, key| (x ^ x >> 16).wrapping_mul(factor).wrapping_add(key);
        let x = x.wrapping_mul(a | 1).wrapping_add(b);
        let x = round(x, 0x85eb_ca6b, c);
        let x = round(x, 0xc2b2_ae35, d);
        let x = round(x, 0x9e37_79b1, e);
        x ^ x >> 15 ^ f
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
    use std::vec;
    use std::vec::Vec;

    #[test]
    fn each_length_is_permuted() {
        let mut rng = Xoshiro128PlusPlus::seed_from_u64(3);
        for len in (0..300).chain([1023, 1024, 1025, 60_000]) {
            let order = Permutation::random(len, &mut rng);
            let mut seen = vec![false; len];
            for position in 0..len {
                let index = order.index(position).unwrap();
                assert!(!core::mem::replace(&mut seen[index], true), "{index} twice in {len}");
            }
            assert_eq!(order.index(len), None);
        }
    }

    // A shuffle must not keep neighbours together: of 59,999 neighbouring pairs, the expected number that stay
    // neighbours in the same direction is about 1.
    #[test]
    fn neighbours_part() {
        let order = Permutation::random(60_000, &mut Xoshiro128PlusPlus::seed_from_u64(5));
        let indices: Vec<usize> = (0..60_000).filter_map(|i| order.index(i)).collect();
        let together = indices.windows(2).filter(|w| w[1] == w[0] + 1).count();
        assert!(together < 10, "{together}");
    }
}
