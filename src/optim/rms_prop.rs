//! RMSprop (Hinton 2012, lecture 6e; centred: Graves 2013, eq. 38 to 45), with PyTorch's conventions and defaults.
//!
//! `v <- a v + (1 - a) g^2`, `theta <- theta - alpha g / (sqrt(v) + eps)`.

use super::state::state;
use super::{Descent, Optimizer, allow, end_step, is_amount, is_fraction, raised};
use crate::arithmetic::MulAdd;
use crate::fault::Fault;
use crate::params::Parameters;
use crate::scalar::Scalar;
use crate::zero::Zero;

/// RMSprop: `v <- a v + (1 - a) g^2`, then `theta <- theta - alpha g / (sqrt(v) + eps)`.
///
/// PyTorch's `RMSprop` without momentum. As in [`Adam`](crate::Adam), very small values of epsilon are raised, so that a gradient of 0
/// makes no step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RmsProp<T = f32> {
    /// alpha
    pub learning_rate: T,
    /// a: the fraction of the average squared gradient that is kept from step to step, in [0, 1).
    pub smoothing: T,
    /// Added to `sqrt(v)`; not negative.
    pub epsilon: T,
}

impl<T: Scalar> Default for RmsProp<T> {
    /// PyTorch's: learning rate 1e-2, smoothing 0.99, epsilon 1e-8.
    fn default() -> Self {
        Self { learning_rate: T::from_f64(1e-2), smoothing: T::from_f64(0.99), epsilon: T::from_f64(1e-8) }
    }
}

state! {
    /// The average squared gradient of each parameter. `G` has the shape of the trained parameters.
    RmsPropState {
        /// The running average of the squared gradient.
        v,
        ;
        /// The number of steps.
        steps: u32,
    }
}

impl<T: Scalar> Optimizer<T> for RmsProp<T> {
    const NAME: &'static str = "RmsProp";
    type State<G: Zero> = RmsPropState<G, T>;

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        state: &mut RmsPropState<N::Trained, T>,
    ) -> Result<(), Fault> {
        allow(is_fraction(self.smoothing) && is_amount(self.epsilon))?;
        gradient.descend(parameters, [&mut state.v], rule(*self))?;
        end_step(&mut state.steps, [&mut state.v]);
        Ok(())
    }
}

/// The rule for one parameter. (Not a closure in `step`: see [`Sgd`](super::Sgd)'s rule.)
#[inline]
fn rule<T: Scalar>(settings: RmsProp<T>) -> impl Fn(T, [T; 2]) -> [T; 2] + Copy {
    let RmsProp { learning_rate, smoothing, epsilon } = settings;
    let rest = T::ONE - smoothing;
    let epsilon = raised(epsilon, rest);
    move |g, [p, v]| {
        let v = smoothing * v + rest * (g * g);
        [p - learning_rate * g / (MulAdd::sqrt(v) + epsilon), v]
    }
}

/// Centred RMSprop with momentum: the average squared gradient is replaced by the variance of the gradient.
///
/// `v <- a v + (1 - a) g^2`, `m <- a m + (1 - a) g`, `b <- mu b + g / (sqrt(v - m^2) + eps)`, then `theta <- theta - alpha b`.
///
/// PyTorch's `RMSprop` with `centered=True` and `momentum=mu`. Where rounding makes `v - m^2` negative, it counts as 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CenteredRmsProp<T = f32> {
    /// alpha
    pub learning_rate: T,
    /// a: the fraction of the averages that is kept from step to step, in [0, 1).
    pub smoothing: T,
    /// Added to `sqrt(v - m^2)`; not negative.
    pub epsilon: T,
    /// mu, in [0, 1)
    pub momentum: T,
}

impl<T: Scalar> Default for CenteredRmsProp<T> {
    /// PyTorch's: learning rate 1e-2, smoothing 0.99, epsilon 1e-8, momentum 0.
    fn default() -> Self {
        Self {
            learning_rate: T::from_f64(1e-2),
            smoothing: T::from_f64(0.99),
            epsilon: T::from_f64(1e-8),
            momentum: T::ZERO,
        }
    }
}

state! {
    /// What [`CenteredRmsProp`] remembers of each parameter. `G` has the shape of the trained parameters.
    CenteredRmsPropState {
        /// The running average of the squared gradient.
        v,
        /// The running average of the gradient.
        m,
        /// The running sum of steps.
        velocity,
        ;
        /// The number of steps.
        steps: u32,
    }
}

impl<T: Scalar> Optimizer<T> for CenteredRmsProp<T> {
    const NAME: &'static str = "CenteredRmsProp";
    type State<G: Zero> = CenteredRmsPropState<G, T>;

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        state: &mut CenteredRmsPropState<N::Trained, T>,
    ) -> Result<(), Fault> {
        allow(is_fraction(self.smoothing) && is_amount(self.epsilon))?;
        let CenteredRmsPropState { v, m, velocity, steps, scalar: _ } = state;
        gradient.descend(parameters, [&mut *v, &mut *m, &mut *velocity], centered_rule(*self))?;
        end_step(steps, [v, m, velocity]);
        Ok(())
    }
}

/// The rule for one parameter.
#[inline]
fn centered_rule<T: Scalar>(settings: CenteredRmsProp<T>) -> impl Fn(T, [T; 4]) -> [T; 4] + Copy {
    let CenteredRmsProp { learning_rate, smoothing, epsilon, momentum } = settings;
    let rest = T::ONE - smoothing;
    let epsilon = raised(epsilon, rest);
    move |g, [p, v, m, b]| {
        let v = smoothing * v + rest * (g * g);
        let m = smoothing * m + rest * g;
        let variance = v - m * m;
        let variance = if variance < T::ZERO { T::ZERO } else { variance };
        let b = momentum * b + g / (MulAdd::sqrt(variance) + epsilon);
        [p - learning_rate * b, v, m, b]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // v = 0.75 * 0 + 0.25 * 16 = 4, p = 3 - 0.5 * 4 / (2 + 6)
    #[test]
    fn hand_computed() {
        let rule = rule(RmsProp { learning_rate: 0.5, smoothing: 0.75, epsilon: 6.0 });
        assert_eq!(rule(4.0, [3.0, 0.0]), [2.75, 4.0]);
    }

    // v = 0.5 * 14 + 0.5 * 16 = 15, m = 0.5 * 4 + 0.5 * 4 = 4: the variance is -1, which counts as 0.
    // b = 0.5 * 2 + 4 / (0 + 2) = 3, p = 3 - 0.5 * 3
    #[test]
    fn hand_computed_without_variance() {
        assert_eq!(centered_rule(CENTERED)(4.0, [3.0, 14.0, 4.0, 2.0]), [1.5, 15.0, 4.0, 3.0]);
    }

    // v = 0.5 * 34 + 0.5 * 16 = 25, m = 0.5 * -10 + 0.5 * 4 = -3: the variance is 16.
    // b = 0.5 * 2 + 4 / (4 + 4) = 1.5, p = 3 - 0.5 * 1.5
    #[test]
    fn hand_computed_with_variance() {
        let rule = centered_rule(CenteredRmsProp { epsilon: 4.0, ..CENTERED });
        assert_eq!(rule(4.0, [3.0, 34.0, -10.0, 2.0]), [2.25, 25.0, -3.0, 1.5]);
    }

    const CENTERED: CenteredRmsProp =
        CenteredRmsProp { learning_rate: 0.5, smoothing: 0.5, epsilon: 2.0, momentum: 0.5 };
}
