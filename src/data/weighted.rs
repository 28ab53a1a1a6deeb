//! Samples are drawn with given probabilities.

use super::forward::reordered;
use super::sample_rng::{Purpose, SampleRng};
use super::{DataError, Dataset};
use crate::scalar::Scalar;

/// A data set of `len` random draws from another, with replacement, each sample with a probability in proportion to its weight. It is PyTorch's
/// `WeightedRandomSampler`.
///
/// A draw is a function of seed, epoch and its index. It is found by bisection in the sums of the weights, in `log2(len)` steps. A
/// probability has a resolution of 2^-53.
///
/// ```
/// use stackprop::Dataset;
/// use stackprop::data::Weighted;
///
/// let data = [([0.0], 'a'), ([1.0], 'b'), ([2.0], 'c')];
/// let mut weights = [1.0, 0.0, 3.0];
/// let drawn = Weighted::new(&data, &mut weights, 1000, 7)?;
/// let c = (0..1000).filter(|&i| drawn.target(i) == Some(&'c')).count();
/// let a = (0..1000).filter(|&i| drawn.target(i) == Some(&'a')).count();
/// assert!(a + c == 1000 && (700..800).contains(&c));
/// # Ok::<(), stackprop::data::DataError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weighted<'w, D> {
    data: D,
    /// The sum of the weights up to and with each sample.
    sums: &'w [f64],
    len: usize,
    seed: u32,
    epoch: u32,
}

impl<'w, D: Dataset> Weighted<'w, D> {
    /// `len` draws from `data`, a weight for each of whose samples is in `weights`, which is overwritten with their sums.
    ///
    /// # Errors
    ///
    /// [`DataError::Weight`] names the first weight that is negative, infinite or NaN, or with which the sum overflows; [`DataError::NoWeight`] is for
    /// weights that are all 0. [`DataError::Buffer`] unless there is a weight for each sample. After the first of these, the weights before
    /// that one are overwritten.
    pub fn new(data: D, weights: &'w mut [f64], len: usize, seed: u32) -> Result<Self, DataError> {
        if weights.len() != data.len() {
            return Err(DataError::Buffer { len: weights.len(), samples: data.len() });
        }
        if weights.iter().all(|weight| *weight == 0.0) {
            return Err(DataError::NoWeight);
        }
        let mut sum = 0.0;
        for (sample, weight) in (0..weights.len()).zip(&mut *weights) {
            sum += *weight;
            if !(*weight >= 0.0 && sum.is_finite()) {
                return Err(DataError::Weight { sample });
            }
            *weight = sum;
        }
        Ok(Self { data, sums: weights, len, seed, epoch: 0 })
    }

    /// The same with the draws of this epoch. It borrows the data set.
    #[must_use]
    pub const fn at_epoch(&self, epoch: u32) -> Weighted<'_, &D> {
        let Self { ref data, sums, len, seed, .. } = *self;
        Weighted { data, sums, len, seed, epoch }
    }

    /// The first sample whose sum is above a random number in `[0, total)`. A sample of weight 0 has the sum of the one before it.
    fn position(&self, index: usize) -> Option<usize> {
        if index >= self.len {
            return None;
        }
        let mut rng = SampleRng::of(Purpose::Weights, self.seed, self.epoch, index);
        let total = *self.sums.last()?;
        let product = total * f64::random(&mut rng);
        // The product may round up to the total.
        let drawn = if product < total { product } else { 0.0 };
        let (mut low, mut high) = (0, self.sums.len()); // `sums[..low]` are not above `drawn`, `sums[high..]` are
        while low < high {
            let middle = low.midpoint(high);
            if *self.sums.get(middle)? > drawn {
                high = middle;
            } else {
                low = middle.saturating_add(1);
            }
        }
        Some(low)
    }

    fn run(&self, _: usize, _: usize) -> Option<usize> {
        None
    }
}

reordered!([D: Dataset] Weighted<'_, D>, len |weighted| weighted.len, by epoch true);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_must_be_weights() {
        let data = [([0.0], ()); 3];
        let error = |mut weights: [f64; 3]| Weighted::new(&data, &mut weights, 1, 0).unwrap_err();
        assert_eq!(error([0.0; 3]), DataError::NoWeight);
        for bad in [-1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(error([1.0, bad, bad]), DataError::Weight { sample: 1 });
        }
        assert_eq!(error([f64::MAX, 0.0, f64::MAX]), DataError::Weight { sample: 2 });
        let error = Weighted::new(&data, &mut [1.0; 2], 1, 0).unwrap_err();
        assert_eq!(error, DataError::Buffer { len: 2, samples: 3 });
        let empty: [([f64; 1], ()); 0] = [];
        assert_eq!(Weighted::new(&empty, &mut [], 1, 0).unwrap_err(), DataError::NoWeight);
    }

    // A subnormal total times a number below 1 rounds to the total in half of all draws.
    #[test]
    fn the_smallest_weights() {
        let data = [([0.0], 'a'), ([0.0], 'b'), ([0.0], 'c')];
        let mut weights = [0.0, f64::from_bits(1), 0.0];
        let drawn = Weighted::new(&data, &mut weights, 100, 1).unwrap();
        assert!((0..100).all(|i| drawn.target(i) == Some(&'b')));
    }
}
