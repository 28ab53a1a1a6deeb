//! AMSGrad (Reddi, Kale, Kumar 2018): Adam whose steps never become longer because the gradient became smaller.

use super::adam::scale;
use super::state::state;
use super::{Adam, Descent, Optimizer, end_step};
use crate::arithmetic::MulAdd;
use crate::fault::Fault;
use crate::params::Parameters;
use crate::scalar::Scalar;
use crate::zero::Zero;

/// AMSGrad: as [`Adam`], but divides by the largest `v` so far instead of the current one.
///
/// PyTorch's `Adam` with `amsgrad=True`; inside of [`DecoupledDecay`](crate::DecoupledDecay), its `AdamW` with `amsgrad=True`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AmsGrad<T = f32> {
    /// alpha, finite
    pub learning_rate: T,
    /// As in [`Adam`].
    pub beta1: T,
    /// As in [`Adam`].
    pub beta2: T,
    /// As in [`Adam`].
    pub epsilon: T,
}

impl<T: Scalar> Default for AmsGrad<T> {
    /// PyTorch's, as [`Adam`].
    fn default() -> Self {
        let Adam { learning_rate, beta1, beta2, epsilon } = Adam::default();
        Self { learning_rate, beta1, beta2, epsilon }
    }
}

state! {
    /// The moments of each parameter's gradient. `G` has the shape of the trained parameters.
    AmsGradState {
        /// First moment: the running average of the gradient.
        m,
        /// Second moment: the running average of the squared gradient.
        v,
        /// The largest second moment so far.
        largest_v,
        ;
        /// `1 - beta1^t`
        correction1: T,
        /// `1 - beta2^t`
        correction2: T,
        /// The number of steps.
        steps: u32,
    }
}

impl<T: Scalar> Optimizer<T> for AmsGrad<T> {
    const NAME: &'static str = "AmsGrad";
    type State<G: Zero> = AmsGradState<G, T>;

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        state: &mut AmsGradState<N::Trained, T>,
    ) -> Result<(), Fault> {
        let Self { learning_rate, beta1, beta2, epsilon } = *self;
        let adam = Adam { learning_rate, beta1, beta2, epsilon };
        let scale = scale(&adam, [&mut state.correction1, &mut state.correction2])?;
        let moments = [&mut state.m, &mut state.v, &mut state.largest_v];
        gradient.descend(parameters, moments, rule(adam, scale))?;
        end_step(&mut state.steps, [&mut state.m, &mut state.v]);
        Ok(())
    }
}

/// The rule for one parameter, in a step with this [`scale`].
#[inline]
fn rule<T: Scalar>(adam: Adam<T>, [step, epsilon]: [T; 2]) -> impl Fn(T, [T; 4]) -> [T; 4] + Copy {
    let Adam { beta1, beta2, .. } = adam;
    let (rest1, rest2) = (T::ONE - beta1, T::ONE - beta2);
    move |g, [p, m, v, largest]| {
        let m = beta1 * m + rest1 * g;
        let v = beta2 * v + rest2 * (g * g);
        let largest = if v > largest { v } else { largest };
        [p - step * m / (MulAdd::sqrt(largest) + epsilon), m, v, largest]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // v = 0.5 * 4 + 0.5 * 4 = 4, m = 0.5 * 2 + 0.5 * 2 = 2; the largest was 9: p = 3 - 2 * 2 / (3 + 1). Then v = 0.5 * 4 + 0.5 * 16 = 10
    // is larger.
    #[test]
    fn hand_computed() {
        let adam = Adam { learning_rate: f64::NAN, beta1: 0.5, beta2: 0.5, epsilon: f64::NAN };
        let rule = rule(adam, [2.0, 1.0]);
        assert_eq!(rule(2.0, [3.0, 2.0, 4.0, 9.0]), [2.0, 2.0, 4.0, 9.0]);
        let [p, m, v, largest] = rule(4.0, [2.0, 2.0, 4.0, 9.0]);
        assert_eq!((m, v, largest), (3.0, 10.0, 10.0));
        approx::assert_abs_diff_eq!(p, 2.0 - 6.0 / (10.0_f64.sqrt() + 1.0), epsilon = 1e-15);
    }
}
