//! A report as text.

use std::fmt;

use super::diagnose::MIN_SAMPLES;
use super::words::Short;
use super::{LayerHealth, Report};

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.findings.len() {
            0 => write!(f, "nothing found wrong")?,
            1 => write!(f, "1 finding")?,
            n => write!(f, "{n} findings")?,
        }
        writeln!(f, " in a mini-batch of {} samples, after {} steps", self.samples, self.steps)?;
        if self.samples < MIN_SAMPLES {
            writeln!(
                f,
                "(too few samples to judge inputs and neurons by: give at least {MIN_SAMPLES}, better 64)"
            )?;
        }
        for (number, finding) in (1..).zip(&self.findings) {
            writeln!(f, "\n{number}. {}: {finding}.", finding.severity())?;
            let advice = finding.advice();
            writeln!(f, "   Try: {advice}{}", if advice.ends_with('?') { "" } else { "." })?;
        }
        if self.findings.len() > 1 {
            writeln!(f, "\nBegin with the first: others may follow from it.")?;
        }
        write!(f, "\nloss {}", Short(self.loss))?;
        if let Some(zero) = self.zero_loss {
            write!(f, "; outputs of 0 would have {}", Short(zero))?;
        }
        if let Some(constant) = self.constant_loss {
            write!(f, ", the best constant output {}", Short(constant))?;
        }
        writeln!(f, "\n")?;
        write_layers(f, &self.layers)
    }
}

fn write_layers(f: &mut fmt::Formatter<'_>, layers: &[LayerHealth]) -> fmt::Result {
    let width = layers.iter().map(|row| name(row).len()).max().unwrap_or(0).max("layer".len() - 4);
    writeln!(
        f,
        "layer {:width$}  outputs      mean deviation   zeros     delta  gradient   weights      step",
        ""
    )?;
    for row in layers {
        let [mean, deviation, delta] = [row.mean, row.deviation, row.delta].map(Short);
        let zeros = format!("{:.0} %", 100.0 * row.zeros);
        write!(f, "{:>5} {:width$}", row.layer, name(row))?;
        write!(f, " {:>8} {mean:>9} {deviation:>9} {zeros:>7} {delta:>9}", row.outputs)?;
        if row.weights > 0.0 || row.gradient > 0.0 {
            write!(f, " {:>9} {:>9}", Short(row.gradient), Short(row.weights))?;
            match row.step {
                Some(step) => write!(f, " {:>9}", Short(step))?,
                None => write!(f, " {:>9}", "-")?,
            }
        } else {
            write!(f, " {:>9} {:>9} {:>9}", "-", "-", "-")?;
        }
        writeln!(f)?;
    }
    writeln!(
        f,
        "(delta: root mean square of dC/dz; gradient, weights: norms; step: change of the weights divided by their norm)"
    )
}

fn name(row: &LayerHealth) -> String {
    match row.activation {
        "" => row.name.to_string(),
        activation => format!("{} {activation}", row.name),
    }
}
