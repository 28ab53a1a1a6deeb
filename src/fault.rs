//! Why a loss, a gradient or a step could not be computed.

use core::fmt;

/// Why a loss, a gradient or a step could not be computed: what was wrong, and where.
///
/// Layers are counted from 0. A `sample` is an index, from 0, into the data set that was given to the method; for a
/// [`MiniBatch`](crate::MiniBatch), into the data set that it was taken from. It is the first sample at fault,
/// whatever the tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// [`Dataset::sample`](crate::Dataset::sample) returned `None` for an index below
    /// [`Dataset::len`](crate::Dataset::len).
    MissingSample {
        /// The missing sample.
        sample: usize,
    },
    /// The output of a layer was infinite or NaN in the forward pass, and so was the loss.
    Activation {
        /// The first such layer.
        layer: usize,
        /// The sample with this output.
        sample: usize,
    },
    /// The loss does not accept the target, or a setting of the loss is not valid, and it accepts none; see
    /// [`Loss::accepts`](crate::Loss::accepts).
    Target {
        /// The sample with this target.
        sample: usize,
    },
    /// The loss was infinite or NaN, although the outputs were finite.
    Loss {
        /// The sample with this loss.
        sample: usize,
    },
    /// An element of the gradient was, or might have been, infinite or NaN.
    Gradient {
        /// The first such layer.
        layer: usize,
    },
    /// A parameter, or the optimiser's state for it, would have become infinite or NaN.
    Update {
        /// The first such layer.
        layer: usize,
    },
    /// The optimiser needs the whole gradient before its step, as [`ClipNorm`](crate::ClipNorm) does, but the gradient is not in
    /// memory. The trainers of this crate do not compile with such an optimiser, or have the memory.
    NoGradient,
    /// The parameters of a layer, its gradient and the optimiser's state for it differ in length: the layer's
    /// [`Parameters::walk_trained`](crate::Parameters::walk_trained) is wrong.
    Lengths {
        /// The layer.
        layer: usize,
    },
}

impl Fault {
    /// Returns this fault with `number` applied to the index of its sample.
    #[cold]
    pub(crate) fn map_sample(mut self, number: impl FnOnce(usize) -> usize) -> Self {
        if let Fault::MissingSample { sample }
        | Fault::Activation { sample, .. }
        | Fault::Target { sample }
        | Fault::Loss { sample } = &mut self
        {
            *sample = number(*sample);
        }
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Fault::MissingSample { sample } => {
                write!(f, "the data set has no sample {sample}, although its length is larger")
            }
            Fault::Activation { layer, sample } => write!(
                f,
                "the output of layer {layer} is not finite for sample {sample} \
                 (a NaN or an infinity in the data? a learning rate that is too high?)"
            ),
            Fault::Target { sample } => write!(
                f,
                "the loss does not accept the target of sample {sample} \
                 (a NaN or an infinity? a label outside the range that the loss is defined for? \
                 a setting of the loss, such as a weight, that is not valid?)"
            ),
            Fault::Loss { sample } => write!(
                f,
                "the loss of sample {sample} is not finite \
                 (a target that is too large? a probability that has become 0? a learning rate that is too high?)"
            ),
            Fault::Gradient { layer } => write!(
                f,
                "the gradient of layer {layer} is not finite \
                 (inputs or targets that are too large? a learning rate that is too high?)"
            ),
            Fault::Update { layer } => {
                write!(f, "the update of layer {layer} is not finite (a learning rate that is too high?)")
            }
            Fault::NoGradient => write!(f, "the optimiser needs the whole gradient, which is not in memory"),
            Fault::Lengths { layer } => {
                write!(f, "the parameters and the gradient of layer {layer} are not of the same length")
            }
        }
    }
}

impl core::error::Error for Fault {}
