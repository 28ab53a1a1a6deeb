//! The gradient of a cost over any number of samples: forward, cost, backward, tile by tile.

use crate::kernel::{Kernel, Task, dispatch};
use crate::network::Model;
use crate::non_finite::{NonFinite, Quantity, first_non_finite};
use crate::optim::Backward;
use crate::scalar::head;
use crate::{Dataset, Layer, Loss, Optimizer, Scalar, Vector, Zero};

/// dC/d(parameter) for each parameter of a network `N`: a value of the network's own shape.
///
/// ```
/// use stackprop::{Dense, Gradients, Network};
///
/// type Line = Network<1, Dense<1, 1>>;
/// let gradients = Gradients::<Line>::zeros();
/// assert_eq!(gradients.of.layers.weight, [[0.0]]); // dC/dw
/// assert_eq!(Gradients::<Line>::BYTES, Line::BYTES);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Gradients<N> {
    /// Where the network has a parameter, this has the cost's derivative by it.
    pub of: N,
}

impl<N: Zero> Gradients<N> {
    /// The memory that the gradients take.
    pub const BYTES: usize = size_of::<Self>();

    /// All zero.
    pub const fn zeros() -> Self {
        Self::ZERO
    }
}

/// The inputs, activations and deltas of a tile of up to `B` samples on their way through a network `N`.
///
/// `B` trades memory for speed and changes no bit of any result. `B = 1` is the on-line case.
pub struct Workspace<N: Model, const B: usize> {
    pub(crate) inputs: [N::Input; B],
    pub(crate) cache: CacheOf<N, B>,
}

impl<N: Model, const B: usize> Workspace<N, B> {
    /// The memory that the workspace takes.
    pub const BYTES: usize = size_of::<Self>();

    /// An empty workspace.
    pub const fn zeros() -> Self {
        const { assert!(B > 0, "a Workspace needs a tile of at least one sample") }
        Self::ZERO
    }

    /// The forward pass for the first `B` of these inputs; returns their outputs.
    pub fn forward(&mut self, network: &N, inputs: &[N::Input]) -> &[N::Output] {
        let samples = inputs.len().min(B);
        for (slot, input) in self.inputs.iter_mut().zip(inputs) {
            *slot = *input;
        }
        let inputs = head(&self.inputs, samples);
        dispatch!(|kernel| network.layers().forward(kernel, inputs, &mut self.cache));
        N::Layers::outputs(&self.cache, samples)
    }

    /// The backward pass for the samples of the last [`forward`](Workspace::forward): `output_gradient` is dC/da
    /// of the last layer, one row a sample. Adds to `gradients`, and returns dC/d(input) in `input_gradient`.
    ///
    /// For costs that are no [`Loss`]: a policy gradient, a network inside a larger computation.
    pub fn backward(
        &mut self,
        network: &N,
        output_gradient: &[N::Output],
        gradients: &mut Gradients<N>,
        input_gradient: Option<&mut [N::Input]>,
    ) {
        let samples = output_gradient.len().min(B);
        let (_, slots) = N::Layers::outputs_and_slopes(&mut self.cache, samples);
        for (slot, gradient) in slots.iter_mut().zip(output_gradient) {
            *slot = *gradient;
        }
        dispatch!(|kernel| {
            let inputs = head(&self.inputs, samples);
            network.layers().deltas(kernel, samples, &mut self.cache, input_gradient);
            N::Layers::gradients(kernel, inputs, &self.cache, gradients.of.layers_mut());
        });
    }

    /// Writes the average gradient of all samples of `data` to `gradients` and returns their average cost.
    ///
    /// Each element of the gradient is one sum over the samples in ascending order, so that the tile `B` cannot
    /// change a bit of it. An empty data set costs 0 and has gradient 0.
    ///
    /// # Errors
    ///
    /// [`NonFinite`] as soon as a sample's cost, or at the end an element of the gradient, is infinite or NaN.
    pub fn gradient<D, C>(
        &mut self,
        network: &N,
        loss: &C,
        data: &D,
        gradients: &mut Gradients<N>,
    ) -> Result<N::Scalar, NonFinite>
    where
        D: Dataset<Input = N::Input> + ?Sized,
        C: Loss<N::Output, D::Target>,
    {
        gradients.set_zero();
        let cost = dispatch!(|kernel| self.walk_tiles(kernel, network, loss, data, |inputs, cache| {
            network.layers().deltas(kernel, inputs.len(), cache, None);
            N::Layers::gradients(kernel, inputs, cache, gradients.of.layers_mut());
        }))?;
        match first_non_finite(&gradients.of) {
            Some(layer) => Err(NonFinite { layer, quantity: Quantity::Gradient }),
            None => Ok(cost),
        }
    }

    /// One step along the average gradient of the samples of `data`, which must be at most `B`, without memory for the
    /// gradient: returns their average cost before it. Otherwise, and nothing is changed, the first layer where an element
    /// of the gradient might not be finite.
    #[inline]
    pub(crate) fn descend<D, C, O>(
        &mut self,
        network: &mut N,
        optimizer: &O,
        loss: &C,
        data: &D,
        state: &mut O::State<N>,
    ) -> Result<Result<N::Scalar, NonFinite>, usize>
    where
        D: Dataset<Input = N::Input> + ?Sized,
        C: Loss<N::Output, D::Target>,
        O: Optimizer<N::Scalar>,
    {
        let per_sample = share_of_one(data.len());
        let tile = Tile::<_, _, B>::read(&mut self.inputs, data, 0);
        let (inputs, cache) = (tile.inputs, &mut self.cache);
        dispatch!(|kernel| {
            let cost = match forward::<_, N, _, _, B>(
                kernel,
                network,
                loss,
                &tile,
                cache,
                N::Scalar::ZERO,
                per_sample,
            ) {
                Ok(cost) => cost,
                Err(error) => return Ok(Err(error)),
            };
            network.layers().deltas(kernel, inputs.len(), cache, None);
            if let Some(layer) = N::Layers::gradient_may_overflow(kernel, inputs, cache) {
                return Err(layer);
            }
            let step = optimizer.step(network, Backward::<_, N, B> { kernel, inputs, cache }, state);
            Ok(step.map(|()| cost * per_sample))
        })
    }

    /// The average cost of all samples of `data`, without a gradient: for data that is not trained on.
    ///
    /// # Errors
    ///
    /// [`NonFinite`] as soon as a sample's cost is infinite or NaN.
    pub fn cost<D, C>(&mut self, network: &N, loss: &C, data: &D) -> Result<N::Scalar, NonFinite>
    where
        D: Dataset<Input = N::Input> + ?Sized,
        C: Loss<N::Output, D::Target>,
    {
        dispatch!(|kernel| self.walk_tiles(kernel, network, loss, data, |_, _| {}))
    }

    /// Infers the output for each sample of `data`, in order, and shows it to `each` beside its target.
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
    /// });
    /// assert_eq!(right, 2);
    /// ```
    pub fn evaluate<D>(&mut self, network: &N, data: &D, mut each: impl FnMut(&N::Output, &D::Target))
    where
        D: Dataset<Input = N::Input> + ?Sized,
    {
        let mut first = 0;
        while first < data.len() {
            let tile = Tile::read(&mut self.inputs, data, first);
            dispatch!(|kernel| network.layers().forward(kernel, tile.inputs, &mut self.cache));
            let outputs = N::Layers::outputs(&self.cache, tile.inputs.len());
            for (output, target) in outputs.iter().zip(tile.targets) {
                let Some(target) = target else { continue };
                each(output, target);
            }
            first += tile.inputs.len();
        }
    }

    /// Takes the samples of `data` tile by tile: forward, cost and dC/da; then `then(inputs, cache)`. Returns the average
    /// cost.
    #[inline]
    fn walk_tiles<K: Kernel, D, C>(
        &mut self,
        kernel: K,
        network: &N,
        loss: &C,
        data: &D,
        mut then: impl FnMut(&[N::Input], &mut CacheOf<N, B>),
    ) -> Result<N::Scalar, NonFinite>
    where
        D: Dataset<Input = N::Input> + ?Sized,
        C: Loss<N::Output, D::Target>,
    {
        let per_sample = share_of_one(data.len());
        let mut cost = N::Scalar::ZERO;
        let mut first = 0;
        while first < data.len() {
            let tile = Tile::<_, _, B>::read(&mut self.inputs, data, first);
            cost = forward::<_, N, _, _, B>(kernel, network, loss, &tile, &mut self.cache, cost, per_sample)?;
            then(tile.inputs, &mut self.cache);
            first += tile.inputs.len();
        }
        Ok(cost * per_sample)
    }
}

type CacheOf<N, const B: usize> = <<N as Model>::Layers as Layer<<N as Model>::Input>>::Cache<B>;

/// `1/n`, which each sample's dC/da carries: BP1 of the averaged cost.
fn share_of_one<T: Scalar>(samples: usize) -> T {
    T::ONE / T::from_usize(samples.max(1))
}

/// Forward, cost and dC/da of a tile: returns `cost` with those of its samples added.
#[inline]
fn forward<K: Kernel, N: Model, Y, C: Loss<N::Output, Y>, const B: usize>(
    kernel: K,
    network: &N,
    loss: &C,
    tile: &Tile<N::Input, Y, B>,
    cache: &mut CacheOf<N, B>,
    cost: N::Scalar,
    per_sample: N::Scalar,
) -> Result<N::Scalar, NonFinite> {
    let samples = tile.inputs.len();
    network.layers().forward(kernel, tile.inputs, cache);
    let (outputs, slopes) = N::Layers::outputs_and_slopes(cache, samples);
    let targets = head(&tile.targets, samples);
    let cost = kernel.run((AddCosts, kernel, cost, loss, outputs, targets, slopes, per_sample));
    if cost.is_finite() { Ok(cost) } else { Err(why_the_cost_is_not_finite::<N, B>(cache, samples)) }
}

#[cold]
fn why_the_cost_is_not_finite<N: Model, const B: usize>(cache: &CacheOf<N, B>, samples: usize) -> NonFinite {
    match N::Layers::non_finite(cache, samples) {
        Some(layer) => NonFinite { layer, quantity: Quantity::Activation },
        None => NonFinite { layer: <N::Layers as Layer<_>>::LAYERS - 1, quantity: Quantity::Cost },
    }
}

/// Up to `B` samples.
struct Tile<'t, X, Y, const B: usize> {
    inputs: &'t [X],
    targets: [Option<&'t Y>; B],
}

impl<'t, X, Y, const B: usize> Tile<'t, X, Y, B> {
    /// Those of `data` from `first` on, where they lie if possible, and otherwise copied to `buffer`.
    #[inline]
    fn read<D: Dataset<Input = X, Target = Y> + ?Sized>(
        buffer: &'t mut [X; B],
        data: &'t D,
        first: usize,
    ) -> Self {
        let samples = (data.len() - first).min(B);
        let mut read = [None; B];
        if let Some(there) = data.side_by_side(first, samples)
            && there.inputs().len() == samples
        {
            for (slot, target) in read.iter_mut().zip(there.targets()) {
                *slot = Some(target);
            }
            return Self { inputs: there.inputs(), targets: read };
        }
        for ((index, input), target) in (first..).zip(&mut *buffer).zip(&mut read).take(samples) {
            *target = data.sample(index, input);
        }
        Self { inputs: head(buffer, samples), targets: read }
    }
}

/// `(AddCosts, kernel, cost, loss, outputs, targets, gradients, 1/n)`: adds the costs of these outputs to `cost`, and writes the
/// gradients of the average.
struct AddCosts;

impl<K: Kernel, A: Vector, Y, C: Loss<A, Y>> Task
    for (AddCosts, K, A::Scalar, &C, &[A], &[Option<&Y>], &mut [A], A::Scalar)
{
    type Output = A::Scalar;

    #[inline(always)]
    fn run(self) -> A::Scalar {
        let (AddCosts, kernel, mut cost, loss, outputs, targets, gradients, per_sample) = self;
        for ((output, gradient), target) in outputs.iter().zip(gradients).zip(targets) {
            let Some(target) = target else {
                *gradient = A::ZERO; // a data set without this sample: it counts for nothing
                continue;
            };
            cost += loss.evaluate_on(kernel, output, target, gradient);
            for g in gradient.as_mut_slice() {
                *g *= per_sample;
            }
        }
        cost
    }
}
