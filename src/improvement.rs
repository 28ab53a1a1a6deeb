//! When a metric, such as a validation loss, has improved.

use crate::scalar::Scalar;

/// Whether a smaller or a larger metric is better.
///
/// ```
/// use stackprop::Mode;
///
/// assert_eq!(Mode::default(), Mode::Min);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Smaller is better: a loss.
    #[default]
    Min,
    /// Larger is better: an accuracy.
    Max,
}

/// By how much a metric must be better than the best so far to count as an improvement.
///
/// As PyTorch's `threshold` and `threshold_mode`. With a threshold of 0, an equal metric is no improvement. After the first
/// metric, no metric is an improvement over a threshold of NaN.
///
/// ```
/// use stackprop::{Mode, Threshold};
///
/// // At least 10 % below 2.0.
/// assert!(Threshold::Relative(0.1).improves(Mode::Min, 1.7, Some(2.0)));
/// assert!(!Threshold::Relative(0.1).improves(Mode::Min, 1.9, Some(2.0)));
/// // More than 0.25 above 0.5.
/// assert!(Threshold::Absolute(0.25).improves(Mode::Max, 0.8, Some(0.5)));
/// assert!(!Threshold::Absolute(0.25).improves(Mode::Max, 0.75, Some(0.5)));
/// // The first metric is an improvement, NaN is not.
/// assert!(Threshold::Relative(0.0).improves(Mode::Min, 1e9, None));
/// assert!(!Threshold::Relative(0.0).improves(Mode::Min, f64::NAN, None));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Threshold<T = f32> {
    /// Below `best (1 - threshold)` or above `best (1 + threshold)`. For metrics that are positive: of a negative one, a
    /// fraction is in the wrong direction (as in PyTorch).
    Relative(T),
    /// Below `best - threshold` or above `best + threshold`.
    Absolute(T),
}

impl<T: Scalar> Threshold<T> {
    /// Whether `metric` is an improvement over the best so far.
    ///
    /// The first metric is one unless it is NaN or as bad as can be: infinity for [`Mode::Min`], negative infinity for
    /// [`Mode::Max`].
    #[must_use]
    pub fn improves(self, mode: Mode, metric: T, best: Option<T>) -> bool {
        let infinity = T::ONE / T::ZERO;
        match (mode, best, self) {
            (Mode::Min, None, _) => metric < infinity,
            (Mode::Max, None, _) => metric > -infinity,
            (Mode::Min, Some(best), Threshold::Relative(threshold)) => metric < best * (T::ONE - threshold),
            (Mode::Max, Some(best), Threshold::Relative(threshold)) => metric > best * (threshold + T::ONE),
            (Mode::Min, Some(best), Threshold::Absolute(threshold)) => metric < best - threshold,
            (Mode::Max, Some(best), Threshold::Absolute(threshold)) => metric > best + threshold,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_nan_nor_the_worst_is_an_improvement() {
        for threshold in [Threshold::Relative(0.0), Threshold::Absolute(0.0)] {
            for best in [None, Some(1.0), Some(f32::NEG_INFINITY), Some(f32::INFINITY)] {
                for mode in [Mode::Min, Mode::Max] {
                    assert!(!threshold.improves(mode, f32::NAN, best));
                }
                assert!(!threshold.improves(Mode::Min, f32::INFINITY, best));
                assert!(!threshold.improves(Mode::Max, f32::NEG_INFINITY, best));
            }
        }
        assert!(!Threshold::Relative(f32::NAN).improves(Mode::Min, 0.0, Some(1.0)));
    }

    // As in PyTorch: 1 - 0.5 of -2 is -1, so even -1.5, which is worse, is below it.
    #[test]
    fn a_fraction_of_a_negative_metric_is_in_the_wrong_direction() {
        assert!(Threshold::Relative(0.5).improves(Mode::Min, -1.5, Some(-2.0)));
        assert!(!Threshold::Absolute(0.5).improves(Mode::Min, -1.5, Some(-2.0)));
    }
}
