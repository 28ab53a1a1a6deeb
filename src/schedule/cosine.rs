//! Cosine annealing, without and with restarts (Loshchilov, Hutter 2017: SGDR, equation 5).

use super::Schedule;
use super::phase::Phase;
use crate::scalar::Scalar;

/// Half a cosine from `base` down to `least`: `least + (base - least) (1 + cos(pi t / steps)) / 2`.
///
/// PyTorch's `CosineAnnealingLR`. Like that, it goes on after the end: up to `base` again at step `2 steps`, and so on. A
/// [`CosineRestarts`] with a `multiply` of 0 stays at `least`. With 0 `steps`, the rate is `least`.
///
/// ```
/// use stackprop::Schedule;
/// use stackprop::schedule::Cosine;
///
/// let schedule = Cosine { steps: 100, least: 0.25 };
/// assert_eq!([0, 100, 200].map(|step| schedule.rate(0.75_f32, step, &())), [0.75, 0.25, 0.75]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cosine<T = f32> {
    /// The number of steps from `base` to `least`; PyTorch's `T_max`
    pub steps: u32,
    /// The smallest rate (not a factor of `base`); PyTorch's `eta_min`
    pub least: T,
}

impl<T: Scalar> Schedule<T> for Cosine<T> {
    type State = ();

    fn rate(&self, base: T, step: u32, (): &()) -> T {
        let half_waves = step.checked_div(self.steps).unwrap_or(0);
        let at = step.checked_rem(self.steps).unwrap_or(0);
        let at = if half_waves & 1 == 1 { self.steps.saturating_sub(at) } else { at };
        Phase::at(at, self.steps).cosine().mix(base, self.least)
    }
}

/// Half a cosine from `base` down to `least`, again and again. The first cycle has `first` steps, each further one
/// `multiply` times as many.
///
/// `least + (base - least) (1 + cos(pi t_i / T_i)) / 2` at step `t_i` of a cycle of `T_i` steps. PyTorch's
/// `CosineAnnealingWarmRestarts`. With a `multiply` of 0, there is one cycle, and after it the rate is `least`; so it is with
/// a `first` of 0.
///
/// ```
/// use stackprop::Schedule;
/// use stackprop::schedule::CosineRestarts;
///
/// let schedule = CosineRestarts { first: 10, multiply: 2, least: 0.0 };
/// let rate = |step| schedule.rate(0.5_f32, step, &());
/// assert_eq!([0, 10, 30, 70].map(rate), [0.5; 4]);
/// assert!(rate(9) < 0.02 && rate(29) < 0.01);
///
/// let once = CosineRestarts { multiply: 0, ..schedule };
/// assert_eq!([0, 10, 30].map(|step| once.rate(0.5_f32, step, &())), [0.5, 0.0, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CosineRestarts<T = f32> {
    /// The number of steps of the first cycle; PyTorch's `T_0`
    pub first: u32,
    /// The length of a cycle in those of the cycle before; PyTorch's `T_mult`
    pub multiply: u32,
    /// The smallest rate (not a factor of `base`); PyTorch's `eta_min`
    pub least: T,
}

impl<T: Scalar> CosineRestarts<T> {
    /// The step within its cycle, and the length of the cycle.
    fn cycle(&self, step: u32) -> (u32, u32) {
        if self.multiply == 1 {
            return (step.checked_rem(self.first).unwrap_or(0), self.first);
        }
        // At most 33 turns, because the length at least doubles, or becomes 0.
        let (mut at, mut length) = (step, self.first);
        while length > 0 && at >= length {
            at = at.saturating_sub(length);
            length = length.saturating_mul(self.multiply);
        }
        (at, length)
    }
}

impl<T: Scalar> Schedule<T> for CosineRestarts<T> {
    type State = ();

    fn rate(&self, base: T, step: u32, (): &()) -> T {
        let (at, length) = self.cycle(step);
        Phase::at(at, length).cosine().mix(base, self.least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cycles() {
        let schedule = |first, multiply| CosineRestarts { first, multiply, least: 0.0_f32 };
        // 3 + 6 + 12 steps are before the cycle of 24.
        assert_eq!(
            [2, 3, 8, 9, 20, 21].map(|t| schedule(3, 2).cycle(t)),
            [(2, 3), (0, 6), (5, 6), (0, 12), (11, 12), (0, 24)]
        );
        assert_eq!(schedule(7, 1).cycle(23), (2, 7));
        assert_eq!(schedule(1, 2).cycle(u32::MAX), (0, u32::MAX)); // of 2^32, rounded down
        assert_eq!(schedule(u32::MAX, 5).cycle(u32::MAX), (0, u32::MAX));
        assert_eq!([4, 5, 6].map(|t| schedule(5, 0).cycle(t)), [(4, 5), (0, 0), (1, 0)]);
        assert_eq!(
            [(0, 0), (0, 1), (0, 2)].map(|(first, multiply)| schedule(first, multiply).cycle(9).1),
            [0; 3]
        );
    }
}
