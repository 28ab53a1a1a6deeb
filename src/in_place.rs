//! Training without memory for a gradient.

use crate::network::Model;
use crate::non_finite::{NonFinite, Quantity};
use crate::optim::Optimizer;
use crate::train::{Average, Progress};
use crate::{Dataset, Diverged, Loss, MiniBatches, Workspace, Zero};

/// A trainer without memory for a gradient: each weight makes its step as soon as its gradient is there. The bits are those
/// of [`Trainer`](crate::Trainer).
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
    /// [`Diverged`] as in [`Trainer::step`](crate::Trainer::step), and also, with nothing changed, if inputs and deltas are so large that the gradient
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
