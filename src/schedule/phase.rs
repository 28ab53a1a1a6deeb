//! How far a schedule has come, and the powers of a factor.

use crate::scalar::Scalar;

/// A part of a schedule at some step: which fraction of it is left and which is done. The two add up to 1.
///
/// Both are computed from counts of steps: `1 - done` would have lost its digits near the end, where the rate depends on what
/// is left.
#[derive(Clone, Copy)]
pub(super) struct Phase<T> {
    pub left: T,
    pub done: T,
}

impl<T: Scalar> Phase<T> {
    const OVER: Self = Self { left: T::ZERO, done: T::ONE };

    /// The phase from step 0 to `steps`; over from there on, and at once if it has no steps.
    pub fn at(step: u32, steps: u32) -> Self {
        Self::between(count(step), T::ZERO, count(steps))
    }

    /// The phase between two times at `time`, which is not before `begin`; over from `end` on.
    pub fn between(time: T, begin: T, end: T) -> Self {
        if time >= end {
            return Self::OVER;
        }
        let length = end - begin;
        Self { left: (end - time) / length, done: (time - begin) / length }
    }

    /// The weights of a raised cosine: `(1 + cos(pi done)) / 2` and `(1 - cos(pi done)) / 2`, as squares of sines, which are
    /// accurate also where they are nearly 0.
    pub fn cosine(self) -> Self {
        let square = |x: T| x * x;
        let sine = |x: T| (x / (T::ONE + T::ONE)).sin_pi();
        Self { left: square(sine(self.left)), done: square(sine(self.done)) }
    }

    /// From `from` to `to`: exactly these at the ends.
    pub fn mix(self, from: T, to: T) -> T {
        from * self.left + to * self.done
    }
}

/// A number of steps.
pub(super) fn count<T: Scalar>(steps: u32) -> T {
    T::from_usize(steps as usize)
}

/// `base factor`. A base of 0 stays 0 if the factor has overflowed.
pub(super) fn scale<T: Scalar>(base: T, factor: T) -> T {
    if base == T::ZERO { base } else { base * factor }
}

/// `factor^n` by repeated squaring. Each squaring doubles the relative error, so it is some `n` roundings at most.
pub(super) fn power<T: Scalar>(factor: T, mut n: u32) -> T {
    let (mut result, mut square) = (T::ONE, factor);
    while n > 0 {
        if n & 1 == 1 {
            result *= square;
        }
        square *= square;
        n >>= 1;
    }
    result
}

/// `x^exponent` for `x` in [0, 1]. Exact for an exponent of 0 or 1; 0^0 is 1.
pub(super) fn real_power<T: Scalar>(x: T, exponent: T) -> T {
    let n = exponent.to_f64() as u32;
    if count::<T>(n) == exponent { power(x, n) } else { (exponent * x.ln()).exp() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers() {
        assert_eq!((power(3.0, 0), power(3.0, 1), power(3.0, 5)), (1.0, 3.0, 243.0));
        assert_eq!((power(0.0, 0), power(0.0, 7), power(-2.0, 3)), (1.0, 0.0, -8.0));
        assert_eq!(
            (power(0.5, u32::MAX), power(2.0, u32::MAX), power(1.0, u32::MAX)),
            (0.0, f64::INFINITY, 1.0)
        );
        assert_eq!((real_power(0.3, 1.0), real_power(0.0, 0.0), real_power(0.0, 0.5)), (0.3, 1.0, 0.0));
        assert_eq!(real_power(0.25, 0.5), 0.5);
        assert_eq!(real_power(0.0, -1.0), f64::INFINITY);
    }

    // cos(pi / 4) is sqrt(1/2), so (1 + cos) / 2 is 0.853553390593 after a quarter.
    #[test]
    fn raised_cosine() {
        let quarter = Phase::<f64>::at(1, 4).cosine();
        approx::assert_abs_diff_eq!(quarter.left, 0.853_553_390_593_273_8, epsilon = 1e-15);
        approx::assert_abs_diff_eq!(quarter.done, 0.146_446_609_406_726_2, epsilon = 1e-15);
        let half = Phase::<f32>::at(2, 4).cosine();
        approx::assert_abs_diff_eq!(half.left, 0.5, epsilon = 6e-8);
        // (pi / 2 / 10^6)^2, to a relative 10^-12.
        let last = Phase::<f32>::at(999_999, 1_000_000).cosine().left;
        approx::assert_relative_eq!(last, 2.467_401e-12, max_relative = 3e-7);
    }
}
