//! Targets that the network cannot reach, or that tell it nothing.

use stackprop::{LossOf, Model};

use super::diagnose::MIN_SAMPLES;
use super::finding::Finding;
use super::leaves::Leaf;
use super::probe::{Kind, Probe, class_of};

/// What the loss wants.
pub(super) struct Wants {
    pub kind: Kind,
    pub zero_loss: f64,
    pub constant_loss: Option<f64>,
    pub outputs: usize,
    /// The class of each target, if all are classes.
    pub classes: Option<Vec<usize>>,
    /// All targets are the same.
    pub never_change: bool,
    /// For 0 and 1, and for -1 and 1: the targets below the former and above the latter.
    beyond: [Beyond; 3],
    pub samples: usize,
}

/// The first sample and output with a target beyond a bound, and how many samples have one.
struct Beyond {
    bound: f64,
    below: Option<(usize, usize, usize)>,
    above: Option<(usize, usize, usize)>,
}

impl Wants {
    /// `None` if the loss is not finite at outputs that are all 0.
    pub fn of<N: Model, Y, C: LossOf<N, Y>>(probe: &Probe<'_, N, Y, C>) -> Option<Self> {
        let outputs = Probe::<N, Y, C>::OUTPUTS;
        let (zero_loss, _) = probe.average(&vec![0.0; outputs]);
        if !zero_loss.is_finite() {
            return None;
        }
        let (kind, gradients) = (probe.kind(zero_loss), probe.at_zero());
        let first = gradients.first()?;
        // (A loss of another kind may have no gradient where there is no target.)
        let known = kind == Kind::Squared || first.iter().any(|g| *g != 0.0);
        let elementwise = matches!(kind, Kind::Squared | Kind::Elementwise);
        let beyond = |bound| Beyond {
            bound,
            below: probe.beyond(bound, false).filter(|_| elementwise),
            above: probe.beyond(bound, true).filter(|_| elementwise),
        };
        Some(Self {
            kind,
            zero_loss,
            constant_loss: probe.best_constant(),
            outputs,
            classes: gradients.iter().map(|g| class_of(g)).collect(),
            never_change: known && gradients.iter().all(|g| g == first),
            beyond: [-1.0, 0.0, 1.0].map(beyond),
            samples: gradients.len(),
        })
    }

    /// `last` is the number of the last layer.
    pub fn findings(&self, last: usize, leaf: Option<&Leaf>) -> Vec<Finding> {
        let mut findings = vec![];
        let activation = leaf.map_or("", |leaf| leaf.activation);
        let logits = matches!(self.kind, Kind::Softmax | Kind::Sigmoid);
        if logits && !activation.is_empty() {
            findings.push(Finding::ActivationBelowLogits { layer: last, activation });
        }
        findings.extend(leaf.and_then(|leaf| self.out_of_range(last, leaf)));
        if self.samples >= 2 * MIN_SAMPLES {
            findings.extend(self.monotonous());
        }
        let several = self.classes.as_ref().is_some_and(|classes| classes.iter().any(|c| *c != classes[0]));
        let enough = self.samples >= MIN_SAMPLES;
        let without = leaf.is_some_and(|leaf| leaf.is_dense() && leaf.activation.is_empty());
        if self.kind == Kind::Squared && several && enough && without {
            findings.push(Finding::SquaredErrorOfClasses { classes: self.outputs });
        }
        findings
    }

    fn out_of_range(&self, layer: usize, leaf: &Leaf) -> Option<Finding> {
        let (least, largest) = leaf.range();
        let of = |bound: Option<f64>| self.beyond.iter().find(|beyond| Some(beyond.bound) == bound);
        let above = of(largest).and_then(|beyond| Some((true, beyond.bound, beyond.above?)));
        let below = of(least).and_then(|beyond| Some((false, beyond.bound, beyond.below?)));
        let (above, bound, (sample, output, count)) = above.or(below)?;
        let activation = leaf.activation;
        Some(Finding::TargetsOutOfRange { layer, activation, count, sample, output, above, bound })
    }

    /// One target for all, or a class at an end that no sample has.
    fn monotonous(&self) -> Option<Finding> {
        if self.never_change {
            let class = self.classes.as_ref().map(|classes| classes[0]);
            return Some(Finding::TargetsNeverChange { samples: self.samples, class });
        }
        let (classes, samples) = (self.outputs, self.samples);
        let mut seen = vec![0; classes];
        self.classes.as_ref()?.iter().for_each(|class| seen[*class] += 1);
        let fair = samples / classes;
        let frequent = seen.iter().filter(|count| 4 * **count >= fair).count();
        let class = [0, classes - 1].into_iter().find(|class| seen[*class] == 0)?;
        let shifted = classes >= 3 && fair >= 10 && frequent == classes - 1;
        shifted.then_some(Finding::ClassNeverSeen { class, classes, samples })
    }
}
