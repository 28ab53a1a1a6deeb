//! One cycle (Smith, Topin 2018: Super-Convergence).

use super::Schedule;
use super::phase::{Phase, count, scale};
use crate::scalar::Scalar;

/// The shape of a phase of [`OneCycle`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anneal {
    /// Half a cosine: PyTorch's `"cos"`
    #[default]
    HalfCosine,
    /// A straight line: PyTorch's `"linear"`
    Straight,
}

/// From `base start` up to `base`, then down to `base end` at the last step.
///
/// PyTorch's `OneCycleLR` with `max_lr` as `base`. It rises until step `rise steps - 1`, which need not be an integer. Of three
/// phases, the second falls to `base start` and is as long as the first. After the last step, where PyTorch has an error, the
/// rate stays at `base end`; with 0 `steps`, it is that from the beginning. A `rise` below 0 counts as 0, one above 1 as 1.
///
/// Only the learning rate changes. PyTorch's also cycles the momentum, unless it has `cycle_momentum=False`.
///
/// ```
/// use stackprop::Schedule;
/// use stackprop::schedule::OneCycle;
///
/// let schedule = OneCycle { rise: 0.5, ..OneCycle::new(100) };
/// let rate = |step| schedule.rate(1.0_f32, step, &());
/// assert_eq!([0, 49, 99, 1000].map(rate), [0.04, 1.0, 4e-6, 4e-6]);
/// assert!(rate(48) < 1.0 && rate(50) < 1.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneCycle<T = f32> {
    /// The number of steps; PyTorch's `total_steps`
    pub steps: u32,
    /// The fraction of the steps in which the rate rises, in [0, 1]; PyTorch's `pct_start`
    pub rise: T,
    /// The factor of `base` at the first step; 1 / PyTorch's `div_factor`
    pub start: T,
    /// The factor of `base` at the last step; 1 / (PyTorch's `div_factor` `final_div_factor`)
    pub end: T,
    /// The shape of the phases; PyTorch's `anneal_strategy`
    pub anneal: Anneal,
    /// Whether the rate falls in two phases, first to `base start`; PyTorch's `three_phase`
    pub three_phase: bool,
}

impl<T: Scalar> OneCycle<T> {
    /// A cycle of this many steps, with PyTorch's defaults: two phases, half cosines, 30 % of the steps from `base / 25` to
    /// `base`, the others to `base / 250,000`.
    #[must_use]
    pub fn new(steps: u32) -> Self {
        let (rise, start, end) = (T::from_f64(0.3), T::from_f64(0.04), T::from_f64(4e-6));
        Self { steps, rise, start, end, anneal: Anneal::HalfCosine, three_phase: false }
    }

    /// The phase at this step, and the factors between which it is.
    fn phase(&self, step: u32) -> (Phase<T>, T, T) {
        let (step, steps) = (count::<T>(step), count::<T>(self.steps));
        let top = self.rise.clamp(T::ZERO, T::ONE) * steps - T::ONE;
        let fallen = top + top;
        if step <= top {
            (Phase::between(step, T::ZERO, top), self.start, T::ONE)
        } else if self.three_phase && step <= fallen {
            (Phase::between(step, top, fallen), T::ONE, self.start)
        } else {
            let (begin, from) = if self.three_phase { (fallen, self.start) } else { (top, T::ONE) };
            (Phase::between(step, begin, steps - T::ONE), from, self.end)
        }
    }
}

impl<T: Scalar> Schedule<T> for OneCycle<T> {
    type State = ();

    fn rate(&self, base: T, step: u32, (): &()) -> T {
        let (phase, from, to) = self.phase(step);
        let weights = match self.anneal {
            Anneal::HalfCosine => phase.cosine(),
            Anneal::Straight => phase,
        };
        scale(base, weights.mix(from, to))
    }
}
