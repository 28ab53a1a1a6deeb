//! AdamW (Loshchilov, Hutter 2019, algorithm 2): [`Adam`] with decoupled weight decay.

use super::{Adam, AdamState, DecoupledDecay, Descent, Optimizer};
use crate::fault::Fault;
use crate::params::Parameters;
use crate::scalar::Scalar;
use crate::schema::Roles;
use crate::zero::Zero;

/// Adam with decoupled weight decay: `theta <- (1 - alpha lambda) theta`, then Adam's step, whose moments do not see the decay.
///
/// PyTorch's `AdamW`. Its state is [`AdamState`]. The decay of all parameters is PyTorch's; to spare biases and norms, set `decays` to
/// [`Roles::WEIGHTS`].
///
/// ```
/// use stackprop::{AdamW, Roles};
///
/// let optimizer = AdamW { learning_rate: 3e-4, decays: Roles::WEIGHTS, ..AdamW::default() };
/// assert_eq!(optimizer.weight_decay, 0.01);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamW<T = f32> {
    /// alpha, finite
    pub learning_rate: T,
    /// As in [`Adam`].
    pub beta1: T,
    /// As in [`Adam`].
    pub beta2: T,
    /// As in [`Adam`].
    pub epsilon: T,
    /// lambda
    pub weight_decay: T,
    /// The parameters that decay.
    pub decays: Roles,
}

impl<T: Scalar> Default for AdamW<T> {
    /// PyTorch's: as [`Adam`], and a weight decay of 0.01 for all parameters.
    fn default() -> Self {
        let Adam { learning_rate, beta1, beta2, epsilon } = Adam::default();
        Self { learning_rate, beta1, beta2, epsilon, weight_decay: T::from_f64(0.01), decays: Roles::ALL }
    }
}

impl<T: Scalar> Optimizer<T> for AdamW<T> {
    const NAME: &'static str = "AdamW";
    type State<G: Zero> = AdamState<G, T>;

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        state: &mut AdamState<N::Trained, T>,
    ) -> Result<(), Fault> {
        let Self { learning_rate, beta1, beta2, epsilon, weight_decay, decays } = *self;
        let optimizer = Adam { learning_rate, beta1, beta2, epsilon };
        DecoupledDecay { weight_decay, decays, optimizer }.step(parameters, gradient, state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::Stored;
    use crate::{Dense, Network};

    // The first step of Adam is alpha g / |g|. The decay is 0.5 * 0.25 of the weight, not of the bias.
    #[test]
    fn hand_computed() {
        type Line = Network<1, Dense<1, 1>>;
        let mut line: Line = Network::new(Dense::from_parameters([[2.0]], [3.0]));
        let gradient: Line = Network::new(Dense::from_parameters([[4.0]], [-4.0]));
        let optimizer =
            AdamW { learning_rate: 0.5, weight_decay: 0.25, decays: Roles::WEIGHTS, ..AdamW::default() };
        let mut state = Zero::ZERO;
        optimizer.step(&mut line, Stored(&gradient), &mut state).unwrap();
        approx::assert_abs_diff_eq!(line.layers.weight[0][0], 2.0 * 0.875 - 0.5, epsilon = 1e-6);
        approx::assert_abs_diff_eq!(line.layers.bias[0], 3.5, epsilon = 1e-6);
    }
}
