//! A running mean.

use crate::scalar::Scalar;
use crate::zero::Zero;

/// A running mean, `m <- m + (x - m) / n`.
///
/// The mean of equal numbers is that number, exactly, and no sum can overflow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mean<T> {
    value: T,
    count: usize,
}

impl<T: Scalar> Mean<T> {
    /// The mean of no numbers: 0.
    pub const NONE: Self = Self { value: <T as Zero>::ZERO, count: 0 };

    /// Adds a number.
    #[inline(always)]
    pub fn add(&mut self, x: T) {
        self.add_mean(x, 1);
    }

    /// Adds `count` numbers whose mean is `mean`.
    #[inline(always)]
    pub fn add_mean(&mut self, mean: T, count: usize) {
        if count == 0 {
            return;
        }
        self.count = self.count.saturating_add(count);
        let share = T::from_usize(count) / T::from_usize(self.count);
        self.value += (mean - self.value) * share;
    }

    /// The mean so far.
    #[inline(always)]
    pub fn value(&self) -> T {
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_equal_numbers_is_that_number() {
        for loss in [0.1_f32, 0.7, 1.0 / 3.0, 2.3, f32::MAX, 1e-45] {
            let (mut one_by_one, mut in_parts) = (Mean::NONE, Mean::NONE);
            for n in 1..=200 {
                one_by_one.add(loss);
                in_parts.add_mean(loss, n);
                assert_eq!((one_by_one.value(), in_parts.value()), (loss, loss), "{n}");
            }
        }
    }

    // 1, 2, 4, 8: sums 1, 3, 7, 15
    #[test]
    fn hand_computed() {
        let mut mean = Mean::<f64>::NONE;
        assert_eq!(mean.value(), 0.0);
        for (x, expected) in [(1.0, 1.0), (2.0, 1.5), (4.0, 7.0 / 3.0), (8.0, 3.75)] {
            mean.add(x);
            approx::assert_abs_diff_eq!(mean.value(), expected, epsilon = 1e-15);
        }
        mean.add_mean(11.0, 4);
        approx::assert_abs_diff_eq!(mean.value(), 59.0 / 8.0, epsilon = 1e-15);
        mean.add_mean(f64::NAN, 0);
        approx::assert_abs_diff_eq!(mean.value(), 59.0 / 8.0, epsilon = 1e-15);
    }

    #[test]
    fn what_is_not_finite_stays_to_be_seen() {
        for x in [f32::INFINITY, f32::NAN] {
            let mut mean = Mean::NONE;
            mean.add(x);
            assert!(!mean.value().is_finite());
            mean.add(1.0);
            assert!(!mean.value().is_finite());
        }
    }
}
