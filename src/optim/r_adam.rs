//! RAdam (Liu et al. 2020, algorithm 2): Adam that starts as momentum, until the second moment is known well enough. With
//! PyTorch's conventions and defaults.
//!
//! With `R = 2 / (1 - beta2) - 1` and `rho = R - 2 t beta2^t / (1 - beta2^t)`, a step is
//! `theta <- theta - alpha m^` while `rho <= 5`, then `theta <- theta - alpha m^ l / (sqrt(v) + eps)`, with
//! `l = sqrt(1 - beta2^t) sqrt((rho - 4) (rho - 2) R / ((R - 4) (R - 2) rho))`.

use super::state::state;
use super::{Descent, Optimizer, allow, end_step, is_amount, is_fraction, raised};
use crate::arithmetic::MulAdd;
use crate::fault::Fault;
use crate::params::Parameters;
use crate::scalar::Scalar;
use crate::zero::Zero;

/// Rectified Adam: [`Adam`](crate::Adam) without the need for a warm-up.
///
/// PyTorch's `RAdam`. Settings outside their ranges, and very small values of epsilon, are treated as in [`Adam`](crate::Adam).
///
/// The factors of a step are computed in `f64`, also for an `f32` network, once in each step: `rho` is a small difference of
/// large numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RAdam<T = f32> {
    /// alpha, finite
    pub learning_rate: T,
    /// The fraction of `m`, the average gradient, that is kept from step to step, in [0, 1).
    pub beta1: T,
    /// The fraction of `v`, the average squared gradient, that is kept from step to step, in [0, 1).
    pub beta2: T,
    /// Added to `sqrt(v)`; not negative.
    pub epsilon: T,
}

impl<T: Scalar> Default for RAdam<T> {
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
    RAdamState {
        /// First moment: the running average of the gradient.
        m,
        /// Second moment: the running average of the squared gradient.
        v,
        ;
        /// `1 - beta1^t`
        correction1: f64,
        /// `1 - beta2^t`
        correction2: f64,
        /// The number of steps.
        steps: u32,
    }
}

impl<T: Scalar> Optimizer<T> for RAdam<T> {
    const NAME: &'static str = "RAdam";
    type State<G: Zero> = RAdamState<G, T>;

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        state: &mut RAdamState<N::Trained, T>,
    ) -> Result<(), Fault> {
        let advanced = |beta: T, c: f64| beta.to_f64() * c + (1.0 - beta.to_f64());
        let corrections = [advanced(self.beta1, state.correction1), advanced(self.beta2, state.correction2)];
        let scale = scale(self, corrections, state.steps.saturating_add(1))?;
        [state.correction1, state.correction2] = corrections;
        gradient.descend(parameters, [&mut state.m, &mut state.v], rule(*self, scale))?;
        end_step(&mut state.steps, [&mut state.m, &mut state.v]);
        Ok(())
    }
}

/// A step is `step * m / (adaptive sqrt(v) + added)`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Scale<T> {
    step: T,
    /// 1, or 0 while the second moment is not used.
    adaptive: T,
    added: T,
}

/// The scale of step `t`, from 1.
fn scale<T: Scalar>(
    settings: &RAdam<T>,
    [correction1, correction2]: [f64; 2],
    t: u32,
) -> Result<Scale<T>, Fault> {
    let RAdam { learning_rate, beta1, beta2, epsilon } = *settings;
    let rate = learning_rate.to_f64() / correction1;
    let most = 2.0 / (1.0 - beta2.to_f64()) - 1.0;
    let rho = most - 2.0 * f64::from(t) * (1.0 - correction2) / correction2;
    let (step, adaptive, added) = if rho > 5.0 {
        let rectified = (rho - 4.0) * (rho - 2.0) * most / ((most - 4.0) * (most - 2.0) * rho);
        (rate * MulAdd::sqrt(correction2 * rectified), T::ONE, raised(epsilon, T::ONE - beta2))
    } else {
        (rate, T::ZERO, T::ONE)
    };
    let step = T::from_f64(step);
    allow(is_fraction(beta1) && is_fraction(beta2) && is_amount(epsilon) && step.is_finite())?;
    Ok(Scale { step, adaptive, added })
}

/// The rule for one parameter, in a step with this [`scale`].
#[inline]
fn rule<T: Scalar>(settings: RAdam<T>, scale: Scale<T>) -> impl Fn(T, [T; 3]) -> [T; 3] + Copy {
    let RAdam { beta1, beta2, .. } = settings;
    let (rest1, rest2) = (T::ONE - beta1, T::ONE - beta2);
    let Scale { step, adaptive, added } = scale;
    move |g, [p, m, v]| {
        let m = beta1 * m + rest1 * g;
        let v = beta2 * v + rest2 * (g * g);
        [p - step * m / (adaptive * MulAdd::sqrt(v) + added), m, v]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // m = 0.5 * 2 + 0.5 * 6 = 4, v = 36: p = 3 - 1 * 4 / (6 + 2), or without the second moment 3 - 0.5 * 4 / 1.
    #[test]
    fn hand_computed() {
        let settings = RAdam { beta1: 0.5, beta2: 0.25, ..RAdam::default() };
        let adaptive = Scale { step: 1.0, adaptive: 1.0, added: 2.0 };
        assert_eq!(rule(settings, adaptive)(6.0, [3.0, 2.0, 36.0]), [2.5, 4.0, 36.0]);
        let plain = Scale { step: 0.5, adaptive: 0.0, added: 1.0 };
        assert_eq!(rule(settings, plain)(6.0, [3.0, 2.0, 36.0]), [1.0, 4.0, 36.0]);
    }

    // beta2 = 3/4: R = 7, so at t = 1 rho = 7 - 2 * 0.75 / 0.25 = 1: momentum. For 1 - beta2^t = 1 - 2^-10 and t = 8,
    // rho = 7 - 16 / 1023.
    #[test]
    fn hand_computed_factors() {
        let settings = RAdam { learning_rate: 0.5, beta1: 0.5, beta2: 0.75, epsilon: 1.0_f64 };
        assert_eq!(scale(&settings, [0.5, 0.25], 1), Ok(Scale { step: 1.0, adaptive: 0.0, added: 1.0 }));
        let correction2 = 1023.0 / 1024.0;
        let rho: f64 = 7.0 - 16.0 / 1023.0;
        let expected = (correction2 * (rho - 4.0) * (rho - 2.0) * 7.0 / (15.0 * rho)).sqrt();
        let Scale { step, adaptive, added } = scale(&settings, [0.5, correction2], 8).unwrap();
        approx::assert_abs_diff_eq!(step, expected, epsilon = 1e-15);
        assert_eq!((adaptive, added), (1.0, 1.0));
    }
}
