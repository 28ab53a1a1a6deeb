//! Losses near their limits, against mpmath: large logits and errors, tiny ones, and small angles.
//!
//! The table comes from `tools/loss_tails.py`. The bounds are the documented ones, in units `u`: half of the unit in the
//! last place of 1, 2^-24 for f32 and 2^-53 for f64. [`SoftmaxCrossEntropy`](stackprop::SoftmaxCrossEntropy) is in
//! `tests/tails.rs`.

use std::collections::BTreeMap;

use stackprop::{
    Class, CosineEmbedding, GaussianNegativeLogLikelihood, Joined, LogCosh, Loss,
    PoissonNegativeLogLikelihood, Scalar, SigmoidFocal, SoftmaxFocal,
};

/// What a loss computed, and the bound of its error: units, and what they are relative to (`None`: to the value itself).
struct Found {
    value: f64,
    units: f64,
    scale: Option<f64>,
}

fn relative(value: impl Scalar, units: f64) -> Found {
    Found { value: value.to_f64(), units, scale: None }
}

fn absolute(value: impl Scalar, units: f64, scale: f64) -> Found {
    Found { value: value.to_f64(), units, scale: Some(scale) }
}

fn with_gradient<T: Scalar, Y, const N: usize>(
    loss: &impl Loss<[T; N], Y>,
    output: [T; N],
    target: Y,
) -> (T, [T; N]) {
    assert!(loss.accepts(&target));
    let mut gradient = [T::from_f64(f64::NAN); N];
    (loss.evaluate(&output, &target, &mut gradient), gradient)
}

fn log_cosh<T: Scalar>(e: f64) -> Vec<Found> {
    let (value, [derivative]) = with_gradient(&LogCosh, [T::from_f64(e)], [T::from_f64(0.0)]);
    vec![relative(value, 16.0), relative(derivative, 4.0)]
}

fn sigmoid_focal<T: Scalar>(gamma: f64, x: f64) -> Vec<Found> {
    let loss = SigmoidFocal { gamma: T::from_f64(gamma), alpha: None };
    let units = 16.0 + 8.0 * gamma + 2.0 * gamma * x.abs();
    let (value, [derivative]) = with_gradient(&loss, [T::from_f64(x)], [T::from_f64(1.0)]);
    // A target of 0 is the mirror image.
    let mirrored = with_gradient(&loss, [T::from_f64(-x)], [T::from_f64(0.0)]);
    assert!(mirrored == (value, [-derivative]));
    vec![relative(value, units), relative(derivative, units)]
}

fn softmax_focal<T: Scalar>(gamma: f64, class: f64, logits: [f64; 3]) -> Vec<Found> {
    let class = Class::<3>::new(class as usize).unwrap();
    let loss = SoftmaxFocal { gamma: T::from_f64(gamma) };
    let (value, derivatives) = with_gradient(&loss, logits.map(T::from_f64), class);
    let apart =
        logits.iter().fold(f64::MIN, |m, z| m.max(*z)) - logits.iter().fold(f64::MAX, |m, z| m.min(*z));
    // -ln(1 - p) is at most the distance to the second largest logit.
    let units = (8.0 + 3.0 + apart) * (2.0 + gamma) + 8.0 + 2.0 * gamma * apart;
    [value].into_iter().chain(derivatives).map(|x| relative(x, units)).collect()
}

fn poisson<T: Scalar>(z: f64, y: f64) -> Vec<Found> {
    let (value, [derivative]) =
        with_gradient(&PoissonNegativeLogLikelihood, [T::from_f64(z)], [T::from_f64(y)]);
    let rate = z.exp();
    vec![absolute(value, 6.0, rate + (y * z).abs()), absolute(derivative, 6.0, rate + y)]
}

fn gaussian<T: Scalar>(e: f64, s: f64) -> Vec<Found> {
    let mut gradient = Joined([T::from_f64(f64::NAN)], [T::from_f64(f64::NAN)]);
    let (output, target) = (Joined([T::from_f64(e)], [T::from_f64(s)]), [T::from_f64(0.0)]);
    let value = GaussianNegativeLogLikelihood.evaluate(&output, &target, &mut gradient);
    let (Joined([by_mean], [by_logarithm]), square) = (gradient, e * e * (-s).exp());
    vec![
        absolute(value, 16.0, (s.abs() + square) / 2.0),
        relative(by_mean, 16.0),
        absolute(by_logarithm, 16.0, (1.0 + square) / 2.0),
    ]
}

fn cosine<T: Scalar>(a: [f64; 3], y: [f64; 3], value: f64) -> Vec<Found> {
    let (found, derivatives) = with_gradient(&CosineEmbedding, a.map(T::from_f64), y.map(T::from_f64));
    let length = a.iter().map(|x| x * x).sum::<f64>().sqrt();
    let mut all = vec![absolute(found, 16.0, value.sqrt())];
    all.extend(derivatives.map(|d| absolute(d, 16.0, 1.0 / length)));
    all
}

fn evaluate<T: Scalar>(name: &str, arguments: &[f64], values: &[f64]) -> Vec<Found> {
    match (name, arguments) {
        ("log_cosh", &[e]) => log_cosh::<T>(e),
        ("sigmoid_focal", &[gamma, x]) => sigmoid_focal::<T>(gamma, x),
        ("softmax_focal", &[gamma, class, a, b, c]) => softmax_focal::<T>(gamma, class, [a, b, c]),
        ("poisson", &[z, y]) => poisson::<T>(z, y),
        ("gaussian", &[e, s]) => gaussian::<T>(e, s),
        ("cosine", &[a, b, c, x, y, z]) => cosine::<T>([a, b, c], [x, y, z], values[0]),
        _ => panic!("{name}: unknown"),
    }
}

/// Compares all lines. Values that overflow must be infinite or NaN, and `smallest` is the smallest subnormal number.
fn tails<T: Scalar>(u: f64, smallest: f64, largest: f64) {
    let mut worst = BTreeMap::<&str, (f64, usize)>::new();
    let table = include_str!("data/loss_tails.txt");
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let (arguments, values) = line.split_once(" | ").unwrap();
        let (name, arguments) = arguments.split_once(' ').unwrap();
        let numbers = |text: &str| text.split(' ').map(|x| x.parse().unwrap()).collect::<Vec<f64>>();
        let (arguments, values) = (numbers(arguments), numbers(values));
        let found = evaluate::<T>(name, &arguments, &values);
        assert_eq!(found.len(), values.len(), "{line}");
        for (Found { value, units, scale }, expected) in found.into_iter().zip(values) {
            if expected.abs() > largest {
                assert!(!value.is_finite(), "{line}: {value} for {expected}");
                continue;
            }
            // Factors that have become subnormal are off by half the smallest number each.
            let error = ((value - expected).abs() - 4.0 * smallest).max(0.0);
            let bound = units * u * scale.unwrap_or(expected.abs());
            assert!(error <= bound, "{line}: {value} for {expected}, {:.2} of the bound", error / bound);
            let (worst, count) = worst.entry(name).or_default();
            *count += 1;
            *worst = worst.max(if error > 0.0 { error / bound } else { 0.0 });
        }
    }
    assert_eq!(worst.len(), 6);
    for (name, (worst, count)) in worst {
        println!("{name:16} {} bytes: {worst:.2} of the bound, of {count} numbers", size_of::<T>());
        assert!(count > 50);
    }
}

#[test]
fn tails_in_f32() {
    tails::<f32>(f64::powi(2.0, -24), f64::powi(2.0, -149), f32::MAX.into());
}

#[test]
fn tails_in_f64() {
    tails::<f64>(f64::powi(2.0, -53), f64::from_bits(1), f64::MAX);
}
