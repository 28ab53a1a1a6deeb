//! From numbers to findings.

use stackprop::{Model, Role, Scalar};

use super::Report;
use super::features::Features;
use super::finding::Finding;
use super::inputs;
use super::leaves::Leaf;
use super::observe::{Observed, Sums};
use super::probe::Kind;
use super::step::Step;
use super::targets::Wants;

/// With fewer samples, nothing is said of how inputs and outputs are distributed: with one or two, every second neuron with `Relu`
/// seems dead.
pub const MIN_SAMPLES: usize = 16;

/// All that was seen.
pub(super) struct Seen<'a, N: Model> {
    pub network: &'a N,
    pub leaves: &'a [Leaf],
    pub inputs: &'a Features,
    pub observed: &'a Observed<N>,
    pub step: Option<&'a Step>,
}

/// Adds the findings to the report, whose other fields are complete.
pub(super) fn diagnose<N: Model>(seen: &Seen<'_, N>, wants: Option<&Wants>, report: &mut Report) {
    let mut findings = seen.inputs_and_targets(wants);
    findings.extend(seen.equal_weights());
    findings.extend(seen.outputs_not_finite());
    if report.loss.is_finite() {
        if report.samples >= MIN_SAMPLES {
            seen.neurons(report, &mut findings);
        }
        // (Neurons that pass nothing on are the cause where there are such.)
        let is_cause = |f: &Finding| matches!(f, Finding::DeadNeurons { .. } | Finding::Saturated { .. });
        if !findings.iter().any(is_cause) {
            findings.extend(seen.deltas(report));
        }
        findings.extend(losses(report, wants));
        findings.extend(seen.step.and_then(|step| of_step(step, report)));
    }
    report.findings = findings;
}

impl<N: Model> Seen<'_, N> {
    fn inputs_and_targets(&self, wants: Option<&Wants>) -> Vec<Finding> {
        let mut findings = inputs::values(self.inputs);
        let normalized = self.leaves.first().filter(|leaf| leaf.first && leaf.normalizes());
        match (normalized, self.layer(0)) {
            (Some(_), Some(sums)) => findings.extend(inputs::scale(&sums.outputs, Some(0))),
            _ => findings.extend(inputs::scale(self.inputs, None)),
        }
        if let Some(&sample) = self.observed.refused.first() {
            findings.push(Finding::TargetsRefused { count: self.observed.refused.len(), sample });
        }
        let last = self.leaves.len().saturating_sub(1);
        // (With several heads, the last layer is not all outputs.)
        let heads = self.leaves.iter().filter(|leaf| leaf.last && leaf.is_dense()).count();
        let leaf = self.leaves.last().filter(|_| heads == 1 && self.is_known(last));
        findings.extend(wants.into_iter().flat_map(|wants| wants.findings(last, leaf)));
        findings
    }

    fn layer(&self, layer: usize) -> Option<&Sums> {
        self.observed.layers.get(layer)?.as_ref()
    }

    /// The outputs that were seen are this layer's own, and not those of a layer that does not show its layers.
    fn is_known(&self, layer: usize) -> bool {
        self.layer(layer).is_some() && (layer + 1 >= self.leaves.len() || self.layer(layer + 1).is_some())
    }

    /// Layers of several neurons, which other layers read.
    fn equal_weights(&self) -> Vec<Finding> {
        let mut findings = vec![];
        self.network.visit(|block, values| {
            let hidden = self.leaves.get(block.layer).is_some_and(|leaf| !leaf.last && !leaf.ends_residual);
            if block.role == Role::Weight && block.fan_out > 1 && hidden && all_equal(values) {
                findings.push(Finding::EqualWeights { layer: block.layer, value: values[0].to_f64() });
            }
        });
        findings
    }

    fn outputs_not_finite(&self) -> Option<Finding> {
        self.observed.layers.iter().enumerate().find_map(|(layer, sums)| {
            let (sample, _) = sums.as_ref()?.outputs.first_not_finite?;
            Some(Finding::OutputsNotFinite { layer, sample }).filter(|_| self.inputs.not_finite == 0)
        })
    }

    /// Neurons that are dead, saturated, or constant. One finding for a layer is enough.
    fn neurons(&self, report: &Report, findings: &mut Vec<Finding>) {
        let worse_than_constant = report.constant_loss.is_some_and(|constant| report.loss > constant);
        for (row, leaf) in report.layers.iter().filter_map(|row| Some((row, self.leaves.get(row.layer)?))) {
            let (layer, activation) = (row.layer, row.activation);
            if !self.is_known(layer) || explained(findings, layer) {
                continue;
            }
            if activation == "Relu" && 4 * row.dead >= 3 * row.outputs {
                findings.push(Finding::DeadNeurons { layer, dead: row.dead, neurons: row.outputs });
            } else if row.saturated >= 0.5 && (!leaf.last || worse_than_constant) {
                findings.push(Finding::Saturated { layer, activation, share: row.saturated });
            }
        }
        let never_change = |layer: usize| self.layer(layer).is_some_and(|sums| sums.outputs.never_change());
        let first = report.layers.iter().map(|row| row.layer).find(|layer| never_change(*layer));
        if let Some(layer) = first.filter(|layer| !explained(findings, *layer) && !self.is_zero(*layer))
            && !self.inputs.never_change()
        {
            findings.push(Finding::OutputsNeverChange { layer, samples: report.samples });
        }
    }

    /// All weights are 0, as in a last layer that starts so.
    fn is_zero(&self, layer: usize) -> bool {
        let mut zero = false;
        self.network.visit(|block, values| {
            if block.layer == layer && block.role == Role::Weight {
                zero = values.iter().all(|w| w.to_f64() == 0.0);
            }
        });
        zero
    }

    fn deltas(&self, report: &Report) -> Option<Finding> {
        let dense = || {
            let is = |layer: usize| self.leaves.get(layer).filter(|leaf| leaf.is_dense());
            report.layers.iter().filter_map(move |row| Some((row, is(row.layer)?)))
        };
        let (first, leaf) = dense().next()?;
        let (last, _) =
            dense().filter(|(_, leaf)| leaf.last).max_by(|a, b| a.0.delta.total_cmp(&b.0.delta))?;
        // Behind weights of 0, it is 0 until the first step.
        let blocked = dense().any(|(row, _)| row.layer > first.layer && self.is_zero(row.layer));
        if leaf.last || last.delta == 0.0 || blocked {
            return None;
        }
        let (layer, last, ratio) = (first.layer, last.layer, first.delta / last.delta);
        if ratio < 1e-3 {
            Some(Finding::DeltaVanishes { layer, last, ratio })
        } else if ratio > 100.0 {
            Some(Finding::DeltaExplodes { layer, last, ratio })
        } else {
            None
        }
    }
}

/// There is already a finding about the layer, other than about what it reads or its targets.
fn explained(findings: &[Finding], layer: usize) -> bool {
    let is = |f: &Finding| {
        let kind = matches!(
            f,
            Finding::EqualWeights { .. } | Finding::DeadNeurons { .. } | Finding::Saturated { .. }
        );
        kind && f.layer() == Some(layer)
    };
    findings.iter().any(is)
}

fn all_equal<T: Scalar>(values: &[T]) -> bool {
    values.len() > 1 && values.iter().all(|w| *w == values[0])
}

/// The loss compared with that of a network that has learnt nothing.
fn losses(report: &Report, wants: Option<&Wants>) -> Option<Finding> {
    let (wants, constant, loss) = (wants?, report.constant_loss?, report.loss);
    if report.samples >= 2 * MIN_SAMPLES && report.steps >= 100 && loss > constant {
        return Some(Finding::NoBetterThanConstant { loss, constant, steps: report.steps });
    }
    if report.steps > 0 || report.samples < MIN_SAMPLES {
        return None;
    }
    let zero = wants.zero_loss;
    match wants.kind {
        Kind::Softmax | Kind::Sigmoid => {
            let classes = (wants.kind == Kind::Softmax).then_some(wants.outputs);
            (loss > 3.0 * zero).then_some(Finding::LossAtStart { loss, guessing: zero, classes })
        }
        _ => {
            let far = constant > 0.0 && zero > 100.0 * constant;
            far.then_some(Finding::TargetsOffCentre { zero, constant })
        }
    }
}

/// A step that fails, is too long, or too short.
fn of_step(step: &Step, report: &Report) -> Option<Finding> {
    let learning_rate = step.learning_rate;
    let losses = match &step.losses {
        Ok(losses) => losses,
        Err(error) => return Some((*error, learning_rate).into()),
    };
    let (before, end) = (report.loss, *losses.last()?);
    let (layer, ratio) = step.ratios.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let (steps, after) = (1..).zip(losses.iter().copied()).max_by(|a, b| a.1.total_cmp(&b.1))?;
    // Near the end of training, a small loss may rise by a multiple of itself. The first steps of Adam are long, and make the loss of
    // a healthy network rise by a tenth of that of a constant output.
    let scale = before.abs().max(report.constant_loss.unwrap_or(0.0).abs());
    if after > before + 0.5 * scale || (end >= before && ratio > 0.1) {
        return Some(Finding::StepTooLong { learning_rate, before, steps, after, layer, ratio });
    }
    let learns = report.constant_loss.is_some_and(|constant| before > 0.5 * constant);
    // (A schedule may begin with a small rate, and accumulated gradients make no step.)
    let full = if learning_rate > 0.0 { ratio * step.full_rate / learning_rate } else { 0.0 };
    (learns && full > 0.0 && full < 1e-5).then_some(Finding::StepTooShort { learning_rate, ratio })
}
