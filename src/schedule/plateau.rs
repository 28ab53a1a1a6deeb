//! A rate that depends on a metric.

use super::Schedule;
use super::phase::{power, scale};
use crate::improvement::{Mode, Threshold};
use crate::persist::{Number, persist};
use crate::scalar::Scalar;
use crate::zero::{Zero, zero_struct};

/// Multiplies the rate by `factor` whenever a metric has not improved for more than `patience` observations.
///
/// `max(base factor^k, least)` after `k` reductions, but never above `base`. [`PlateauState::observe`] tells the schedule the
/// metric, for instance after each epoch. PyTorch's `ReduceLROnPlateau` with `eps=0`. A `factor` of 1 or more, which PyTorch
/// refuses, leaves the rate at `base`.
///
/// ```
/// use stackprop::{Schedule, Zero};
/// use stackprop::schedule::{PlateauState, ReduceOnPlateau};
///
/// let plateau = ReduceOnPlateau { factor: 0.5, patience: 1, ..ReduceOnPlateau::default() };
/// let mut state = PlateauState::ZERO;
/// let reduced = [1.0, 0.8, 0.9, 0.8].map(|loss| state.observe(&plateau, loss));
/// assert_eq!(reduced, [false, false, false, true]);
/// assert_eq!(plateau.rate(0.1_f32, 400, &state), 0.05);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReduceOnPlateau<T = f32> {
    /// By which the rate is multiplied, in [0, 1).
    pub factor: T,
    /// The number of observations without improvement that change nothing.
    pub patience: u32,
    /// What counts as an improvement.
    pub threshold: Threshold<T>,
    /// The number of observations after a reduction in which a metric that is not better is not counted.
    pub cooldown: u32,
    /// The smallest rate (not a factor of `base`); PyTorch's `min_lr`
    pub least: T,
    /// Whether a smaller or a larger metric is better.
    pub mode: Mode,
}

impl<T: Scalar> Default for ReduceOnPlateau<T> {
    /// PyTorch's: factor 0.1, patience 10, relative threshold 1e-4, no cooldown, least 0, the smaller the better.
    fn default() -> Self {
        Self {
            factor: T::from_f64(0.1),
            patience: 10,
            threshold: Threshold::Relative(T::from_f64(1e-4)),
            cooldown: 0,
            least: T::ZERO,
            mode: Mode::Min,
        }
    }
}

impl<T: Scalar + Number> Schedule<T> for ReduceOnPlateau<T> {
    type State = PlateauState<T>;

    fn rate(&self, base: T, _step: u32, state: &PlateauState<T>) -> T {
        let rate = scale(base, power(self.factor, state.reductions)).max(self.least);
        if rate > base { base } else { rate }
    }

    fn observe(&self, state: &mut PlateauState<T>, metric: T) {
        let _ = PlateauState::observe(state, self, metric);
    }
}

/// What a [`ReduceOnPlateau`] remembers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlateauState<T = f32> {
    best: T,
    /// The number of improvements; before the first, `best` has no meaning.
    improvements: u32,
    /// The number of observations since the last improvement or reduction.
    waited: u32,
    /// The number of observations for which the cooldown goes on.
    cooling: u32,
    reductions: u32,
}

zero_struct!([T: Zero] PlateauState<T> { best, improvements, waited, cooling, reductions });
persist!(
    [T: Number] PlateauState<T>;
    number best, number improvements, number waited, number cooling, number reductions
);

impl<T: Scalar> PlateauState<T> {
    /// Takes the next value of the metric. Returns whether it reduces the rate, from the next step on.
    ///
    /// A metric of NaN is no improvement. (Where `least` is already reached, the rate stays.)
    #[must_use = "tells whether the rate was reduced; `let _ =` if that does not matter"]
    pub fn observe(&mut self, plateau: &ReduceOnPlateau<T>, metric: T) -> bool {
        if plateau.threshold.improves(plateau.mode, metric, self.best()) {
            self.best = metric;
            self.improvements = self.improvements.saturating_add(1);
            self.waited = 0;
        } else {
            self.waited = self.waited.saturating_add(1);
        }
        if self.cooling > 0 {
            self.cooling = self.cooling.saturating_sub(1);
            self.waited = 0;
        }
        let reduces = self.waited > plateau.patience;
        if reduces {
            self.reductions = self.reductions.saturating_add(1);
            self.cooling = plateau.cooldown;
            self.waited = 0;
        }
        reduces
    }

    /// The best metric so far, or `None` before the first that is not NaN.
    #[must_use]
    pub fn best(&self) -> Option<T> {
        (self.improvements > 0).then_some(self.best)
    }

    /// How often the rate was reduced.
    #[must_use]
    pub const fn reductions(&self) -> u32 {
        self.reductions
    }
}
