//! Reads the metrics that scikit-learn computed, makes the same data, and compares.

use std::collections::{BTreeMap, HashMap};

use stackprop::{Class, Scalar};

use crate::tolerances;

/// A scalar, and its tolerance.
pub trait Number: Scalar {
    const TOLERANCE: f64;
    /// The column of the table.
    const COLUMN: usize;
}

impl Number for f64 {
    const TOLERANCE: f64 = tolerances::METRICS_F64;
    const COLUMN: usize = 0;
}

impl Number for f32 {
    const TOLERANCE: f64 = tolerances::METRICS_F32;
    const COLUMN: usize = 1;
}

/// The values of one case, by key.
pub struct Case {
    name: String,
    values: HashMap<&'static str, Vec<f64>>,
}

impl Case {
    pub fn read(name: String) -> Self {
        let head = format!("case {name}");
        let lines = include_str!("../data/metrics.txt").lines().skip_while(|line| *line != head).skip(1);
        let numbers = |text: &str| text.split(' ').map(|x| x.parse().unwrap()).collect();
        let values: HashMap<_, _> = lines
            .take_while(|line| !line.starts_with("case "))
            .map(|line| line.split_once(' ').unwrap())
            .map(|(key, text)| (key, numbers(text)))
            .collect();
        assert!(!values.is_empty(), "there is no `{head}`");
        Self { name, values }
    }

    pub fn get(&self, key: &str) -> &[f64] {
        self.values.get(key).unwrap_or_else(|| panic!("{}: no {key}", self.name))
    }
}

/// The largest difference of each metric, in f64 and in f32.
#[derive(Default)]
pub struct Table {
    rows: BTreeMap<&'static str, [f64; 2]>,
}

impl Table {
    /// Compares with the values of `key`, where NaN is `None`.
    pub fn compare<T: Number>(
        &mut self,
        row: &'static str,
        case: &Case,
        key: &str,
        found: impl IntoIterator<Item = Option<T>>,
    ) {
        let (found, expected): (Vec<_>, _) = (found.into_iter().collect(), case.get(key));
        assert_eq!(found.len(), expected.len(), "{row}: {} {key}", case.name);
        for (found, &expected) in found.into_iter().zip(expected) {
            let difference = match found {
                Some(found) => (found.to_f64() - expected).abs() / expected.abs().max(1.0),
                None => f64::from(!expected.is_nan()),
            };
            // A NaN is not within the tolerance.
            let within = difference <= T::TOLERANCE;
            assert!(within, "{row}: {} {key} is {found:?}, in scikit-learn {expected:e}", case.name);
            self.note::<T>(row, difference);
        }
    }

    /// Compares numbers that are no answers of a metric.
    pub fn compare_all<T: Number>(
        &mut self,
        row: &'static str,
        case: &Case,
        key: &str,
        found: impl IntoIterator<Item = T>,
    ) {
        self.compare(row, case, key, found.into_iter().map(Some));
    }

    /// A difference of this metric.
    pub fn note<T: Number>(&mut self, row: &'static str, difference: f64) {
        let largest = &mut self.rows.entry(row).or_default()[T::COLUMN];
        *largest = largest.max(difference);
    }

    pub fn print(&self) {
        println!("| {:45} | f64     | f32     |", "largest difference from scikit-learn");
        println!("|{:-<47}|---------|---------|", "");
        for (row, [wide, narrow]) in &self.rows {
            println!("| {row:45} | {wide:7.1e} | {narrow:7.1e} |");
        }
    }
}

/// A metric of all samples, and one merged from parts of different lengths.
pub fn fill<M: Default, S>(samples: &[S], add: impl Fn(&mut M, &S), merge: impl Fn(&mut M, &M)) -> [M; 2] {
    let of = |samples: &[S]| {
        let mut metric = M::default();
        samples.iter().for_each(|sample| add(&mut metric, sample));
        metric
    };
    let mut merged = M::default();
    let (first, rest) = samples.split_at(samples.len() / 7);
    for part in [&[], first, &rest[..1], &[], &rest[1..]] {
        merge(&mut merged, &of(part));
    }
    [of(samples), merged]
}

/// Knuth's MMIX generator, of which the upper 31 bits are used: `Draws` of `tools/golden_metrics.py`.
struct Draws(u64);

impl Draws {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

const SAMPLES: usize = 200;

/// `units / per`, exactly.
fn number<T: Scalar>(units: i64, per: f64) -> T {
    T::from_f64(units as f64 / per)
}

pub struct OfClass<T, const N: usize> {
    pub class: Class<N>,
    pub outputs: [T; N],
    pub probabilities: [T; N],
}

/// `classes` of `tools/golden_metrics.py`.
pub fn classes<T: Scalar, const N: usize>(seed: usize) -> Vec<OfClass<T, N>> {
    let mut draws = Draws((100 * N + seed) as u64);
    let sample = |_| {
        let mut y = draws.below(N).min(draws.below(N));
        if seed == 3 && y == N - 1 {
            y = 0;
        }
        let mut outputs = [T::ZERO; N];
        for (k, output) in outputs.iter_mut().enumerate() {
            *output = T::from_usize(draws.below(16) + 6 * usize::from(k == y));
        }
        let (place, rare) = (draws.below(N), draws.below(11));
        if seed == 2 && rare == 0 {
            outputs[place] = T::from_f64(f64::NAN);
        }
        if seed == 3 {
            outputs[N - 1] = -T::ONE;
        }
        let bonus = 64 * usize::from(draws.below(3) > 0);
        let weights: [usize; N] = std::array::from_fn(|k| 1 + draws.below(64) + bonus * usize::from(k == y));
        let mut shares = weights.map(|w| 1024 * w / weights.iter().sum::<usize>());
        shares[N - 1] += 1024 - shares.iter().sum::<usize>();
        let probabilities = shares.map(|share| number(share as i64, 1024.0));
        OfClass { class: Class::new(y).unwrap(), outputs, probabilities }
    };
    (0..SAMPLES).map(sample).collect()
}

/// `binary` of `tools/golden_metrics.py`: scores in [0, 1], and whether they are positive.
pub fn binary<T: Scalar>(seed: usize, levels: usize, tenths: usize) -> Vec<(T, bool)> {
    let mut draws = Draws(seed as u64);
    let sample = |_| {
        let positive = draws.below(10) < tenths;
        let mut score = draws.below(levels) * (1024 / levels);
        if positive && draws.below(3) > 0 {
            score = (score + 1024) / 2;
        }
        (number(score as i64, 1024.0), positive)
    };
    (0..SAMPLES).map(sample).collect()
}

/// `numbers` of `tools/golden_metrics.py`: outputs and targets.
pub fn numbers<T: Scalar>(seed: usize) -> Vec<([T; 3], [T; 3])> {
    let mut draws = Draws(seed as u64);
    let sample = |_| {
        let base = 64 * 131_040;
        let mut y = [0, 64_000, base].map(|mean| mean + draws.below(1024) as i64);
        if seed == 3 {
            y[0] = 7;
        }
        let mut below = |n| draws.below(n) as i64;
        let a =
            [y[0] + below(256) - 100, y[1] + below(4096) - 2048, base + 512 - (y[2] - base) / 2 + below(99)];
        (a.map(|a| number(a, 64.0)), y.map(|y| number(y, 64.0)))
    };
    (0..SAMPLES).map(sample).collect()
}
