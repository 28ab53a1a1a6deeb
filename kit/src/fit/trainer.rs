//! Either trainer.

use stackprop::{
    Dataset, Fault, InPlaceTrainer, LossOf, Model, Optimizer, Persist, StateOf, StepError, TrainedOf, Trainer,
};

mod sealed {
    pub trait Sealed {}
}

/// A [`Trainer`] or an [`InPlaceTrainer`]. Sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a trainer of `{N}` with the optimiser `{O}`",
    label = "expected a `Trainer` or an `InPlaceTrainer` of this network and this optimiser",
    note = "`Fit::new(&mut network, &mut trainer, &optimizer, &loss, &data)`; the state of the optimiser has to be `Persist`",
    note = "of a `Box`, pass what is in it: `&mut *network`, `&mut *trainer`"
)]
pub trait AnyTrainer<N: Model, O: Optimizer<N::Scalar>>: Persist + sealed::Sealed {
    /// Makes one step on a mini-batch. Returns its average loss before the step.
    ///
    /// # Errors
    ///
    /// [`StepError`] if the step cannot be made.
    fn step<C: LossOf<N, D::Target>, D: Dataset<Input = N::Input>>(
        &mut self,
        network: &mut N,
        optimizer: &O,
        loss: &C,
        batch: &D,
    ) -> Result<N::Scalar, StepError>;

    /// Completes an epoch.
    fn end_epoch(&mut self);

    /// The number of completed epochs.
    fn epochs(&self) -> u32;

    /// The number of steps in all.
    fn steps(&self) -> u32;

    /// The seed of what layers draw in training.
    fn seed(&self) -> u32;

    /// The state of the optimiser.
    fn state(&self) -> &StateOf<N, O>;

    /// The state of the optimiser.
    fn state_mut(&mut self) -> &mut StateOf<N, O>;

    /// The average loss of all samples.
    ///
    /// # Errors
    ///
    /// [`Fault`] at the first sample whose loss cannot be computed.
    fn loss<C: LossOf<N, D::Target>, D: Dataset<Input = N::Input> + ?Sized>(
        &mut self,
        network: &N,
        loss: &C,
        data: &D,
    ) -> Result<N::Scalar, Fault>;

    /// Passes the output and the target of each sample to `each`.
    ///
    /// # Errors
    ///
    /// [`Fault::MissingSample`].
    fn evaluate<D: Dataset<Input = N::Input> + ?Sized>(
        &mut self,
        network: &N,
        data: &D,
        each: impl FnMut(&N::Output, &D::Target),
    ) -> Result<(), Fault>;
}

macro_rules! trainers {
    ($($Trainer:ident),*) => {$(
        impl<N: Model, O: Optimizer<N::Scalar>, const B: usize> sealed::Sealed for $Trainer<N, O, B> {}

        impl<N, O, const B: usize> AnyTrainer<N, O> for $Trainer<N, O, B>
        where
            N: Model,
            O: Optimizer<N::Scalar, State<TrainedOf<N>>: Persist>,
        {
            fn step<C: LossOf<N, D::Target>, D: Dataset<Input = N::Input>>(
                &mut self,
                network: &mut N,
                optimizer: &O,
                loss: &C,
                batch: &D,
            ) -> Result<N::Scalar, StepError> {
                self.step(network, optimizer, loss, batch)
            }

            fn end_epoch(&mut self) {
                self.end_epoch();
            }

            fn epochs(&self) -> u32 {
                self.epochs()
            }

            fn steps(&self) -> u32 {
                self.steps()
            }

            fn seed(&self) -> u32 {
                self.seed
            }

            fn state(&self) -> &StateOf<N, O> {
                &self.state
            }

            fn state_mut(&mut self) -> &mut StateOf<N, O> {
                &mut self.state
            }

            fn loss<C: LossOf<N, D::Target>, D: Dataset<Input = N::Input> + ?Sized>(
                &mut self,
                network: &N,
                loss: &C,
                data: &D,
            ) -> Result<N::Scalar, Fault> {
                self.workspace.loss(network, loss, data)
            }

            fn evaluate<D: Dataset<Input = N::Input> + ?Sized>(
                &mut self,
                network: &N,
                data: &D,
                each: impl FnMut(&N::Output, &D::Target),
            ) -> Result<(), Fault> {
                self.workspace.evaluate(network, data, each)
            }
        }
    )*};
}

trainers!(Trainer, InPlaceTrainer);
