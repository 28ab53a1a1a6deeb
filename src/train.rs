//! Training: steps over mini-batches, epochs over data sets, and what happens when a run diverges.

use core::fmt;

use crate::network::Model;
use crate::non_finite::NonFinite;
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
/// # Ok::<(), stackprop::Diverged>(())
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

impl<N: Model, O: Optimizer<N::Scalar>, const B: usize> Trainer<N, O, B> {
    /// The memory that training takes beside the network.
    pub const BYTES: usize = size_of::<Self>();

    /// A trainer that has not trained yet.
    pub const fn zeros() -> Self {
        const { assert!(B > 0, "a Trainer needs a tile of at least one sample") }
        Self::ZERO
    }

    /// One step on one mini-batch, all of `batch`: returns the average cost before it.
    ///
    /// The number of samples may be any; they are walked in tiles of `B`.
    ///
    /// # Errors
    ///
    /// [`Diverged`] if a number became infinite or NaN: bad data, or a step that was too long. The parameters are all finite
    /// then, and see [`Diverged`] for which of them have changed.
    pub fn step<C, D>(
        &mut self,
        network: &mut N,
        optimizer: &O,
        loss: &C,
        batch: &D,
    ) -> Result<N::Scalar, Diverged>
    where
        C: Loss<N::Output, D::Target>,
        D: Dataset<Input = N::Input> + ?Sized,
    {
        let of_one_tile = if batch.len() <= B {
            self.workspace.descend(network, optimizer, loss, batch, &mut self.state).ok()
        } else {
            None
        };
        let result = match of_one_tile {
            Some(result) => result,
            None => self.step_of_many_tiles(network, optimizer, loss, batch),
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
    ) -> Result<N::Scalar, NonFinite>
    where
        C: Loss<N::Output, D::Target>,
        D: Dataset<Input = N::Input> + ?Sized,
    {
        let cost = self.workspace.gradient(network, loss, batch, &mut self.gradients)?;
        optimizer.step(network, &self.gradients, &mut self.state)?;
        Ok(cost)
    }

    /// One epoch: a step for each of these mini-batches. Returns the average cost over all samples, each as it was
    /// before its mini-batch's step.
    ///
    /// # Errors
    ///
    /// [`Diverged`] as in [`step`](Trainer::step); the epoch ends there.
    pub fn epoch<C, D>(
        &mut self,
        network: &mut N,
        optimizer: &O,
        loss: &C,
        batches: impl IntoIterator<Item = D>,
    ) -> Result<N::Scalar, Diverged>
    where
        C: Loss<N::Output, D::Target>,
        D: Dataset<Input = N::Input>,
    {
        let mut average = Average::default();
        self.progress.begin_epoch();
        for batch in batches {
            average.add(self.step(network, optimizer, loss, &batch)?, batch.len());
        }
        self.progress.end_epoch();
        Ok(average.value())
    }
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

    /// Counts a step, or says when it diverged.
    pub fn step<T>(&mut self, result: Result<T, NonFinite>) -> Result<T, Diverged> {
        let cost = result.map_err(|cause| Diverged { epoch: self.epoch, batch: self.batch, cause })?;
        self.batch = self.batch.saturating_add(1);
        Ok(cost)
    }
}

/// The average of averages of some samples each.
pub(crate) struct Average<T> {
    sum: T,
    samples: usize,
}

impl<T: Scalar> Default for Average<T> {
    fn default() -> Self {
        Self { sum: T::ZERO, samples: 0 }
    }
}

impl<T: Scalar> Average<T> {
    pub fn add(&mut self, average: T, samples: usize) {
        self.sum += average * T::from_usize(samples);
        self.samples += samples;
    }

    /// 0 for no samples.
    pub fn value(&self) -> T {
        self.sum / T::from_usize(self.samples.max(1))
    }
}

/// A run became non-finite: when, and where in the network.
///
/// Seen in an activation, a cost or the gradient ([`Quantity`](crate::Quantity)), the parameters and the optimiser's state
/// are those of before that step. Seen in the update, only the parameters are whose update would not have been finite, and
/// what the state has for them; the others have made their step. No parameter ever becomes infinite or NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Diverged {
    /// The epoch, from 0: how many [`Trainer::epoch`]s had ended.
    pub epoch: u32,
    /// The mini-batch, from 0: how many steps the epoch had made.
    pub batch: u32,
    /// Which number, in which layer.
    pub cause: NonFinite,
}

impl fmt::Display for Diverged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { epoch, batch, cause } = self;
        write!(
            f,
            "training diverged in epoch {epoch}, mini-batch {batch}: {cause}; the parameters are finite"
        )
    }
}

impl core::error::Error for Diverged {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&self.cause)
    }
}
