//! Ranges of outputs as types, so that the compiler rejects a loss that does not suit a network's outputs.
//!
//! Each activation and each layer names the range of its outputs, in
//! [`Activation::Range`](crate::activation::Activation::Range) and [`Train::Range`](crate::Train::Range). Each loss
//! names what it takes, in [`Loss::Takes`](crate::Loss::Takes). The range of a chain is that of its last layer, and
//! the range of a [`Parallel`](crate::Parallel) is the pair of both. A layer that only passes numbers on, such as
//! [`Flatten`](crate::Flatten), does not know their range and promises nothing.
//!
//! | range | outputs | of | `Anything` | `Logits` | `Distribution` |
//! |---|---|---|---|---|---|
//! | [`Real`] | numbers, no promise | most activations and layers | yes | yes | |
//! | [`Probability`] | each from 0 to 1, on its own | [`Sigmoid`](crate::Sigmoid), [`HardSigmoid`](crate::HardSigmoid) | yes | | |
//! | [`Distribution`] | at least 0, with the sum 1 | [`Softmax`](crate::Softmax) | yes | | yes |
//! | `(R, S)` | those of two heads | [`Parallel`](crate::Parallel) | yes | | |
//!
//! A loss that takes logits applies softmax or sigmoid itself, or compares scores of both signs with a margin. On
//! probabilities, softmax or sigmoid would be applied twice: even perfect outputs, 1 and 0, would have a loss of
//! `ln(1 + 1/e)` = 0.3133 in [`SoftmaxCrossEntropy`](crate::SoftmaxCrossEntropy) with two outputs, and no network could
//! get below that.
//!
//! ```compile_fail,E0277
//! use stackprop::{Class, Dense, Network, Sgd, Softmax, SoftmaxCrossEntropy, Trainer};
//!
//! type Net = Network<2, Dense<2, 3, Softmax>>;
//! let data = [([0.0, 1.0], Class::<3>::new(2).unwrap())];
//! let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 1>::zeros());
//! trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &SoftmaxCrossEntropy, &data)?;
//! # Ok::<(), stackprop::StepError>(())
//! ```

/// The range of numbers about which nothing is promised.
#[derive(Clone, Copy, Debug)]
pub enum Real {}

/// The range of numbers from 0 to 1, each on its own.
#[derive(Clone, Copy, Debug)]
pub enum Probability {}

/// The range of numbers of at least 0 with the sum 1. As [`Loss::Takes`](crate::Loss::Takes), it
/// means outputs in this range.
#[derive(Clone, Copy, Debug)]
pub enum Distribution {}

/// For a loss: it takes outputs in any range.
#[derive(Clone, Copy, Debug)]
pub enum Anything {}

/// For a loss: it takes outputs to which it applies softmax or sigmoid itself, or scores of both signs.
#[derive(Clone, Copy, Debug)]
pub enum Logits {}

/// For a loss: [`Logits`] of `N` classes, of which one is right. There must be at least two.
#[derive(Clone, Copy, Debug)]
pub enum LogitsOf<const N: usize> {}

/// A range that suits a loss that takes `W`.
///
/// For the outputs of two heads, a loss can take a pair, such as `(Logits, Anything)`.
#[diagnostic::on_unimplemented(
    message = "this loss may not suit the range of the network's outputs, `{Self}`",
    label = "this loss takes `{W}`",
    note = "in a function that is generic over networks, the bound is `C: LossOf<N, D::Target>`"
)]
pub trait Suits<W> {
    /// Asserts what the types cannot express. The trainers evaluate it, so the compiler's error names the line of
    /// the user's code.
    const VALID: () = ();
}

impl<R> Suits<Anything> for R {}
impl<R: IsLogits> Suits<Logits> for R {}
impl<R: IsDistribution> Suits<Distribution> for R {}

impl<R: IsLogits, const N: usize> Suits<LogitsOf<N>> for R {
    const VALID: () =
        assert!(N != 1, "the softmax of one output is always 1: use `SigmoidCrossEntropy` with one output");
}

impl<R: Suits<V>, S: Suits<W>, V, W> Suits<(V, W)> for (R, S) {
    const VALID: () = (R::VALID, S::VALID).0;
}

/// A range of outputs that may be logits.
#[diagnostic::on_unimplemented(
    message = "this loss takes logits, but the network's outputs are in the range `{Self}`",
    label = "this loss takes numbers of both signs, to which it may apply softmax or sigmoid itself",
    note = "drop `Softmax`, `Sigmoid` or `HardSigmoid` from the last layer, `Dense<IN, OUT>`, and keep the loss",
    note = "the functions `softmax` and `sigmoid` make probabilities of the outputs of `predict`",
    note = "in a function that is generic over networks, the bound is `C: LossOf<N, D::Target>`"
)]
pub trait IsLogits {}

impl IsLogits for Real {}

/// What a loss takes that compares `N` classes: [`LogitsOf`]`<N>`.
#[diagnostic::on_unimplemented(
    message = "labels are smoothed over all classes, but this loss takes `{Self}`, not the logits of one of several classes",
    label = "`LabelSmoothing` takes a loss such as `SoftmaxCrossEntropy` or `KlDivergence`",
    note = "labels that are independent of each other are smoothed in the data: `(1 - smoothing) y + smoothing / 2`"
)]
pub trait IsLogitsOf<const N: usize> {}

impl<const N: usize> IsLogitsOf<N> for LogitsOf<N> {}

/// A range of outputs that are a probability distribution.
#[diagnostic::on_unimplemented(
    message = "this loss takes a probability distribution, but the network's outputs are in the range `{Self}`",
    label = "this loss takes the logarithm of probabilities",
    note = "use `SoftmaxCrossEntropy` and no activation in the last layer, or `Softmax` in the last layer",
    note = "for independent probabilities, use `SigmoidCrossEntropy` and no activation in the last layer"
)]
pub trait IsDistribution {}

impl IsDistribution for Distribution {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation::{Activation, HardSigmoid, Sigmoid, Softmax};

    /// Checks that outputs are in the range `R`.
    trait InRange<R> {
        fn holds(row: &[f64]) -> bool;
    }

    impl<A: Activation<Range = Probability>> InRange<Probability> for A {
        fn holds(row: &[f64]) -> bool {
            row.iter().all(|a| (0.0..=1.0).contains(a))
        }
    }

    impl<A: Activation<Range = Distribution>> InRange<Distribution> for A {
        fn holds(row: &[f64]) -> bool {
            row.iter().all(|&a| a >= 0.0) && (row.iter().sum::<f64>() - 1.0).abs() < 1e-15
        }
    }

    fn outputs_are_in_range<A: Activation + InRange<A::Range>>() {
        let mut rows = [[-1e3, -2.5, 0.0], [0.25, 3.0, -0.5], [7.0, 1e3, 40.0]];
        A::forward(&mut rows);
        assert!(rows.iter().all(|row| A::holds(row)), "{rows:?}");
    }

    #[test]
    fn of_each_activation_that_makes_probabilities() {
        outputs_are_in_range::<Sigmoid>();
        outputs_are_in_range::<HardSigmoid>();
        outputs_are_in_range::<Softmax>();
    }
}
