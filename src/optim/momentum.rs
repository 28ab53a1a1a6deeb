//! Gradient descent with momentum, in PyTorch's form:
//! `v <- mu v + (1 - tau) dJ/dtheta`, `theta <- theta - alpha v`.

use super::state::state;
use super::{Descent, Optimizer, allow, end_step};
use crate::fault::Fault;
use crate::params::Parameters;
use crate::scalar::Scalar;
use crate::zero::Zero;

/// Gradient descent with momentum: `v <- mu v + (1 - tau) dJ/dtheta`, then `theta <- theta - alpha v`.
///
/// PyTorch's `SGD` with `momentum=mu` and `dampening=tau`. In the first step, `v` is the whole gradient. (Others, such as Sutskever et al. 2013 and Nielsen, put `alpha` into `v`;
/// with a constant `alpha` the steps are the same.)
///
/// When a gradient becomes 0, its velocity decays to 0, because subnormal velocities are set to 0 after
/// every 64th step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Momentum<T = f32> {
    /// alpha
    pub learning_rate: T,
    /// mu, in [0, 1)
    pub momentum: T,
    /// tau: the share of the gradient that is left out from the second step on.
    pub dampening: T,
}

impl<T: Scalar> Default for Momentum<T> {
    /// Learning rate 1e-3 and dampening 0 as in PyTorch, momentum 0.9 (PyTorch's default is 0).
    fn default() -> Self {
        Self { learning_rate: T::from_f64(1e-3), momentum: T::from_f64(0.9), dampening: T::ZERO }
    }
}

state! {
    /// The velocity `v` of each parameter. `G` has the shape of the trained parameters.
    MomentumState {
        /// `v`
        velocity,
        ;
        /// The number of steps.
        steps: u32,
    }
}

impl<T: Scalar> Optimizer<T> for Momentum<T> {
    const NAME: &'static str = "Momentum";
    type State<G: Zero> = MomentumState<G, T>;

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        state: &mut MomentumState<N::Trained, T>,
    ) -> Result<(), Fault> {
        // The first step does not use it.
        allow(self.dampening.is_finite())?;
        gradient.descend(parameters, [&mut state.velocity], rule(*self, state.steps))?;
        end_step(&mut state.steps, [&mut state.velocity]);
        Ok(())
    }
}

/// The rule for one parameter, after this many steps. (Not a closure in `step`: see [`Sgd`](super::Sgd)'s rule.)
#[inline]
fn rule<T: Scalar>(momentum: Momentum<T>, steps: u32) -> impl Fn(T, [T; 2]) -> [T; 2] + Copy {
    let Momentum { learning_rate, momentum, dampening } = momentum;
    let share = if steps == 0 { T::ONE } else { T::ONE - dampening };
    move |g, [p, v]| {
        let v = momentum * v + share * g;
        [p - learning_rate * v, v]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENTUM: Momentum = Momentum { learning_rate: 0.5, momentum: 0.25, dampening: 0.0 };

    // v = 4, p = 3 - 0.5 * 4; v = 0.25 * 4 - 2 = -1, p = 1 + 0.5 * 1
    #[test]
    fn hand_computed() {
        assert_eq!(rule(MOMENTUM, 0)(4.0, [3.0, 0.0]), [1.0, 4.0]);
        assert_eq!(rule(MOMENTUM, 1)(-2.0, [1.0, 4.0]), [1.5, -1.0]);
    }

    // v = 4, p = 3 - 0.5 * 4; v = 0.25 * 4 - 0.25 * 2 = 0.5, p = 1 - 0.5 * 0.5
    #[test]
    fn hand_computed_with_dampening() {
        let momentum = Momentum { dampening: 0.75, ..MOMENTUM };
        assert_eq!(rule(momentum, 0)(4.0, [3.0, 0.0]), [1.0, 4.0]);
        assert_eq!(rule(momentum, 1)(-2.0, [1.0, 4.0]), [0.75, 0.5]);
    }
}
