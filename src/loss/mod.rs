//! Loss functions, each with its gradient and its convention. (Nielsen's book calls them cost
//! functions, hence the `C`.)
//!
//! A loss compares the output `a: [k]` of *one* sample with its target `y` and is `C_x(a, y)`. The loss of a
//! mini-batch of `n` samples is the average `C = 1/n sum_x C_x`, and its gradient is averaged likewise:
//! [`Workspace::gradient`](crate::Workspace::gradient) applies the `1/n` once, to the gradients that are computed
//! here (BP1 of the averaged loss). The factors *inside* `C_x` differ in the literature:
//!
//! | type | `C_x` | `dC_x/da_j` | same as |
//! |---|---|---|---|
//! | [`Quadratic`] | `1/2 sum_j (a_j - y_j)^2` | `a_j - y_j` | Nielsen eq. 6 |
//! | [`HalfMeanSquaredError`] | `1/(2k) sum_j (a_j - y_j)^2` | `(a_j - y_j) / k` | |
//! | [`MeanSquaredError`] | `1/k sum_j (a_j - y_j)^2` | `2 (a_j - y_j) / k` | PyTorch `MSELoss` |
//! | [`MeanAbsoluteError`] | `1/k sum_j \|a_j - y_j\|` | `sign(a_j - y_j) / k` | PyTorch `L1Loss` |
//! | [`Huber`] | `1/k sum_j h_delta(a_j - y_j)` | `clamp(a_j - y_j, -delta, delta) / k` | PyTorch `HuberLoss` |
//! | [`SmoothL1`] | `1/k sum_j h_beta(a_j - y_j) / beta` | `clamp((a_j - y_j) / beta, -1, 1) / k` | PyTorch `SmoothL1Loss` |
//! | [`LogCosh`] | `1/k sum_j ln cosh(a_j - y_j)` | `tanh(a_j - y_j) / k` | Keras `LogCosh` |
//! | [`CosineEmbedding`] | `1 - a.y / (\|a\| \|y\|)` | `(u - v - C_x u)_j / \|a\|` | PyTorch `CosineEmbeddingLoss`, labels 1 |
//! | [`SoftmaxCrossEntropy`] | `-sum_j y_j ln softmax(z)_j` | `(sum_k y_k) softmax(z)_j - y_j` | PyTorch `CrossEntropyLoss` |
//! | [`KlDivergence`] | `sum_j y_j (ln y_j - ln softmax(z)_j)` | `(sum_k y_k) softmax(z)_j - y_j` | PyTorch `KLDivLoss`, `batchmean`, of `log_softmax(z)` |
//! | [`SoftmaxFocal`] | `-(1 - p)^gamma ln p`, `p = softmax(z)_c` | see there | Lin et al. eq. 4 |
//! | [`SigmoidCrossEntropy`] | `-sum_j [y_j ln s(z_j) + (1 - y_j) ln(1 - s(z_j))]` | `s(z_j) - y_j` | Nielsen eq. 63; `k` times PyTorch `BCEWithLogitsLoss` |
//! | [`SigmoidFocal`] | `-sum_j alpha_t (1 - p_t)^gamma ln p_t` | see there | torchvision `sigmoid_focal_loss`, summed |
//! | [`NegativeLogLikelihood`] | `-sum_j y_j ln a_j` | `-y_j / a_j` | Nielsen eq. 80 |
//! | [`PoissonNegativeLogLikelihood`] | `1/k sum_j (e^(z_j) - y_j z_j)` | `(e^(z_j) - y_j) / k` | PyTorch `PoissonNLLLoss` |
//! | [`GaussianNegativeLogLikelihood`] | `1/k sum_j 1/2 [s_j + (a_j - y_j)^2 e^(-s_j)]` | `(a_j - y_j) e^(-s_j) / k` | PyTorch `GaussianNLLLoss`, `var = e^s` |
//! | [`Hinge`] | `1/k sum_j max(0, 1 - y_j a_j)` | `-y_j / k` or 0 | Keras `Hinge` |
//! | [`SquaredHinge`] | `1/k sum_j max(0, 1 - y_j a_j)^2` | `-2 y_j max(0, 1 - y_j a_j) / k` | Keras `SquaredHinge` |
//! | [`MultiMargin`] | `1/N sum_(i != c) max(0, margin - a_c + a_i)^p` | see there | PyTorch `MultiMarginLoss` |
//!
//! Most of PyTorch's losses are means over all elements, so the `1/k` is there, too. The losses of several independent
//! logits are sums here, so that an output does not learn more slowly because there are others.
//!
//! The cross-entropies are fused with their activation: the network ends in [`Identity`](crate::Identity), and its
//! outputs are the logits `z`. So are the divergence and the focal losses. They are stable for logits of any size.
//!
//! Losses around a loss, one of these or your own:
//!
//! | type | `C_x` | target | same as |
//! |---|---|---|---|
//! | [`SampleWeights`] | `w_x L(a, y)` | [`Weighted`] | |
//! | [`ClassWeights`] | `w_c L(a, c)`, or `L(a, w y)` | [`Class`], or probabilities | PyTorch `weight` of `CrossEntropyLoss` |
//! | [`OutputWeights`] | `factor sum_j w_j t(a_j, y_j)` | that of `L` | PyTorch `weight` of `BCEWithLogitsLoss` |
//! | [`LabelSmoothing`] | `L(z, (1 - smoothing) y + smoothing / N)` | [`Class`], or probabilities | PyTorch `label_smoothing` |
//! | [`Ignoring`] | `L(a, y)`, or 0 without a target | `Option` | PyTorch `ignore_index` |
//!
//! They compose. Weights and missing targets do not change the `n` of the average, by which PyTorch's do: it divides by the
//! sum of the weights of the samples that have a target.

mod absolute_error;
mod class_weights;
mod cosine;
mod cross_entropy;
mod elementwise;
mod focal;
mod ignoring;
mod kl_divergence;
mod label_smoothing;
mod likelihood;
mod margin;
mod output_weights;
mod squared_error;
mod weights;

pub use absolute_error::{Huber, LogCosh, MeanAbsoluteError, SmoothL1};
pub use class_weights::{ClassWeights, LinearInTarget};
pub use cosine::CosineEmbedding;
pub use cross_entropy::{NegativeLogLikelihood, SigmoidCrossEntropy, SoftmaxCrossEntropy};
pub use elementwise::ElementwiseLoss;
pub use focal::{SigmoidFocal, SoftmaxFocal};
pub use ignoring::Ignoring;
pub use kl_divergence::KlDivergence;
pub use label_smoothing::LabelSmoothing;
pub use likelihood::{GaussianNegativeLogLikelihood, PoissonNegativeLogLikelihood};
pub use margin::{Hinge, MultiMargin, SquaredHinge};
pub use output_weights::OutputWeights;
pub use squared_error::{HalfMeanSquaredError, MeanSquaredError, Quadratic};
pub use weights::{SampleWeights, Weighted};

use crate::kernel::Kernel;
use crate::layer::Train;
use crate::network::Model;
use crate::range::Suits;
use crate::scalar::Scalar;
use crate::vector::Vector;

/// A loss function: compares an output of type `A` with a target of type `Y`.
///
/// In a function that is generic over networks, the bound is [`LossOf`]`<N, Y>`. A loss of your own:
///
/// ```
/// use stackprop::range::Anything;
/// use stackprop::{Dense, Loss, Network, Sgd, Trainer};
///
/// /// The quantile loss, summed over the outputs: an output that is too low costs three times as much as one that is
/// /// too high, so it learns the upper quartile.
/// struct UpperQuartile;
///
/// impl<const N: usize> Loss<[f32; N], [f32; N]> for UpperQuartile {
///     type Takes = Anything;
///
///     fn evaluate(&self, output: &[f32; N], target: &[f32; N], gradient: &mut [f32; N]) -> f32 {
///         let mut sum = 0.0;
///         for ((a, y), g) in output.iter().zip(target).zip(gradient) {
///             *g = if a < y { -0.75 } else { 0.25 };
///             sum += *g * (a - y);
///         }
///         sum
///     }
/// }
///
/// type Line = Network<1, Dense<1, 1>>;
/// let (mut network, mut trainer) = (Line::zeros(), Trainer::<Line, Sgd, 1>::zeros());
/// let loss = trainer.step(&mut network, &Sgd { learning_rate: 0.5 }, &UpperQuartile, &[([2.0], [3.0])])?;
/// assert_eq!(loss, 2.25); // dC/db = -3/4 and dC/dw = -3/2
/// assert_eq!((network.layers.weight, network.layers.bias), ([[0.75]], [0.375]));
/// # Ok::<(), stackprop::StepError>(())
/// ```
///
/// If it is a sum over the outputs, as this one, [`ElementwiseLoss`] lets [`OutputWeights`] weight them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a loss function for an output of `{A}` and a target of `{Y}`",
    label = "expected a loss function, such as `Quadratic` or `SoftmaxCrossEntropy`",
    note = "`step` and `epoch` take the optimiser first, then the loss: `step(&mut network, &optimizer, &loss, &data)`"
)]
pub trait Loss<A: Vector, Y> {
    /// What the outputs must be: [`Anything`](crate::range::Anything), [`Logits`](crate::range::Logits) if the
    /// loss applies softmax or sigmoid itself, or a [`Distribution`](crate::range::Distribution). For the outputs of
    /// two heads, it can be a pair of these.
    type Takes;

    /// Writes `dC_x/da` to `gradient` and returns `C_x`.
    ///
    /// Every element of `gradient` is to be overwritten, those that are 0 as well: its old value is unspecified.
    fn evaluate(&self, output: &A, target: &Y, gradient: &mut A) -> A::Scalar;

    /// [`evaluate`](Loss::evaluate) with the level's own code, if it has any.
    #[doc(hidden)]
    #[inline(always)]
    fn evaluate_on<K: Kernel>(&self, kernel: K, output: &A, target: &Y, gradient: &mut A) -> A::Scalar
    where
        Self: Sized,
    {
        let _ = kernel;
        self.evaluate(output, target, gradient)
    }

    /// Returns whether the loss is defined for this target. Training checks this before it evaluates the
    /// loss, and reports a refused target as [`Fault::Target`](crate::Fault::Target).
    ///
    /// All losses of this crate refuse targets that are not finite, and others that they are not defined for:
    /// [`SigmoidCrossEntropy`] those outside [0, 1], for example. A loss with a setting that defines no loss, such as
    /// [`Huber`] with a negative `delta`, refuses every target. The default implementation accepts every target.
    ///
    /// ```
    /// use stackprop::{Loss, Quadratic, SigmoidCrossEntropy};
    ///
    /// let label = [-1.0];
    /// assert!(Loss::<[f32; 1], _>::accepts(&Quadratic, &label));
    /// assert!(!Loss::<[f32; 1], _>::accepts(&SigmoidCrossEntropy, &label));
    /// ```
    #[inline(always)]
    fn accepts(&self, target: &Y) -> bool {
        let _ = target;
        true
    }
}

/// A loss function for a network `N` and targets of type `Y`: every [`Loss`] for the network's outputs that takes
/// outputs in their [range](crate::range).
///
/// This is the bound for functions that are generic over networks; [`Model`] has an example. To write a loss,
/// implement [`Loss`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a loss function for `{N}` and a target of `{Y}`",
    label = "expected a loss function, such as `Quadratic` or `SoftmaxCrossEntropy`",
    note = "`step` and `epoch` take the optimiser first, then the loss: `step(&mut network, &optimizer, &loss, &data)`",
    note = "in a function that is generic over networks, the bound is `C: LossOf<N, D::Target>`"
)]
pub trait LossOf<N: Model, Y>: Loss<N::Output, Y> {
    /// See [`Suits::VALID`].
    #[doc(hidden)]
    const VALID: ();
}

impl<N, Y, C> LossOf<N, Y> for C
where
    N: Model,
    C: Loss<N::Output, Y>,
    <N::Layers as Train<N::Input>>::Range: Suits<C::Takes>,
{
    const VALID: () = <<N::Layers as Train<N::Input>>::Range as Suits<C::Takes>>::VALID;
}

/// A target for outputs of type `A`: values to reach, class probabilities, or one [`Class`].
#[diagnostic::on_unimplemented(
    message = "target mismatch: `{Self}` is not a target for a network's output of `{A}`",
    label = "the network produces `{A}`",
    note = "a target for `[T; N]` is `[T; N]`, a value for each output, or `Class<N>`, the index of the right class",
    note = "`Class::new(i)` makes a target of an index `i`: it returns an `Option` to unwrap, which is `None` unless `i < N`",
    note = "the target for a single output is the array `[y]`, not the number `y`"
)]
pub trait Target<A: Vector> {
    /// `y_j`.
    fn value(&self, j: usize) -> A::Scalar;

    /// The class, if the target is just a class.
    #[doc(hidden)]
    #[inline(always)]
    fn class(&self) -> Option<usize> {
        None
    }

    /// Returns whether the condition holds for every `y_j`.
    #[inline(always)]
    fn all(&self, condition: impl Fn(A::Scalar) -> bool) -> bool
    where
        Self: Sized,
    {
        (0..A::LEN).all(|j| condition(self.value(j)))
    }
}

impl<T: Scalar, const N: usize> Target<[T; N]> for [T; N] {
    #[inline(always)]
    fn value(&self, j: usize) -> T {
        self.get(j).copied().unwrap_or(T::ZERO)
    }

    #[inline(always)]
    fn all(&self, condition: impl Fn(T) -> bool) -> bool {
        // No early exit, so that the loop is vectorised.
        self.iter().fold(true, |all, &y| all & condition(y))
    }
}

/// The index of one of `N` classes, 2 to 65536; as a target, the vector with 1 at that index and 0 elsewhere.
///
/// With one output there is nothing to tell apart: `Class<1>` does not build. Use
/// [`SigmoidCrossEntropy`] and the target `[y]`.
///
/// The index is checked once, when the `Class` is made, so that no training step has to check it:
///
/// ```
/// use stackprop::Class;
///
/// assert_eq!(Class::<10>::new(3).map(Class::index), Some(3));
/// assert_eq!(Class::<10>::new(10), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Class<const N: usize>(u16);

impl<const N: usize> Class<N> {
    /// The class with this index; `None` unless `index < N`.
    #[must_use]
    pub const fn new(index: usize) -> Option<Self> {
        const {
            assert!(
                N != 1,
                "one output cannot tell classes apart: use `SigmoidCrossEntropy` with one output, and the target `[y]`"
            );
            assert!(1 < N && N <= 1 << 16, "a Class is one of at least 2 and at most 65536");
        }
        if index < N { Some(Self(index as u16)) } else { None }
    }

    /// The index, below `N`.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl<T: Scalar, const N: usize> Target<[T; N]> for Class<N> {
    #[inline(always)]
    fn value(&self, j: usize) -> T {
        if j == self.index() { T::ONE } else { T::ZERO }
    }

    #[inline(always)]
    fn class(&self) -> Option<usize> {
        Some(self.index())
    }

    #[inline(always)]
    fn all(&self, condition: impl Fn(T) -> bool) -> bool {
        condition(T::ONE) && condition(T::ZERO)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The loss and its gradient.
    pub(crate) fn evaluate<Y: Target<[f64; 2]>>(
        loss: impl Loss<[f64; 2], Y>,
        a: [f64; 2],
        y: Y,
    ) -> (f64, [f64; 2]) {
        let mut gradient = [f64::NAN; 2];
        (loss.evaluate(&a, &y, &mut gradient), gradient)
    }

    /// `all` checks every `y_j` and nothing else, for each kind of target and for a user's own.
    #[test]
    fn all_is_that_of_each_value() {
        struct Own([f64; 3]);
        impl Target<[f64; 3]> for Own {
            fn value(&self, j: usize) -> f64 {
                self.0[j]
            }
        }

        fn check<const N: usize>(target: &impl Target<[f64; N]>) {
            let conditions: [fn(f64) -> bool; 5] =
                [|_| true, |_| false, |y| y == 0.0, |y| y == 1.0, |y| y == 0.0 || y == 1.0];
            for (case, condition) in conditions.into_iter().enumerate() {
                let expected = (0..N).filter(|&j| condition(target.value(j))).count() == N;
                assert_eq!(target.all(condition), expected, "case {case} of {N}");
            }
        }

        for target in [[0.0; 3], [1.0; 3], [0.0, 1.0, 0.0], [0.5, 0.5, 1.0], [2.0; 3]] {
            check(&target);
            check(&Own(target));
        }
        for class in 0..3 {
            check(&Class::<3>::new(class).expect("below 3"));
        }
    }
}
