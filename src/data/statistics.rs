//! Mean, variance, smallest and largest value of each feature of a data set.

use core::fmt;

use super::Dataset;
use crate::arithmetic::MulAdd;
use crate::layer::Standardize;
use crate::scalar::Scalar;

/// Statistics of each of `N` features, over all samples of a data set.
///
/// Computed in `f64` in one pass, by Welford's method (1962): `m' = m + (x - m) / n`, `s' = s + (x - m) (x - m')`, `v = s / n`. No
/// squares of large numbers cancel.
///
/// ```
/// use stackprop::data::{Dataset, Statistics};
///
/// let data = [([1.0, 5.0], 'a'), ([2.0, 5.0], 'b'), ([6.0, 5.0], 'a')];
/// let [train, test] = data.split_counts([2, 1])?;
/// let statistics = Statistics::of(&train)?; // of the training part only
/// assert_eq!((statistics.mean(), statistics.variance()), ([1.5, 5.0], [0.25, 0.0]));
/// assert_eq!((statistics.minimum(), statistics.maximum()), ([1.0, 5.0], [2.0, 5.0]));
/// assert_eq!(statistics.constant(), [false, true]);
/// let layer = statistics.standardize(); // the first layer of a network
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Statistics<const N: usize, T = f32> {
    samples: usize,
    mean: [f64; N],
    /// The sum of squared deviations from the mean.
    squares: [f64; N],
    minimum: [T; N],
    maximum: [T; N],
}

impl<const N: usize, T: Scalar> Statistics<N, T> {
    /// The statistics of `data`.
    ///
    /// # Errors
    ///
    /// [`StatisticsError`] if there is no sample, if one is missing, or has an infinite or NaN feature, or if a variance overflows.
    pub fn of<D: Dataset<Input = [T; N]> + ?Sized>(data: &D) -> Result<Self, StatisticsError> {
        let (mut statistics, mut input) = (Self::NONE, [T::ZERO; N]);
        for index in 0..data.len() {
            let sample = data.source_index(index);
            data.sample(index, &mut input).ok_or(StatisticsError::Missing { sample })?;
            if let Some((feature, _)) = (0..N).zip(&input).find(|(_, x)| !x.is_finite()) {
                return Err(StatisticsError::NonFinite { sample, feature });
            }
            statistics.add(&input);
        }
        if statistics.samples == 0 {
            return Err(StatisticsError::Empty);
        }
        match (0..N).zip(statistics.variance()).find(|(_, variance)| !variance.is_finite()) {
            Some((feature, _)) => Err(StatisticsError::Overflow { feature }),
            None => Ok(statistics),
        }
    }

    const NONE: Self =
        Self { samples: 0, mean: [0.0; N], squares: [0.0; N], minimum: [T::ZERO; N], maximum: [T::ZERO; N] };

    fn add(&mut self, input: &[T; N]) {
        let Self { samples, mean, squares, minimum, maximum } = self;
        let first = *samples == 0;
        *samples = samples.saturating_add(1);
        let share = 1.0 / *samples as f64;
        for ((&x, mean), squares) in input.iter().zip(mean).zip(squares) {
            let x = x.to_f64();
            let before = x - *mean;
            *mean += share * before;
            *squares += before * (x - *mean);
        }
        for ((&x, minimum), maximum) in input.iter().zip(minimum).zip(maximum) {
            *minimum = if first || x < *minimum { x } else { *minimum };
            *maximum = if first || x > *maximum { x } else { *maximum };
        }
    }

    /// The number of samples.
    #[must_use]
    pub const fn samples(&self) -> usize {
        self.samples
    }

    /// The mean of each feature.
    #[must_use]
    pub fn mean(&self) -> [T; N] {
        self.mean.map(T::from_f64)
    }

    /// The variance of each feature: the mean squared deviation, with the divisor `n`, as in scikit-learn's `StandardScaler`.
    #[must_use]
    pub fn variance(&self) -> [T; N] {
        let count = self.samples as f64;
        self.squares.map(|squares| T::from_f64(squares / count))
    }

    /// The standard deviation of each feature, the square root of the variance.
    #[must_use]
    pub fn deviation(&self) -> [T; N] {
        let count = self.samples as f64;
        self.squares.map(|squares| T::from_f64(MulAdd::sqrt(squares / count)))
    }

    /// The smallest value of each feature.
    #[must_use]
    pub const fn minimum(&self) -> [T; N] {
        self.minimum
    }

    /// The largest value of each feature.
    #[must_use]
    pub const fn maximum(&self) -> [T; N] {
        self.maximum
    }

    /// For each feature, whether it is the same in all samples.
    #[must_use]
    pub fn constant(&self) -> [bool; N] {
        let mut constant = [false; N];
        for ((constant, minimum), maximum) in constant.iter_mut().zip(&self.minimum).zip(&self.maximum) {
            *constant = minimum == maximum;
        }
        constant
    }

    /// A layer that normalises by these statistics.
    ///
    /// A constant feature gets a variance of 1, as in scikit-learn: it becomes 0, and does not blow up the smallest change in new data.
    #[must_use]
    pub fn standardize(&self) -> Standardize<N, T> {
        let mut variance = self.variance();
        for (variance, constant) in variance.iter_mut().zip(self.constant()) {
            if constant {
                *variance = T::ONE;
            }
        }
        Standardize::from_statistics(self.mean(), variance, T::from_usize(self.samples))
    }
}

/// The statistics of a data set cannot be computed. A sample is counted as in a [`Fault`](crate::Fault).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StatisticsError {
    /// There are no samples.
    Empty,
    /// The data set lacks a sample below its length.
    Missing {
        /// The sample.
        sample: usize,
    },
    /// A feature is infinite or NaN.
    NonFinite {
        /// The first sample with one.
        sample: usize,
        /// Its first such feature.
        feature: usize,
    },
    /// The numbers are finite, but so large that the variance is not.
    Overflow {
        /// The first such feature.
        feature: usize,
    },
}

impl fmt::Display for StatisticsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            StatisticsError::Empty => f.write_str("no samples, so there are no statistics"),
            StatisticsError::Missing { sample } => {
                write!(f, "the data set has no sample {sample}, although its length is larger")
            }
            StatisticsError::NonFinite { sample, feature } => {
                write!(f, "feature {feature} of sample {sample} is infinite or NaN")
            }
            StatisticsError::Overflow { feature } => {
                write!(f, "the variance of feature {feature} is too large for a number")
            }
        }
    }
}

impl core::error::Error for StatisticsError {}

#[cfg(test)]
mod tests {
    use super::*;

    // 1, 2, 6: mean 3, variance 14/3. -1, -1, 2: mean 0, variance 2.
    #[test]
    fn hand_computed() {
        let data = [([1.0, -1.0, 7.0], ()), ([2.0, -1.0, 7.0], ()), ([6.0, 2.0, 7.0], ())];
        let statistics = Statistics::<3, f64>::of(&data).unwrap();
        assert_eq!((statistics.samples(), statistics.minimum()), (3, [1.0, -1.0, 7.0]));
        assert_eq!((statistics.mean(), statistics.maximum()), ([3.0, 0.0, 7.0], [6.0, 2.0, 7.0]));
        for (variance, expected) in statistics.variance().into_iter().zip([14.0 / 3.0, 2.0, 0.0]) {
            approx::assert_relative_eq!(variance, expected, max_relative = 1e-15);
        }
        assert_eq!(statistics.deviation()[1], statistics.variance()[1].sqrt());
        assert_eq!(statistics.constant(), [false, false, true]);
        let layer = statistics.standardize();
        assert_eq!((layer.mean, layer.count), ([3.0, 0.0, 7.0], [3.0]));
        assert_eq!(layer.variance, [statistics.variance()[0], statistics.variance()[1], 1.0]);
    }

    // In `f32`, 10^8 + {0, 8, 16} are exact: variance (64 + 64) / 3. The difference of squares would be 0 or negative.
    #[test]
    fn a_small_variance_far_from_zero() {
        let data = [1e8_f32, 1e8 + 8.0, 1e8 + 16.0].map(|x| ([x], ()));
        let [variance] = Statistics::of(&data).unwrap().variance();
        assert_eq!(variance, (128.0_f64 / 3.0) as f32);
    }

    // The variance of the largest `f32` and its negative is their square, which no `f32` holds; neither does an `f64` their `f64`
    // equivalents.
    #[test]
    fn large_and_subnormal_numbers() {
        let statistics = Statistics::of(&[([f32::MAX, 1e-45], ()), ([f32::MAX, 0.0], ())]).unwrap();
        assert_eq!(statistics.mean(), [f32::MAX, 0.0]); // 2^-150 is a tie, rounded to even
        assert_eq!(statistics.variance()[0], 0.0);
        let data = [([0.0, f32::MAX], ()), ([0.0, -f32::MAX], ())];
        assert_eq!(Statistics::of(&data), Err(StatisticsError::Overflow { feature: 1 }));
        let data = [([0.0, f64::MAX], ()), ([0.0, -f64::MAX], ())];
        assert_eq!(Statistics::of(&data), Err(StatisticsError::Overflow { feature: 1 }));
    }

    #[test]
    fn what_has_no_statistics_is_named() {
        assert_eq!(Statistics::<1>::of(&[([0.0_f32], ()); 0]), Err(StatisticsError::Empty));
        for bad in [f32::NAN, f32::INFINITY, -f32::INFINITY] {
            let data = [([0.0, 0.0], ()), ([1.0, 2.0], ()), ([3.0, bad], ()), ([bad, bad], ())];
            let error = Statistics::of(&(&data).skip(1)).unwrap_err();
            assert_eq!(error, StatisticsError::NonFinite { sample: 2, feature: 1 });
            assert_eq!(std::format!("{error}"), "feature 1 of sample 2 is infinite or NaN");
        }
    }
}
