//! Gradient checks: compares backpropagation with central differences, to test a layer, an activation or a loss.
//!
//! A network with a wrong backward pass often still learns, only worse. For a layer of your own, write this test:
//!
//! ```
//! use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
//! use stackprop::{Chain, Dense, Network, Quadratic, Tanh, check_gradients, init};
//!
//! // In f64, whose 53 bits make the comparison sharp; each sample with inputs of its own.
//! type Net = Network<2, Chain![Dense<2, 3, Tanh, f64>, Dense<3, 1, Tanh, f64>], f64>;
//! let mut network = Net::zeros();
//! network.init(&init::XavierUniform, &mut Xoshiro128PlusPlus::seed_from_u64(1));
//! let data = [([0.5, -1.0], [0.25]), ([1.5, 0.75], [-0.5])];
//!
//! let report = check_gradients(&mut network, &Quadratic, &data)?;
//! assert!(report.worst() < 1e-8, "{report}");
//! # Ok::<(), stackprop::Fault>(())
//! ```
//!
//! If the derivative of the activation were wrong, the test would fail and name the worst derivative:
//!
//! ```text
//! worst of 17 derivatives: Bias 0 of layer 1, relative error 5.0e-1
//! backpropagation -5.2e-1, central difference -2.6e-1, which is uncertain by 1.5e-15
//! ```
//!
//! A wrong [`deltas`](crate::Train::deltas) shows in the layers below it, and a wrong loss shows in every layer. To find
//! the cause, check a network with one layer alone.
//!
//! **What is compared.** One side is backpropagation: for each trained parameter, the gradient of
//! [`Workspace::gradient`], or of [`Workspace::training_gradient`] if there are [`draws`](GradientCheck::draws); for
//! each input of each sample, that of [`ForwardPass::input_gradient`](crate::ForwardPass::input_gradient). The other
//! side is central differences of the average loss, from forward passes alone. Inference is compared with the forward
//! pass, bit by bit. A layer with its own
//! [`descend`](crate::Train::descend) needs another test: that [`InPlaceTrainer`](crate::InPlaceTrainer) and
//! [`Trainer`](crate::Trainer) make the same step.
//!
//! **Which error to accept.** In `f64`, correct gradients of small networks agree within 1e-8, usually within 1e-10. In
//! `f32`, where a difference has few digits, they agree within 1e-2, which is enough to find a wrong formula.
//!
//! **Kinks.** A difference across a kink, such as that of [`Relu`](crate::Relu) at 0, says nothing about the
//! derivative. So each difference is computed with two steps, one a quarter of the other, and again with smaller steps
//! while the two results disagree. Their distance is the [`uncertainty`](Derivative::uncertainty) of the difference.
//! Exactly on a kink, no step helps, so draw parameters and inputs at random.

use alloc::vec::Vec;
use core::borrow::Borrow;
use core::fmt;

use super::gradients::Gradients;
use super::workspace::Workspace;
use crate::data::Dataset;
use crate::fault::Fault;
use crate::layer::Draws;
use crate::loss::LossOf;
use crate::network::Model;
use crate::params::Block;
use crate::scalar::Scalar;
use crate::schema::Role;
use crate::vector::Vector;
use crate::zero::Zero;

/// Checks the gradients of a network on these samples, with the settings of [`GradientCheck::default`].
///
/// The network is changed during the check, and restored bit for bit afterwards. See the [module](self) for an example.
///
/// # Errors
///
/// As [`GradientCheck::run`].
pub fn check_gradients<N, C, D>(network: &mut N, loss: &C, data: &D) -> Result<GradientReport, Fault>
where
    N: Model,
    D: Dataset<Input = N::Input> + ?Sized,
    C: LossOf<N, D::Target>,
{
    GradientCheck::default().run(network, loss, data)
}

/// The settings of a gradient check; see the [module](self).
///
/// ```
/// use stackprop::{Dense, Draws, GradientCheck, MeanSquaredError, Network};
///
/// let mut network = Network::new(Dense::<2, 1>::from_parameters([[0.5], [-0.25]], [1.0]));
/// // With the random numbers of a training step, as `Dropout` needs them.
/// let check = GradientCheck { draws: Some(Draws::new(1, 0, 0)), ..GradientCheck::default() };
/// let report = check.run(&mut network, &MeanSquaredError, &[([1.0, 2.0], [0.0])])?;
/// assert!(report.worst() < 1e-2, "{report}"); // f32
/// # Ok::<(), stackprop::Fault>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradientCheck {
    /// The largest step `h`; parameters and inputs are moved by up to `4 h`. `None`, the default, is 1/128 for `f64`
    /// and 1/8 for `f32`.
    ///
    /// Choose a power of two, so that `x + h` is exact except for the last bits of `x`.
    pub step: Option<f64>,
    /// A fraction of the largest derivative. Smaller derivatives are compared as if they were that large, because the
    /// rounding error of a difference does not shrink with the derivative. The default is 1e-3.
    pub floor: f64,
    /// Random numbers for layers that draw them in training. With `None`, the default, the network is checked as in
    /// inference.
    pub draws: Option<Draws>,
}

impl Default for GradientCheck {
    fn default() -> Self {
        Self { step: None, floor: 1e-3, draws: None }
    }
}

/// The variable of a derivative of the loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Variable {
    /// A trained parameter.
    Parameter {
        /// The layer's place in the network, from 0.
        layer: usize,
        /// The purpose of the parameter.
        role: Role,
        /// Its index among the layer's parameters of this role, from 0, in the order of
        /// [`Parameters`](crate::Parameters).
        index: usize,
    },
    /// An input.
    Input {
        /// The sample's index in the data set, from 0.
        sample: usize,
        /// The index in the input, from 0.
        index: usize,
    },
}

impl Variable {
    /// Whether both are parameters of the same layer and role, or both are inputs.
    fn is_beside(self, other: Self) -> bool {
        match (self, other) {
            (
                Variable::Parameter { layer: a, role: r, .. },
                Variable::Parameter { layer: b, role: s, .. },
            ) => (a, r) == (b, s),
            (Variable::Input { .. }, Variable::Input { .. }) => true,
            _ => false,
        }
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Variable::Parameter { layer, role, index } => write!(f, "{role:?} {index} of layer {layer}"),
            Variable::Input { sample, index } => write!(f, "input {index} of sample {sample}"),
        }
    }
}

/// A derivative of the average loss, computed in two ways.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Derivative {
    /// The variable.
    pub by: Variable,
    /// The value from the backward pass.
    pub backpropagation: f64,
    /// The value from the central difference of the loss.
    pub difference: f64,
    /// The distance between two central differences, one with a quarter of the other's step. Infinite if there was only
    /// one.
    pub uncertainty: f64,
    /// `|backpropagation - difference|`, relative to the larger absolute value of the two, or to
    /// [`floor`](GradientCheck::floor) times the largest difference by any parameter (for an input, by any input) if
    /// that is larger. Infinite if a number is NaN.
    pub error: f64,
}

impl fmt::Display for Derivative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { by, backpropagation, difference, uncertainty, error } = self;
        write!(
            f,
            "{by}, relative error {error:.1e}\n\
             backpropagation {backpropagation:e}, central difference {difference:e}, which is uncertain by {uncertainty:.1e}"
        )
    }
}

/// The result of a gradient check.
///
/// `{}` displays two lines, for the derivative with the largest error. `{:#}` displays the largest error of each layer
/// and role, and of the inputs. A wrong backward pass spoils all gradients below it, so look at the last layer with an
/// error, and at the layer above it, which passed the gradient down.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "whether the gradients are right is in the report"]
pub struct GradientReport {
    derivatives: Vec<Derivative>,
    inference: Option<InferenceMismatch>,
}

/// An output that inference and the forward pass compute differently, although the bits must be the same.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct InferenceMismatch {
    /// The index of the sample.
    pub sample: usize,
    /// The index of the output.
    pub index: usize,
    /// The output of [`predict`](crate::Network::predict).
    pub inference: f64,
    /// The output of [`Workspace::forward`].
    pub forward: f64,
}

impl fmt::Display for InferenceMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sample, index, inference, forward } = self;
        write!(
            f,
            "output {index} of sample {sample} is {inference:e} in inference and {forward:e} in the forward pass"
        )
    }
}

impl GradientReport {
    /// The largest [`error`](Derivative::error) of all. Infinite if all derivatives are 0, or if there are none,
    /// because such a check would accept almost any backward pass; and if there is an
    /// [`InferenceMismatch`].
    pub fn worst(&self) -> f64 {
        if self.nothing_was_checked() || self.inference.is_some() {
            return f64::INFINITY;
        }
        self.derivatives.iter().fold(0.0, |worst, derivative| f64::max(worst, derivative.error))
    }

    /// All derivatives: by the trained parameters in the order of [`Parameters`](crate::Parameters), then by the
    /// inputs, sample by sample.
    pub fn derivatives(&self) -> &[Derivative] {
        &self.derivatives
    }

    /// The first output that inference and the forward pass compute differently.
    pub fn inference(&self) -> Option<InferenceMismatch> {
        self.inference
    }

    fn nothing_was_checked(&self) -> bool {
        self.derivatives
            .iter()
            .all(|derivative| derivative.backpropagation == 0.0 && derivative.difference == 0.0)
    }
}

impl fmt::Display for GradientReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(mismatch) = self.inference {
            return mismatch.fmt(f);
        }
        let count = self.derivatives.len();
        if self.nothing_was_checked() {
            return write!(f, "nothing was checked: all {count} derivatives are 0");
        }
        let mut worst: Vec<&Derivative> = Vec::new();
        for derivative in &self.derivatives {
            let group = worst.iter_mut().find(|one| !f.alternate() || one.by.is_beside(derivative.by));
            match group {
                Some(one) if one.error < derivative.error => *one = derivative,
                Some(_) => {}
                None => worst.push(derivative),
            }
        }
        write!(f, "worst of {count} derivatives:")?;
        let separator = if f.alternate() { '\n' } else { ' ' };
        worst.into_iter().try_for_each(|derivative| write!(f, "{separator}{derivative}"))
    }
}

impl GradientCheck {
    /// Checks the gradients of a network on these samples.
    ///
    /// The network is changed during the check, and restored bit for bit afterwards. Each derivative takes 16 to 48
    /// forward passes of all samples, so choose a small network and a few samples.
    ///
    /// # Errors
    ///
    /// As [`Workspace::gradient`]. If a loss is a [`Fault`] only near the given parameters, not at them, smaller steps
    /// are tried before the check gives up.
    pub fn run<N, C, D>(&self, network: &mut N, loss: &C, data: &D) -> Result<GradientReport, Fault>
    where
        N: Model,
        D: Dataset<Input = N::Input> + ?Sized,
        C: LossOf<N, D::Target>,
    {
        let mut workspace = Workspace::<N, TILE>::boxed();
        let mut derivatives = Vec::new();

        let inference = Self::inference(&mut workspace, network, data)?;
        let (parameters, average) = self.parameters(&mut workspace, network, loss, data)?;
        let differences = Differences::new::<N::Scalar>(self.step, average);
        for (n, (by, value, backpropagation)) in parameters.into_iter().enumerate() {
            let difference = differences.at(|by| {
                set_trained(network, n, value + N::Scalar::from_f64(by));
                workspace.loss_of(self.draws, network, loss, data)
            });
            set_trained(network, n, value);
            derivatives.push(Derivative::new(by, backpropagation, difference?));
        }
        let trained = derivatives.len();

        for (by, backpropagation) in self.inputs(&mut workspace, network, loss, data)? {
            let difference = differences.at(|step| {
                let data = Nudged { data, by, step: N::Scalar::from_f64(step) };
                workspace.loss_of(self.draws, network, loss, &data)
            });
            derivatives.push(Derivative::new(by, backpropagation, difference?));
        }

        let (by_parameters, by_inputs) = derivatives.split_at_mut(trained);
        self.set_errors(by_parameters);
        self.set_errors(by_inputs);
        Ok(GradientReport { derivatives, inference })
    }

    /// Compares inference with the forward pass.
    fn inference<N, D>(
        workspace: &mut Workspace<N, TILE>,
        network: &N,
        data: &D,
    ) -> Result<Option<InferenceMismatch>, Fault>
    where
        N: Model,
        D: Dataset<Input = N::Input> + ?Sized,
    {
        for sample in 0..data.len() {
            let mut input = N::Input::ZERO;
            data.sample(sample, &mut input).ok_or(Fault::MissingSample { sample })?;
            let inferred = network.predict(&input);
            let pass = workspace.forward(network, &[input]);
            let outputs = pass.iter().flat_map(|pass| pass.outputs()).flat_map(|output| output.as_slice());
            for (index, (inference, forward)) in inferred.as_slice().iter().zip(outputs).enumerate() {
                let (inference, forward) = (inference.to_f64(), forward.to_f64());
                if inference.to_bits() != forward.to_bits() {
                    return Ok(Some(InferenceMismatch { sample, index, inference, forward }));
                }
            }
        }
        Ok(None)
    }

    /// Returns each trained parameter with its value and dC/d(parameter) by backpropagation, and the loss.
    #[expect(clippy::type_complexity, reason = "rows of a table")]
    fn parameters<N, C, D>(
        &self,
        workspace: &mut Workspace<N, TILE>,
        network: &mut N,
        loss: &C,
        data: &D,
    ) -> Result<(Vec<(Variable, N::Scalar, f64)>, f64), Fault>
    where
        N: Model,
        D: Dataset<Input = N::Input> + ?Sized,
        C: LossOf<N, D::Target>,
    {
        let mut gradients = Gradients::<N>::boxed();
        // Twice, so that the memory of the tile is not zero: a loss or a layer that adds where it should write is found.
        let _ = workspace.gradient(network, loss, data, &mut gradients);
        let average = match self.draws {
            Some(draws) => workspace.training_gradient(draws, network, loss, data, &mut gradients)?,
            None => workspace.gradient(network, loss, data, &mut gradients)?,
        };
        let mut parameters = Vec::new();
        let mut fault = None;
        // A layer may have several blocks of one role.
        let mut counted: Vec<(Block, usize)> = Vec::new();
        N::walk_trained(0, network, [&gradients.of], [], &mut |block, values, [gradient], []| {
            if values.len() != gradient.len() {
                fault = fault.or(Some(Fault::Lengths { layer: block.layer }));
            }
            let Block { layer, role, .. } = block;
            let earlier = counted.iter().filter(|(block, _)| block.layer == layer && block.role == role);
            let first = earlier.map(|(_, count)| count).sum::<usize>();
            counted.push((block, values.len()));
            for (n, (&value, &gradient)) in values.iter().zip(gradient).enumerate() {
                let index = first.saturating_add(n);
                parameters.push((Variable::Parameter { layer, role, index }, value, gradient.to_f64()));
            }
        });
        match fault {
            Some(fault) => Err(fault),
            None => Ok((parameters, average.to_f64())),
        }
    }

    /// Returns dC/d(input) by backpropagation.
    fn inputs<N, C, D>(
        &self,
        workspace: &mut Workspace<N, TILE>,
        network: &N,
        loss: &C,
        data: &D,
    ) -> Result<Vec<(Variable, f64)>, Fault>
    where
        N: Model,
        D: Dataset<Input = N::Input> + ?Sized,
        C: LossOf<N, D::Target>,
    {
        let samples = data.len();
        let share = N::Scalar::ONE / N::Scalar::from_usize(samples.max(1));
        let mut derivatives = Vec::new();
        for first in (0..samples).step_by(TILE) {
            let (mut inputs, mut targets) = (Vec::new(), Vec::new());
            for sample in (first..samples).take(TILE) {
                let mut input = N::Input::ZERO;
                targets.push(data.sample(sample, &mut input).ok_or(Fault::MissingSample { sample })?);
                inputs.push(input);
            }
            let draws = self.draws.map(|draws| draws.starting_at(first));
            // NaN in what is to be overwritten.
            let (mut no_output, mut no_input) = (N::Output::ZERO, N::Input::ZERO);
            no_output.as_mut_slice().fill(N::Scalar::from_f64(f64::NAN));
            no_input.as_mut_slice().fill(N::Scalar::from_f64(f64::NAN));
            let mut output_gradient: Vec<_> = inputs.iter().map(|_| no_output).collect();
            let mut input_gradient: Vec<_> = inputs.iter().map(|_| no_input).collect();
            // No error: there are at most `TILE` inputs, and as many rows of gradients.
            if let Ok(mut pass) = workspace.forward_with(draws, network, &inputs) {
                for ((output, target), gradient) in
                    pass.outputs().iter().zip(targets).zip(&mut output_gradient)
                {
                    loss.evaluate(output, target.borrow(), gradient);
                    for g in gradient.as_mut_slice() {
                        *g *= share;
                    }
                }
                let _ = pass.input_gradient(&output_gradient, &mut input_gradient);
            }
            for (sample, gradient) in (first..samples).zip(&input_gradient) {
                for (index, gradient) in gradient.as_slice().iter().enumerate() {
                    derivatives.push((Variable::Input { sample, index }, gradient.to_f64()));
                }
            }
        }
        Ok(derivatives)
    }

    fn set_errors(&self, derivatives: &mut [Derivative]) {
        let largest = derivatives.iter().fold(0.0, |largest, d| f64::max(largest, d.difference.abs()));
        for derivative in derivatives {
            derivative.error =
                relative_error(derivative.backpropagation, derivative.difference, self.floor * largest);
        }
    }
}

/// The rows of a backward pass: more than one, so that a layer that mixes up its rows is found.
const TILE: usize = 4;

impl Derivative {
    /// A derivative whose error is not computed yet.
    fn new(by: Variable, backpropagation: f64, (difference, uncertainty): (f64, f64)) -> Self {
        Self { by, backpropagation, difference, uncertainty, error: f64::INFINITY }
    }
}

fn relative_error(found: f64, expected: f64, floor: f64) -> f64 {
    if found == expected {
        return 0.0;
    }
    let error = (found - expected).abs() / found.abs().max(expected.abs()).max(floor);
    if error.is_nan() { f64::INFINITY } else { error }
}

/// Sets the trained parameter `n`, counted over all layers.
fn set_trained<N: Model>(network: &mut N, n: usize, value: N::Scalar) {
    let mut first = 0_usize;
    N::walk_trained(0, network, [], [], &mut |_, values, [], []| {
        if let Some(slot) = n.checked_sub(first).and_then(|n| values.get_mut(n)) {
            *slot = value;
        }
        first = first.saturating_add(values.len());
    });
}

/// A data set with one input changed by `step`.
struct Nudged<'d, D: ?Sized, T> {
    data: &'d D,
    by: Variable,
    step: T,
}

impl<X: Vector, D: Dataset<Input = X> + ?Sized> Dataset for Nudged<'_, D, X::Scalar> {
    type Input = X;
    type Target = D::Target;
    type TargetRef<'a>
        = D::TargetRef<'a>
    where
        Self: 'a;

    fn len(&self) -> usize {
        self.data.len()
    }

    fn sample(&self, index: usize, input: &mut X) -> Option<D::TargetRef<'_>> {
        let target = self.data.sample(index, input)?;
        if let Variable::Input { sample, index: place } = self.by
            && sample == index
            && let Some(x) = input.as_mut_slice().get_mut(place)
        {
            *x += self.step;
        }
        Some(target)
    }

    fn source_index(&self, index: usize) -> usize {
        self.data.source_index(index)
    }
}

/// The eighth-order central difference: `h f'(x) = sum_k w_k [f(x + k h) - f(x - k h)] - h^9/630 f^(9)(x)`.
///
/// The high order allows a large step, which keeps the rounding error small: about `epsilon C / h`.
const STENCIL: [(f64, f64); 4] =
    [(4.0 / 5.0, 1.0), (-1.0 / 5.0, 2.0), (4.0 / 105.0, 3.0), (-1.0 / 280.0, 4.0)];

/// How many times the step is reduced to a quarter.
const REDUCTIONS: usize = 5;

/// Central differences of losses of about the size `average`.
struct Differences {
    step: f64,
    /// The rounding error of a loss.
    rounding: f64,
}

impl Differences {
    fn new<T: Scalar>(step: Option<f64>, average: f64) -> Self {
        let double = size_of::<T>() == size_of::<f64>();
        let (default, epsilon) =
            if double { (1.0 / 128.0, f64::EPSILON) } else { (1.0 / 8.0, f64::from(f32::EPSILON)) };
        Self { step: step.unwrap_or(default), rounding: epsilon * average.abs() }
    }

    /// The derivative of `loss_at` at 0, and its uncertainty.
    ///
    /// Of the two neighbouring steps that agree best, it takes the result of the larger one, whose rounding error is
    /// smaller. This choice does not depend on the result of backpropagation.
    fn at<T: Scalar>(&self, mut loss_at: impl FnMut(f64) -> Result<T, Fault>) -> Result<(f64, f64), Fault> {
        let mut difference = |step: f64| {
            let mut sum = 0.0;
            for (weight, steps) in STENCIL {
                sum += weight * (loss_at(steps * step)?.to_f64() - loss_at(-steps * step)?.to_f64());
            }
            Ok(sum / step)
        };
        let mut step = self.step;
        let mut coarse = difference(step);
        let mut best = coarse.map(|coarse| (coarse, f64::INFINITY));
        for _ in 0..REDUCTIONS {
            step /= 4.0;
            let fine = difference(step);
            if let (Ok(coarse), Ok(fine)) = (coarse, fine) {
                let uncertainty = f64::abs(coarse - fine);
                if best.is_ok_and(|(_, least)| uncertainty < least) {
                    best = Ok((coarse, uncertainty));
                }
                // Rounding alone can explain the distance, so smaller steps can only be worse.
                if uncertainty <= 2.0 * self.rounding / step {
                    break;
                }
            } else if best.is_err() {
                best = fine.map(|fine| (fine, f64::INFINITY));
            }
            coarse = fine;
        }
        best
    }
}
