//! One step for several mini-batches.

use core::marker::PhantomData;

use super::clip::Scale;
use super::{Adjusted, Descent, Optimizer, Stored, allow, inner_learning_rate};
use crate::fault::Fault;
use crate::params::Parameters;
use crate::persist::{Persist, persist};
use crate::scalar::Scalar;
use crate::zero::{Zero, zero_struct};

/// Sums the gradients of `batches` mini-batches, then makes one step of `optimizer` along their mean.
///
/// A [`Trainer`](crate::Trainer) takes a mini-batch of any number of samples, so this is for samples that are not there at the same time, and for an
/// [`InPlaceTrainer`](crate::InPlaceTrainer), whose mini-batches are short. The sum is in the state, of the shape of the trained parameters; therefore an
/// optimiser inside may need the whole gradient, as [`ClipNorm`](crate::ClipNorm) does. For mini-batches of the same size, the mean is that of one long
/// mini-batch, but for rounding. A sum that is not complete at the end of an epoch goes on in the next.
///
/// A number of 0 mini-batches fails with [`Fault::Update`].
///
/// ```
/// use stackprop::{Accumulated, ClipNorm, Dense, InPlaceTrainer, Network, Quadratic, Sgd};
///
/// type Line = Network<1, Dense<1, 1>>;
/// type Rule = Accumulated<ClipNorm<Sgd>>;
/// let (mut network, mut trainer) = (Line::zeros(), InPlaceTrainer::<Line, Rule, 1>::zeros());
/// let optimizer = Accumulated::new(2, ClipNorm::new(10.0, Sgd { learning_rate: 1.0 }));
/// trainer.step(&mut network, &optimizer, &Quadratic, &[([0.0], [4.0])])?;
/// assert_eq!(network.layers.bias, [0.0]);
/// trainer.step(&mut network, &optimizer, &Quadratic, &[([0.0], [6.0])])?;
/// assert_eq!(network.layers.bias, [5.0]);
/// # Ok::<(), stackprop::StepError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accumulated<O, T = f32> {
    /// The number of mini-batches for each step, at least 1.
    pub batches: u32,
    /// The optimiser.
    pub optimizer: O,
    scalar: PhantomData<fn() -> T>,
}

impl<O, T> Accumulated<O, T> {
    /// A step of `optimizer` for each `batches` mini-batches.
    pub const fn new(batches: u32, optimizer: O) -> Self {
        Self { batches, optimizer, scalar: PhantomData }
    }
}

/// The sum of gradients and the state of the optimiser. `G` has the shape of the trained parameters.
#[derive(Debug, PartialEq)]
pub struct AccumulatedState<G, S, T = f32> {
    /// The sum of the gradients since the last step.
    pub sum: G,
    /// The state of the optimiser.
    pub optimizer: S,
    /// The number of mini-batches since the last step.
    batches: u32,
    scalar: PhantomData<fn() -> T>,
}

zero_struct!([G: Zero, S: Zero, T] AccumulatedState<G, S, T> { sum, optimizer, batches, scalar });
persist!([T: Scalar, G: Parameters<T>, S: Persist] AccumulatedState<G, S, T>; parameters sum, group optimizer, number batches);

impl<G: Clone, S: Clone, T> Clone for AccumulatedState<G, S, T> {
    fn clone(&self) -> Self {
        let Self { sum, optimizer, batches, scalar } = self;
        Self { sum: sum.clone(), optimizer: optimizer.clone(), batches: *batches, scalar: *scalar }
    }

    // In place if that of `G` and `S` is, because they are large.
    fn clone_from(&mut self, source: &Self) {
        self.sum.clone_from(&source.sum);
        self.optimizer.clone_from(&source.optimizer);
        self.batches = source.batches;
    }
}

impl<T: Scalar, O: Optimizer<T>> Optimizer<T> for Accumulated<O, T> {
    const NAME: &'static str = O::NAME;
    type State<G: Zero> = AccumulatedState<G, O::State<G>, T>;

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        state: &mut Self::State<N::Trained>,
    ) -> Result<(), Fault> {
        allow(self.batches > 0)?;
        let AccumulatedState { sum, optimizer, batches, scalar: _ } = state;
        gradient.descend(parameters, [&mut *sum], add::<T>)?;
        *batches = batches.saturating_add(1);
        if *batches < self.batches {
            return Ok(());
        }
        let adjust = Scale(T::ONE / T::from_usize(*batches as usize));
        let result = self.optimizer.step(parameters, Adjusted { gradient: Stored(sum), adjust }, optimizer);
        sum.set_zero();
        *batches = 0;
        result
    }
}

/// Adds the gradient to its sum.
#[inline]
fn add<T: Scalar>(gradient: T, [parameter, sum]: [T; 2]) -> [T; 2] {
    [parameter, sum + gradient]
}

inner_learning_rate!([T: Scalar, O: Optimizer<T>] Accumulated<O, T>, T, O, optimizer);
