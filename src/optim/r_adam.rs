//! RAdam (Liu et al. 2020, algorithm 2): Adam that starts as momentum, until the second moment is known well enough. With
//! PyTorch's conventions and defaults.
//!
//! With `R = 2 / (1 - beta2) - 1` and `rho = R - 2 t beta2^t / (1 - beta2^t)`, a step is
//! `theta <- theta - alpha m^` while `rho <= 5`, then `theta <- theta - alpha m^ l / (sqrt(v) + eps)`, with
//! `l = sqrt(1 - beta2^t) sqrt((rho - 4) (rho - 2) R / ((R - 4) (R - 2) rho))`.
//!
//! `rho`, which at first is about `t`, is not computed as that small difference of large numbers, but from the average age of the gradients in `v`, where the
//! newest has age 1: `rho = 2 s_t / c_t - 1`, with `c_t = 1 - beta2^t = beta2 c_{t-1} + (1 - beta2)` and
//! `s_t = (1 - beta2) sum_{j=1}^t j beta2^(j-1) = beta2 s_{t-1} + c_t`. (`s_t` is the sum of ages that the paper's equation 8 begins with.)

use super::state::state;
use super::{Adam, Descent, Optimizer, allow, end_step, is_amount, is_fraction, raised};
use crate::arithmetic::MulAdd;
use crate::fault::Fault;
use crate::params::Parameters;
use crate::scalar::Scalar;
use crate::zero::Zero;

/// Rectified Adam: [`Adam`](crate::Adam) without the need for a warm-up.
///
/// PyTorch's `RAdam`. Settings outside their ranges, and very small values of epsilon, are treated as in [`Adam`](crate::Adam).
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
        let Adam { learning_rate, beta1, beta2, epsilon } = Adam::default();
        Self { learning_rate, beta1, beta2, epsilon }
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
        correction1: T,
        /// `c_t = 1 - beta2^t`
        correction2: T,
        /// `s_t`
        age: T,
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
        let advanced = |beta: T, c: T| beta * c + (T::ONE - beta);
        let correction1 = advanced(self.beta1, state.correction1);
        let correction2 = advanced(self.beta2, state.correction2);
        let age = self.beta2 * state.age + correction2;
        let scale = scale(self, [correction1, correction2, age])?;
        (state.correction1, state.correction2, state.age) = (correction1, correction2, age);
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

/// The scale of a step with `1 - beta1^t`, `c_t` and `s_t`.
fn scale<T: Scalar>(settings: &RAdam<T>, [correction1, correction2, age]: [T; 3]) -> Result<Scale<T>, Fault> {
    let RAdam { learning_rate, beta1, beta2, epsilon } = *settings;
    // (Not an array with `map`: compiled for size, that converts at run time.)
    let (two, four, five) = (T::from_f64(2.0), T::from_f64(4.0), T::from_f64(5.0));
    let rate = learning_rate / correction1;
    let most = two / (T::ONE - beta2) - T::ONE;
    let rho = two * age / correction2 - T::ONE;
    let (step, adaptive, added) = if rho > five {
        let rectified = (rho - four) * (rho - two) * most / ((most - four) * (most - two) * rho);
        (rate * MulAdd::sqrt(correction2 * rectified), T::ONE, raised(epsilon, T::ONE - beta2))
    } else {
        (rate, T::ZERO, T::ONE)
    };
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

    // beta2 = 3/4, so R = 7. At t = 1, c = s = 1/4: rho = 1, momentum. At t = 2, c = 3/16 + 1/4 = 7/16, s = 3/16 + 7/16 = 10/16, and
    // rho = 20/7 - 1 = 13/7; as R - 2 t beta2^t / c = 7 - 4 (9/16) / (7/16) = 7 - 36/7.
    #[test]
    fn hand_computed_factors() {
        let settings = RAdam { learning_rate: 0.5, beta1: 0.5, beta2: 0.75, epsilon: 1.0_f64 };
        assert_eq!(scale(&settings, [0.5, 0.25, 0.25]), Ok(Scale { step: 1.0, adaptive: 0.0, added: 1.0 }));
        // Far on, where rho = 6.
        let (correction2, rho) = (1023.0 / 1024.0, 6.0_f64);
        let age = (rho + 1.0) * correction2 / 2.0;
        let expected = (correction2 * (rho - 4.0) * (rho - 2.0) * 7.0 / (15.0 * rho)).sqrt();
        let Scale { step, adaptive, added } = scale(&settings, [0.5, correction2, age]).unwrap();
        approx::assert_abs_diff_eq!(step, expected, epsilon = 1e-15);
        assert_eq!((adaptive, added), (1.0, 1.0));
    }

    /// `rho` is that of the paper, for each of 10,000 steps.
    #[test]
    fn the_length_is_that_of_the_paper() {
        let (beta, mut c, mut s) = (0.999_f64, 0.0, 0.0);
        for t in 1..=10_000 {
            c = beta * c + (1.0 - beta);
            s = beta * s + c;
            let power = beta.powi(t);
            let paper = 2.0 / (1.0 - beta) - 1.0 - 2.0 * f64::from(t) * power / (1.0 - power);
            let error = (2.0 * s / c - 1.0 - paper).abs();
            // Ours forgets a rounding error with beta, so it has up to 1/(1 - beta) = 1000 of them. The paper's form is a difference
            // of numbers up to 2000, and its power has a relative error of up to t 2^-53, by which the quotient changes by
            // 2 t power / (1 - power)^2 times as much.
            let (t, half_ulp) = (f64::from(t), f64::EPSILON / 2.0);
            let bound = 2000.0 * (1000.0 + 20.0 / c) * half_ulp + 2.0 * t * power / (c * c) * t * half_ulp;
            assert!(error < bound, "{t}: {error}");
        }
    }
}
