//! Rprop (Riedmiller, Braun 1993, without weight backtracking), with PyTorch's conventions and defaults.
//!
//! Each parameter has a step of its own, which grows by `grow` as long as the gradient keeps its sign, and shrinks by `shrink` when
//! it changes.

use super::state::state;
use super::{Descent, Optimizer, allow};
use crate::fault::Fault;
use crate::params::Parameters;
use crate::scalar::Scalar;
use crate::zero::Zero;

/// Resilient backpropagation: steps whose lengths follow from the signs of the gradient alone.
///
/// For whole data sets as mini-batches, whose gradient has no noise. PyTorch's `Rprop`: after a change of sign the parameter
/// makes no step, and the next gradient counts as the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rprop<T = f32> {
    /// The length of the first step of each parameter, above 0.
    pub learning_rate: T,
    /// The factor of a step after a change of sign, in (0, 1).
    pub shrink: T,
    /// The factor of a step while the sign stays the same, above 1.
    pub grow: T,
    /// The shortest step, above 0.
    pub shortest: T,
    /// The longest step.
    pub longest: T,
}

impl<T: Scalar> Default for Rprop<T> {
    /// PyTorch's: first step 1e-2, factors 0.5 and 1.2, steps between 1e-6 and 50.
    fn default() -> Self {
        Self {
            learning_rate: T::from_f64(1e-2),
            shrink: T::from_f64(0.5),
            grow: T::from_f64(1.2),
            shortest: T::from_f64(1e-6),
            longest: T::from_f64(50.0),
        }
    }
}

state! {
    /// What [`Rprop`] remembers of each parameter. `G` has the shape of the trained parameters.
    RpropState {
        /// The last gradient; 0 before the first and after a change of sign.
        previous,
        /// The length of the last step; 0 before the first.
        length,
    }
}

impl<T: Scalar> Optimizer<T> for Rprop<T> {
    const NAME: &'static str = "Rprop";
    type State<G: Zero> = RpropState<G, T>;

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        state: &mut RpropState<N::Trained, T>,
    ) -> Result<(), Fault> {
        let Self { learning_rate, shrink, grow, shortest, longest } = *self;
        allow(
            learning_rate > T::ZERO
                && T::ZERO < shrink
                && shrink < T::ONE
                && grow > T::ONE
                && T::ZERO < shortest
                && shortest <= longest
                && longest.is_finite(),
        )?;
        gradient.descend(parameters, [&mut state.previous, &mut state.length], rule(*self))
    }
}

/// The rule for one parameter. (Not a closure in `step`: see [`Sgd`](super::Sgd)'s rule.)
#[inline]
fn rule<T: Scalar>(rprop: Rprop<T>) -> impl Fn(T, [T; 3]) -> [T; 3] + Copy {
    let Rprop { learning_rate, shrink, grow, shortest, longest } = rprop;
    move |g, [p, previous, length]| {
        // The signs are compared, because the product of two small gradients would be 0.
        let (up, down) = (g > T::ZERO, g < T::ZERO);
        let (was_up, was_down) = (previous > T::ZERO, previous < T::ZERO);
        let same = up & was_up | down & was_down;
        let changed = up & was_down | down & was_up;
        let length = if length == T::ZERO { learning_rate } else { length };
        let factor = if same { grow } else { T::ONE };
        let factor = if changed { shrink } else { factor };
        let length = (length * factor).clamp(shortest, longest);
        let g = if changed { T::ZERO } else { g };
        let sign = if g > T::ZERO { T::ONE } else { -T::ONE };
        let step = if g == T::ZERO { T::ZERO } else { sign * length };
        [p - step, g, length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The first step is 1; then 1 * 1.5 in the same direction; then the sign changes: no step, and the length is halved; then
    // that length, as after a first gradient.
    #[test]
    fn hand_computed() {
        let rule = rule(Rprop { learning_rate: 1.0, shrink: 0.5, grow: 1.5, shortest: 0.125, longest: 2.0 });
        assert_eq!(rule(1e-30, [3.0, 0.0, 0.0]), [2.0, 1e-30, 1.0]);
        assert_eq!(rule(1e-30, [2.0, 1e-30, 1.0]), [0.5, 1e-30, 1.5]);
        assert_eq!(rule(-7.0, [0.5, 1e-30, 1.5]), [0.5, 0.0, 0.75]);
        assert_eq!(rule(-7.0, [0.5, 0.0, 0.75]), [1.25, -7.0, 0.75]);
        assert_eq!(rule(-7.0, [0.0, -7.0, 1.75]), [2.0, -7.0, 2.0]); // the longest
        assert_eq!(rule(0.0, [0.0, -7.0, 2.0]), [0.0, 0.0, 2.0]);
    }
}
