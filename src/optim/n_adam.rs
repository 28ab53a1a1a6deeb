//! NAdam (Dozat 2016): Adam with Nesterov's momentum, with PyTorch's conventions and defaults.
//!
//! With `mu_t = beta1 (1 - 0.96^(t psi) / 2)` and `M_t = mu_1 mu_2 ... mu_t`, a step is
//! `theta <- theta - alpha [(1 - mu_t) / (1 - M_t) g + mu_{t+1} / (1 - M_{t+1}) m] / (sqrt(v^) + eps)`, with the moments of Adam.
//!
//! As in Adam, `c_t = 1 - M_t` is computed as `c_t = mu_t c_{t-1} + (1 - mu_t)`, and `sqrt(v^) + eps` as `(sqrt(v) + eps r) / r`.

use super::state::state;
use super::{Descent, Optimizer, allow, end_step, is_amount, is_fraction, raised};
use crate::arithmetic::MulAdd;
use crate::fault::Fault;
use crate::math::Elementary;
use crate::params::Parameters;
use crate::scalar::Scalar;
use crate::zero::Zero;

/// NAdam: [`Adam`](crate::Adam) with Nesterov's momentum.
///
/// PyTorch's `NAdam`. Settings outside their ranges, and very small values of epsilon, are treated as in [`Adam`](crate::Adam).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NAdam<T = f32> {
    /// alpha, finite
    pub learning_rate: T,
    /// The fraction of `m`, the average gradient, that is kept from step to step, in [0, 1).
    pub beta1: T,
    /// The fraction of `v`, the average squared gradient, that is kept from step to step, in [0, 1).
    pub beta2: T,
    /// Added to `sqrt(v^)`; not negative.
    pub epsilon: T,
    /// psi: how soon the momentum rises from half of `beta1` to `beta1`; at least 0.
    pub momentum_decay: T,
}

impl<T: Scalar> Default for NAdam<T> {
    /// PyTorch's: learning rate 2e-3, betas 0.9 and 0.999, epsilon 1e-8, momentum decay 4e-3.
    fn default() -> Self {
        Self {
            learning_rate: T::from_f64(2e-3),
            beta1: T::from_f64(0.9),
            beta2: T::from_f64(0.999),
            epsilon: T::from_f64(1e-8),
            momentum_decay: T::from_f64(4e-3),
        }
    }
}

state! {
    /// The moments of each parameter's gradient. `G` has the shape of the trained parameters.
    NAdamState {
        /// First moment: the running average of the gradient.
        m,
        /// Second moment: the running average of the squared gradient.
        v,
        ;
        /// `1 - mu_1 mu_2 ... mu_t`
        correction1: T,
        /// `1 - beta2^t`
        correction2: T,
        /// The number of steps.
        steps: u32,
    }
}

impl<T: Scalar> Optimizer<T> for NAdam<T> {
    const NAME: &'static str = "NAdam";
    type State<G: Zero> = NAdamState<G, T>;

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        state: &mut NAdamState<N::Trained, T>,
    ) -> Result<(), Fault> {
        let t = state.steps.saturating_add(1);
        let scale = scale(self, [&mut state.correction1, &mut state.correction2], t)?;
        gradient.descend(parameters, [&mut state.m, &mut state.v], rule(*self, scale))?;
        end_step(&mut state.steps, [&mut state.m, &mut state.v]);
        Ok(())
    }
}

/// `mu_t`
fn momentum<T: Scalar>(settings: &NAdam<T>, t: u32) -> T {
    let ln = T::from_f64(-0.040_821_994_520_255_166); // ln 0.96
    let power = Elementary::exp(ln * (T::from_usize(t as usize) * settings.momentum_decay));
    settings.beta1 * (T::ONE - power / T::from_f64(2.0))
}

/// Advances the corrections by a step, and returns its factors of `g` and `m` and its epsilon, in step `t`, from 1.
///
/// If the settings allow no step, the corrections stay as they are.
fn scale<T: Scalar>(
    settings: &NAdam<T>,
    [correction1, correction2]: [&mut T; 2],
    t: u32,
) -> Result<[T; 3], Fault> {
    let NAdam { learning_rate, beta1, beta2, epsilon, momentum_decay } = *settings;
    let (mu, next) = (momentum(settings, t), momentum(settings, t.saturating_add(1)));
    let advanced = |beta: T, c: T| beta * c + (T::ONE - beta);
    let (c1, c2) = (advanced(mu, *correction1), advanced(beta2, *correction2));
    let root = MulAdd::sqrt(c2);
    let of_g = learning_rate * root * (T::ONE - mu) / c1;
    let of_m = learning_rate * root * next / advanced(next, c1);
    allow(
        is_fraction(beta1)
            && is_fraction(beta2)
            && is_amount(epsilon)
            && is_amount(momentum_decay)
            && [of_g, of_m].into_iter().all(T::is_finite),
    )?;
    (*correction1, *correction2) = (c1, c2);
    Ok([of_g, of_m, raised(epsilon * root, T::ONE - beta2)])
}

/// The rule for one parameter, in a step with this [`scale`].
#[inline]
fn rule<T: Scalar>(settings: NAdam<T>, [of_g, of_m, epsilon]: [T; 3]) -> impl Fn(T, [T; 3]) -> [T; 3] + Copy {
    let NAdam { beta1, beta2, .. } = settings;
    let (rest1, rest2) = (T::ONE - beta1, T::ONE - beta2);
    move |g, [p, m, v]| {
        let m = beta1 * m + rest1 * g;
        let v = beta2 * v + rest2 * (g * g);
        [p - (of_g * g + of_m * m) / (MulAdd::sqrt(v) + epsilon), m, v]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // m = 0.5 * 2 + 0.5 * 6 = 4, v = 0.25 * 36 + 0.75 * 36 = 36: p = 3 - (0.5 * 6 + 0.25 * 4) / (6 + 2)
    #[test]
    fn hand_computed() {
        let settings = NAdam { beta1: 0.5, beta2: 0.25, ..NAdam::default() };
        assert_eq!(rule(settings, [0.5, 0.25, 2.0])(6.0, [3.0, 2.0, 36.0]), [2.5, 4.0, 36.0]);
    }

    // Without decay of the momentum, mu is beta1 / 2: at t = 1, c1 = 1 - mu, and c of the next step is 1 - mu^2.
    #[test]
    fn hand_computed_factors() {
        let settings =
            NAdam { learning_rate: 1.0, beta1: 0.5, beta2: 0.75, epsilon: 1.0, momentum_decay: 0.0 };
        let [mut c1, mut c2] = [0.0_f64; 2];
        let [of_g, of_m, epsilon] = scale(&settings, [&mut c1, &mut c2], 1).unwrap();
        assert_eq!((c1, c2), (0.75, 0.25));
        assert_eq!((of_g, epsilon), (0.5, 0.5)); // 0.5 * 0.75 / 0.75
        approx::assert_abs_diff_eq!(of_m, 0.5 * 0.25 / (1.0 - 0.0625), epsilon = 1e-15);
    }
}
