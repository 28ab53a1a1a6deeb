//! Adagrad (Duchi, Hazan, Singer 2011), with PyTorch's conventions and defaults.
//!
//! `s <- s + g^2`, `theta <- theta - alpha_t g / (sqrt(s) + eps)` with `alpha_t = alpha / (1 + (t - 1) d)`.

use super::state::state;
use super::{Descent, Optimizer, allow, is_amount, raised};
use crate::arithmetic::MulAdd;
use crate::fault::Fault;
use crate::params::Parameters;
use crate::scalar::Scalar;
use crate::zero::Zero;

/// Adagrad: `s <- s + g^2`, then `theta <- theta - alpha_t g / (sqrt(s) + eps)`, with `alpha_t = alpha / (1 + (t - 1) d)` in step `t`.
///
/// PyTorch's `Adagrad`. The sums only grow, so steps become shorter and shorter. As in [`Adam`](crate::Adam), very small values of
/// epsilon are raised, so that a gradient of 0 makes no step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adagrad<T = f32> {
    /// alpha
    pub learning_rate: T,
    /// d, at least 0
    pub learning_rate_decay: T,
    /// The start value of `s`, at least 0. (It is added to the sum in each step; the state starts as zero.)
    pub initial_accumulator: T,
    /// Added to `sqrt(s)`; not negative.
    pub epsilon: T,
}

impl<T: Scalar> Default for Adagrad<T> {
    /// PyTorch's: learning rate 1e-2, no decay, accumulators that start at 0, epsilon 1e-10.
    fn default() -> Self {
        Self {
            learning_rate: T::from_f64(1e-2),
            learning_rate_decay: T::ZERO,
            initial_accumulator: T::ZERO,
            epsilon: T::from_f64(1e-10),
        }
    }
}

state! {
    /// The sum of squared gradients of each parameter. `G` has the shape of the trained parameters.
    AdagradState {
        /// The sum of the squared gradients, without the start value.
        sum,
        ;
        /// The number of steps.
        steps: u32,
    }
}

impl<T: Scalar> Optimizer<T> for Adagrad<T> {
    const NAME: &'static str = "Adagrad";
    type State<G: Zero> = AdagradState<G, T>;

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        state: &mut AdagradState<N::Trained, T>,
    ) -> Result<(), Fault> {
        let Self { learning_rate: _, learning_rate_decay, initial_accumulator, epsilon } = *self;
        allow([learning_rate_decay, initial_accumulator, epsilon].into_iter().all(is_amount))?;
        gradient.descend(parameters, [&mut state.sum], rule(*self, state.steps))?;
        state.steps = state.steps.saturating_add(1);
        Ok(())
    }
}

/// The rule for one parameter, after this many steps. (Not a closure in `step`: see [`Sgd`](super::Sgd)'s rule.)
#[inline]
fn rule<T: Scalar>(adagrad: Adagrad<T>, steps: u32) -> impl Fn(T, [T; 2]) -> [T; 2] + Copy {
    let Adagrad { learning_rate, learning_rate_decay, initial_accumulator, epsilon } = adagrad;
    let rate = learning_rate / (T::ONE + T::from_usize(steps as usize) * learning_rate_decay);
    let epsilon = raised(epsilon, T::ONE);
    move |g, [p, sum]| {
        let sum = sum + g * g;
        [p - rate * g / (MulAdd::sqrt(sum + initial_accumulator) + epsilon), sum]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // sum = 7 + 9, rate = 1 / (1 + 2 * 0.5), p = 3 - 0.5 * 3 / (sqrt(16 + 9) + 1)
    #[test]
    fn hand_computed() {
        let adagrad =
            Adagrad { learning_rate: 1.0, learning_rate_decay: 0.5, initial_accumulator: 9.0, epsilon: 1.0 };
        assert_eq!(rule(adagrad, 2)(3.0, [3.0, 7.0]), [2.75, 16.0]);
    }
}
