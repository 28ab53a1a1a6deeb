//! Inputs that a network learns badly from.

use super::diagnose::MIN_SAMPLES;
use super::features::{Column, Features};
use super::finding::Finding;

/// Inputs that are not finite, or never change.
pub(super) fn values(inputs: &Features) -> Vec<Finding> {
    if let Some((sample, input)) = inputs.first_not_finite {
        return vec![Finding::InputsNotFinite { count: inputs.not_finite, sample, input }];
    }
    if inputs.rows < MIN_SAMPLES {
        return vec![];
    }
    if inputs.never_change() {
        return vec![Finding::InputsNeverChange { samples: inputs.rows }];
    }
    constant(inputs).into_iter().collect()
}

/// Constant inputs that are not the background of pictures, and not features that are rare in the samples: a normalised one of
/// less than a fifth of all samples is less than 0.5 in size.
fn constant(inputs: &Features) -> Option<Finding> {
    let least = inputs.columns.iter().fold(f64::INFINITY, |least, c| least.min(c.least));
    let largest = inputs.columns.iter().fold(f64::NEG_INFINITY, |largest, c| largest.max(c.largest));
    let idle = |c: &Column| {
        let mean = c.moments.mean;
        c.is_constant() && mean.abs() >= 0.5 && mean != least && mean != largest
    };
    let (count, input) = count(inputs, idle)?;
    (inputs.rows >= 2 * MIN_SAMPLES).then(|| Finding::InputsConstant {
        count,
        input,
        value: inputs.columns[input].moments.mean,
    })
}

/// How many columns are so, and the first of them.
fn count(inputs: &Features, is: impl Fn(&Column) -> bool) -> Option<(usize, usize)> {
    let mut found = inputs.columns.iter().enumerate().filter(|(_, column)| is(column));
    let (first, _) = found.next()?;
    Some((1 + found.count(), first))
}

/// Inputs, or the outputs of a first layer that normalises, of another size than about 1.
pub(super) fn scale(inputs: &Features, layer: Option<usize>) -> Vec<Finding> {
    let mut findings = vec![];
    if inputs.rows < MIN_SAMPLES || inputs.not_finite > 0 {
        return findings;
    }
    let large = |c: &Column| c.moments.size() > 5.0;
    let size = |i: &usize| inputs.columns[*i].moments.size();
    if let Some((count, _)) = count(inputs, large) {
        let input = (0..inputs.columns.len()).max_by(|a, b| size(a).total_cmp(&size(b))).unwrap_or(0);
        let moments = inputs.columns[input].moments;
        let (mean, deviation, inputs) = (moments.mean, moments.deviation(), inputs.columns.len());
        findings.push(Finding::InputsTooLarge { layer, count, inputs, input, mean, deviation });
    } else if let Some((narrow, wide)) = extremes(inputs) {
        let [narrow_range, wide_range] = [narrow, wide].map(|i| inputs.columns[i].range());
        if wide_range > 1000.0 * narrow_range {
            findings.push(Finding::InputScalesDiffer { layer, narrow, narrow_range, wide, wide_range });
        }
    }
    let largest = inputs.columns.iter().fold(0.0_f64, |x, c| x.max(c.least.abs()).max(c.largest.abs()));
    if largest < 0.05 {
        findings.push(Finding::InputsTooSmall { layer, largest });
    }
    let off = |c: &Column| {
        let (mean, deviation) = (c.moments.mean.abs(), c.moments.deviation());
        !c.is_constant() && !large(c) && mean > 1.0 && mean > 10.0 * deviation
    };
    if let Some((count, input)) = count(inputs, off) {
        let moments = inputs.columns[input].moments;
        findings.push(Finding::InputsOffCentre {
            layer,
            count,
            input,
            mean: moments.mean,
            deviation: moments.deviation(),
        });
    }
    findings
}

/// The columns with the smallest range other than 0, and with the largest.
fn extremes(inputs: &Features) -> Option<(usize, usize)> {
    let range = |i: &usize| inputs.columns[*i].range();
    let varying = || (0..inputs.columns.len()).filter(|i| !inputs.columns[*i].is_constant());
    let by = |a: &usize, b: &usize| range(a).total_cmp(&range(b));
    Some((varying().min_by(by)?, varying().max_by(by)?))
}
