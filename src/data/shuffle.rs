//! A random order of `n` samples that is computed, not stored.
//!
//! Both ways below draw what they need from a hash of a number and the order's keys, [`Permutation::hash`].
//!
//! **Up to 64 samples: the Fisher-Yates shuffle, followed backwards.** The shuffle swaps `a[i]` and `a[j_i]` for `i` from `n - 1` down
//! to 1, `j_i` uniform in `0..=i`. Where the sample at position `p` came from is found without an array: the last swap that
//! touched `p` is that of `i = p`, which took it from `j_p`; the swaps before it have larger `i`, and each with `j_i` equal to
//! where the sample was took it from `i`. That is at most `n` hashes an index, and every order is as likely as any other, but
//! for the keys' 192 bits (there are more orders than that of 47 samples) and for the rounding of `j_i`: the probability of
//! each of its values is off by at most 2^-32.
//!
//! **More samples: a Feistel network** with random keys is a bijection of the numbers of `b` bits, whatever its round functions:
//! it splits a number into halves `(l, h)`, and changes in turns `h` to `h ^ f(l)` and `l` to `l ^ f(h)`, each of which the same
//! step undoes. With `b` the smallest for which `2^b >= n`, a result of `n` or more is sent through again until it falls below
//! `n` ("cycle walking"): that is a bijection of `0..n`, with fewer than 2 passes an index on average. (Luby, Rackoff 1988;
//! Black, Rogaway 2002; halves of different lengths: Lucks 1996.) For few samples it is no good shuffle: halves of one or two
//! bits have few functions `f`, and a network makes only even permutations.

use crate::generator::Generator;

/// Up to so many samples are shuffled by swaps: an index takes half as many hashes on average.
const MOST_SWAPPED: usize = 64;

/// With 4, the pairs of 65 samples are off by 18 standard deviations in a million draws (`tests/shuffle.rs`); with 6 and 8, none are.
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
    /// Up to 64 samples, all orders are equally likely, but for the 192 bits of these six numbers and a rounding of 2^-32. With more
    /// samples, pairs are uniform as far as a million draws show.
    #[must_use]
    pub fn random<R: Generator + ?Sized>(len: usize, rng: &mut R) -> Self {
        let method = if len <= MOST_SWAPPED {
            Method::Swaps
        } else {
            // What the largest position needs.
            Method::Feistel { bits: usize::BITS.wrapping_sub(len.saturating_sub(1).leading_zeros()) }
        };
        Self { len, method, keys: core::array::from_fn(|_| rng.next_u32()) }
    }

    /// Whether it is the order of the numbers themselves.
    #[must_use]
    pub const fn is_identity(&self) -> bool {
        matches!(self.method, Method::Identity)
    }

    /// What stands at `position`; `None` unless `position < len`.
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
                // Ends: the walk follows a cycle of the bijection, and `position < len` lies on that cycle itself.
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

    /// Permutes the numbers of `bits` bits, of which there are at least 7 and at most 64.
    fn feistel(&self, x: u64, bits: u32) -> u64 {
        // Each half fits into a word of a microcontroller; the upper one has one bit more if they are not equal.
        let low_bits = bits >> 1;
        let mask = |bits| u32::MAX.wrapping_shr(u32::BITS.wrapping_sub(bits));
        let (low_mask, high_mask) = (mask(low_bits), mask(bits.wrapping_sub(low_bits)));
        let (mut low, mut high) = (x as u32 & low_mask, x.wrapping_shr(low_bits) as u32);
        for round in (0..ROUNDS).step_by(2) {
            // Another function each round, for halves of less than 29 bits.
            high ^= self.hash(low ^ round << 29) & high_mask;
            low ^= self.hash(high ^ (round | 1) << 29) & low_mask;
        }
        u64::from(high).wrapping_shl(low_bits) | u64::from(low)
    }

    /// Mixes `x` with all keys. In each round a multiplication carries every bit to those above it, and a shift folds these back down.
    /// Only products of 32 bits, which a microcontroller has. (The constants are MurmurHash3's, and 2^32 / golden ratio.)
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
