//! Lion (Chen et al. 2023, algorithm 2): steps of equal length against the sign of an average gradient.
//!
//! `c = beta1 m + (1 - beta1) g`, `theta <- theta - alpha sign(c)`, `m <- beta2 m + (1 - beta2) g`.

use super::state::state;
use super::{Descent, Optimizer, allow, end_step, is_fraction};
use crate::fault::Fault;
use crate::params::Parameters;
use crate::scalar::Scalar;
use crate::zero::Zero;

/// Lion: a step of `alpha` for each parameter, against the sign of `beta1 m + (1 - beta1) g`.
///
/// Its learning rate is usually 3 to 10 times smaller than that of [`AdamW`](crate::AdamW), and its weight decay larger by as much: wrap it in
/// [`DecoupledDecay`](crate::DecoupledDecay). Where the average is 0, there is no step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lion<T = f32> {
    /// alpha
    pub learning_rate: T,
    /// The share of `m` in the direction of a step, in [0, 1).
    pub beta1: T,
    /// The fraction of `m`, the average gradient, that is kept from step to step, in [0, 1).
    pub beta2: T,
}

impl<T: Scalar> Default for Lion<T> {
    /// The paper's: learning rate 1e-4, betas 0.9 and 0.99.
    fn default() -> Self {
        Self { learning_rate: T::from_f64(1e-4), beta1: T::from_f64(0.9), beta2: T::from_f64(0.99) }
    }
}

state! {
    /// The average gradient of each parameter. `G` has the shape of the trained parameters.
    LionState {
        /// The running average of the gradient.
        m,
        ;
        /// The number of steps.
        steps: u32,
    }
}

impl<T: Scalar> Optimizer<T> for Lion<T> {
    const NAME: &'static str = "Lion";
    type State<G: Zero> = LionState<G, T>;

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        state: &mut LionState<N::Trained, T>,
    ) -> Result<(), Fault> {
        allow(is_fraction(self.beta1) && is_fraction(self.beta2))?;
        gradient.descend(parameters, [&mut state.m], rule(*self))?;
        end_step(&mut state.steps, [&mut state.m]);
        Ok(())
    }
}

/// The rule for one parameter. (Not a closure in `step`: see [`Sgd`](super::Sgd)'s rule.)
#[inline]
fn rule<T: Scalar>(Lion { learning_rate, beta1, beta2 }: Lion<T>) -> impl Fn(T, [T; 2]) -> [T; 2] + Copy {
    let (rest1, rest2) = (T::ONE - beta1, T::ONE - beta2);
    move |g, [p, m]| {
        let direction = beta1 * m + rest1 * g;
        let sign = if direction > T::ZERO {
            T::ONE
        } else if direction < T::ZERO {
            -T::ONE
        } else {
            T::ZERO
        };
        [p - learning_rate * sign, beta2 * m + rest2 * g]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // c = 0.5 * 2 + 0.5 * 4 = 3: down; m = 0.25 * 2 + 0.75 * 4. c = 0.5 * 4 - 0.5 * 4 = 0: no step.
    #[test]
    fn hand_computed() {
        let rule = rule(Lion { learning_rate: 0.5, beta1: 0.5, beta2: 0.25 });
        assert_eq!(rule(4.0, [3.0, 2.0]), [2.5, 3.5]);
        assert_eq!(rule(-4.0, [3.0, 4.0]), [3.0, -2.0]);
        assert_eq!(rule(-6.0, [3.0, 4.0]), [3.5, -3.5]);
    }
}
