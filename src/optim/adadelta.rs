//! Adadelta (Zeiler 2012, algorithm 1), with PyTorch's conventions and defaults.
//!
//! `v <- rho v + (1 - rho) g^2`, `d = sqrt(u + eps) / sqrt(v + eps) g`, `u <- rho u + (1 - rho) d^2`, `theta <- theta - alpha d`.

use super::state::state;
use super::{Descent, Optimizer, allow, end_step, is_fraction};
use crate::arithmetic::MulAdd;
use crate::fault::Fault;
use crate::params::Parameters;
use crate::scalar::Scalar;
use crate::zero::Zero;

/// Adadelta: steps as long as the average of the steps before, `sqrt(u + eps) / sqrt(v + eps) g`, with running averages `v` of `g^2` and
/// `u` of the squared steps.
///
/// PyTorch's `Adadelta`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adadelta<T = f32> {
    /// alpha, a factor of each step
    pub learning_rate: T,
    /// rho: the fraction of the averages that is kept from step to step, in [0, 1).
    pub rho: T,
    /// Added to the averages before their square roots are taken; above 0. It determines how long the first steps are.
    pub epsilon: T,
}

impl<T: Scalar> Default for Adadelta<T> {
    /// PyTorch's: learning rate 1, rho 0.9, epsilon 1e-6.
    fn default() -> Self {
        Self { learning_rate: T::ONE, rho: T::from_f64(0.9), epsilon: T::from_f64(1e-6) }
    }
}

state! {
    /// The averages of each parameter. `G` has the shape of the trained parameters.
    AdadeltaState {
        /// The running average of the squared gradient.
        v,
        /// The running average of the squared step.
        u,
        ;
        /// The number of steps.
        steps: u32,
    }
}

impl<T: Scalar> Optimizer<T> for Adadelta<T> {
    const NAME: &'static str = "Adadelta";
    type State<G: Zero> = AdadeltaState<G, T>;

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        state: &mut AdadeltaState<N::Trained, T>,
    ) -> Result<(), Fault> {
        allow(is_fraction(self.rho) && self.epsilon > T::ZERO && self.epsilon.is_finite())?;
        gradient.descend(parameters, [&mut state.v, &mut state.u], rule(*self))?;
        end_step(&mut state.steps, [&mut state.v, &mut state.u]);
        Ok(())
    }
}

/// The rule for one parameter. (Not a closure in `step`: see [`Sgd`](super::Sgd)'s rule.)
#[inline]
fn rule<T: Scalar>(
    Adadelta { learning_rate, rho, epsilon }: Adadelta<T>,
) -> impl Fn(T, [T; 3]) -> [T; 3] + Copy {
    let rest = T::ONE - rho;
    move |g, [p, v, u]| {
        let v = rho * v + rest * (g * g);
        let step = MulAdd::sqrt(u + epsilon) / MulAdd::sqrt(v + epsilon) * g;
        let u = rho * u + rest * (step * step);
        [p - learning_rate * step, v, u]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // v = 0.5 * 12 + 0.5 * 36 = 24, step = sqrt(3 + 1) / sqrt(24 + 1) * 6 = 2.4;
    // u = 0.5 * 3 + 0.5 * 5.76 = 4.38, p = 3 - 0.5 * 2.4
    #[test]
    fn hand_computed() {
        let rule = rule(Adadelta { learning_rate: 0.5, rho: 0.5, epsilon: 1.0 });
        let [p, v, u] = rule(6.0_f64, [3.0, 12.0, 3.0]);
        assert_eq!(v, 24.0);
        approx::assert_abs_diff_eq!(u, 4.38, epsilon = 1e-14);
        approx::assert_abs_diff_eq!(p, 1.8, epsilon = 1e-14);
    }
}
