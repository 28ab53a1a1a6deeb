//! Adam (Kingma, Ba 2014, algorithm 1), with PyTorch's conventions and defaults.
//!
//! `m <- beta1 m + (1 - beta1) g`, `v <- beta2 v + (1 - beta2) g^2`,
//! `theta <- theta - alpha m^ / (sqrt(v^) + eps)` with `m^ = m / (1 - beta1^t)`, `v^ = v / (1 - beta2^t)`.
//!
//! With `r = sqrt(1 - beta2^t)` the last line is `theta - (alpha r / (1 - beta1^t)) m / (sqrt(v) + eps r)`: one
//! division for each parameter instead of two (as in section 2 of the paper, except that the paper takes `eps r`
//! as a constant).
//!
//! `c_t = 1 - beta^t` is not computed as a power, but as `c_t = beta c_{t-1} + (1 - beta)` from `c_0 = 0`. This
//! needs no power function, starts at zero like the rest of the state, and does not lose digits while `t` is small.

use super::state::state;
use super::{Descent, Optimizer, allow, end_step, is_fraction, raised};
use crate::arithmetic::MulAdd;
use crate::fault::Fault;
use crate::params::Parameters;
use crate::scalar::Scalar;
use crate::zero::Zero;

/// Adam: steps of about `alpha` in each parameter, whatever the gradient's scale.
///
/// A step with settings outside their ranges (a beta of 1, a learning rate that is infinite or NaN) fails with
/// [`Fault`] and changes nothing: no parameter, no moment, no bias correction. The next step with good settings
/// continues from there.
///
/// The bias corrections belong to the step, not to a parameter. If the settings are good and only some parameters'
/// results are not finite, the other parameters make their step, and the corrections advance with them.
///
/// When a gradient becomes 0, its moments decay to 0, because subnormal moments are set to 0 after every 64th
/// step. So `v` may keep no trace of gradients below `sqrt(MIN_POSITIVE / (1 - beta2))`, which is 3.4e-18 by
/// default (`f64`: 4.7e-153). Therefore at least that value is added to `sqrt(v)`, whatever epsilon is. Even with
/// an epsilon of 0, a gradient of 0 then makes no step (instead of 0 / 0), and tiny gradients make no long steps.
/// The default epsilon is far larger.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam<T = f32> {
    /// alpha, finite
    pub learning_rate: T,
    /// The fraction of `m`, the average gradient, that is kept from step to step, in [0, 1).
    pub beta1: T,
    /// The fraction of `v`, the average squared gradient, that is kept from step to step, in [0, 1).
    pub beta2: T,
    /// Added to `sqrt(v^)`; not negative. Very small values are raised, see [`Adam`].
    pub epsilon: T,
}

impl<T: Scalar> Default for Adam<T> {
    /// PyTorch's: learning rate 1e-3, betas 0.9 and 0.999, epsilon 1e-8.
    fn default() -> Self {
        Self {
            learning_rate: T::from_f64(1e-3),
            beta1: T::from_f64(0.9),
            beta2: T::from_f64(0.999),
            epsilon: T::from_f64(1e-8),
        }
    }
}

state! {
    /// The moments of each parameter's gradient. `G` has the shape of the trained parameters.
    AdamState {
        /// First moment: the running average of the gradient.
        m,
        /// Second moment: the running average of the squared gradient.
        v,
        ;
        /// `1 - beta1^t`
        correction1: T,
        /// `1 - beta2^t`
        correction2: T,
        /// The number of steps.
        steps: u32,
    }
}

impl<T: Scalar> Optimizer<T> for Adam<T> {
    const NAME: &'static str = "Adam";
    type State<G: Zero> = AdamState<G, T>;

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        state: &mut AdamState<N::Trained, T>,
    ) -> Result<(), Fault> {
        let scale = scale(self, [&mut state.correction1, &mut state.correction2])?;
        gradient.descend(parameters, [&mut state.m, &mut state.v], rule(*self, scale))?;
        end_step(&mut state.steps, [&mut state.m, &mut state.v]);
        Ok(())
    }
}

/// Advances the corrections by a step, and returns its `alpha r / (1 - beta1^t)` and `eps r`.
///
/// If the settings allow no step, the corrections stay as they are.
pub(super) fn scale<T: Scalar>(
    adam: &Adam<T>,
    [correction1, correction2]: [&mut T; 2],
) -> Result<[T; 2], Fault> {
    let advanced = |beta: T, c: T| beta * c + (T::ONE - beta);
    let (c1, c2) = (advanced(adam.beta1, *correction1), advanced(adam.beta2, *correction2));
    let root = MulAdd::sqrt(c2);
    // With betas in their range, each correction is in (0, 1].
    let [step, epsilon] = [adam.learning_rate * root / c1, adam.epsilon * root];
    allow(
        is_fraction(adam.beta1)
            && is_fraction(adam.beta2)
            && [step, epsilon].into_iter().all(T::is_finite)
            && adam.epsilon >= T::ZERO,
    )?;
    (*correction1, *correction2) = (c1, c2);
    Ok([step, raised(epsilon, T::ONE - adam.beta2)])
}

/// The rule for one parameter, in a step with this [`scale`]. (Not a closure in `step`: see
/// [`Sgd`](super::Sgd)'s rule.)
#[inline]
fn rule<T: Scalar>(adam: Adam<T>, [step, epsilon]: [T; 2]) -> impl Fn(T, [T; 3]) -> [T; 3] + Copy {
    let Adam { beta1, beta2, .. } = adam;
    let (rest1, rest2) = (T::ONE - beta1, T::ONE - beta2);
    move |g, [p, m, v]| {
        let m = beta1 * m + rest1 * g;
        let v = beta2 * v + rest2 * (g * g);
        [p - step * m / (MulAdd::sqrt(v) + epsilon), m, v]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dense, Gradients, Network};

    // At t = 1, m^ = g and v^ = g^2, so the first step is alpha g / (|g| + eps), whatever the betas.
    #[test]
    fn first_step_is_the_learning_rate() {
        let mut network = Network::<1, Dense<1, 1, crate::Identity, f64>, f64>::zeros();
        let mut gradients = Gradients::<Network<1, Dense<1, 1, crate::Identity, f64>, f64>>::zeros();
        gradients.of.layers.weight = [[1000.0]];
        gradients.of.layers.bias = [-0.25];
        let mut state = Zero::ZERO;
        Adam { learning_rate: 0.1, ..Adam::default() }.step(&mut network, &gradients, &mut state).unwrap();
        approx::assert_abs_diff_eq!(network.layers.weight[0][0], -0.1, epsilon = 1e-10);
        approx::assert_abs_diff_eq!(network.layers.bias[0], 0.1, epsilon = 1e-8);
    }
}
