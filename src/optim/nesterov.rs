//! Nesterov's accelerated gradient descent, in PyTorch's form (Sutskever, Martens, Dahl, Hinton 2013):
//! `v <- mu v + g`, `theta <- theta - alpha (g + mu v)` with `g = dJ/dtheta`.

use super::{Descent, MomentumState, Optimizer, end_step};
use crate::fault::Fault;
use crate::params::Parameters;
use crate::scalar::Scalar;
use crate::zero::Zero;

/// Nesterov's accelerated gradient descent: `v <- mu v + g`, then `theta <- theta - alpha (g + mu v)`, with `g = dJ/dtheta`.
///
/// PyTorch's `SGD` with `momentum=mu` and `nesterov=True`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nesterov<T = f32> {
    /// alpha
    pub learning_rate: T,
    /// mu, in [0, 1)
    pub momentum: T,
}

impl<T: Scalar> Default for Nesterov<T> {
    /// Learning rate 1e-3 as in PyTorch, momentum 0.9 (PyTorch's default is 0).
    fn default() -> Self {
        Self { learning_rate: T::from_f64(1e-3), momentum: T::from_f64(0.9) }
    }
}

impl<T: Scalar> Optimizer<T> for Nesterov<T> {
    const NAME: &'static str = "Nesterov";
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
fn rule<T: Scalar>(Nesterov { learning_rate, momentum }: Nesterov<T>) -> impl Fn(T, [T; 2]) -> [T; 2] + Copy {
    move |g, [p, v]| {
        let v = momentum * v + g;
        [p - learning_rate * (g + momentum * v), v]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // v = 4, p = 3 - 0.5 (4 + 0.25 * 4); v = 0.25 * 4 - 2 = -1, p = 0.5 - 0.5 (-2 - 0.25)
    #[test]
    fn hand_computed() {
        let rule = rule(Nesterov { learning_rate: 0.5, momentum: 0.25 });
        assert_eq!(rule(4.0, [3.0, 0.0]), [0.5, 4.0]);
        assert_eq!(rule(-2.0, [0.5, 4.0]), [1.625, -1.0]);
    }
}
