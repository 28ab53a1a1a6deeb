//! Training without memory for a gradient.

use core::fmt;

use super::progress::{Progress, StepError, epoch, progress_methods, schedule_methods, step_on_each};
use super::{StateOf, TrainedOf, Workspace};
use crate::data::{Batches, Dataset, MiniBatches};
use crate::fault::Fault;
use crate::loss::LossOf;
use crate::network::Model;
use crate::optim::Optimizer;
use crate::persist::{Persist, persist};
use crate::zero::{Zero, boxed, zero_struct};

/// A trainer without memory for a gradient: each weight is updated as soon as its gradient is computed.
///
/// The bits are those of [`Trainer`](crate::Trainer). `B` is not only the tile but also the longest mini-batch: a
/// longer one makes a step for each `B` samples.
///
/// ```
/// use stackprop::{Chain, Dense, InPlaceTrainer, Network, Quadratic, Sgd, Tanh, Trainer};
///
/// type Net = Network<64, Chain![Dense<64, 32, Tanh>, Dense<32, 10>]>;
/// type OnLine = InPlaceTrainer<Net, Sgd, 1>;
///
/// assert_eq!(OnLine::BYTES + Net::BYTES, Trainer::<Net, Sgd, 1>::BYTES);
///
/// let (mut network, mut trainer) = (Net::zeros(), OnLine::zeros());
/// let loss = trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &Quadratic, &[([0.5; 64], [1.0; 10])])?;
/// assert_eq!(loss, 5.0); // each of ten outputs is off by 1: 10/2
/// # Ok::<(), stackprop::StepError>(())
/// ```
pub struct InPlaceTrainer<N: Model, O: Optimizer<N::Scalar>, const B: usize> {
    /// The optimiser's state.
    pub state: StateOf<N, O>,
    /// Activations and deltas of a tile.
    pub workspace: Workspace<N, B>,
    /// The seed of the random numbers that layers such as [`Dropout`](crate::Dropout) draw in training.
    pub seed: u32,
    progress: Progress,
}

zero_struct!([N: Model, O: Optimizer<N::Scalar>, const B: usize] InPlaceTrainer<N, O, B> {
    state, workspace, seed, progress
} asserts PIECE_BY_PIECE);
boxed!([N: Model, O: Optimizer<N::Scalar>, const B: usize] InPlaceTrainer<N, O, B>);
// Not what a step computes anew. So a run can go on with another tile, or with the other trainer.
persist!(
    [N: Model, O: Optimizer<N::Scalar, State<TrainedOf<N>>: Persist>, const B: usize] InPlaceTrainer<N, O, B>, named O::NAME;
    group state, number seed, group progress
);

impl<N: Model, O: Optimizer<N::Scalar>, const B: usize> Clone for InPlaceTrainer<N, O, B>
where
    StateOf<N, O>: Clone,
{
    fn clone(&self) -> Self {
        let Self { state, workspace, seed, progress } = self;
        Self { state: state.clone(), workspace: workspace.clone(), seed: *seed, progress: *progress }
    }

    /// Copies in place, without a copy on the stack.
    fn clone_from(&mut self, source: &Self) {
        let Self { state, workspace, seed, progress } = source;
        self.state.clone_from(state);
        self.workspace.clone_from(workspace);
        (self.seed, self.progress) = (*seed, *progress);
    }
}

impl<N: Model, O: Optimizer<N::Scalar>, const B: usize> fmt::Debug for InPlaceTrainer<N, O, B>
where
    StateOf<N, O>: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { state, workspace, seed, progress } = self;
        f.debug_struct("InPlaceTrainer")
            .field("progress", progress)
            .field("seed", seed)
            .field("state", state)
            .field("workspace", workspace)
            .finish()
    }
}

impl<N: Model, O: Optimizer<N::Scalar>, const B: usize> InPlaceTrainer<N, O, B> {
    /// Evaluated by [`Zero::ZERO`], and so wherever a trainer is made.
    const PIECE_BY_PIECE: () = assert!(
        !O::WHOLE_GRADIENT,
        "this optimiser needs the whole gradient, for which an `InPlaceTrainer` has no memory: use a `Trainer`, or put it into `Accumulated`"
    );

    /// The memory that training takes in addition to the network, in bytes.
    pub const BYTES: usize = size_of::<Self>();

    /// A trainer that has not trained yet.
    pub const fn zeros() -> Self {
        Self::ZERO
    }

    progress_methods!();
    schedule_methods!();

    /// Makes one step on a mini-batch of up to `B` samples, or a step for each `B` samples of a longer one.
    ///
    /// Returns the average loss of all samples, each from before its step.
    ///
    /// # Errors
    ///
    /// [`StepError`] as in [`Trainer::step`](crate::Trainer::step). Also, with nothing changed, if inputs and deltas
    /// are so large that the gradient might overflow.
    pub fn step<C, D>(
        &mut self,
        network: &mut N,
        optimizer: &O,
        loss: &C,
        batch: &D,
    ) -> Result<N::Scalar, StepError>
    where
        C: LossOf<N, D::Target>,
        D: Dataset<Input = N::Input> + ?Sized,
    {
        let () = <C as LossOf<N, D::Target>>::VALID;
        self.step_on(network, optimizer, loss, batch, batch.len())
    }

    /// [`step`](InPlaceTrainer::step) with `batch.len()` as `samples`, so that the length is read only once.
    #[inline]
    fn step_on<C, D>(
        &mut self,
        network: &mut N,
        optimizer: &O,
        loss: &C,
        batch: &D,
        samples: usize,
    ) -> Result<N::Scalar, StepError>
    where
        C: LossOf<N, D::Target>,
        D: Dataset<Input = N::Input> + ?Sized,
    {
        if samples <= B {
            return self.step_of_one_tile(network, optimizer, loss, batch, samples);
        }
        step_on_each(MiniBatches::in_order(batch, B), |part, samples| {
            self.step_of_one_tile(network, optimizer, loss, part, samples)
        })
    }

    fn step_of_one_tile<C, D>(
        &mut self,
        network: &mut N,
        optimizer: &O,
        loss: &C,
        batch: &D,
        samples: usize,
    ) -> Result<N::Scalar, StepError>
    where
        C: LossOf<N, D::Target>,
        D: Dataset<Input = N::Input> + ?Sized,
    {
        if samples == 0 {
            return Ok(N::Scalar::ZERO);
        }
        let draws = self.progress.draws(self.seed);
        let result = self.workspace.descend(draws, network, optimizer, loss, batch, samples, &mut self.state);
        self.progress.step(result.unwrap_or_else(|layer| Err(Fault::Gradient { layer })))
    }

    /// Trains for one epoch: [`step`](InPlaceTrainer::step) for each of these mini-batches.
    ///
    /// Returns the average loss over all samples, each from before its step.
    ///
    /// # Errors
    ///
    /// [`StepError`] as in [`step`](InPlaceTrainer::step); the epoch ends there.
    pub fn epoch<C, I>(
        &mut self,
        network: &mut N,
        optimizer: &O,
        loss: &C,
        batches: I,
    ) -> Result<N::Scalar, StepError>
    where
        I: Batches<Input = N::Input>,
        C: LossOf<N, I::Target>,
    {
        let () = <C as LossOf<N, I::Target>>::VALID;
        epoch(
            self,
            |trainer| &mut trainer.progress,
            batches,
            |trainer, batch, samples| trainer.step_on(network, optimizer, loss, batch, samples),
        )
    }
}
