//! Schedules one after the other.

use super::Schedule;
use super::phase::{Phase, scale};
use crate::scalar::Scalar;

/// A line from `base start` up to `base` in `steps` steps, then the schedule `then`, whose step 0 is the first one after the
/// warm-up.
///
/// PyTorch's `SequentialLR` with `LinearLR(start_factor=start, total_iters=steps)` first. With 0 `steps`, `then` begins at once.
///
/// ```
/// use stackprop::Schedule;
/// use stackprop::schedule::{Exponential, Warmup};
///
/// let schedule = Warmup { steps: 2, start: 0.5, then: Exponential { factor: 0.5 } };
/// assert_eq!([0, 1, 2, 3].map(|step| schedule.rate(0.8_f32, step, &())), [0.4, 0.6, 0.8, 0.4]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Warmup<S, T = f32> {
    /// The number of steps before `then`.
    pub steps: u32,
    /// The factor of `base` at step 0.
    pub start: T,
    /// The schedule after the warm-up.
    pub then: S,
}

impl<T: Scalar, S: Schedule<T>> Schedule<T> for Warmup<S, T> {
    type State = S::State;

    fn rate(&self, base: T, step: u32, state: &S::State) -> T {
        match step.checked_sub(self.steps) {
            Some(step) => self.then.rate(base, step, state),
            None => scale(base, Phase::at(step, self.steps).mix(self.start, T::ONE)),
        }
    }

    /// Also during the warm-up.
    fn observe(&self, state: &mut S::State, metric: T) {
        self.then.observe(state, metric);
    }
}

/// The schedule `first` for `steps` steps, then the schedule `second`, which begins with its step 0.
///
/// PyTorch's `SequentialLR`. Both have the same `base`. More than two are nested.
///
/// ```
/// use stackprop::Schedule;
/// use stackprop::schedule::{Constant, Exponential, Then};
///
/// let schedule = Then { first: Constant, steps: 2, second: Exponential { factor: 0.5 } };
/// assert_eq!([0, 1, 2, 3].map(|step| schedule.rate(0.8_f32, step, &((), ()))), [0.8, 0.8, 0.8, 0.4]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Then<A, B> {
    /// The schedule before step `steps`.
    pub first: A,
    /// The number of steps before `second`.
    pub steps: u32,
    /// The schedule from step `steps` on.
    pub second: B,
}

impl<T: Scalar, A: Schedule<T>, B: Schedule<T>> Schedule<T> for Then<A, B> {
    type State = (A::State, B::State);

    fn rate(&self, base: T, step: u32, (first, second): &Self::State) -> T {
        match step.checked_sub(self.steps) {
            Some(step) => self.second.rate(base, step, second),
            None => self.first.rate(base, step, first),
        }
    }

    /// Both take it, whichever of them has its turn.
    fn observe(&self, (first, second): &mut Self::State, metric: T) {
        self.first.observe(first, metric);
        self.second.observe(second, metric);
    }
}
