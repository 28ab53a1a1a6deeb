//! The numbers of a report against a computation by hand, its text, and mini-batches that are too small.

use stackprop::{Chain, Dense, Identity, Network, Quadratic, Relu, Sgd, Trainer};
use stackprop_kit::health::{self, Finding, LayerHealth, ReportError};

type Net = Network<1, Chain![Dense<1, 1, Relu, f64>, Dense<1, 1, Identity, f64>], f64>;

/// z = 2 x, a = relu(z), y = 3 a + 1: at 1 and -1, a = 2 and 0, y = 7 and 1.
fn network() -> Net {
    Net::new((Dense::from_parameters([[2.0]], [0.0]), Dense::from_parameters([[3.0]], [1.0])))
}

const DATA: [([f64; 1], [f64; 1]); 2] = [([1.0], [6.0]), ([-1.0], [3.0])];

fn close(a: f64, b: f64) {
    // A few operations of f64.
    assert!((a - b).abs() <= 4e-15 * b.abs(), "{a} {b}");
}

#[test]
fn numbers() {
    let (trainer, sgd) = (Trainer::<Net, Sgd<f64>, 4>::zeros(), Sgd { learning_rate: 0.1 });
    let report = health::report(&trainer, &network(), &sgd, &Quadratic, &DATA).unwrap();
    // Errors 1 and -2: (1/2 + 4/2) / 2. At 0: (36/2 + 9/2) / 2. At the mean 4.5: 1.5^2 / 2.
    close(report.loss, 1.25);
    close(report.zero_loss.unwrap(), 11.25);
    assert!((report.constant_loss.unwrap() - 1.125).abs() < 1e-6);
    assert_eq!((report.samples, report.steps, &report.findings[..]), (2, 0, &[][..]));
    let [lower, upper] = &report.layers[..] else { panic!() };
    // Outputs 2, 0. delta = 3 (1, 0): root mean square 3 / sqrt(2). dC/dw = dC/db = 3 / 2.
    check(lower, [1.0, 1.0, 0.5, 4.5_f64.sqrt(), 4.5_f64.sqrt(), 2.0, 0.1 * 1.5 / 2.0]);
    assert_eq!((lower.name, lower.activation, lower.outputs, lower.dead), ("Dense", "Relu", 1, 0));
    // Outputs 7, 1. delta = (1, -2). dC/dw = (2 * 1 - 0) / 2, dC/db = -1/2.
    check(upper, [4.0, 3.0, 0.0, 2.5_f64.sqrt(), 1.25_f64.sqrt(), 10.0_f64.sqrt(), 0.1 / 3.0]);
    assert_eq!((upper.name, upper.activation, upper.outputs, upper.dead), ("Dense", "", 1, 0));
}

fn check(row: &LayerHealth, [mean, deviation, zeros, delta, gradient, weights, step]: [f64; 7]) {
    close(row.mean, mean);
    close(row.deviation, deviation);
    close(row.zeros, zeros);
    close(row.delta, delta);
    close(row.gradient, gradient);
    close(row.weights, weights);
    // (The change is a difference of rounded weights.)
    assert!((row.step.unwrap() / step - 1.0).abs() < 1e-14);
}

#[test]
fn text() {
    let (trainer, sgd) = (Trainer::<Net, Sgd<f64>, 4>::zeros(), Sgd { learning_rate: 10.0 });
    let report = health::report(&trainer, &network(), &sgd, &Quadratic, &DATA).unwrap();
    // By the first step, w = 2 - 15 and b = -15 below, so z = -28 and -2, and a = 0 from now on. Above, b = 1 + 5: errors 0 and 3, mean 1.5.
    // So b = 6 - 15 = -9, with the mean error -13.5; then 126, 121.5; -1089, -1093.5; 9846, with the errors 9840 and 9843.
    let Finding::StepTooLong { steps, after, layer, ratio, .. } = report.findings[0] else {
        panic!("{report}")
    };
    close(after, (9840.0 * 9840.0 + 9843.0 * 9843.0) / 4.0);
    assert_eq!((steps, layer, ratio), (5, 0, 7.5));
    assert_eq!(
        report.to_string(),
        "\
1 finding in a mini-batch of 2 samples, after 0 steps
(too few samples to judge inputs and neurons by: give at least 16, better 64)

1. error: the next step is too long: the learning rate is 10, and 5 steps on this same mini-batch would take its loss from 1.25 to 4.8e7. \
The first changes the weights of layer 0 by 7.5 times their size, where about 0.001 to 0.01 is usual.
   Try: take a learning rate of a tenth, and again until this is gone; `RangeTest` finds a good one.

loss 1.25; outputs of 0 would have 11.2, the best constant output 1.125

layer             outputs      mean deviation   zeros     delta  gradient   weights      step
    0 Dense Relu        1         1         1    50 %     2.121     2.121         2       7.5
    1 Dense             1         4         3     0 %     1.581     1.118     3.162     3.333
(delta: root mean square of dC/dz; gradient, weights: norms; step: change of the weights divided by their norm)
"
    );
}

#[test]
fn network_and_trainer_stay_and_no_samples_are_an_error() {
    let (trainer, sgd) = (Trainer::<Net, Sgd<f64>, 4>::zeros(), Sgd { learning_rate: 0.1 });
    let before = network();
    health::report(&trainer, &before, &sgd, &Quadratic, &DATA).unwrap();
    assert_eq!((before, trainer.steps()), (network(), 0));
    let error = health::report(&trainer, &network(), &sgd, &Quadratic, &DATA[..0]);
    assert_eq!(error, Err(ReportError::Empty));
}

/// A data set that claims to be longer than it is.
struct Short;

impl stackprop::Dataset for Short {
    type Input = [f64; 1];
    type Target = [f64; 1];
    type TargetRef<'a> = &'a [f64; 1];

    fn len(&self) -> usize {
        3
    }

    fn sample(&self, index: usize, input: &mut [f64; 1]) -> Option<&[f64; 1]> {
        *input = DATA.get(index)?.0;
        Some(&DATA[index].1)
    }
}

#[test]
fn a_missing_sample() {
    let (trainer, sgd) = (Trainer::<Net, Sgd<f64>, 4>::zeros(), Sgd { learning_rate: 0.1 });
    let error = health::report(&trainer, &network(), &sgd, &Quadratic, &Short);
    assert_eq!(error, Err(ReportError::MissingSample { sample: 2 }));
}
