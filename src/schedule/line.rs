//! Constant, linear and polynomial.

use super::Schedule;
use super::phase::{Phase, real_power, scale};
use crate::scalar::Scalar;

/// The optimiser's own rate, always.
///
/// ```
/// use stackprop::Schedule;
/// use stackprop::schedule::Constant;
///
/// assert_eq!(Constant.rate(0.1_f32, 1000, &()), 0.1);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Constant;

impl<T: Scalar> Schedule<T> for Constant {
    type State = ();

    fn rate(&self, base: T, _step: u32, (): &()) -> T {
        base
    }
}

/// A line from `base start` to `base end` at step `steps`, and then `base end`.
///
/// `base (start + (end - start) min(t, steps) / steps)`, PyTorch's `LinearLR`. With 0 `steps`, the rate is `base end`.
///
/// ```
/// use stackprop::Schedule;
/// use stackprop::schedule::Linear;
///
/// let schedule = Linear { start: 1.0, end: 0.5, steps: 4 };
/// assert_eq!([0, 2, 4, 100].map(|step| schedule.rate(0.8_f32, step, &())), [0.8, 0.6, 0.4, 0.4]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Linear<T = f32> {
    /// The factor of `base` at step 0; PyTorch's `start_factor`
    pub start: T,
    /// The factor of `base` from step `steps` on; PyTorch's `end_factor`
    pub end: T,
    /// The number of steps; PyTorch's `total_iters`
    pub steps: u32,
}

impl<T: Scalar> Schedule<T> for Linear<T> {
    type State = ();

    fn rate(&self, base: T, step: u32, (): &()) -> T {
        scale(base, Phase::at(step, self.steps).mix(self.start, self.end))
    }
}

/// `base (1 - t / steps)^power`, and 0 from step `steps` on.
///
/// PyTorch's `PolynomialLR`. With 0 `steps`, the rate is that after the end. A power of 0 is a constant rate. A negative power
/// makes the rate grow, and infinite at the end.
///
/// ```
/// use stackprop::Schedule;
/// use stackprop::schedule::Polynomial;
///
/// let schedule = Polynomial { steps: 4, power: 2.0 };
/// assert_eq!([0, 2, 4, 100].map(|step| schedule.rate(0.8_f32, step, &())), [0.8, 0.2, 0.0, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Polynomial<T = f32> {
    /// The number of steps; PyTorch's `total_iters`
    pub steps: u32,
    /// The exponent, not negative. 1 is a line.
    pub power: T,
}

impl<T: Scalar> Schedule<T> for Polynomial<T> {
    type State = ();

    fn rate(&self, base: T, step: u32, (): &()) -> T {
        scale(base, real_power(Phase::at(step, self.steps).left, self.power))
    }
}
