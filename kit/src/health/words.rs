//! Findings in words: what is wrong.

use std::fmt;

use super::finding::Finding;

/// A number in a few characters.
pub(super) struct Short(pub f64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (x, size) = (self.0, self.0.abs());
        let text = if size == 0.0 {
            "0".to_string()
        } else if !(1e-3..1e5).contains(&size) {
            format!("{x:.1e}")
        } else if size >= 100.0 {
            format!("{x:.0}")
        } else {
            let digits = if size < 0.1 {
                4
            } else if size < 10.0 {
                3
            } else {
                1
            };
            let text = format!("{x:.digits$}");
            text.trim_end_matches('0').trim_end_matches('.').to_string()
        };
        f.pad(&text)
    }
}

/// `1 input`, `2 inputs`.
struct Count(usize, &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.0, self.1, if self.0 == 1 { "" } else { "s" })
    }
}

/// `inputs`, or the outputs of the layer that normalises them.
struct Inputs(Option<usize>);

impl fmt::Display for Inputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("inputs"),
            Some(layer) => write!(f, "inputs, as normalised by layer {layer},"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::InputsNotFinite { count, sample, input } => write!(
                f,
                "{} infinite or NaN, the first is input {input} of sample {sample}",
                if count == 1 {
                    "1 number of the inputs is".to_string()
                } else {
                    format!("{count} numbers of the inputs are")
                }
            ),
            Self::InputsNeverChange { samples } => {
                write!(
                    f,
                    "all {samples} samples have the same input, so there is nothing to tell them apart by"
                )
            }
            Self::InputsConstant { count, input, value } => write!(
                f,
                "{} the same value in every sample, such as {} of input {input}, and so nothing to tell the network",
                if count == 1 { "1 input has".to_string() } else { format!("{count} inputs have") },
                Short(value)
            ),
            Self::InputsTooLarge { layer, count, inputs, input, mean, deviation } => write!(
                f,
                "{count} of {inputs} {} are large: input {input} has the mean {} and the deviation {}. A network learns best from \
                 numbers with a mean near 0 and a deviation near 1",
                Inputs(layer),
                Short(mean),
                Short(deviation)
            ),
            Self::InputsTooSmall { layer, largest } => write!(
                f,
                "all {} are tiny, the largest is {}. A network learns best from numbers with a mean near 0 and a deviation near 1",
                Inputs(layer),
                Short(largest)
            ),
            Self::InputsOffCentre { layer, count, input, mean, deviation } => write!(
                f,
                "{} far from 0 compared with how much they vary, {count} in number: input {input} has the mean {} and the deviation {}",
                Inputs(layer),
                Short(mean),
                Short(deviation)
            ),
            Self::InputScalesDiffer { layer, narrow, narrow_range, wide, wide_range } => write!(
                f,
                "{} differ in scale: input {narrow} varies by {}, input {wide} by {}, so the network hardly sees the former",
                Inputs(layer),
                Short(narrow_range),
                Short(wide_range)
            ),
            Self::TargetsRefused { count, sample } => write!(
                f,
                "the loss is not defined for the targets of {}, the first is sample {sample}",
                Count(count, "sample")
            ),
            Self::TargetsNeverChange { samples, class } => {
                write!(f, "all {samples} samples of the mini-batch have the same target")?;
                class.map_or(Ok(()), |class| write!(f, ", class {class}"))
            }
            Self::ClassNeverSeen { class, classes, samples } => write!(
                f,
                "the network has outputs for {classes} classes, but none of the {samples} samples is of class {class}, and all other \
                 classes are frequent"
            ),
            Self::TargetsOutOfRange { layer, activation, count, sample, output, above, bound } => write!(
                f,
                "{} a target {} {}, which {activation} in layer {layer} never is: output {output} of sample {sample} is the first",
                if count == 1 { "1 sample has".to_string() } else { format!("{count} samples have") },
                if above { "above" } else { "below" },
                Short(bound)
            ),
            Self::TargetsOffCentre { zero, constant } => write!(
                f,
                "the targets are far from 0 compared with how much they vary: outputs of 0 have a loss of {}, the best constant output one of {}",
                Short(zero),
                Short(constant)
            ),
            Self::SquaredErrorOfClasses { classes } => write!(
                f,
                "each target is one of {classes} classes, but the loss is a squared error of outputs without activation: it punishes an \
                 output of 2 for the right class as much as one of 0"
            ),
            Self::ActivationBelowLogits { layer, activation } => write!(
                f,
                "the loss applies softmax or sigmoid itself and takes numbers of any sign and size, but {activation} in layer {layer}, the \
                 last one, restricts them"
            ),
            Self::EqualWeights { layer, value } => write!(
                f,
                "all weights of layer {layer} are {}, so all its neurons compute the same, and training cannot make them differ",
                Short(value)
            ),
            Self::OutputsNotFinite { layer, sample } => {
                write!(f, "outputs of layer {layer} are infinite or NaN, first for sample {sample}")
            }
            Self::DeadNeurons { layer, dead, neurons } => write!(
                f,
                "{dead} of the {neurons} neurons of layer {layer} are dead: Relu gives 0 for every sample, so no gradient reaches their \
                 weights"
            ),
            Self::Saturated { layer, activation, share } => write!(
                f,
                "{activation} in layer {layer} is saturated: {:.0} % of its outputs are where its slope is nearly 0, so they hardly learn",
                100.0 * share
            ),
            Self::OutputsNeverChange { layer, samples } => write!(
                f,
                "the outputs of layer {layer} are the same for all {samples} samples, whatever the input"
            ),
            Self::DeltaVanishes { layer, last, ratio } => write!(
                f,
                "the gradient vanishes on its way down: delta is {} in layer {layer} for 1 in layer {last}, so the lower layers hardly learn",
                Short(ratio)
            ),
            Self::DeltaExplodes { layer, last, ratio } => write!(
                f,
                "the gradient explodes on its way down: delta is {} in layer {layer} for 1 in layer {last}",
                Short(ratio)
            ),
            Self::LossAtStart { loss, guessing, classes } => {
                write!(f, "before training, the loss is {}, but that of guessing is ", Short(loss))?;
                classes.map_or(Ok(()), |classes| write!(f, "ln({classes}) = "))?;
                write!(f, "{}: the outputs are too large", Short(guessing))
            }
            Self::NoBetterThanConstant { loss, constant, steps } => write!(
                f,
                "after {steps} steps the loss is {}, and an output that is the same for every sample would have {}: the network has not \
                 learnt from its inputs",
                Short(loss),
                Short(constant)
            ),
            Self::StepFailed { fault, learning_rate } => {
                write!(f, "the next step, with the learning rate {}, fails: {fault}", Short(learning_rate))
            }
            Self::StepTooLong { learning_rate, before, steps, after, layer, ratio } => write!(
                f,
                "the next step is too long: the learning rate is {}, and {} on this same mini-batch would take its loss from {} to {}. The \
                 first changes the weights of layer {layer} by {} times their size, where about 0.001 to 0.01 is usual",
                Short(learning_rate),
                Count(steps as usize, "step"),
                Short(before),
                Short(after),
                Short(ratio)
            ),
            Self::StepTooShort { learning_rate, ratio } => write!(
                f,
                "the next step is too short: with the learning rate {}, it changes the weights by {} times their size, where about 0.001 is \
                 usual",
                Short(learning_rate),
                Short(ratio)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (x, text) in [
            (0.0, "0"),
            (2.345_678, "2.346"),
            (-0.5, "-0.5"),
            (12.34, "12.3"),
            (0.012_345, "0.0123"),
            (100.0, "100"),
            (4_910.2, "4910"),
            (1e-5, "1.0e-5"),
            (123_456.0, "1.2e5"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "inf"),
            (10.0, "10"),
            (0.1, "0.1"),
        ] {
            assert_eq!(Short(x).to_string(), text);
        }
    }
}
