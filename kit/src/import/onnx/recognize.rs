//! Which activation, normalisation or layer has the values of an expression.

use crate::import::assemble::{Kind, Scale};
use crate::model::{Activation, Layer};

/// The relative difference up to which values are the same: constants are stored as `f32`, with errors of up to 6e-8, which
/// the functions magnify a few times. The two forms of GELU differ by 5e-4.
const TOLERANCE: f64 = 1e-6;

/// Where expressions are compared with activations: densely where activations bend, and far outside, where a `Clip` may
/// have its limits.
pub fn probes() -> impl Iterator<Item = f64> {
    let far = [-3000.0, -80.0, -30.0, -15.0, 15.0, 30.0, 80.0, 3000.0];
    (-80..=80).map(|i| f64::from(i) / 10.0).chain([-1e-3, 1e-3]).chain(far)
}

/// Whether the sampled function is this one. Far outside, a form of it may overflow and is not compared.
fn is(samples: &[(f64, f64)], function: impl Fn(f64) -> f64) -> bool {
    samples.iter().all(|(x, y)| {
        let expected = function(*x);
        (x.abs() > 80.0 && !y.is_finite()) || (y - expected).abs() <= TOLERANCE * expected.abs().max(1.0)
    })
}

/// The number of thousandths that `x` is, if it is a positive one.
fn permille(x: f64) -> Option<u32> {
    let thousandths = (x * 1000.0).round();
    let same = (x * 1000.0 - thousandths).abs() <= TOLERANCE * thousandths;
    (thousandths >= 1.0 && thousandths <= f64::from(u32::MAX) && same).then_some(thousandths as u32)
}

/// The activation, or the layer, with these values: `(x, one or one for each neuron)`.
pub fn recognize(samples: &[(f64, Vec<f64>)]) -> Option<Vec<Kind>> {
    let (_, first) = samples.first()?;
    // (Also if there is a constant for each neuron, and all are equal.)
    let same = |(_, values): &(f64, Vec<f64>)| values.iter().all(|y| Some(y) == values.first());
    if samples.iter().all(same) {
        return recognize_one(&neuron(samples, 0)?).map(|kind| vec![kind]);
    }
    let neurons: Option<Vec<_>> = (0..first.len()).map(|number| neuron(samples, number)).collect();
    let neurons = neurons?;
    if let Some(slope) = neurons.iter().map(|samples| slope(samples)).collect() {
        return Some(vec![Kind::Layer(Layer::PRelu { slope })]);
    }
    // An optimiser may have multiplied a factor for each neuron into the activation's own.
    elementwise().find_map(|activation| {
        let factors: Option<Vec<f64>> = neurons.iter().map(|samples| factor(samples, activation)).collect();
        let scale = Scale { scale: factors?, shift: vec![0.0] };
        Some(vec![Kind::Activation(activation), Kind::Scale(scale)])
    })
}

/// The samples of one neuron.
fn neuron(samples: &[(f64, Vec<f64>)], number: usize) -> Option<Vec<(f64, f64)>> {
    samples.iter().map(|(x, values)| Some((*x, *values.get(number)?))).collect()
}

/// The activations without a parameter that are functions of one number.
fn elementwise() -> impl Iterator<Item = Activation> {
    Activation::PLAIN.into_iter().filter(|activation| *activation != Activation::Softmax)
}

fn recognize_one(samples: &[(f64, f64)]) -> Option<Kind> {
    if let Some(activation) = elementwise().find(|activation| is(samples, |x| activation.value(x))) {
        return Some(Kind::Activation(activation));
    }
    let alpha = value_at(samples, -1.0)? / (-1.0_f64).exp_m1();
    if let Some(permille) = permille(alpha) {
        let elu = Activation::Elu { permille };
        if is(samples, |x| elu.value(x)) {
            return Some(Kind::Activation(elu));
        }
    }
    let slope = slope(samples)?;
    Some(match permille(slope) {
        Some(permille) => Kind::Activation(Activation::LeakyRelu { permille }),
        None => Kind::Layer(Layer::PRelu { slope: vec![slope] }),
    })
}

fn value_at(samples: &[(f64, f64)], x: f64) -> Option<f64> {
    samples.iter().find(|(at, _)| *at == x).map(|(_, y)| *y)
}

/// The slope below 0 of a function that is `x` above 0.
fn slope(samples: &[(f64, f64)]) -> Option<f64> {
    let slope = -value_at(samples, -1.0)?;
    is(samples, |x| if x > 0.0 { x } else { slope * x }).then_some(slope)
}

/// The factor by which a function is a multiple of an activation.
fn factor(samples: &[(f64, f64)], activation: Activation) -> Option<f64> {
    let factor = value_at(samples, 4.0)? / activation.value(4.0);
    is(samples, |x| factor * activation.value(x)).then_some(factor)
}

/// A function of a whole layer that is a normalisation or softmax, by its values for a few rows.
pub fn recognize_row(function: impl Fn(&[f64]) -> Option<Vec<f64>>) -> Option<Vec<Kind>> {
    const ROWS: [[f64; 4]; 3] = [[0.5, -2.0, 3.25, 1.0], [1e-3, -2e-3, 0.0, 4e-3], [-30.0, 20.0, 21.0, -5.0]];
    let is = |expected: &dyn Fn(&[f64]) -> Vec<f64>| {
        ROWS.iter().all(|row| {
            let values = function(row).unwrap_or_default();
            let expected = expected(row);
            let near = |(y, e): (&f64, &f64)| (y - e).abs() <= TOLERANCE * e.abs().max(1.0);
            values.len() == expected.len() && values.iter().zip(&expected).all(near)
        })
    };
    if is(&softmax) {
        return Some(vec![Kind::Activation(Activation::Softmax)]);
    }
    // y = 1 / sqrt(v + epsilon) for the row (1, -1, 1, -1) c, whose variance is c^2: small, so that epsilon is not rounded.
    let small = 1e-3;
    let normalized = function(&[small, -small, small, -small])?.first()? / small;
    let epsilon = 1.0 / (normalized * normalized) - small * small;
    (epsilon > 0.0 && is(&|row| normalize(row, epsilon))).then(|| vec![Kind::Normalize { epsilon }])
}

fn softmax(row: &[f64]) -> Vec<f64> {
    let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = row.iter().map(|z| (z - largest).exp()).sum();
    row.iter().map(|z| (z - largest).exp() / sum).collect()
}

fn normalize(row: &[f64], epsilon: f64) -> Vec<f64> {
    let mean = row.iter().sum::<f64>() / row.len() as f64;
    let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / row.len() as f64;
    row.iter().map(|x| (x - mean) / (variance + epsilon).sqrt()).collect()
}
