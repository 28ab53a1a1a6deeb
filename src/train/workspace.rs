//! The gradient of a loss over any number of samples: forward, loss, backward, tile by tile.

use core::borrow::Borrow;
use core::fmt;

use super::StateOf;
use super::gradients::{Backward, Gradients};
use super::mean::Mean;
use crate::data::Dataset;
use crate::fault::Fault;
use crate::kernel::{Kernel, Task, dispatch, on_all_cores};
use crate::layer::{Cache, Draws, Layer, LayerPass, Pass, Train, first_non_finite};
use crate::loss::{Loss, LossOf};
use crate::network::Model;
use crate::optim::Optimizer;
use crate::rows_error::RowsError;
use crate::scalar::{Scalar, head};
use crate::vector::Vector;
use crate::zero::{Zero, boxed, zero_struct};

/// Memory for the inputs, activations and deltas of a tile of up to `B` samples in a network `N`.
///
/// `B` trades memory for speed and changes no bit of any result. `B = 1` is on-line learning. A workspace holds nothing
/// between calls, so a clone is an empty workspace.
pub struct Workspace<N: Model, const B: usize> {
    inputs: [N::Input; B],
    cache: CacheOf<N, B>,
}

zero_struct!([N: Model, const B: usize] Workspace<N, B> { inputs, cache } asserts TILE);
boxed!([N: Model, const B: usize] Workspace<N, B>);

impl<N: Model, const B: usize> Clone for Workspace<N, B> {
    fn clone(&self) -> Self {
        Self::ZERO
    }

    /// Does nothing.
    fn clone_from(&mut self, _: &Self) {}
}

impl<N: Model, const B: usize> fmt::Debug for Workspace<N, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workspace").field("tile", &B).field("bytes", &Self::BYTES).finish_non_exhaustive()
    }
}

impl<N: Model, const B: usize> Workspace<N, B> {
    /// Evaluated by [`Zero::ZERO`], and so wherever a workspace is made, alone or in a trainer.
    const TILE: () = {
        let () = N::Layers::VALID;
        assert!(B > 0, "a tile needs at least one sample");
    };

    /// The memory that the workspace takes, in bytes.
    pub const BYTES: usize = size_of::<Self>();

    /// An empty workspace.
    pub const fn zeros() -> Self {
        Self::ZERO
    }

    /// The forward pass for up to `B` inputs, `[n][IN]`. The [`ForwardPass`] has their outputs and makes the backward
    /// pass.
    ///
    /// Use it if the gradient of the outputs does not come from a [`Loss`]: for a policy gradient, or a network inside
    /// a larger computation.
    ///
    /// ```
    /// use stackprop::{Dense, Gradients, Network, Workspace};
    ///
    /// type Line = Network<2, Dense<2, 1>>;
    /// let network: Line = Network::new(Dense::from_parameters([[2.0], [3.0]], [1.0]));
    /// let (mut workspace, mut gradients) = (Workspace::<Line, 4>::zeros(), Gradients::<Line>::zeros());
    ///
    /// let mut pass = workspace.forward(&network, &[[1.0, 0.0], [0.0, 1.0]])?;
    /// assert_eq!(pass.outputs(), [[3.0], [4.0]]);
    /// pass.backward(&[[10.0], [1.0]], &mut gradients, None)?; // dC/da of each output
    /// assert_eq!(gradients.of.layers.weight, [[10.0], [1.0]]);
    /// assert_eq!(gradients.of.layers.bias, [11.0]);
    /// # Ok::<(), stackprop::RowsError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RowsError::Tile`] if there are more than `B` inputs.
    pub fn forward<'w>(
        &'w mut self,
        network: &'w N,
        inputs: &[N::Input],
    ) -> Result<ForwardPass<'w, N, B>, RowsError> {
        self.forward_with(None, network, inputs)
    }

    /// [`forward`](Workspace::forward) as in a training step: layers that draw random numbers, such as
    /// [`Dropout`](crate::Dropout), take them from `draws`.
    ///
    /// # Errors
    ///
    /// [`RowsError::Tile`] if there are more than `B` inputs.
    pub fn training_forward<'w>(
        &'w mut self,
        draws: Draws,
        network: &'w N,
        inputs: &[N::Input],
    ) -> Result<ForwardPass<'w, N, B>, RowsError> {
        self.forward_with(Some(draws), network, inputs)
    }

    pub(super) fn forward_with<'w>(
        &'w mut self,
        draws: Option<Draws>,
        network: &'w N,
        inputs: &[N::Input],
    ) -> Result<ForwardPass<'w, N, B>, RowsError> {
        let samples = inputs.len();
        if samples > B {
            return Err(RowsError::Tile { rows: samples, tile: B });
        }
        for (slot, input) in self.inputs.iter_mut().zip(inputs) {
            *slot = *input;
        }
        let inputs = head(&self.inputs, samples);
        let memory = &mut { MemoryOf::<N>::ZERO };
        dispatch!(|kernel| {
            let pass = Pass { kernel: on_all_cores(kernel), draws };
            network.layers().forward(pass, memory, inputs, &mut self.cache);
        });
        Ok(ForwardPass { network, workspace: self, samples })
    }

    /// Writes the average gradient of all samples of `data` to `gradients` and returns their average loss.
    ///
    /// Layers that draw random numbers in training draw none here; see
    /// [`training_gradient`](Workspace::training_gradient).
    ///
    /// Each element of the gradient is one sum over the samples in ascending order, and the loss is one running mean,
    /// so the tile `B` changes no bit of them. An empty data set has loss 0 and gradient 0.
    ///
    /// # Errors
    ///
    /// [`Fault`] at the first sample that is missing, whose target the loss does not accept, or whose loss is infinite
    /// or NaN; or at the end, if an element of the gradient is infinite or NaN.
    pub fn gradient<D, C>(
        &mut self,
        network: &N,
        loss: &C,
        data: &D,
        gradients: &mut Gradients<N>,
    ) -> Result<N::Scalar, Fault>
    where
        D: Dataset<Input = N::Input> + ?Sized,
        C: LossOf<N, D::Target>,
    {
        let () = <C as LossOf<N, D::Target>>::VALID;
        self.gradient_of(None, network, loss, data, data.len(), gradients)
    }

    /// [`gradient`](Workspace::gradient) as in a training step: layers that draw random numbers, such as
    /// [`Dropout`](crate::Dropout), take them from `draws`.
    ///
    /// # Errors
    ///
    /// As [`gradient`](Workspace::gradient).
    pub fn training_gradient<D, C>(
        &mut self,
        draws: Draws,
        network: &N,
        loss: &C,
        data: &D,
        gradients: &mut Gradients<N>,
    ) -> Result<N::Scalar, Fault>
    where
        D: Dataset<Input = N::Input> + ?Sized,
        C: LossOf<N, D::Target>,
    {
        let () = <C as LossOf<N, D::Target>>::VALID;
        self.gradient_of(Some(draws), network, loss, data, data.len(), gradients)
    }

    /// [`gradient`](Workspace::gradient), as in a training step if there are `draws`. `samples` is `data.len()`, so
    /// that the length is read only once.
    pub(super) fn gradient_of<D, C>(
        &mut self,
        draws: Option<Draws>,
        network: &N,
        loss: &C,
        data: &D,
        samples: usize,
        gradients: &mut Gradients<N>,
    ) -> Result<N::Scalar, Fault>
    where
        D: Dataset<Input = N::Input> + ?Sized,
        C: LossOf<N, D::Target>,
    {
        gradients.set_zero();
        let mean = dispatch!(|kernel| {
            let kernel = on_all_cores(kernel);
            self.walk_tiles(kernel, draws, network, loss, data, samples, |inputs, cache| {
                network.layers().deltas(kernel, inputs, cache, None);
                N::Layers::gradients(kernel, inputs, cache, N::trained_layers_mut(&mut gradients.of));
            })
        })?;
        match dispatch!(|kernel| first_non_finite(kernel, &gradients.of)) {
            Some(layer) => Err(Fault::Gradient { layer }),
            None => Ok(mean),
        }
    }

    /// Makes one step along the average gradient of the first `samples` samples of `data` (at least one, at most `B`),
    /// without memory for the gradient. Returns their average loss before the step.
    ///
    /// The outer error is the first layer in which an element of the gradient might not be finite; nothing is changed
    /// then.
    #[inline]
    #[expect(clippy::too_many_arguments, reason = "all that a step works on")]
    pub(super) fn descend<D, C, O>(
        &mut self,
        draws: Draws,
        network: &mut N,
        optimizer: &O,
        loss: &C,
        data: &D,
        samples: usize,
        state: &mut StateOf<N, O>,
    ) -> Result<Result<N::Scalar, Fault>, usize>
    where
        D: Dataset<Input = N::Input> + ?Sized,
        C: LossOf<N, D::Target>,
        O: Optimizer<N::Scalar>,
    {
        let mut held = [const { None }; B];
        let tile = match Tile::<_, _, B>::read(&mut self.inputs, &mut held, data, 0, samples) {
            Ok(tile) => tile,
            Err(fault) => return Ok(Err(fault)),
        };
        let (inputs, cache) = (tile.inputs, &mut self.cache);
        dispatch!(|kernel| {
            let kernel = on_all_cores(kernel);
            let share = share_of_one(samples);
            let pass = Pass { kernel, draws: Some(draws) };
            let mean = match forward::<_, N, _, _, B>(pass, network, loss, &tile, cache, Mean::NONE, share) {
                Ok(mean) => mean,
                Err(fault) => return Ok(Err(of_sample(fault, data, 0))),
            };
            network.layers().deltas(kernel, inputs, cache, None);
            if let Some(layer) = N::Layers::gradient_may_overflow(kernel, inputs, cache) {
                return Err(layer);
            }
            let step = optimizer.step(network, Backward::<_, N, B> { kernel, inputs, cache }, state);
            Ok(step.map(|()| mean.value()))
        })
    }

    /// The average loss of all samples of `data`, without a gradient. Use it for data that is not trained on.
    ///
    /// # Errors
    ///
    /// [`Fault`] at the first sample that is missing, whose target the loss does not accept, or whose loss is infinite
    /// or NaN.
    pub fn loss<D, C>(&mut self, network: &N, loss: &C, data: &D) -> Result<N::Scalar, Fault>
    where
        D: Dataset<Input = N::Input> + ?Sized,
        C: LossOf<N, D::Target>,
    {
        let () = <C as LossOf<N, D::Target>>::VALID;
        self.loss_of(None, network, loss, data)
    }

    /// [`loss`](Workspace::loss), as in a training step if there are `draws`.
    #[inline]
    pub(super) fn loss_of<D, C>(
        &mut self,
        draws: Option<Draws>,
        network: &N,
        loss: &C,
        data: &D,
    ) -> Result<N::Scalar, Fault>
    where
        D: Dataset<Input = N::Input> + ?Sized,
        C: LossOf<N, D::Target>,
    {
        dispatch!(|kernel| {
            let kernel = on_all_cores(kernel);
            self.walk_tiles(kernel, draws, network, loss, data, data.len(), |_, _| {})
        })
    }

    /// Infers the output for each sample of `data`, in order, and passes it to `each` together with the target.
    ///
    /// ```
    /// use stackprop::{Class, Dense, Network, Workspace, argmax};
    ///
    /// type Net = Network<1, Dense<1, 2>>;
    /// let network: Net = Network::new(Dense::from_parameters([[-1.0, 1.0]], [0.0, 0.0]));
    /// let class = |index| Class::<2>::new(index).unwrap();
    /// let data = [([-3.0], class(0)), ([2.0], class(1)), ([1.0], class(0))];
    ///
    /// let mut right = 0;
    /// Workspace::<Net, 16>::zeros().evaluate(&network, &data, |logits, class| {
    ///     right += usize::from(argmax(logits) == class.index());
    /// })?;
    /// assert_eq!(right, 2);
    /// # Ok::<(), stackprop::Fault>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Fault::MissingSample`]. The samples of the tiles before it have been passed to `each` by then.
    pub fn evaluate<D>(
        &mut self,
        network: &N,
        data: &D,
        mut each: impl FnMut(&N::Output, &D::Target),
    ) -> Result<(), Fault>
    where
        D: Dataset<Input = N::Input> + ?Sized,
    {
        let samples = data.len();
        for first in (0..samples).step_by(B) {
            let (mut held, left) = ([const { None }; B], samples.saturating_sub(first));
            let tile = Tile::<_, _, B>::read(&mut self.inputs, &mut held, data, first, left.min(B))?;
            let (memory, cache) = (&mut { MemoryOf::<N>::ZERO }, &mut self.cache);
            dispatch!(|kernel| {
                let pass = Pass { kernel: on_all_cores(kernel), draws: None };
                network.layers().forward(pass, memory, tile.inputs, cache);
            });
            let outputs = self.cache.outputs(tile.inputs.len());
            for (output, target) in outputs.iter().zip(tile.targets) {
                each(output, target);
            }
        }
        Ok(())
    }

    /// For each tile of the first `samples` samples of `data`, computes the forward pass, the loss and dC/da, and calls
    /// `then(inputs, cache)`. Returns the average loss.
    #[inline]
    #[expect(clippy::too_many_arguments, reason = "all that a walk works on")]
    fn walk_tiles<K: Kernel, D, C>(
        &mut self,
        kernel: K,
        draws: Option<Draws>,
        network: &N,
        loss: &C,
        data: &D,
        samples: usize,
        mut then: impl FnMut(&[N::Input], &mut CacheOf<N, B>),
    ) -> Result<N::Scalar, Fault>
    where
        D: Dataset<Input = N::Input> + ?Sized,
        C: LossOf<N, D::Target>,
    {
        let (share, mut mean, mut first) = (share_of_one(samples), Mean::NONE, 0);
        while first < samples {
            let (mut held, left) = ([const { None }; B], samples.saturating_sub(first));
            let tile = Tile::<_, _, B>::read(&mut self.inputs, &mut held, data, first, left.min(B))?;
            let pass = Pass { kernel, draws: draws.map(|draws| draws.starting_at(first)) };
            mean = forward::<_, N, _, _, B>(pass, network, loss, &tile, &mut self.cache, mean, share)
                .map_err(|fault| of_sample(fault, data, first))?;
            then(tile.inputs, &mut self.cache);
            first = first.saturating_add(tile.inputs.len());
        }
        Ok(mean.value())
    }
}

/// A forward pass made by [`Workspace::forward`]: its outputs, and its backward pass.
///
/// It borrows the workspace and the network, so that neither can change before the backward pass.
pub struct ForwardPass<'w, N: Model, const B: usize> {
    network: &'w N,
    workspace: &'w mut Workspace<N, B>,
    samples: usize,
}

impl<N: Model, const B: usize> fmt::Debug for ForwardPass<'_, N, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForwardPass").field("samples", &self.samples).finish_non_exhaustive()
    }
}

impl<N: Model, const B: usize> ForwardPass<'_, N, B> {
    /// The outputs, one row for each input: `[n][OUT]`.
    pub fn outputs(&self) -> &[N::Output] {
        self.workspace.cache.outputs(self.samples)
    }

    /// The backward pass: adds to `gradients`, and writes dC/d(input), `[n][IN]`, to `input_gradient` if `Some`.
    ///
    /// `output_gradient` is dC/da of the last layer, `[n][OUT]`, one row for each input. The backward pass can be
    /// repeated with another `output_gradient`.
    ///
    /// # Errors
    ///
    /// [`RowsError`] if `output_gradient` or `input_gradient` does not have one row for each input. Nothing is changed
    /// then.
    pub fn backward(
        &mut self,
        output_gradient: &[N::Output],
        gradients: &mut Gradients<N>,
        input_gradient: Option<&mut [N::Input]>,
    ) -> Result<(), RowsError> {
        self.backward_to(output_gradient, Some(gradients), input_gradient)
    }

    /// The backward pass for dC/d(input) alone, `[n][IN]`: no gradient of the parameters is computed.
    ///
    /// ```
    /// use stackprop::{Dense, Network, Workspace};
    ///
    /// type Plane = Network<2, Dense<2, 1>>;
    /// let plane: Plane = Network::new(Dense::from_parameters([[2.0], [3.0]], [1.0]));
    /// let (mut workspace, mut gradient) = (Workspace::<Plane, 1>::zeros(), [[0.0; 2]]);
    /// workspace.forward(&plane, &[[5.0, 7.0]])?.input_gradient(&[[1.0]], &mut gradient)?;
    /// assert_eq!(gradient, [[2.0, 3.0]]); // dy/dx
    /// # Ok::<(), stackprop::RowsError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`backward`](ForwardPass::backward).
    pub fn input_gradient(
        &mut self,
        output_gradient: &[N::Output],
        input_gradient: &mut [N::Input],
    ) -> Result<(), RowsError> {
        self.backward_to(output_gradient, None, Some(input_gradient))
    }

    /// [`backward`](ForwardPass::backward), and then shows the outputs and the deltas of each layer to `visit`, from the
    /// lowest layer to the highest. It is for diagnostics, such as the mean of each layer's outputs.
    ///
    /// Layers made of others show those, and not themselves. dC/d(input) is not optional here, because the backward pass
    /// otherwise ends above layers without trained parameters.
    ///
    /// ```
    /// use stackprop::{Chain, Dense, Gradients, Network, Relu, Workspace, layers};
    ///
    /// type Net = Network<1, Chain![Dense<1, 2, Relu>, Dense<2, 1>]>;
    /// let hidden = Dense::from_parameters([[1.0, -1.0]], [0.0; 2]);
    /// let network: Net = Network::new(layers![hidden, Dense::from_parameters([[3.0], [4.0]], [0.5])]);
    /// let (mut workspace, mut gradients) = (Workspace::<Net, 1>::zeros(), Gradients::<Net>::zeros());
    ///
    /// let mut pass = workspace.forward(&network, &[[2.0]])?; // a = (2, 0), y = 6.5
    /// let mut seen = vec![];
    /// pass.inspect(&[[10.0]], &mut gradients, &mut [[0.0]], |pass| {
    ///     seen.push((pass.layer, pass.outputs.to_vec(), pass.deltas.to_vec()));
    /// })?;
    /// assert_eq!(seen[0], (0, vec![2.0, 0.0], vec![30.0, 0.0])); // the second neuron is off
    /// assert_eq!(seen[1], (1, vec![6.5], vec![10.0]));
    /// # Ok::<(), stackprop::RowsError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`backward`](ForwardPass::backward). Nothing is shown then.
    pub fn inspect(
        &mut self,
        output_gradient: &[N::Output],
        gradients: &mut Gradients<N>,
        input_gradient: &mut [N::Input],
        mut visit: impl FnMut(LayerPass<'_, N::Scalar>),
    ) -> Result<(), RowsError> {
        self.backward_to(output_gradient, Some(gradients), Some(input_gradient))?;
        N::Layers::inspect(0, &mut self.workspace.cache, self.samples, &mut visit);
        Ok(())
    }

    fn backward_to(
        &mut self,
        output_gradient: &[N::Output],
        gradients: Option<&mut Gradients<N>>,
        input_gradient: Option<&mut [N::Input]>,
    ) -> Result<(), RowsError> {
        let samples = self.samples;
        if output_gradient.len() != samples {
            return Err(RowsError::OutputGradient { rows: output_gradient.len(), samples });
        }
        if let Some(rows) = input_gradient.as_ref().map(|rows| rows.len()).filter(|&rows| rows != samples) {
            return Err(RowsError::InputGradient { rows, samples });
        }
        let Workspace { inputs, cache } = &mut *self.workspace;
        let (_, slots) = cache.outputs_and_gradients(samples);
        for (slot, gradient) in slots.iter_mut().zip(output_gradient) {
            *slot = *gradient;
        }
        dispatch!(|kernel| {
            let (kernel, inputs) = (on_all_cores(kernel), head(inputs, samples));
            self.network.layers().deltas(kernel, inputs, cache, input_gradient);
            if let Some(gradients) = gradients {
                N::Layers::gradients(kernel, inputs, cache, N::trained_layers_mut(&mut gradients.of));
            }
        });
        Ok(())
    }
}

type CacheOf<N, const B: usize> = <<N as Model>::Layers as Train<<N as Model>::Input>>::Cache<B>;
type MemoryOf<N> = <<N as Model>::Layers as Layer<<N as Model>::Input>>::Memory;

/// Converts the sample in `fault`, counted from sample `first` of `data`, to its source index.
#[cold]
fn of_sample<D: Dataset + ?Sized>(fault: Fault, data: &D, first: usize) -> Fault {
    fault.map_sample(|sample| data.source_index(first.saturating_add(sample)))
}

/// `1/n`, a factor of each sample's dC/da: BP1 of the averaged loss.
fn share_of_one<T: Scalar>(samples: usize) -> T {
    T::ONE / T::from_usize(samples.max(1))
}

/// Computes the forward pass, the losses and dC/da of a tile. Returns `mean` with the losses added. In a fault, samples
/// are counted from the first of the tile.
#[inline]
fn forward<K: Kernel, N: Model, Y, C: LossOf<N, Y>, const B: usize>(
    pass: Pass<K>,
    network: &N,
    loss: &C,
    tile: &Tile<N::Input, Y, B>,
    cache: &mut CacheOf<N, B>,
    mean: Mean<N::Scalar>,
    share: N::Scalar,
) -> Result<Mean<N::Scalar>, Fault> {
    let samples = tile.inputs.len();
    let Pass { kernel, .. } = pass;
    network.layers().forward(pass, &mut { MemoryOf::<N>::ZERO }, tile.inputs, cache);
    let (outputs, gradients) = cache.outputs_and_gradients(samples);
    let targets = head(&tile.targets, samples);
    match kernel.run(AddLosses { kernel, mean, loss, outputs, targets, gradients, share }) {
        Some(mean) if mean.value().is_finite() => Ok(mean),
        _ => Err(first_fault::<N, _, _, B>(loss, targets, cache, mean)),
    }
}

/// Finds the first sample of a tile whose target the loss does not accept or with whose loss `mean` is not finite, and
/// the reason.
#[cold]
fn first_fault<N: Model, Y, C: LossOf<N, Y>, const B: usize>(
    loss: &C,
    targets: &[&Y],
    cache: &mut CacheOf<N, B>,
    mut mean: Mean<N::Scalar>,
) -> Fault {
    let mut sample = 0;
    for target in targets {
        let accepted = loss.accepts(target);
        let (outputs, gradients) = cache.outputs_and_gradients(targets.len());
        if let (true, Some(output), Some(gradient)) =
            (accepted, outputs.get(sample), gradients.get_mut(sample))
        {
            mean.add(loss.evaluate(output, target, gradient));
        }
        if !accepted || !mean.value().is_finite() {
            return match N::Layers::non_finite(cache, sample) {
                Some(layer) => Fault::Activation { layer, sample },
                None if accepted => Fault::Loss { sample },
                None => Fault::Target { sample },
            };
        }
        sample = sample.saturating_add(1);
    }
    Fault::Loss { sample } // not reached, as one of the samples is at fault
}

/// Up to `B` samples.
struct Tile<'t, X, Y, const B: usize> {
    inputs: &'t [X],
    /// One for each input; the rest are unused.
    targets: [&'t Y; B],
}

impl<'t, X, Y, const B: usize> Tile<'t, X, Y, B> {
    /// Reads `samples` samples of `data` from `first` on, at least one and at most `B`: in place if they are
    /// contiguous, otherwise copied to `buffer`. Targets that `data` computes are kept in `held`.
    #[inline]
    fn read<'d: 't, D: Dataset<Input = X, Target = Y> + ?Sized>(
        buffer: &'t mut [X; B],
        held: &'t mut [Option<D::TargetRef<'d>>; B],
        data: &'d D,
        first: usize,
        samples: usize,
    ) -> Result<Self, Fault> {
        debug_assert!(0 < samples && samples <= B);
        if let Some(there) = data.contiguous(first, samples)
            && there.inputs().len() == samples
            && let [target, ..] = there.targets()
        {
            let mut targets = [target; B];
            for (slot, target) in targets.iter_mut().zip(there.targets()) {
                *slot = target;
            }
            return Ok(Self { inputs: there.inputs(), targets });
        }
        let missing = |index| of_sample(Fault::MissingSample { sample: index }, data, 0);
        for ((index, input), slot) in (first..first.saturating_add(samples)).zip(&mut *buffer).zip(&mut *held)
        {
            *slot = Some(data.sample(index, input).ok_or_else(|| missing(index))?);
        }
        let mut read = held.iter().map_while(|slot| slot.as_ref().map(Borrow::borrow));
        let mut targets = [read.next().ok_or_else(|| missing(first))?; B];
        for (slot, target) in targets.iter_mut().skip(1).zip(read) {
            *slot = target;
        }
        Ok(Self { inputs: head(buffer, samples), targets })
    }
}

/// Adds the losses of these outputs to a mean, and writes the gradients of the average. `None` if the loss does not
/// accept a target.
struct AddLosses<'a, K, A: Vector, Y, C> {
    kernel: K,
    mean: Mean<A::Scalar>,
    loss: &'a C,
    outputs: &'a [A],
    targets: &'a [&'a Y],
    gradients: &'a mut [A],
    /// `1/n`
    share: A::Scalar,
}

impl<K: Kernel, A: Vector, Y, C: Loss<A, Y>> Task for AddLosses<'_, K, A, Y, C> {
    type Output = Option<Mean<A::Scalar>>;

    #[inline(always)]
    fn run(self) -> Option<Mean<A::Scalar>> {
        let Self { kernel, mut mean, loss, outputs, targets, gradients, share } = self;
        for ((output, gradient), target) in outputs.iter().zip(gradients).zip(targets) {
            if !loss.accepts(target) {
                return None;
            }
            mean.add(loss.evaluate_on(kernel, output, target, gradient));
            for g in gradient.as_mut_slice() {
                *g *= share;
            }
        }
        Some(mean)
    }
}
