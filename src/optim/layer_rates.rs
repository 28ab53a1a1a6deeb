//! A learning rate for each layer.

use super::{Adjust, Adjusted, Descent, Optimizer, allow, inner_learning_rate};
use crate::fault::Fault;
use crate::params::{Block, Parameters};
use crate::scalar::Scalar;
use crate::zero::Zero;

/// Multiplies the steps of `optimizer` by a factor for each layer: discriminative fine-tuning of a pretrained network.
///
/// `L` is the number of layers of the network, counted as in [`Block::layer`]; another `L` does not compile. The new parameter is
/// `theta + factor (theta' - theta)`, where `theta'` is what `optimizer` gives: that is a factor of its learning rate, decay included. With a factor of 1
/// it has the bits of `optimizer` alone. A layer with the factor 0 keeps its parameters, but still takes memory and time for its gradient:
/// [`Frozen`](crate::Frozen) layers do not.
///
/// Factors that are not finite fail with [`Fault::Update`].
///
/// ```
/// use stackprop::{Chain, Dense, LayerRates, Network, Quadratic, Sgd, Trainer};
///
/// type Net = Network<1, Chain![Dense<1, 1>, Dense<1, 1>]>;
/// let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, LayerRates<Sgd, 2>, 1>::zeros());
/// network.layers.1.weight = [[1.0]];
/// let optimizer = LayerRates::new([0.25, 1.0], Sgd { learning_rate: 0.5 });
/// trainer.step(&mut network, &optimizer, &Quadratic, &[([0.0], [4.0])])?;
/// assert_eq!((network.layers.0.bias, network.layers.1.bias), ([0.5], [2.0])); // dC/db = -4 for both
/// # Ok::<(), stackprop::StepError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerRates<O, const L: usize, T = f32> {
    /// The factor of each layer's steps, from the first layer to the last.
    pub factors: [T; L],
    /// The optimiser whose steps are multiplied.
    pub optimizer: O,
}

impl<O, const L: usize, T> LayerRates<O, L, T> {
    /// `optimizer` with a factor for each layer.
    pub const fn new(factors: [T; L], optimizer: O) -> Self {
        Self { factors, optimizer }
    }
}

/// Multiplies the step of a parameter.
#[derive(Clone, Copy)]
struct Factors<'a, T> {
    all: &'a [T],
    /// That of the block.
    factor: T,
}

impl<T: Scalar> Adjust<T> for Factors<'_, T> {
    #[inline(always)]
    fn of(self, block: &Block) -> Self {
        Self { factor: self.all.get(block.layer).copied().unwrap_or(T::ONE), ..self }
    }

    #[inline(always)]
    fn after(self, old: T, new: T) -> T {
        if self.factor == T::ONE { new } else { old + self.factor * (new - old) }
    }
}

impl<T: Scalar, O: Optimizer<T>, const L: usize> Optimizer<T> for LayerRates<O, L, T> {
    const NAME: &'static str = O::NAME;
    const WHOLE_GRADIENT: bool = O::WHOLE_GRADIENT;
    type State<G: Zero> = O::State<G>;

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        state: &mut Self::State<N::Trained>,
    ) -> Result<(), Fault> {
        const { assert!(L == N::LAYERS, "`LayerRates` takes a factor for each layer of the network") }
        allow(self.factors.iter().all(|factor| factor.is_finite()))?;
        let adjust = Factors { all: &self.factors, factor: T::ONE };
        self.optimizer.step(parameters, Adjusted { gradient, adjust }, state)
    }
}

inner_learning_rate!([T: Scalar, O: Optimizer<T>, const L: usize] LayerRates<O, L, T>, T, O);
