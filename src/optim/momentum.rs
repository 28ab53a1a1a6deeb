//! Gradient descent with momentum, in PyTorch's form:
//! `v <- mu v + dJ/dtheta`, `theta <- theta - alpha v`.

use core::marker::PhantomData;

use super::{Descent, Optimizer, end_step};
use crate::fault::Fault;
use crate::params::Parameters;
use crate::persist::persist;
use crate::scalar::Scalar;
use crate::zero::{Zero, zero_struct};

/// Gradient descent with momentum: `v <- mu v + dJ/dtheta`, then `theta <- theta - alpha v`.
///
/// PyTorch's `SGD` with `momentum=mu`. (Others, such as Sutskever et al. 2013 and Nielsen, put `alpha` into `v`;
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
}

impl<T: Scalar> Default for Momentum<T> {
    /// Learning rate 1e-3 as in PyTorch, momentum 0.9 (PyTorch's default is 0).
    fn default() -> Self {
        Self { learning_rate: T::from_f64(1e-3), momentum: T::from_f64(0.9) }
    }
}

/// The velocity `v` of each parameter of a network `N`.
#[derive(Debug, PartialEq)]
pub struct MomentumState<N, T = f32> {
    /// `v`
    pub velocity: N,
    /// The number of steps since subnormal numbers were last cleared.
    pub(crate) steps: u32,
    scalar: PhantomData<fn() -> T>,
}

zero_struct!([G: Zero, T] MomentumState<G, T> { velocity, steps, scalar });
persist!([T: Scalar, G: Parameters<T>] MomentumState<G, T>; parameters velocity, number steps);

impl<N: Clone, T> Clone for MomentumState<N, T> {
    fn clone(&self) -> Self {
        Self { velocity: self.velocity.clone(), steps: self.steps, scalar: PhantomData }
    }

    // In place if that of `N` is, because the velocity is large.
    fn clone_from(&mut self, source: &Self) {
        let Self { velocity, steps, scalar: _ } = self;
        velocity.clone_from(&source.velocity);
        *steps = source.steps;
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
        gradient.descend(parameters, [&mut state.velocity], rule(*self))?;
        end_step(&mut state.steps, [&mut state.velocity]);
        Ok(())
    }
}

/// The rule for one parameter. (Not a closure in `step`: see [`Sgd`](super::Sgd)'s rule.)
#[inline]
fn rule<T: Scalar>(Momentum { learning_rate, momentum }: Momentum<T>) -> impl Fn(T, [T; 2]) -> [T; 2] + Copy {
    move |g, [p, v]| {
        let v = momentum * v + g;
        [p - learning_rate * v, v]
    }
}

#[cfg(test)]
impl<N> MomentumState<N> {
    pub(super) fn holding(velocity: N, steps: u32) -> Self {
        Self { velocity, steps, scalar: PhantomData }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // v = 4, p = 3 - 0.5 * 4; v = 0.25 * 4 - 2 = -1, p = 1 + 0.5 * 1
    #[test]
    fn hand_computed() {
        let rule = rule(Momentum { learning_rate: 0.5, momentum: 0.25 });
        assert_eq!(rule(4.0, [3.0, 0.0]), [1.0, 4.0]);
        assert_eq!(rule(-2.0, [1.0, 4.0]), [1.5, -1.0]);
    }
}
