//! Powers of a factor.

use super::Schedule;
use super::phase::{power, scale};
use crate::scalar::Scalar;

/// Multiplies the rate by `factor` every `every` steps: `base factor^(t / every)`, the quotient rounded down.
///
/// PyTorch's `StepLR`. With an `every` of 0, it never decays.
///
/// ```
/// use stackprop::Schedule;
/// use stackprop::schedule::StepDecay;
///
/// let schedule = StepDecay { every: 30, factor: 0.5 };
/// assert_eq!([0, 29, 30, 89].map(|step| schedule.rate(0.8_f32, step, &())), [0.8, 0.8, 0.4, 0.2]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepDecay<T = f32> {
    /// The number of steps with the same rate.
    pub every: u32,
    /// PyTorch's `gamma`
    pub factor: T,
}

impl<T: Scalar> Schedule<T> for StepDecay<T> {
    type State = ();

    fn rate(&self, base: T, step: u32, (): &()) -> T {
        scale(base, power(self.factor, step.checked_div(self.every).unwrap_or(0)))
    }
}

/// Multiplies the rate by `factor` at each milestone: `base factor^k`, where `k` milestones are at or before `t`.
///
/// PyTorch's `MultiStepLR`. The milestones may have any order; one that occurs twice counts twice. Without milestones, the
/// rate is constant.
///
/// ```
/// use stackprop::Schedule;
/// use stackprop::schedule::MultiStep;
///
/// let schedule = MultiStep { milestones: [30, 80], factor: 0.5 };
/// assert_eq!([0, 29, 30, 80].map(|step| schedule.rate(0.8_f32, step, &())), [0.8, 0.8, 0.4, 0.2]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MultiStep<const M: usize, T = f32> {
    /// The steps at which the rate changes.
    pub milestones: [u32; M],
    /// PyTorch's `gamma`
    pub factor: T,
}

impl<const M: usize, T: Scalar> Schedule<T> for MultiStep<M, T> {
    type State = ();

    fn rate(&self, base: T, step: u32, (): &()) -> T {
        let passed =
            self.milestones.iter().fold(0, |passed: u32, &at| passed.saturating_add((at <= step).into()));
        scale(base, power(self.factor, passed))
    }
}

/// Multiplies the rate by `factor` after each step: `base factor^t`.
///
/// PyTorch's `ExponentialLR`.
///
/// ```
/// use stackprop::Schedule;
/// use stackprop::schedule::Exponential;
///
/// let schedule = Exponential { factor: 0.5 };
/// assert_eq!([0, 1, 2].map(|step| schedule.rate(0.8_f32, step, &())), [0.8, 0.4, 0.2]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exponential<T = f32> {
    /// PyTorch's `gamma`
    pub factor: T,
}

impl<T: Scalar> Schedule<T> for Exponential<T> {
    type State = ();

    fn rate(&self, base: T, step: u32, (): &()) -> T {
        scale(base, power(self.factor, step))
    }
}
