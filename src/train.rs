//! Training: steps over mini-batches, epochs over data sets, and what happens when a run diverges.

use core::fmt;

use crate::network::Model;
use crate::non_finite::{NonFinite, Quantity};
use crate::optim::Optimizer;
use crate::{Dataset, Gradients, Loss, MiniBatches, Scalar, Workspace, Zero};

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

/// A trainer without memory for a gradient: each weight makes its step as soon as its gradient is there. The bits are those
/// of [`Trainer`].
///
/// `B` is not only the tile but the longest mini-batch: of more samples than `B`, each `B` make a step.
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
/// let cost = trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &Quadratic, &[([0.5; 64], [1.0; 10])])?;
/// assert_eq!(cost, 5.0); // each of ten outputs is off by 1: 10/2
/// # Ok::<(), stackprop::Diverged>(())
/// ```
pub struct InPlaceTrainer<N: Model, O: Optimizer<N::Scalar>, const B: usize> {
    /// What the optimiser remembers.
    pub state: O::State<N>,
    /// Activations and deltas of a tile.
    pub workspace: Workspace<N, B>,
    pub(crate) progress: Progress,
}

impl<N: Model, O: Optimizer<N::Scalar>, const B: usize> InPlaceTrainer<N, O, B> {
    /// The memory that training takes beside the network.
    pub const BYTES: usize = size_of::<Self>();

    /// A trainer that has not trained yet.
    pub const fn zeros() -> Self {
        const { assert!(B > 0, "an InPlaceTrainer needs a tile of at least one sample") }
        Self::ZERO
    }

    /// One step on one mini-batch of up to `B` samples, or a step for each `B` samples of a longer one: returns the average
    /// cost of all samples, each as it was before its step.
    ///
    /// # Errors
    ///
    /// [`Diverged`] as in [`Trainer::step`], and also, with nothing changed, if inputs and deltas are so large that the gradient
    /// might overflow.
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
        if batch.len() <= B {
            return self.step_of_one_tile(network, optimizer, loss, batch);
        }
        let mut average = Average::default();
        for part in MiniBatches::in_order(batch, B) {
            average.add(self.step_of_one_tile(network, optimizer, loss, &part)?, part.len());
        }
        Ok(average.value())
    }

    fn step_of_one_tile<C, D>(
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
        let result = self.workspace.descend(network, optimizer, loss, batch, &mut self.state);
        let result = result.unwrap_or_else(|layer| Err(NonFinite { layer, quantity: Quantity::Gradient }));
        self.progress.step(result)
    }

    /// One epoch: [`step`](InPlaceTrainer::step) for each of these mini-batches. Returns the average cost over all samples, each
    /// as it was before its step.
    ///
    /// # Errors
    ///
    /// [`Diverged`] as in [`step`](InPlaceTrainer::step); the epoch ends there.
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
    fn begin_epoch(&mut self) {
        self.batch = 0;
    }

    fn end_epoch(&mut self) {
        self.epoch = self.epoch.saturating_add(1);
        self.batch = 0; // for steps between epochs
    }

    /// Counts a step, or says when it diverged.
    fn step<T>(&mut self, result: Result<T, NonFinite>) -> Result<T, Diverged> {
        let cost = result.map_err(|cause| Diverged { epoch: self.epoch, batch: self.batch, cause })?;
        self.batch = self.batch.saturating_add(1);
        Ok(cost)
    }
}

/// The average of averages of some samples each.
struct Average<T> {
    sum: T,
    samples: usize,
}

impl<T: Scalar> Default for Average<T> {
    fn default() -> Self {
        Self { sum: T::ZERO, samples: 0 }
    }
}

impl<T: Scalar> Average<T> {
    fn add(&mut self, average: T, samples: usize) {
        self.sum += average * T::from_usize(samples);
        self.samples += samples;
    }

    /// 0 for no samples.
    fn value(&self) -> T {
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
