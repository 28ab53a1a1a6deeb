//! The mean and the sum of squared deviations, in one pass (Welford 1962; merged as by Chan, Golub, LeVeque 1979).

use super::sum::{Squares, Sum};
use crate::scalar::Scalar;
use crate::zero::zero_struct;

/// Mean and squared deviations of numbers whose count is kept elsewhere.
///
/// With `d = x - mean` for the mean of the numbers before `x`: `mean <- mean + d / n` and
/// `squares <- squares + d^2 (n - 1) / n`. No large numbers are subtracted, unlike in `sum x^2 - n mean^2`. The mean is
/// compensated: in f32, that of numbers near 1e6 would otherwise stop moving after some 30 samples, as its steps
/// `d / n` fall below its last place, and the deviations would be those from another number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Moments<T> {
    mean: Sum<T>,
    /// `sum (x - mean)^2`
    pub squares: Squares<T>,
}

zero_struct!([T: Scalar] Moments<T> { mean, squares });

impl<T: Scalar> Moments<T> {
    /// Adds the `n`-th number, and returns its deviation from the mean of those before. `share` is `(n - 1) / n`.
    #[inline]
    pub fn add(&mut self, x: T, n: T, share: T) -> T {
        let deviation = self.mean.subtracted_from(x);
        self.mean.add(deviation / n);
        self.squares.add(deviation, share);
        deviation
    }

    /// Adds the numbers of another, and returns the difference of the means.
    pub fn merge(&mut self, other: &Self, counts: Counts<T>) -> T {
        let difference = self.mean.difference_to(&other.mean);
        if counts.weight == T::ZERO {
            *self = *other; // with the small part of its mean, which the difference from 0 rounds off
            return difference;
        }
        self.mean.add(difference * counts.share);
        self.squares.merge(&other.squares);
        self.squares.add(difference, counts.weight);
        difference
    }
}

/// What a merge needs of the numbers of samples `a` and `b`.
#[derive(Clone, Copy)]
pub(super) struct Counts<T> {
    /// `b / (a + b)`
    share: T,
    /// `a b / (a + b)`
    pub weight: T,
}

impl<T: Scalar> Counts<T> {
    /// `None` without samples in `b`.
    pub fn of(a: u64, b: u64) -> Option<Self> {
        let share = super::metric::ratio(b, a.saturating_add(b))?;
        (b != 0).then(|| Self { share, weight: T::from_u64(a) * share })
    }
}

/// `n` and `(n - 1) / n` for the next of so many samples.
pub(super) fn next<T: Scalar>(samples: u64) -> (T, T) {
    let n = T::from_u64(samples.saturating_add(1));
    (n, T::from_u64(samples) / n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zero::Zero;

    fn moments(values: impl IntoIterator<Item = f32>) -> (Moments<f32>, u64) {
        let (mut moments, mut samples) = (Moments::ZERO, 0);
        for x in values {
            let (n, share) = next(samples);
            moments.add(x, n, share);
            samples += 1;
        }
        (moments, samples)
    }

    // 1, 2, 3, 4, 10: mean 4, deviations 3 2 1 0 6, squares 50
    #[test]
    fn hand_computed() {
        let (moments, _) = moments([1.0, 2.0, 3.0, 4.0, 10.0]);
        assert_eq!(moments.mean.value(), 4.0);
        approx::assert_relative_eq!(moments.squares.root_mean(0.5), 10.0, max_relative = 1e-6);
    }

    /// A million numbers 2^20 + {0, 1/8, ..., 7/8}: mean 2^20 + 7/16, variance (8^2 - 1) / 12 / 64.
    #[test]
    fn a_large_mean_costs_no_digits() {
        let value = |i: u32| 1_048_576.0 + (i * 5 % 8) as f32 / 8.0;
        let (all, n) = moments((0..1 << 20).map(value));
        assert!((all.mean.subtracted_from(1_048_576.5) - 0.0625).abs() < 1e-6); // an f32 next to the mean
        let deviation = (63.0_f32 / 768.0).sqrt();
        approx::assert_relative_eq!(all.squares.root_mean(n as f32), deviation, max_relative = 1e-6);
        let ((mut merged, a), (rest, b)) =
            (moments((0..1000).map(value)), moments((1000..1 << 20).map(value)));
        merged.merge(&rest, Counts::of(a, b).unwrap());
        approx::assert_relative_eq!(merged.squares.root_mean(n as f32), deviation, max_relative = 1e-6);
    }

    #[test]
    fn equal_numbers_do_not_deviate() {
        for x in [0.1, 1e30, -1e-40, f32::MAX] {
            let (mut all, a) = moments([x; 100]);
            let (more, b) = moments([x; 37]);
            all.merge(&more, Counts::of(a, b).unwrap());
            assert!(all.squares.is_zero(), "{x}");
        }
    }

    #[test]
    fn nothing_is_merged_into_nothing() {
        assert!(Counts::<f32>::of(3, 0).is_none() && Counts::<f32>::of(0, 0).is_none());
        let (some, n) = moments([1_048_576.0, 1_048_577.0, 1_048_579.0]);
        let mut merged = Moments::ZERO;
        merged.merge(&some, Counts::of(0, n).unwrap());
        assert_eq!(merged, some);
    }
}
