//! What can be wrong, in words.

use std::fmt;

use stackprop::{Fault, StepError};

/// How bad a [`Finding`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The network learns slowly, or worse than it could.
    Warning,
    /// A part of the network, or all of it, cannot learn like this.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// Something that is wrong, with its numbers. [`Display`](fmt::Display) says it in a sentence, and
/// [`advice`](Finding::advice) what to try.
///
/// Layers, samples, inputs and outputs are counted from 0. Samples are those of the mini-batch. `sigma` is an activation, `z`
/// what it is applied to, and delta dC/dz.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Finding {
    /// Inputs are infinite or NaN.
    InputsNotFinite {
        /// How many numbers.
        count: usize,
        /// The first sample with one.
        sample: usize,
        /// The place in its input.
        input: usize,
    },
    /// Every sample has the same input.
    InputsNeverChange {
        /// The number of samples.
        samples: usize,
    },
    /// Inputs are the same for every sample, at least 0.5 in size, and neither the least nor the largest of all inputs (which the
    /// background of a picture is).
    InputsConstant {
        /// How many inputs.
        count: usize,
        /// The first of them.
        input: usize,
        /// Its value.
        value: f64,
    },
    /// The root mean square of inputs is above 5.
    InputsTooLarge {
        /// `None` for the inputs of the network; the first layer if it normalises, and its outputs are too large.
        layer: Option<usize>,
        /// How many inputs.
        count: usize,
        /// How many inputs there are.
        inputs: usize,
        /// The largest.
        input: usize,
        /// Its mean.
        mean: f64,
        /// Its standard deviation.
        deviation: f64,
    },
    /// No input is larger than 0.05.
    InputsTooSmall {
        /// As in [`InputsTooLarge`](Finding::InputsTooLarge).
        layer: Option<usize>,
        /// The largest absolute value.
        largest: f64,
    },
    /// The mean of inputs is above 1, and more than ten times the standard deviation.
    InputsOffCentre {
        /// As in [`InputsTooLarge`](Finding::InputsTooLarge).
        layer: Option<usize>,
        /// How many inputs.
        count: usize,
        /// The first of them.
        input: usize,
        /// Its mean.
        mean: f64,
        /// Its standard deviation.
        deviation: f64,
    },
    /// An input varies over a range that is more than 1000 times that of another one.
    InputScalesDiffer {
        /// As in [`InputsTooLarge`](Finding::InputsTooLarge).
        layer: Option<usize>,
        /// The input with the smallest range other than 0.
        narrow: usize,
        /// Its largest less its least value.
        narrow_range: f64,
        /// The input with the largest range.
        wide: usize,
        /// Its largest less its least value.
        wide_range: f64,
    },
    /// The loss does not accept targets.
    TargetsRefused {
        /// How many samples.
        count: usize,
        /// The first of them.
        sample: usize,
    },
    /// Every sample has the same target.
    TargetsNeverChange {
        /// The number of samples.
        samples: usize,
        /// The class, if the target is one.
        class: Option<usize>,
    },
    /// No sample is of the first or the last class, although every other class is frequent: labels that do not start at 0?
    ClassNeverSeen {
        /// The class, 0 or the last.
        class: usize,
        /// The number of outputs.
        classes: usize,
        /// The number of samples.
        samples: usize,
    },
    /// Targets that the activation of the last layer never reaches.
    TargetsOutOfRange {
        /// The last layer.
        layer: usize,
        /// Its activation.
        activation: &'static str,
        /// How many samples.
        count: usize,
        /// The first of them.
        sample: usize,
        /// The first of its outputs with such a target.
        output: usize,
        /// Whether the target is above the range, not below.
        above: bool,
        /// The end of the range.
        bound: f64,
    },
    /// The targets of a network that has not trained are far from 0 compared with how much they vary: the loss of outputs that are
    /// all 0 is more than a hundred times that of the best constant output. (Not for losses of logits.)
    TargetsOffCentre {
        /// The loss of outputs that are all 0.
        zero: f64,
        /// The loss of the best constant output.
        constant: f64,
    },
    /// The squared error of outputs without activation, where each target is one of several classes.
    SquaredErrorOfClasses {
        /// The number of outputs.
        classes: usize,
    },
    /// The loss takes logits, numbers of both signs and any size, but the last layer has an activation.
    ActivationBelowLogits {
        /// The last layer.
        layer: usize,
        /// Its activation.
        activation: &'static str,
    },
    /// All weights of a layer below the last are equal, so its neurons compute the same, and always will.
    EqualWeights {
        /// The layer.
        layer: usize,
        /// All its weights.
        value: f64,
    },
    /// The outputs of a layer are infinite or NaN.
    OutputsNotFinite {
        /// The first such layer.
        layer: usize,
        /// The first sample with one.
        sample: usize,
    },
    /// At least three quarters of the neurons of a layer with [`Relu`](stackprop::Relu) have the output 0 for every sample.
    DeadNeurons {
        /// The layer.
        layer: usize,
        /// How many neurons.
        dead: usize,
        /// How many neurons there are.
        neurons: usize,
    },
    /// In at least half of the outputs of a layer, `sigma'` is below 1 % of its largest value. (Outputs of the last layer only
    /// count if the loss is above that of a constant output.)
    Saturated {
        /// The layer.
        layer: usize,
        /// Its activation.
        activation: &'static str,
        /// The share of the outputs, from 0 to 1.
        share: f64,
    },
    /// The outputs of a layer are the same for every sample, though its inputs are not.
    OutputsNeverChange {
        /// The first such layer.
        layer: usize,
        /// The number of samples.
        samples: usize,
    },
    /// The root mean square of delta in the first `Dense` layer is less than 1/1000 of that in the last.
    DeltaVanishes {
        /// The first `Dense` layer.
        layer: usize,
        /// The last.
        last: usize,
        /// The quotient.
        ratio: f64,
    },
    /// The root mean square of delta in the first `Dense` layer is more than 100 times that in the last.
    DeltaExplodes {
        /// The first `Dense` layer.
        layer: usize,
        /// The last.
        last: usize,
        /// The quotient.
        ratio: f64,
    },
    /// The loss of a network that has not trained is above three times that of guessing. (Only for losses of logits.)
    LossAtStart {
        /// The loss.
        loss: f64,
        /// The loss of outputs that are all 0: ln(classes) if softmax is applied.
        guessing: f64,
        /// The number of classes if softmax is applied.
        classes: Option<usize>,
    },
    /// After at least 100 steps, the loss is above that of the best constant output.
    NoBetterThanConstant {
        /// The loss.
        loss: f64,
        /// The loss of the best constant output.
        constant: f64,
        /// The number of steps so far.
        steps: u32,
    },
    /// The trainer's next step fails.
    StepFailed {
        /// Why.
        fault: Fault,
        /// The learning rate of the step.
        learning_rate: f64,
    },
    /// Steps on the same mini-batch, again and again, make its loss larger by more than half of it (or of the loss of the best constant
    /// output if that is larger); or they do not make it smaller, although the first changes weights by more than a tenth.
    StepTooLong {
        /// The learning rate of the first step.
        learning_rate: f64,
        /// The loss before the first step.
        before: f64,
        /// The number of steps to the largest loss.
        steps: u32,
        /// The largest loss; infinite if it is not finite.
        after: f64,
        /// The layer with the largest change of its weights in the first step.
        layer: usize,
        /// The norm of that change divided by the norm of the weights.
        ratio: f64,
    },
    /// The next step changes no layer's weights by more than 1/100,000 of their norm, though the loss is not small.
    StepTooShort {
        /// The learning rate of the step.
        learning_rate: f64,
        /// The norm of the largest change divided by the norm of the weights.
        ratio: f64,
    },
}

impl Finding {
    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        let is_error = match *self {
            Self::InputsNotFinite { .. }
            | Self::InputsNeverChange { .. }
            | Self::TargetsRefused { .. }
            | Self::EqualWeights { .. }
            | Self::OutputsNotFinite { .. }
            | Self::OutputsNeverChange { .. }
            | Self::StepFailed { .. } => true,
            Self::DeadNeurons { dead, neurons, .. } => dead as f64 >= 0.9 * neurons as f64,
            Self::Saturated { share, .. } => share >= 0.9,
            Self::StepTooLong { before, after, .. } => after > 2.0 * before,
            _ => false,
        };
        if is_error { Severity::Error } else { Severity::Warning }
    }

    /// The layer, if it is about one.
    #[must_use]
    pub fn layer(&self) -> Option<usize> {
        match *self {
            Self::InputsTooLarge { layer, .. }
            | Self::InputsTooSmall { layer, .. }
            | Self::InputsOffCentre { layer, .. }
            | Self::InputScalesDiffer { layer, .. } => layer,
            Self::TargetsOutOfRange { layer, .. }
            | Self::ActivationBelowLogits { layer, .. }
            | Self::EqualWeights { layer, .. }
            | Self::OutputsNotFinite { layer, .. }
            | Self::DeadNeurons { layer, .. }
            | Self::Saturated { layer, .. }
            | Self::OutputsNeverChange { layer, .. }
            | Self::DeltaVanishes { layer, .. }
            | Self::DeltaExplodes { layer, .. }
            | Self::StepTooLong { layer, .. } => Some(layer),
            _ => None,
        }
    }
}

impl From<(StepError, f64)> for Finding {
    fn from((error, learning_rate): (StepError, f64)) -> Self {
        Self::StepFailed { fault: error.cause, learning_rate }
    }
}
