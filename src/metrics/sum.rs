//! Sums that do not lose small summands, and sums of squares that neither overflow nor vanish.

use crate::scalar::Scalar;
use crate::zero::zero_struct;

/// A compensated sum: its rounding errors are summed apart. (Knuth's exact error of an addition, summed as by Neumaier
/// 1974.)
///
/// The relative error of a sum of `n` positive numbers is about `2 u + n^2 u^2`, with `u` = 2^-24 for f32. A plain sum has
/// up to `n u`, and 0.5 added to 2^24 leaves it as it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sum<T> {
    /// The sum as it is rounded.
    high: T,
    /// The sum of its rounding errors.
    low: T,
}

zero_struct!([T: Scalar] Sum<T> { high, low });

impl<T: Scalar> Sum<T> {
    #[inline]
    pub fn add(&mut self, x: T) {
        let sum = self.high + x;
        let rounded = sum - self.high;
        self.low += (self.high - (sum - rounded)) + (x - rounded);
        self.high = sum;
    }

    pub fn merge(&mut self, other: &Self) {
        self.add(other.high);
        self.low += other.low;
    }

    /// Multiplies the sum by a power of two.
    pub fn scale(&mut self, power: T) {
        // Infinity stays: times a power that has become 0, it would be NaN.
        if self.high.is_finite() {
            self.high *= power;
            self.low *= power;
        }
    }

    /// `x` minus the sum.
    #[inline]
    pub fn subtracted_from(&self, x: T) -> T {
        (x - self.high) - self.low
    }

    /// Another sum minus this one, with the small parts of both.
    pub fn difference_to(&self, other: &Self) -> T {
        self.subtracted_from(other.high) + other.low
    }

    /// The sum. Infinite or NaN if a summand is.
    pub fn value(&self) -> T {
        // The errors of an infinite sum are NaN.
        if self.low.is_finite() { self.high + self.low } else { self.high }
    }
}

/// A weighted sum of squares, `sum_i w_i x_i^2`, as `scale^2 sum`.
///
/// The scale is a power of two, near the largest `|x_i|`: a sum of squares of 1e30 or 1e-30 fits an f32.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Squares<T> {
    scale: T,
    sum: Sum<T>,
}

zero_struct!([T: Scalar] Squares<T> { scale, sum });

impl<T: Scalar> Squares<T> {
    #[inline]
    pub fn add(&mut self, x: T, weight: T) {
        if x == T::ZERO || weight == T::ZERO {
            return;
        }
        self.rescale(power_of_two(x));
        let x = x / self.scale;
        self.sum.add(x * x * weight);
    }

    pub fn merge(&mut self, other: &Self) {
        let mut other = *other;
        self.rescale(other.scale);
        other.rescale(self.scale);
        self.sum.merge(&other.sum);
    }

    /// The scale, to which squares of other numbers can be related; 0 if there is none.
    pub fn scale(&self) -> T {
        self.scale
    }

    /// The sum in units of the squared scale.
    pub fn scaled(&self) -> T {
        self.sum.value()
    }

    /// Whether the sum is exactly 0.
    pub fn is_zero(&self) -> bool {
        self.scaled() == T::ZERO
    }

    /// `sqrt(sum / n)`
    pub fn root_mean(&self, n: T) -> T {
        if self.scale == T::ZERO { T::ZERO } else { self.scale * (self.scaled() / n).sqrt() }
    }

    /// This sum divided by another, which is not 0.
    pub fn divided_by(&self, other: &Self) -> T {
        let scale = self.scale / other.scale;
        if self.scale == T::ZERO { T::ZERO } else { scale * (scale * (self.scaled() / other.scaled())) }
    }

    fn rescale(&mut self, scale: T) {
        if scale > self.scale {
            let ratio = self.scale / scale;
            self.sum.scale(ratio * ratio);
            self.scale = scale;
        }
    }
}

/// The largest power of two that is not above `|x|`, but a normal number. The smallest normal number if `x` is infinite or
/// NaN.
#[inline]
fn power_of_two<T: Scalar>(x: T) -> T {
    if !x.is_finite() {
        return T::MIN_POSITIVE;
    }
    let exponent = (T::ONE / T::ZERO).to_bits(); // the bits of infinity: those of the exponent
    let power = T::from_bits(x.to_bits() & exponent);
    if power < T::MIN_POSITIVE { T::MIN_POSITIVE } else { power }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zero::Zero;

    const INFINITY: f32 = f32::INFINITY;

    fn sum(values: &[f32]) -> Sum<f32> {
        let mut sum = Sum::ZERO;
        values.iter().for_each(|&x| sum.add(x));
        sum
    }

    /// 2^24 + 1/2 + ... + 1/2, where a plain sum stays at 2^24.
    #[test]
    fn small_summands_are_not_lost() {
        let mut values = std::vec![0.5_f32; 1001];
        values[0] = 16_777_216.0;
        assert_eq!(sum(&values).value(), 16_777_716.0);
        assert_eq!(sum(&values).subtracted_from(16_777_716.0), 0.0);
        let mut first = sum(&values[..400]);
        first.merge(&sum(&values[400..]));
        assert_eq!(first.value(), 16_777_716.0);
        assert_eq!(sum(&[1e30, 1.0, -1e30]).value(), 1.0);
    }

    #[test]
    fn what_is_not_finite_stays() {
        assert_eq!(sum(&[1.0, INFINITY, 2.0]).value(), INFINITY);
        assert_eq!(sum(&[f32::MAX, f32::MAX]).value(), INFINITY);
        assert!(sum(&[INFINITY, -INFINITY]).value().is_nan());
        assert!(sum(&[f32::NAN, 1.0]).value().is_nan());
        let mut infinite = sum(&[INFINITY]);
        infinite.scale(0.0);
        infinite.merge(&sum(&[1.0]));
        assert_eq!(infinite.value(), INFINITY);
    }

    fn squares(values: &[f32]) -> Squares<f32> {
        let mut squares = Squares::ZERO;
        values.iter().for_each(|&x| squares.add(x, 1.0));
        squares
    }

    // 3^2 + 4^2 = 5^2, whatever the unit
    #[test]
    fn squares_of_any_size() {
        for unit in [1.0, 1e-38, 1e-44, 2e37, -1.0] {
            let exact = (5.0 * f32::abs(unit) as f64 * 0.5_f64.sqrt()) as f32;
            // 3 and 4 units of a subnormal number are off by a half each.
            let tolerance = if f32::abs(unit) < 1e-40 { 0.1 } else { 2e-7 };
            for values in [[3.0 * unit, 4.0 * unit], [4.0 * unit, -3.0 * unit]] {
                let found = squares(&values).root_mean(2.0);
                assert!((found - exact).abs() <= tolerance * exact, "{found:e} is not {exact:e}");
            }
        }
        assert_eq!(squares(&[]).root_mean(1.0), 0.0);
        assert_eq!(squares(&[0.0, -0.0]).root_mean(2.0), 0.0);
    }

    #[test]
    fn squares_are_merged_at_any_scale() {
        for (a, b) in [(3.0, 400.0), (400.0, 3.0), (0.0, 2.0), (2.0, 0.0)] {
            let mut merged = squares(&[a, 5.0]);
            merged.merge(&squares(&[b]));
            assert_eq!(merged.root_mean(1.0), squares(&[a, 5.0, b]).root_mean(1.0), "{a} {b}");
        }
        assert_eq!(squares(&[6.0, 8.0]).divided_by(&squares(&[3.0, 4.0])), 4.0);
        assert_eq!(squares(&[]).divided_by(&squares(&[3.0])), 0.0);
        assert_eq!(squares(&[1e-30]).divided_by(&squares(&[1e30])), 0.0);
        assert_eq!(squares(&[2e30, 0.0]).divided_by(&squares(&[1e30])), 4.0);
    }

    #[test]
    fn squares_that_are_not_finite_stay() {
        for values in [[INFINITY, 1.0, 1e38], [1e38, -INFINITY, 1.0]] {
            assert_eq!(squares(&values).root_mean(3.0), INFINITY);
        }
        assert!(squares(&[1.0, f32::NAN, 1e38]).root_mean(3.0).is_nan());
    }
}
