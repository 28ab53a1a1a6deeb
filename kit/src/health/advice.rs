//! What to try against each finding.

use super::finding::Finding;

const NORMALIZE: &str = "subtract each input's mean and divide by its deviation, both of the training data, or begin the network with \
                         `Standardize` and call `observe` for each training sample; pixels from 0 to 255 can just be divided by 255";
const NORMALIZED: &str = "call `observe` for each training sample before training";

impl Finding {
    /// What to try.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::InputsNotFinite { .. } => {
                "look at that sample where the data is read: an empty field, a division by 0, a logarithm of 0?"
            }
            Self::InputsNeverChange { .. } => {
                "look at how the data is read: is every row a copy of the first?"
            }
            Self::InputsConstant { .. } => "leave these inputs out (each layer has a bias of its own)",
            Self::InputsTooLarge { layer: Some(_), .. }
            | Self::InputsTooSmall { layer: Some(_), .. }
            | Self::InputsOffCentre { layer: Some(_), .. }
            | Self::InputScalesDiffer { layer: Some(_), .. } => NORMALIZED,
            Self::InputsTooLarge { .. }
            | Self::InputsTooSmall { .. }
            | Self::InputsOffCentre { .. }
            | Self::InputScalesDiffer { .. } => NORMALIZE,
            Self::TargetsRefused { .. } => {
                "look at that target: is it NaN, or outside of what the documentation of the loss says that it accepts?"
            }
            Self::TargetsNeverChange { .. } => {
                "shuffle, as `MiniBatches::shuffled` does: data is often sorted by class. If it is shuffled, look at how targets are read"
            }
            Self::ClassNeverSeen { .. } => {
                "count classes from 0: are the labels of the file 1, 2, ... and taken as they are?"
            }
            Self::TargetsOutOfRange { .. } => {
                "scale the targets into the range, take no activation in the last layer (`Dense<IN, OUT>`), or, for classes, make the \
                 target a `Class` and the loss `SoftmaxCrossEntropy`"
            }
            Self::SquaredErrorOfClasses { .. } => {
                "use `SoftmaxCrossEntropy`, and keep the last layer without activation"
            }
            Self::ActivationBelowLogits { .. } => "take no activation in the last layer: `Dense<IN, OUT>`",
            Self::EqualWeights { .. } => {
                "initialise the network before training: `network.init(&init::KaimingUniform, &mut rng)` for Relu and its kin, \
                 `init::XavierUniform` for Tanh and Sigmoid"
            }
            Self::OutputsNotFinite { .. } => {
                "look at the weights of that layer and at the size of the inputs: did an earlier training diverge?"
            }
            Self::DeadNeurons { .. } => {
                "initialise again (biases start at 0), take a smaller learning rate, normalise the inputs, or use `LeakyRelu`"
            }
            Self::Saturated { .. } => {
                "normalise the inputs, start with smaller weights (`init::XavierUniform`), or take a smaller learning rate"
            }
            Self::OutputsNeverChange { .. } => {
                "look at the weights and biases of that layer: its biases may be too large, or its weights too small"
            }
            Self::DeltaVanishes { .. } => {
                "use Relu (with `init::KaimingUniform`) in place of Sigmoid or Tanh, fewer layers, `LayerNorm` between layers, or \
                 `Residual` layers"
            }
            Self::DeltaExplodes { .. } => {
                "start with smaller weights (`init::KaimingUniform` or `init::XavierUniform`), put `LayerNorm` between layers, or clip \
                 the gradient (`ClipNorm`)"
            }
            Self::LossAtStart { .. } => {
                "normalise the inputs, or start with smaller weights (`init::KaimingUniform`)"
            }
            Self::TargetsOffCentre { .. } => {
                "subtract the mean of the training targets and divide by their deviation, and transform the outputs back"
            }
            Self::NoBetterThanConstant { .. } => {
                "look at some samples with their targets: do they belong together, or is one list shifted against the other? If they \
                 do, try another learning rate (see `RangeTest`)"
            }
            Self::StepFailed { .. } => "take a learning rate of a tenth, and normalise inputs and targets",
            Self::StepTooLong { .. } => {
                "take a learning rate of a tenth, and again until this is gone; `RangeTest` finds a good one"
            }
            Self::StepTooShort { .. } => {
                "take a learning rate ten times as large; `RangeTest` finds a good one"
            }
        }
    }
}
