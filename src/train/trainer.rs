//! Training with memory for a gradient, for mini-batches of any length.

use core::fmt;

use super::progress::{Progress, StepError, epoch, progress_methods, schedule_methods};
use super::{Gradients, StateOf, TrainedOf, Workspace};
use crate::data::{Batches, Dataset};
use crate::fault::Fault;
use crate::loss::LossOf;
use crate::network::Model;
use crate::optim::Optimizer;
use crate::persist::{Persist, persist};
use crate::zero::{Zero, boxed, zero_struct};

/// Trains a network `N` with an optimiser `O`: holds the gradients, the optimiser's state, and a workspace for tiles of
/// `B` samples.
///
/// ```
/// use stackprop::{Chain, Dense, Network, Quadratic, Sgd, Tanh, Trainer, layers};
///
/// type Net = Network<1, Chain![Dense<1, 4, Tanh>, Dense<4, 1>]>;
/// let mut network: Net = Network::new(layers![
///     Dense::from_parameters([[0.1, 0.5, -0.4, 0.9]], [0.0; 4]),
///     Dense::new(),
/// ]);
/// let data = [([-1.0], [-0.8]), ([0.0], [0.0]), ([1.0], [0.8])];
///
/// let mut trainer = Trainer::<Net, Sgd, 4>::zeros();
/// let (sgd, loss) = (Sgd { learning_rate: 0.3 }, Quadratic);
/// let before = trainer.step(&mut network, &sgd, &loss, &data)?;
/// for _ in 0..100 {
///     trainer.step(&mut network, &sgd, &loss, &data)?;
/// }
/// assert!(trainer.step(&mut network, &sgd, &loss, &data)? < 0.1 * before);
/// # Ok::<(), stackprop::StepError>(())
/// ```
///
/// A classifier, trained by [`epoch`](Trainer::epoch) and measured on other data by [`Workspace::evaluate`]:
///
/// ```
/// use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
/// use stackprop::{Adam, Class, Dense, MiniBatches, Network, SoftmaxCrossEntropy, Trainer, argmax};
///
/// type Net = Network<2, Dense<2, 2>>;
/// let class = |index| Class::<2>::new(index).unwrap();
/// let data = [([0.0, 1.0], class(0)), ([2.0, 1.0], class(1)), ([0.5, 3.0], class(0)), ([3.0, 0.0], class(1))];
/// let other = [([1.0, 2.0], class(0)), ([2.0, 0.5], class(1))];
///
/// let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Adam, 2>::zeros());
/// let adam = Adam { learning_rate: 0.1, ..Adam::default() };
/// let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
/// for _ in 0..20 {
///     trainer.epoch(&mut network, &adam, &SoftmaxCrossEntropy, MiniBatches::shuffled(&data, 2, &mut rng))?;
/// }
/// let mut right = 0;
/// trainer.workspace.evaluate(&network, &other, |output, target| {
///     right += usize::from(argmax(output) == target.index());
/// })?;
/// assert_eq!(right, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// It can be a `static`. To make a large one on the heap, use [`Zero::boxed`].
pub struct Trainer<N: Model, O: Optimizer<N::Scalar>, const B: usize> {
    /// The sum of dC/d(parameter), for mini-batches of more than `B` samples, and for optimisers that need the whole gradient.
    pub gradients: Gradients<N>,
    /// The optimiser's state.
    pub state: StateOf<N, O>,
    /// Activations and deltas of a tile.
    pub workspace: Workspace<N, B>,
    /// The seed of the random numbers that layers such as [`Dropout`](crate::Dropout) draw in training.
    pub seed: u32,
    progress: Progress,
}

zero_struct!([N: Model, O: Optimizer<N::Scalar>, const B: usize] Trainer<N, O, B> {
    gradients, state, workspace, seed, progress
});
boxed!([N: Model, O: Optimizer<N::Scalar>, const B: usize] Trainer<N, O, B>);
// Not what a step computes anew. So a run can go on with another tile, or with the other trainer.
persist!(
    [N: Model, O: Optimizer<N::Scalar, State<TrainedOf<N>>: Persist>, const B: usize] Trainer<N, O, B>, named O::NAME;
    group state, number seed, group progress
);

impl<N: Model, O: Optimizer<N::Scalar>, const B: usize> Clone for Trainer<N, O, B>
where
    StateOf<N, O>: Clone,
{
    fn clone(&self) -> Self {
        let Self { gradients, state, workspace, seed, progress } = self;
        Self {
            gradients: gradients.clone(),
            state: state.clone(),
            workspace: workspace.clone(),
            seed: *seed,
            progress: *progress,
        }
    }

    /// Copies in place, without a copy on the stack.
    fn clone_from(&mut self, source: &Self) {
        let Self { gradients, state, workspace, seed, progress } = source;
        self.gradients.clone_from(gradients);
        self.state.clone_from(state);
        self.workspace.clone_from(workspace);
        (self.seed, self.progress) = (*seed, *progress);
    }
}

impl<N: Model, O: Optimizer<N::Scalar>, const B: usize> fmt::Debug for Trainer<N, O, B>
where
    StateOf<N, O>: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { gradients: _, state, workspace, seed, progress } = self;
        f.debug_struct("Trainer")
            .field("progress", progress)
            .field("seed", seed)
            .field("state", state)
            .field("workspace", workspace)
            .finish_non_exhaustive()
    }
}

impl<N: Model, O: Optimizer<N::Scalar>, const B: usize> Trainer<N, O, B> {
    /// The memory that training takes in addition to the network, in bytes.
    pub const BYTES: usize = size_of::<Self>();

    /// A trainer that has not trained yet.
    pub const fn zeros() -> Self {
        Self::ZERO
    }

    progress_methods!();
    schedule_methods!();

    /// Makes one step on the mini-batch `batch`, and returns its average loss before the step.
    ///
    /// A mini-batch may have any number of samples, which are processed in tiles of `B`. For no samples there is no
    /// step, and the loss is 0.
    ///
    /// # Errors
    ///
    /// [`StepError`] if a number becomes infinite or NaN (because of bad data, or a step that is too long), if a sample
    /// is missing, or if the loss does not accept its target. All parameters are finite then; see [`StepError`] for
    /// which of them have changed.
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

    /// [`step`](Trainer::step) with `batch.len()` as `samples`, so that the length is read only once.
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
        if samples == 0 {
            return Ok(N::Scalar::ZERO);
        }
        let draws = self.progress.draws(self.seed);
        let of_one_tile = if samples <= B && !O::WHOLE_GRADIENT {
            self.workspace.descend(draws, network, optimizer, loss, batch, samples, &mut self.state).ok()
        } else {
            None
        };
        let result = match of_one_tile {
            Some(result) => result,
            None => self.step_of_many_tiles(network, optimizer, loss, batch, samples),
        };
        self.progress.step(result)
    }

    /// Sums the gradient of all tiles, then makes the step.
    fn step_of_many_tiles<C, D>(
        &mut self,
        network: &mut N,
        optimizer: &O,
        loss: &C,
        batch: &D,
        samples: usize,
    ) -> Result<N::Scalar, Fault>
    where
        C: LossOf<N, D::Target>,
        D: Dataset<Input = N::Input> + ?Sized,
    {
        let draws = Some(self.progress.draws(self.seed));
        let average =
            self.workspace.gradient_of(draws, network, loss, batch, samples, &mut self.gradients)?;
        optimizer.step(network, &self.gradients, &mut self.state)?;
        Ok(average)
    }

    /// Trains for one epoch: a step for each of these mini-batches.
    ///
    /// Returns the average loss over all samples, each from before its mini-batch's step.
    ///
    /// # Errors
    ///
    /// [`StepError`] as in [`step`](Trainer::step); the epoch ends there.
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
