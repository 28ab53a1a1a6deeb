//! Averages of the parameters over the steps.

use core::marker::PhantomData;

use super::{Descent, Optimizer, allow, inner_learning_rate};
use crate::fault::Fault;
use crate::params::Parameters;
use crate::persist::{Persist, persist};
use crate::scalar::Scalar;
use crate::zero::{Zero, zero_struct};

/// Keeps an average of the parameters over the steps of `optimizer`, which often generalises better than the last parameters.
///
/// The average is in the state, of the shape of the trained parameters; [`AveragedState::write_to`] writes it to a network. Both forms are those of
/// PyTorch's `AveragedModel`, and start with a copy of the parameters after the first step.
///
/// ```
/// use stackprop::{Averaged, Dense, Network, Quadratic, Sgd, Trainer};
///
/// type Line = Network<1, Dense<1, 1>>;
/// let (mut network, mut trainer) = (Line::zeros(), Trainer::<Line, Averaged<Sgd>, 1>::zeros());
/// let optimizer = Averaged::polyak(Sgd { learning_rate: 1.0 });
/// trainer.step(&mut network, &optimizer, &Quadratic, &[([0.0], [4.0])])?;
/// assert_eq!(network.layers.bias, [4.0]);
/// trainer.step(&mut network, &optimizer, &Quadratic, &[([0.0], [6.0])])?;
/// assert_eq!(network.layers.bias, [6.0]);
///
/// let mut average = network.clone();
/// trainer.state.write_to(&mut average);
/// assert_eq!(average.layers.bias, [5.0]);
/// # Ok::<(), stackprop::StepError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Averaged<O, T = f32> {
    /// `Some(d)` for the exponential moving average `a <- d a + (1 - d) theta`, with `d` in [0, 1); `None` for the mean of all
    /// steps.
    pub decay: Option<T>,
    /// The optimiser.
    pub optimizer: O,
}

impl<O, T> Averaged<O, T> {
    /// `optimizer` with an exponential moving average, `a <- decay a + (1 - decay) theta`. Usual values are 0.99 to 0.9999: the
    /// average is over some `1 / (1 - decay)` steps.
    pub const fn ema(decay: T, optimizer: O) -> Self {
        Self { decay: Some(decay), optimizer }
    }

    /// `optimizer` with the mean of the parameters after each step (Polyak, Juditsky 1992): `a <- a + (theta - a) / n`.
    pub const fn polyak(optimizer: O) -> Self {
        Self { decay: None, optimizer }
    }
}

/// The average of the parameters and the state of the optimiser. `G` has the shape of the trained parameters.
#[derive(Debug, PartialEq)]
pub struct AveragedState<G, S, T = f32> {
    /// The average.
    pub average: G,
    /// The state of the optimiser.
    pub optimizer: S,
    /// The number of steps.
    steps: u32,
    scalar: PhantomData<fn() -> T>,
}

zero_struct!([G: Zero, S: Zero, T] AveragedState<G, S, T> { average, optimizer, steps, scalar });
persist!([T: Scalar, G: Parameters<T>, S: Persist] AveragedState<G, S, T>; parameters average, group optimizer, number steps);

impl<G: Clone, S: Clone, T> Clone for AveragedState<G, S, T> {
    fn clone(&self) -> Self {
        let Self { average, optimizer, steps, scalar } = self;
        Self { average: average.clone(), optimizer: optimizer.clone(), steps: *steps, scalar: *scalar }
    }

    // In place if that of `G` and `S` is, because they are large.
    fn clone_from(&mut self, source: &Self) {
        self.average.clone_from(&source.average);
        self.optimizer.clone_from(&source.optimizer);
        self.steps = source.steps;
    }
}

impl<G, S, T: Scalar> AveragedState<G, S, T> {
    /// Overwrites the trained parameters of `network` with the average. Before the first step, it does nothing.
    ///
    /// Parameters that are not trained, such as those of [`Frozen`](crate::Frozen) layers and the statistics of a [`BatchNorm`](crate::BatchNorm), stay as they
    /// are, so `network` should be a copy of the network that is trained.
    pub fn write_to<N: Parameters<T, Trained = G>>(&self, network: &mut N) {
        if self.steps == 0 {
            return;
        }
        N::walk_trained(0, network, [&self.average], [], &mut |_, values, [average], []| {
            for (value, average) in values.iter_mut().zip(average) {
                *value = *average;
            }
        });
    }
}

impl<T: Scalar, O: Optimizer<T>> Optimizer<T> for Averaged<O, T> {
    const NAME: &'static str = O::NAME;
    const WHOLE_GRADIENT: bool = O::WHOLE_GRADIENT;
    type State<G: Zero> = AveragedState<G, O::State<G>, T>;

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        state: &mut Self::State<N::Trained>,
    ) -> Result<(), Fault> {
        allow(self.decay.is_none_or(super::is_fraction))?;
        self.optimizer.step(parameters, gradient, &mut state.optimizer)?;
        state.steps = state.steps.saturating_add(1);
        let share = match self.decay {
            _ if state.steps == 1 => T::ONE,
            Some(decay) => T::ONE - decay,
            None => T::ONE / T::from_usize(state.steps as usize),
        };
        N::walk_trained(0, parameters, [], [&mut state.average], &mut |_, values, [], [average]| {
            for (average, &value) in average.iter_mut().zip(values.iter()) {
                *average = if share == T::ONE { value } else { *average + share * (value - *average) };
            }
        });
        Ok(())
    }
}

inner_learning_rate!([T: Scalar, O: Optimizer<T>] Averaged<O, T>, T, O, optimizer);
