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
    pub(crate) cache: <N::Layers as Layer<N::Input>>::Cache<B>,
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
            network.layers().deltas(kernel, samples, &mut self.cache, input_gradient);
            self.add_gradients(kernel, samples, gradients);
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
        let cost = dispatch!(|kernel| self.walk_tiles(kernel, network, loss, data, |workspace, samples| {
            network.layers().deltas(kernel, samples, &mut workspace.cache, None);
            workspace.add_gradients(kernel, samples, gradients);
        }))?;
        match first_non_finite(&gradients.of) {
            Some(layer) => Err(NonFinite { layer, quantity: Quantity::Gradient }),
            None => Ok(cost),
        }
    }

    /// One step along the average gradient of the samples of `data`, at most `B`, without memory for the gradient: returns
    /// their average cost before it. `None`, and nothing is changed, if they are more than `B`, or if an element of the
    /// gradient might not be finite.
    #[inline]
    pub(crate) fn descend<D, C, O>(
        &mut self,
        network: &mut N,
        optimizer: &O,
        loss: &C,
        data: &D,
        state: &mut O::State<N>,
    ) -> Option<Result<N::Scalar, NonFinite>>
    where
        D: Dataset<Input = N::Input> + ?Sized,
        C: Loss<N::Output, D::Target>,
        O: Optimizer<N::Scalar>,
    {
        if data.len() > B {
            return None;
        }
        dispatch!(|kernel| {
            let result = self.walk_tiles(kernel, network, loss, data, |workspace, samples| {
                network.layers().deltas(kernel, samples, &mut workspace.cache, None);
            });
            let cost = match result {
                Ok(cost) => cost,
                Err(error) => return Some(Err(error)),
            };
            let inputs = head(&self.inputs, data.len());
            if !N::Layers::gradient_is_finite(inputs, &self.cache) {
                return None;
            }
            let backward = Backward::<_, N, B> { kernel, inputs, cache: &self.cache };
            Some(optimizer.step(network, backward, state).map(|()| cost))
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
            let (targets, samples) = dispatch!(|kernel| self.forward_tile(kernel, network, data, first));
            let outputs = N::Layers::outputs(&self.cache, samples);
            for (output, target) in outputs.iter().zip(targets) {
                let Some(target) = target else { continue };
                each(output, target);
            }
            first += samples;
        }
    }

    /// Adds the gradient of the samples whose deltas lie in the cache.
    #[inline]
    fn add_gradients<K: Kernel>(&self, kernel: K, samples: usize, gradients: &mut Gradients<N>) {
        let inputs = head(&self.inputs, samples);
        N::Layers::gradients(kernel, inputs, &self.cache, gradients.of.layers_mut());
    }

    /// Inputs and forward pass for up to `B` samples from `first` on: their targets, and how many they are.
    #[inline]
    fn forward_tile<'d, K: Kernel, D>(
        &mut self,
        kernel: K,
        network: &N,
        data: &'d D,
        first: usize,
    ) -> ([Option<&'d D::Target>; B], usize)
    where
        D: Dataset<Input = N::Input> + ?Sized,
    {
        let samples = (data.len() - first).min(B);
        let mut targets = [None; B];
        for ((index, input), target) in (first..).zip(&mut self.inputs).zip(&mut targets).take(samples) {
            *target = data.sample(index, input);
        }
        network.layers().forward(kernel, head(&self.inputs, samples), &mut self.cache);
        (targets, samples)
    }

    /// Takes the samples of `data` tile by tile: forward, cost and dC/da; then `then(self, samples)`.
    /// Returns the average cost.
    #[inline]
    fn walk_tiles<K: Kernel, D, C>(
        &mut self,
        kernel: K,
        network: &N,
        loss: &C,
        data: &D,
        mut then: impl FnMut(&mut Self, usize),
    ) -> Result<N::Scalar, NonFinite>
    where
        D: Dataset<Input = N::Input> + ?Sized,
        C: Loss<N::Output, D::Target>,
    {
        // BP1 of the averaged cost: each sample's dC/da carries the 1/n.
        let per_sample = N::Scalar::ONE / N::Scalar::from_usize(data.len().max(1));
        let mut cost = N::Scalar::ZERO;
        let mut first = 0;
        while first < data.len() {
            let (targets, samples) = self.forward_tile(kernel, network, data, first);
            let (outputs, output_gradients) = N::Layers::outputs_and_slopes(&mut self.cache, samples);
            let targets = head(&targets, samples);
            cost = kernel.run((AddCosts, cost, loss, outputs, targets, output_gradients, per_sample));
            if !cost.is_finite() {
                return Err(self.why_the_cost_is_not_finite(samples));
            }
            then(self, samples);
            first += samples;
        }
        Ok(cost * per_sample)
    }

    #[cold]
    fn why_the_cost_is_not_finite(&self, samples: usize) -> NonFinite {
        match N::Layers::non_finite(&self.cache, samples) {
            Some(layer) => NonFinite { layer, quantity: Quantity::Activation },
            None => NonFinite { layer: <N::Layers as Layer<_>>::LAYERS - 1, quantity: Quantity::Cost },
        }
    }
}

/// `(AddCosts, cost, loss, outputs, targets, gradients, 1/n)`: adds the costs of these outputs to `cost`, and writes the
/// gradients of the average.
struct AddCosts;

impl<A: Vector, Y, C: Loss<A, Y>> Task
    for (AddCosts, A::Scalar, &C, &[A], &[Option<&Y>], &mut [A], A::Scalar)
{
    type Output = A::Scalar;

    #[inline(always)]
    fn run(self) -> A::Scalar {
        let (AddCosts, mut cost, loss, outputs, targets, gradients, per_sample) = self;
        for ((output, gradient), target) in outputs.iter().zip(gradients).zip(targets) {
            let Some(target) = target else {
                *gradient = A::ZERO; // a data set without this sample: it counts for nothing
                continue;
            };
            cost += loss.evaluate(output, target, gradient);
            for g in gradient.as_mut_slice() {
                *g *= per_sample;
            }
        }
        cost
    }
}
