//! Training: steps over mini-batches, epochs over data sets, and what happens when a step cannot be made.

use core::fmt;

use crate::fault::Fault;
use crate::mean::Mean;
use crate::network::Model;
use crate::optim::Optimizer;
use crate::{Dataset, Gradients, Loss, Scalar, Workspace, Zero};

/// All that training a network `N` with the optimiser `O` needs beside the network: its gradients, the optimiser's
/// state, and a workspace for tiles of `B` samples.
///
/// ```
/// use stackprop::{Chain, Dense, Network, Quadratic, Sgd, Tanh, Trainer, chain};
///
/// type Net = Network<1, Chain![Dense<1, 4, Tanh>, Dense<4, 1>]>;
/// let mut network: Net = Network::new(chain![
///     Dense::from_parameters([[0.1, 0.5, -0.4, 0.9]], [0.0; 4]),
///     Dense::new(),
/// ]);
/// let data = [([-1.0], [-0.8]), ([0.0], [0.0]), ([1.0], [0.8])];
///
/// let mut trainer = Trainer::<Net, Sgd, 4>::zeros();
/// let (sgd, cost) = (Sgd { learning_rate: 0.3 }, Quadratic);
/// let before = trainer.step(&mut network, &sgd, &cost, &data)?;
/// for _ in 0..100 {
///     trainer.step(&mut network, &sgd, &cost, &data)?;
/// }
/// assert!(trainer.step(&mut network, &sgd, &cost, &data)? < 0.1 * before);
/// # Ok::<(), stackprop::StepError>(())
/// ```
///
/// It can be a `static`, and a large one is made on the heap by [`Zero::boxed`].
pub struct Trainer<N: Model, O: Optimizer<N::Scalar>, const B: usize> {
    /// Where dC/d(parameter) is summed for mini-batches of more than `B` samples.
    pub gradients: Gradients<N>,
    /// What the optimiser remembers.
    pub state: O::State<N>,
    /// Activations and deltas of a tile.
    pub workspace: Workspace<N, B>,
    pub(crate) progress: Progress,
}

impl<N: Model + Clone, O: Optimizer<N::Scalar>, const B: usize> Clone for Trainer<N, O, B>
where
    O::State<N>: Clone,
{
    fn clone(&self) -> Self {
        let Self { gradients, state, workspace, progress } = self;
        Self {
            gradients: gradients.clone(),
            state: state.clone(),
            workspace: workspace.clone(),
            progress: *progress,
        }
    }

    /// Copies in place, without a copy on the stack.
    fn clone_from(&mut self, source: &Self) {
        let Self { gradients, state, workspace, progress } = source;
        self.gradients.clone_from(gradients);
        self.state.clone_from(state);
        self.workspace.clone_from(workspace);
        self.progress = *progress;
    }
}

impl<N: Model, O: Optimizer<N::Scalar>, const B: usize> fmt::Debug for Trainer<N, O, B>
where
    O::State<N>: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { gradients: _, state, workspace, progress } = self;
        f.debug_struct("Trainer")
            .field("progress", progress)
            .field("state", state)
            .field("workspace", workspace)
            .finish_non_exhaustive()
    }
}

impl<N: Model, O: Optimizer<N::Scalar>, const B: usize> Trainer<N, O, B> {
    /// The memory that training takes beside the network.
    pub const BYTES: usize = size_of::<Self>();

    /// A trainer that has not trained yet.
    pub const fn zeros() -> Self {
        Self::ZERO
    }

    /// One step on one mini-batch, all of `batch`: returns the average cost before it.
    ///
    /// The number of samples may be any; they are walked in tiles of `B`. For no samples there is no step, and the cost is 0.
    ///
    /// # Errors
    ///
    /// [`StepError`] if a number became infinite or NaN (bad data, or a step that was too long), or if a sample or its target is no good.
    /// The parameters are all finite then, and see [`StepError`] for which of them have changed.
    pub fn step<C, D>(
        &mut self,
        network: &mut N,
        optimizer: &O,
        loss: &C,
        batch: &D,
    ) -> Result<N::Scalar, StepError>
    where
        C: Loss<N::Output, D::Target>,
        D: Dataset<Input = N::Input> + ?Sized,
    {
        self.step_on(network, optimizer, loss, batch, batch.len())
    }

    /// The same for the first `samples` samples, all of them: a length is asked for once.
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
        C: Loss<N::Output, D::Target>,
        D: Dataset<Input = N::Input> + ?Sized,
    {
        if samples == 0 {
            return Ok(N::Scalar::ZERO);
        }
        let of_one_tile = if samples <= B {
            self.workspace.descend(network, optimizer, loss, batch, samples, &mut self.state).ok()
        } else {
            None
        };
        let result = match of_one_tile {
            Some(result) => result,
            None => self.step_of_many_tiles(network, optimizer, loss, batch, samples),
        };
        self.progress.step(result)
    }

    /// The gradient of all tiles first, then the step.
    fn step_of_many_tiles<C, D>(
        &mut self,
        network: &mut N,
        optimizer: &O,
        loss: &C,
        batch: &D,
        samples: usize,
    ) -> Result<N::Scalar, Fault>
    where
        C: Loss<N::Output, D::Target>,
        D: Dataset<Input = N::Input> + ?Sized,
    {
        let cost = self.workspace.gradient_of(network, loss, batch, samples, &mut self.gradients)?;
        optimizer.step(network, &self.gradients, &mut self.state)?;
        Ok(cost)
    }

    /// One epoch: a step for each of these mini-batches. Returns the average cost over all samples, each as it was
    /// before its mini-batch's step.
    ///
    /// # Errors
    ///
    /// [`StepError`] as in [`step`](Trainer::step); the epoch ends there.
    pub fn epoch<C, D>(
        &mut self,
        network: &mut N,
        optimizer: &O,
        loss: &C,
        batches: impl IntoIterator<Item = D>,
    ) -> Result<N::Scalar, StepError>
    where
        C: Loss<N::Output, D::Target>,
        D: Dataset<Input = N::Input>,
    {
        self.progress.begin_epoch();
        let cost =
            step_on_each(batches, |batch, samples| self.step_on(network, optimizer, loss, batch, samples))?;
        self.progress.end_epoch();
        Ok(cost)
    }
}

/// A step on each mini-batch, which is told its number of samples: returns the average of the costs over all samples.
#[inline]
pub(crate) fn step_on_each<T: Scalar, D: Dataset>(
    batches: impl IntoIterator<Item = D>,
    mut step: impl FnMut(&D, usize) -> Result<T, StepError>,
) -> Result<T, StepError> {
    let mut cost = Mean::NONE;
    for batch in batches {
        let samples = batch.len();
        cost.add_mean(step(&batch, samples)?, samples);
    }
    Ok(cost.value())
}

/// How far a training has come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    pub epoch: u32,
    pub batch: u32,
}

impl Progress {
    pub fn begin_epoch(&mut self) {
        self.batch = 0;
    }

    pub fn end_epoch(&mut self) {
        self.epoch = self.epoch.saturating_add(1);
        self.batch = 0; // for steps between epochs
    }

    /// Counts a step, or says when it could not be made.
    pub fn step<T>(&mut self, result: Result<T, Fault>) -> Result<T, StepError> {
        let cost = result.map_err(|cause| StepError { epoch: self.epoch, batch: self.batch, cause })?;
        self.batch = self.batch.saturating_add(1);
        Ok(cost)
    }
}

/// A training step could not be made: when in the run, and why.
///
/// The parameters and the optimiser's state are those of before the step, but for [`Fault::Update`]: then each parameter whose update would
/// not have been finite keeps its value and its state, and the others have made their step. No parameter ever becomes infinite
/// or NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepError {
    /// The epoch, from 0: how many [`Trainer::epoch`]s had ended.
    pub epoch: u32,
    /// The mini-batch, from 0: how many steps the epoch had made.
    pub batch: u32,
    /// What was wrong, and where.
    pub cause: Fault,
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { epoch, batch, cause } = self;
        write!(f, "training stopped in epoch {epoch}, mini-batch {batch}: {cause}")
    }
}

impl core::error::Error for StepError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&self.cause)
    }
}
