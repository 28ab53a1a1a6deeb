//! The gradient check accepts correct gradients, finds and names wrong ones, and leaves the network as it was.

#![cfg(feature = "alloc")]

use std::cell::Cell;
use std::marker::PhantomData;

use stackprop::check::{Derivative, GradientReport, Variable};
use stackprop::layer::scratch::{Ends, Place};
use stackprop::layer::{Kept, Kernel, Pass};
use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::range::Anything;
use stackprop::{
    Chain, Dataset, Dense, Draws, Fault, GradientCheck, Layer, Linear, Loss, MeanSquaredError, Model,
    Network, Parameters, Quadratic, Relu, Role, Scalar, Tanh, Train, Workspace, check_gradients, parameters,
};

mod tolerances;

/// A mistake in the backward pass of a [`Scale`]. The default methods make none.
trait Mistake {
    /// Whether `deltas` adds to what it should overwrite.
    const ADDS: bool = false;

    /// An output of inference.
    fn of_inference(y: f64) -> f64 {
        y
    }

    fn of_gain(_index: usize, derivative: f64) -> f64 {
        derivative
    }
    fn of_input(_row: usize, _index: usize, derivative: f64) -> f64 {
        derivative
    }
}

struct NoMistake;
impl Mistake for NoMistake {}

/// `y_j = (gain_j + 1) (mask_j x_j + shift_j)`, where the mask is 0 or 2 in training, and 1 otherwise. The fixed mean
/// is not used. The gains are in two blocks.
struct Scale<M> {
    mean: [f64; 3],
    first_gains: [f64; 1],
    other_gains: [f64; 2],
    shift: [f64; 3],
    mistake: PhantomData<fn() -> M>,
}

struct ScaleGradient<M> {
    first_gains: [f64; 1],
    other_gains: [f64; 2],
    shift: [f64; 3],
    mistake: PhantomData<fn() -> M>,
}

parameters! {
    [M: Mistake] Scale<M>, f64;
    trained as ScaleGradient<M> { first_gains: Gain(3, 3), other_gains: Gain(3, 3), shift: Shift(3, 3) }
    fixed { mean: Mean(3, 3) }
    other { mistake }
}

parameters! {
    [M: Mistake] ScaleGradient<M>, f64;
    trained { first_gains: Gain(3, 3), other_gains: Gain(3, 3), shift: Shift(3, 3) }
    other { mistake }
}

impl<M> Scale<M> {
    fn row(&self, mask: &[f64; 3], x: &[f64; 3]) -> [f64; 3] {
        std::array::from_fn(|j| (self.gain(j) + 1.0) * (mask[j] * x[j] + self.shift[j]))
    }

    fn gain(&self, j: usize) -> f64 {
        if j == 0 { self.first_gains[0] } else { self.other_gains[j - 1] }
    }
}

impl<M: Mistake> Layer<[f64; 3]> for Scale<M> {
    type Output = [f64; 3];
    type Memory = ();
    type Scratch<const B: usize, I: Place, O: Place> = Ends<[f64; 3], [f64; 3], B, I, O>;
    const MACS: usize = 3;

    fn infer<K: Kernel>(&self, _: K, (): &mut (), inputs: &[[f64; 3]], outputs: &mut [[f64; 3]]) {
        for (x, y) in inputs.iter().zip(outputs) {
            *y = self.row(&[1.0; 3], x).map(M::of_inference);
        }
    }
}

impl<M: Mistake> Train<[f64; 3]> for Scale<M> {
    /// The masks and, for the gradient, `dC/dgain`.
    type Cache<const B: usize> = Kept<[f64; 3], ([[f64; 3]; B], [[f64; 3]; B]), B>;
    type Range = stackprop::range::Real;

    fn forward<K: Kernel, const B: usize>(
        &self,
        pass: Pass<K>,
        (): &mut (),
        inputs: &[[f64; 3]],
        cache: &mut Self::Cache<B>,
    ) {
        for (row, x) in inputs.iter().enumerate() {
            let mask = pass.draws.map(|draws| draws.row(row));
            let mask = std::array::from_fn(|j| mask.map_or(1.0, |mask| f64::from(mask.bits(j) >> 31) * 2.0));
            cache.extra.0[row] = mask;
            cache.outputs[row] = self.row(&mask, x);
        }
    }

    fn deltas<K: Kernel, const B: usize>(
        &self,
        _: K,
        inputs: &[[f64; 3]],
        cache: &mut Self::Cache<B>,
        mut input_gradient: Option<&mut [[f64; 3]]>,
    ) {
        for (row, x) in inputs.iter().enumerate() {
            let (mask, dy) = (cache.extra.0[row], &mut cache.output_gradient[row]);
            cache.extra.1[row] = std::array::from_fn(|j| dy[j] * (mask[j] * x[j] + self.shift[j]));
            *dy = std::array::from_fn(|j| dy[j] * (self.gain(j) + 1.0));
            if let Some(dx) = &mut input_gradient {
                for (j, dx) in dx[row].iter_mut().enumerate() {
                    *dx = M::of_input(row, j, dy[j] * mask[j]) + if M::ADDS { *dx } else { 0.0 };
                }
            }
        }
    }

    fn gradients<K: Kernel, const B: usize>(
        _: K,
        inputs: &[[f64; 3]],
        cache: &Self::Cache<B>,
        gradients: &mut ScaleGradient<M>,
    ) {
        for row in 0..inputs.len() {
            let by_gain: [f64; 3] = std::array::from_fn(|j| M::of_gain(j, cache.extra.1[row][j]));
            gradients.first_gains[0] += by_gain[0];
            gradients.other_gains[0] += by_gain[1];
            gradients.other_gains[1] += by_gain[2];
            for (sum, d) in gradients.shift.iter_mut().zip(cache.output_gradient[row]) {
                *sum += d;
            }
        }
    }
}

type Net<M> = Network<2, Chain![Dense<2, 3, Tanh, f64>, Scale<M>, Dense<3, 2, Tanh, f64>], f64>;
type Data<const SAMPLES: usize> = [([f64; 2], [f64; 2]); SAMPLES];

/// More samples than a tile of the check has rows; the last tile is not full.
const SAMPLES: usize = 6;

/// All numbers in (-1, 1).
fn random<N: Model<Scalar = f64>>() -> (N, Data<SAMPLES>) {
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
    let mut number = || 2.0 * f64::random(&mut rng) - 1.0;
    let mut network = N::ZERO;
    network.visit_mut(|_, values| values.fill_with(&mut number));
    let data = std::array::from_fn(|_| ([number(), number()], [number(), number()]));
    (network, data)
}

fn check<M: Mistake>() -> GradientReport {
    let (mut network, data) = random::<Net<M>>();
    let before = network.checksum();
    let report = check_gradients(&mut network, &Quadratic, &data).unwrap();
    assert_eq!(network.checksum(), before);
    report
}

/// The derivative with the largest error.
fn worst(report: &GradientReport) -> Variable {
    let worst = report.derivatives().iter().max_by(|a, b| a.error.total_cmp(&b.error)).unwrap();
    assert_eq!(worst.error, report.worst());
    worst.by
}

/// The report has each trained parameter and each input once, in order, and no fixed parameters.
#[test]
fn correct_gradients_are_accepted() {
    let report = check::<NoMistake>();
    assert!(report.worst() < tolerances::CHECK, "{report}");
    println!("{report:#}");

    let mut variables = Vec::new();
    for (layer, blocks) in [
        (0, [(Role::Weight, 6), (Role::Bias, 3)]),
        (1, [(Role::Gain, 3), (Role::Shift, 3)]),
        (2, [(Role::Weight, 6), (Role::Bias, 2)]),
    ] {
        for (role, count) in blocks {
            variables.extend((0..count).map(|index| Variable::Parameter { layer, role, index }));
        }
    }
    for sample in 0..SAMPLES {
        variables.extend((0..2).map(|index| Variable::Input { sample, index }));
    }
    let found: Vec<_> = report.derivatives().iter().map(|derivative| derivative.by).collect();
    assert_eq!(found, variables);
    assert!(report.derivatives().iter().all(|derivative| derivative.uncertainty < 1e-10));
}

/// One gain of the middle layer is wrong by one part in 10^5. The gains are in two blocks.
#[test]
fn a_wrong_parameter_is_named() {
    struct Gain;
    impl Mistake for Gain {
        fn of_gain(index: usize, derivative: f64) -> f64 {
            if index == 2 { derivative * (1.0 + 1e-5) } else { derivative }
        }
    }
    let report = check::<Gain>();
    assert_eq!(worst(&report), Variable::Parameter { layer: 1, role: Role::Gain, index: 2 });
    assert!((report.worst() - 1e-5).abs() < 1e-9, "{report}");
    let others = report.derivatives().iter().filter(|derivative| derivative.by != worst(&report));
    assert!(others.map(|derivative| derivative.error).fold(0.0, f64::max) < tolerances::CHECK);

    let text = report.to_string();
    assert!(
        text.starts_with("worst of 35 derivatives: Gain 2 of layer 1, relative error 1.0e-5\n"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 2);
    let text = format!("{report:#}");
    let names: Vec<_> = text.lines().skip(1).step_by(2).map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(names, ["Weight", "Bias", "Gain", "Shift", "Weight", "Bias", "input"], "{text}");
    assert!(text.contains("\nGain 2 of layer 1, relative error 1.0e-5\n"), "{text}");
}

/// Derivatives below the floor are compared as if they were at the floor. Parameters and inputs each have a floor of
/// their own.
#[test]
fn errors_are_relative_to_the_floor() {
    let (mut network, data) = random::<Net<NoMistake>>();
    for floor in [0.0, 0.5, 10.0] {
        let settings = GradientCheck { floor, ..GradientCheck::default() };
        let report = settings.run(&mut network, &Quadratic, &data).unwrap();
        let (by_parameters, by_inputs) =
            report.derivatives().split_at(report.derivatives().len() - 2 * SAMPLES);
        for derivatives in [by_parameters, by_inputs] {
            let largest = derivatives.iter().fold(0.0, |m: f64, d| m.max(d.difference.abs()));
            for d in derivatives {
                let size = d.backpropagation.abs().max(d.difference.abs()).max(floor * largest);
                assert_eq!(d.error, (d.backpropagation - d.difference).abs() / size, "{d}");
            }
        }
    }
}

/// Only the second row of a layer's input gradient is wrong. The derivatives with respect to the parameters below are
/// then wrong, and so are those with respect to the inputs of samples 1 and 5, which are the second rows of two
/// tiles.
#[test]
fn a_wrong_input_gradient_is_named() {
    struct SecondRow;
    impl Mistake for SecondRow {
        fn of_input(row: usize, _: usize, derivative: f64) -> f64 {
            if row == 1 { -derivative } else { derivative }
        }
    }
    let report = check::<SecondRow>();
    for derivative in report.derivatives() {
        let right = match derivative.by {
            Variable::Parameter { layer, .. } => layer > 0,
            Variable::Input { sample, .. } => sample % 4 != 1,
            _ => unreachable!(),
        };
        assert_eq!(derivative.error < tolerances::CHECK, right, "{derivative}");
    }
}

/// A layer that adds nothing to the gradient of its gains, as the default of [`Train::gradients`] does, is found. The
/// default is for layers without parameters.
#[test]
fn a_forgotten_gradient_is_found() {
    struct Forgotten;
    impl Mistake for Forgotten {
        fn of_gain(_: usize, _: f64) -> f64 {
            0.0
        }
    }
    let report = check::<Forgotten>();
    assert!(matches!(worst(&report), Variable::Parameter { layer: 1, role: Role::Gain, .. }));
    assert_eq!(report.worst(), 1.0);
}

/// The NaN is in dC/d(input), which [`Workspace::gradient`](stackprop::Workspace::gradient) does not compute, so no
/// fault reports it.
#[test]
fn nan_is_the_largest_error() {
    struct NotANumber;
    impl Mistake for NotANumber {
        fn of_input(row: usize, index: usize, derivative: f64) -> f64 {
            if (row, index) == (0, 1) { f64::NAN } else { derivative }
        }
    }
    type First = Network<3, Scale<NotANumber>, f64>;
    let mut network = First::zeros();
    let data = [([1.0, 2.0, 3.0], [0.0; 3])];
    let report = check_gradients(&mut network, &Quadratic, &data).unwrap();
    assert_eq!(worst(&report), Variable::Input { sample: 0, index: 1 });
    assert_eq!(report.worst(), f64::INFINITY);
}

/// A layer that infers something else than it trains.
#[test]
fn inference_that_differs_is_found() {
    struct Inference;
    impl Mistake for Inference {
        fn of_inference(y: f64) -> f64 {
            y + 1.0
        }
    }
    let (mut network, data) = random::<Net<Inference>>();
    let report = check_gradients(&mut network, &Quadratic, &data).unwrap();
    let mismatch = report.inference().unwrap();
    assert_eq!((report.worst(), mismatch.sample, mismatch.index), (f64::INFINITY, 0, 0));
    assert_eq!(mismatch.inference, network.predict(&data[0].0)[0]);
    let mut workspace = Workspace::<_, 1>::zeros();
    assert_eq!(mismatch.forward, workspace.forward(&network, &[data[0].0]).unwrap().outputs()[0][0]);
    let text = format!("{report}");
    assert!(text.starts_with("output 0 of sample 0 is ") && text.ends_with(" in the forward pass"), "{text}");

    let (mut network, data) = random::<Net<NoMistake>>();
    assert_eq!(check_gradients(&mut network, &Quadratic, &data).unwrap().inference(), None);
}

/// A layer and a loss that add to what they should overwrite. In memory that is new, and so zero, nobody would see it.
#[test]
fn what_adds_where_it_should_write_is_found() {
    struct Adds;
    impl Mistake for Adds {
        const ADDS: bool = true;
    }
    let (mut network, data) = random::<Net<Adds>>();
    assert!(check_gradients(&mut network, &Quadratic, &data).unwrap().worst() > 0.1);

    struct Sum;
    impl Loss<[f64; 1], [f64; 1]> for Sum {
        type Takes = Anything;

        fn evaluate(&self, [a]: &[f64; 1], [y]: &[f64; 1], [gradient]: &mut [f64; 1]) -> f64 {
            *gradient += a - y;
            (a - y) * (a - y) / 2.0
        }
    }
    let mut network = Network::new(Linear::<2, 1, f64>::from_parameters([[0.5], [-1.0]], [0.25]));
    let data = [([1.0, 2.0], [0.5]), ([-1.0, 3.0], [1.0])];
    assert!(check_gradients(&mut network, &Quadratic, &data).unwrap().worst() < tolerances::CHECK);
    let report = check_gradients(&mut network, &Sum, &data).unwrap();
    let wrong = |derivative: &&Derivative| derivative.error > 0.1;
    let (of_inputs, of_parameters): (Vec<&Derivative>, Vec<&Derivative>) = report
        .derivatives()
        .iter()
        .filter(wrong)
        .partition(|derivative| matches!(derivative.by, Variable::Input { .. }));
    assert_eq!((of_inputs.len(), of_parameters.len()), (4, 3), "{report:#}");
}

/// A loss that is chosen at run time, behind a pointer.
#[test]
fn a_boxed_loss_is_a_loss() {
    type Pointer = Box<dyn Loss<[f64; 2], [f64; 2], Takes = Anything>>;
    struct Chosen(Pointer);
    impl Loss<[f64; 2], [f64; 2]> for Chosen {
        type Takes = Anything;

        fn evaluate(&self, a: &[f64; 2], y: &[f64; 2], gradient: &mut [f64; 2]) -> f64 {
            self.0.evaluate(a, y, gradient)
        }
    }
    let (mut network, data) = random::<Net<NoMistake>>();
    for loss in [Box::new(Quadratic) as Pointer, Box::new(MeanSquaredError)] {
        let report = check_gradients(&mut network, &Chosen(loss), &data).unwrap();
        assert!(report.worst() < tolerances::CHECK, "{report}");
    }
}

#[test]
fn a_wrong_loss_is_found() {
    struct Double;
    impl<const N: usize> Loss<[f64; N], [f64; N]> for Double {
        type Takes = Anything;

        fn evaluate(&self, a: &[f64; N], y: &[f64; N], gradient: &mut [f64; N]) -> f64 {
            2.0 * Quadratic.evaluate(a, y, gradient)
        }
    }
    let (mut network, data) = random::<Net<NoMistake>>();
    let report = check_gradients(&mut network, &Double, &data).unwrap();
    assert!(
        report.derivatives().iter().all(|derivative| (derivative.error - 0.5).abs() < 1e-3),
        "{report:#}"
    );
}

/// With draws, the masks differ between samples and between training steps. Each check uses the masks of one step.
#[test]
fn random_layers_are_checked_as_in_training() {
    let (mut network, data) = random::<Net<NoMistake>>();
    let before = network.checksum();
    let first = |report: &GradientReport| report.derivatives()[0].difference;
    let mut seen = vec![first(&check_gradients(&mut network, &Quadratic, &data).unwrap())];
    for batch in 0..3 {
        let settings = GradientCheck { draws: Some(Draws::new(7, 0, batch)), ..GradientCheck::default() };
        let report = settings.run(&mut network, &Quadratic, &data).unwrap();
        assert!(report.worst() < tolerances::CHECK, "{report}");
        assert!(!seen.contains(&first(&report)));
        seen.push(first(&report));
    }
    assert_eq!(network.checksum(), before);
}

/// `a` has a kink at `z = x w + b = 0`. The first neuron's `z` is closer to it than a step of the difference.
#[test]
fn kinks_within_a_step_do_no_harm() {
    for z in [0.03, -0.03, 3e-3, -3e-3, 1e-3, -1e-3] {
        type Net = Network<1, Chain![Dense<1, 2, Relu, f64>, Dense<2, 1, Tanh, f64>], f64>;
        let mut network = Net::zeros();
        network.layers.0.weight = [[0.5, 1.0]];
        network.layers.0.bias = [z - 0.5, 0.25];
        network.layers.1.weight = [[1.5], [-0.5]];
        let report = check_gradients(&mut network, &Quadratic, &[([1.0], [0.5])]).unwrap();
        assert!(report.worst() < tolerances::CHECK, "z = {z}: {report}");
    }
}

/// At a kink, backpropagation gives the derivative of one side, and the difference gives the mean of both.
#[test]
fn a_kink_is_not_hidden() {
    let mut network = Network::new(Dense::<1, 1, Relu, f64>::from_parameters([[1.0]], [-1.0]));
    let report = check_gradients(&mut network, &Quadratic, &[([1.0], [1.0])]).unwrap();
    assert!(report.worst() >= 0.5, "{report}");
}

/// A check of a dead network, which would accept any backward pass, fails.
#[test]
fn dead_networks_check_nothing() {
    let mut dead = Network::new(Dense::<1, 1, Relu, f64>::from_parameters([[1.0]], [-9.0]));
    let report = check_gradients(&mut dead, &Quadratic, &[([1.0], [1.0])]).unwrap();
    assert_eq!(report.worst(), f64::INFINITY);
    assert_eq!(report.to_string(), "nothing was checked: all 3 derivatives are 0");
    let report = check_gradients(&mut dead, &Quadratic, &[] as &Data1).unwrap();
    assert_eq!(report.worst(), f64::INFINITY);
    type Data1 = [([f64; 1], [f64; 1]); 0];
}

#[test]
fn single_precision_finds_a_wrong_formula() {
    let mut network = Network::new((
        Dense::<2, 2, Tanh>::from_parameters([[0.5, -0.25], [0.75, 1.0]], [0.1, -0.2]),
        Dense::<2, 1>::from_parameters([[1.0], [-0.5]], [0.25]),
    ));
    let before = network.checksum();
    let data = [([1.0, -0.5], [0.5]), ([0.3, 0.7], [-1.0])];
    let report = check_gradients(&mut network, &Quadratic, &data).unwrap();
    assert!(report.worst() < tolerances::CHECK_F32, "{report}");
    assert_eq!(network.checksum(), before);
}

/// A data set loses its samples in the middle of the check: the parameter that is shifted at that moment is restored.
#[test]
fn a_fault_leaves_the_network_as_it_was() {
    struct Vanishing<'d>(&'d Data<SAMPLES>, Cell<usize>);
    impl Dataset for Vanishing<'_> {
        type Input = [f64; 2];
        type Target = [f64; 2];
        type TargetRef<'a>
            = &'a [f64; 2]
        where
            Self: 'a;
        fn len(&self) -> usize {
            self.0.len()
        }
        fn sample(&self, index: usize, input: &mut [f64; 2]) -> Option<&[f64; 2]> {
            self.1.set(self.1.get().checked_sub(1)?);
            self.0.sample(index, input)
        }
    }
    let (mut network, data) = random::<Net<NoMistake>>();
    let before = network.checksum();
    for last in [0, 3, 8, 100, 1000, 2400] {
        let fault =
            check_gradients(&mut network, &Quadratic, &Vanishing(&data, Cell::new(last))).unwrap_err();
        assert!(matches!(fault, Fault::MissingSample { .. }));
        assert_eq!(network.checksum(), before, "after {last} samples");
    }
}

/// The loss is defined only for positive outputs, and the first steps leave its domain.
#[test]
fn steps_that_leave_the_domain_are_reduced() {
    /// `-ln a` of the first output, whatever the range of the outputs.
    struct Logarithm;
    impl Loss<[f64; 1], ()> for Logarithm {
        type Takes = Anything;

        fn evaluate(&self, [a]: &[f64; 1], (): &(), gradient: &mut [f64; 1]) -> f64 {
            *gradient = [-1.0 / a];
            -a.ln()
        }
    }

    let mut network = Network::new(Linear::<1, 1, f64>::from_parameters([[0.01]], [0.0]));
    let report = check_gradients(&mut network, &Logarithm, &[([1.0], ())]).unwrap();
    assert!(report.worst() < tolerances::CHECK, "{report}");
}
