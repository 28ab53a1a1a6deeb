//! The table of results.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use crate::contest::{Results, Row};
use crate::workload::Workload;

impl Results {
    /// Markdown: a table with a row for each workload.
    fn table(
        &self,
        f: &mut Formatter<'_>,
        ours: fn(&Row) -> f64,
        theirs: fn(&Row, &str) -> Option<f64>,
    ) -> fmt::Result {
        let there = || self.rivals.iter().filter(|(_, version)| version.is_ok()).map(|&(name, _)| name);
        write!(f, "| | | stackprop |")?;
        there().try_for_each(|name| write!(f, " {name} |"))?;
        write!(f, "\n|---|---|---:|")?;
        there().try_for_each(|_| write!(f, "---:|"))?;
        for row in &self.rows {
            let Workload { name, .. } = &row.workload;
            write!(f, "\n| {name} | {} | {} |", row.workload.description(), time(row, ours(row)))?;
            there().try_for_each(|name| match theirs(row, name) {
                Some(ratio) => write!(f, " {} x |", three_digits(ratio)),
                None => write!(f, " - |"),
            })?;
        }
        writeln!(f)
    }
}

impl Display for Results {
    /// The table of medians and that of the fastest turns, then the versions, and why a cell is empty.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let ratio =
            |row: &Row, name: &str| row.ratios.get(name).and_then(|ratio| ratio.as_ref().ok().copied());
        self.table(f, |row| row.seconds, ratio)?;
        writeln!(f, "\nThe fastest turns:\n")?;
        self.table(f, |row| row.least_seconds, |row, name| row.least_ratios.get(name).copied())?;

        write!(f, "\nstackprop: level `{}`", self.level)?;
        self.rivals
            .iter()
            .filter_map(|(_, version)| version.as_ref().ok())
            .try_for_each(|v| write!(f, "; {v}"))?;
        writeln!(f, ".")?;
        for (name, version) in &self.rivals {
            if let Err(reason) = version {
                writeln!(f, "\n{name} is missing: {reason}")?;
            }
        }
        let mut untimed = BTreeMap::<_, Vec<&str>>::new();
        for row in &self.rows {
            for (name, ratio) in &row.ratios {
                if let Err(reason) = ratio {
                    untimed.entry((name, reason)).or_default().push(&row.workload.name);
                }
            }
        }
        untimed.iter().try_for_each(|((name, reason), workloads)| {
            writeln!(f, "\n{name}, {}: {reason}", workloads.join(", "))
        })
    }
}

/// Single inferences in nanoseconds, everything else in samples per second.
fn time(row: &Row, seconds: f64) -> String {
    let inference = row.workload.training.is_none() && row.workload.batch == 1;
    if inference {
        format!("{} ns", three_digits(1e9 * seconds))
    } else {
        format!("{} samples/s", three_digits(1.0 / seconds))
    }
}

/// Rounds to three significant digits, and separates the thousands.
fn three_digits(value: f64) -> String {
    let magnitude = value.abs().log10().floor() as i32;
    if magnitude < 2 {
        return format!("{value:.*}", (2 - magnitude).clamp(0, 6) as usize);
    }
    let unit = 10_f64.powi(magnitude - 2);
    let digits = format!("{:.0}", (value / unit).round() * unit);
    let mut groups: Vec<&str> =
        digits.as_bytes().rchunks(3).map(|g| str::from_utf8(g).unwrap_or("")).collect();
    groups.reverse();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload;

    #[test]
    fn digits() {
        assert_eq!(three_digits(0.6543), "0.654");
        assert_eq!(three_digits(8.126), "8.13");
        assert_eq!(three_digits(81.26), "81.3");
        assert_eq!(three_digits(812.6), "813");
        assert_eq!(three_digits(1_234_567.0), "1,230,000");
    }

    #[test]
    fn empty_places_have_a_reason() {
        let mut all = workload::all().into_iter();
        let (first, training) = (all.next().unwrap(), all.next_back().unwrap());
        let results = Results {
            level: "portable",
            rivals: vec![("candle", Ok("candle-nn 1.0".into())), ("jax", Err("no python".into()))],
            rows: vec![
                Row {
                    workload: first,
                    seconds: 8e-9,
                    ratios: [("candle", Ok(123.4))].into(),
                    least_seconds: 4e-9,
                    least_ratios: [("candle", 150.0)].into(),
                },
                Row {
                    workload: training,
                    seconds: 1e-6,
                    ratios: [("candle", Err("wrong".into()))].into(),
                    least_seconds: 5e-7,
                    least_ratios: [].into(),
                },
            ],
        };
        let expected = "\
| | | stackprop | candle |
|---|---|---:|---:|
| I1 | 2-3-1 sigmoid | 8.00 ns | 123 x |
| T3 | 13-64-64-4 tanh, linear out, MSE, Adam, mini-batch 64 | 1,000,000 samples/s | - |

The fastest turns:

| | | stackprop | candle |
|---|---|---:|---:|
| I1 | 2-3-1 sigmoid | 4.00 ns | 150 x |
| T3 | 13-64-64-4 tanh, linear out, MSE, Adam, mini-batch 64 | 2,000,000 samples/s | - |

stackprop: level `portable`; candle-nn 1.0.

jax is missing: no python

candle, T3: wrong
";
        assert_eq!(results.to_string(), expected);
    }
}
