//! A random order of `n` samples that is computed, not stored.
//!
//! A Feistel network with random keys is a bijection of the numbers of `2h` bits, whatever its round function:
//! it splits a number into halves `(l, r)` and maps them to `(r, l ^ f(r))`, which can be undone. With `h` the
//! smallest for which `2^(2h) >= n`, a result of `n` or more is sent through again until it falls below `n`
//! ("cycle walking"): that is a bijection of `0..n`, with at most 4 steps an index on average.
//! (Luby, Rackoff 1988; Black, Rogaway 2002.)

use crate::generator::Generator;

const ROUNDS: usize = 6;

/// An order of `0..len`: 40 bytes, no heap, each index in constant time on average.
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
    /// `h`, or `None` for the order as it is.
    half_bits: Option<u32>,
    keys: [u32; ROUNDS],
}

impl Permutation {
    /// `0, 1, 2, ...`
    pub const fn identity(len: usize) -> Self {
        Self { len, half_bits: None, keys: [0; ROUNDS] }
    }

    /// A random order, which takes six numbers from the generator.
    pub fn random<R: Generator + ?Sized>(len: usize, rng: &mut R) -> Self {
        let bits = usize::BITS - len.saturating_sub(1).leading_zeros();
        Self { len, half_bits: Some(bits.div_ceil(2).max(1)), keys: core::array::from_fn(|_| rng.next_u32()) }
    }

    /// Whether it is the order of the numbers themselves.
    pub const fn is_identity(&self) -> bool {
        self.half_bits.is_none()
    }

    /// What stands at `position`; `None` unless `position < len`.
    pub fn index(&self, position: usize) -> Option<usize> {
        if position >= self.len {
            return None;
        }
        let Some(half_bits) = self.half_bits else {
            return Some(position);
        };
        let mut x = position as u64;
        // Ends: the walk follows a cycle of the bijection, and `position < len` lies on that cycle itself.
        loop {
            x = self.feistel(x, half_bits);
            if x < self.len as u64 {
                return Some(x as usize);
            }
        }
    }

    fn feistel(&self, x: u64, half_bits: u32) -> u64 {
        let mask = (1_u64 << half_bits) - 1;
        let (mut left, mut right) = (x >> half_bits, x & mask);
        for key in self.keys {
            (left, right) = (right, left ^ (u64::from(scramble(right as u32 ^ key)) & mask));
        }
        left << half_bits | right
    }
}

/// Spreads each bit over the lower bits: multiply by odd constants, fold the upper half down.
fn scramble(x: u32) -> u32 {
    let x = (x ^ (x >> 16)).wrapping_mul(0x9e37_79b1); // 2^32 / golden ratio
    let x = (x ^ (x >> 15)).wrapping_mul(0xb504_f333); // 2^31 sqrt 2
    x ^ (x >> 16)
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

    // Over many keys each index must stand equally often at each position: chi-square of the 24 x 24 table has mean
    // 23^2 = 529 and standard deviation sqrt(2 * 529) = 32.5 under uniformity; 5 deviations allowed.
    #[test]
    fn each_index_stands_everywhere_equally_often() {
        const N: usize = 24;
        let mut rng = Xoshiro128PlusPlus::seed_from_u64(4);
        let mut counts = [[0_u32; N]; N];
        let trials = 24_000;
        for _ in 0..trials {
            let order = Permutation::random(N, &mut rng);
            for (position, row) in counts.iter_mut().enumerate() {
                row[order.index(position).unwrap()] += 1;
            }
        }
        let expected = f64::from(trials) / N as f64;
        let chi_square: f64 =
            counts.as_flattened().iter().map(|&c| (f64::from(c) - expected).powi(2) / expected).sum();
        assert!((chi_square - 529.0).abs() < 5.0 * 32.5, "{chi_square}");
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
