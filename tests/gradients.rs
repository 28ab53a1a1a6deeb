//! Backpropagation against central differences: every activation with every loss, in networks of 1, 2 and 4 layers.
//!
//! Each activation has one test. Each of its cases (loss, depth, seed) draws parameters, three samples and their
//! targets, and compares dC/d(parameter) of [`Workspace::gradient`] and dC/d(input) of
//! [`stackprop::ForwardPass::backward`] with central differences of the eighth order ([`STENCIL`]). Their truncation
//! error is `h^8/630` times the ninth derivative, and their rounding error about `2^-52 C / h`. The high order allows
//! a large step, which keeps the rounding error small. The differences use only the forward pass and the value of the
//! loss.
//!
//! **Kinks.** A difference across a kink, as of Relu, says nothing about the derivative. The test therefore computes
//! each neuron's z itself and records which piece of the activation it is on. The whole case is drawn again from the
//! same generator if any z changes its piece at any point of any difference, or if all derivatives are 0 (a dead
//! network, which would check nothing). This decision does not depend on the error. Cases of smooth activations are
//! never drawn again, others take at most [`DRAWS`] draws, and the cases must reach every piece.
//!
//! **Outputs.** All layers have the activation under test. [`NegativeLogLikelihood`] needs positive outputs: if the
//! activation has others, the last layer is a [`Softmax`], and the layers below it have the activation under test (2
//! and 4 layers only).
//!
//! **Does the check see errors?** In each case, each derivative above the floor is changed once by one part in 10^5,
//! and the comparison must reject it.

use stackprop::activation::Activation;
use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::range::Anything;
use stackprop::{
    Chain, Class, Dense, Elu, Gelu, GeluTanh, Gradients, HalfMeanSquaredError, HardSigmoid, HardTanh,
    Identity, LeakyRelu, Loss, MeanSquaredError, Model, NegativeLogLikelihood, Network, Quadratic, Relu,
    Samples, Scalar, Selu, Sigmoid, SigmoidCrossEntropy, Silu, Softmax, SoftmaxCrossEntropy, Softplus, Tanh,
    Workspace,
};

mod tolerances;

const SEEDS: [u64; 3] = [1, 2, 3];
const SAMPLES: usize = 3;
/// The central difference of the eighth order: `h f'(x) = sum_k w_k [f(x + k h) - f(x - k h)] - h^9/630 f^(9)(x)`.
const STENCIL: [(f64, f64); 4] =
    [(4.0 / 5.0, 1.0), (-1.0 / 5.0, 2.0), (4.0 / 105.0, 3.0), (-1.0 / 280.0, 4.0)];
/// The most draws that a case may take. Most cases take one.
const DRAWS: usize = 12;

const IN: usize = 4;
const OUT: usize = 3;
// The widths differ wherever possible, so that a transposed matrix does not compile and a wrong stride is found.
type One<A> = Network<IN, Dense<IN, OUT, A, f64>, f64>;
type Two<A, Last> = Network<IN, Chain![Dense<IN, 5, A, f64>, Dense<5, OUT, Last, f64>], f64>;
type Four<A, Last> = Network<
    IN,
    Chain![Dense<IN, 5, A, f64>, Dense<5, 2, A, f64>, Dense<2, 6, A, f64>, Dense<6, OUT, Last, f64>],
    f64,
>;

/// A loss and the kind of its target, chosen at run time.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Quadratic,
    HalfMeanSquared,
    MeanSquared,
    SoftmaxClass,
    SoftmaxProbabilities,
    SigmoidCross,
    LikelihoodClass,
    LikelihoodProbabilities,
}

/// For any real outputs.
const LOSSES: [Kind; 6] = [
    Kind::Quadratic,
    Kind::HalfMeanSquared,
    Kind::MeanSquared,
    Kind::SoftmaxClass,
    Kind::SoftmaxProbabilities,
    Kind::SigmoidCross,
];
/// For positive outputs.
const LIKELIHOODS: [Kind; 2] = [Kind::LikelihoodClass, Kind::LikelihoodProbabilities];

/// A target of each kind. Each loss uses the target of its kind.
#[derive(Clone, Copy, Debug)]
struct Targets {
    /// In (-2, 2).
    values: [f64; OUT],
    /// In (0, 1), independent of each other.
    bits: [f64; OUT],
    /// In (0, 1), with sum 1.
    probabilities: [f64; OUT],
    class: Class<OUT>,
}

impl Loss<[f64; OUT], Targets> for Kind {
    type Takes = Anything;

    fn evaluate(&self, a: &[f64; OUT], y: &Targets, gradient: &mut [f64; OUT]) -> f64 {
        match self {
            Kind::Quadratic => Quadratic.evaluate(a, &y.values, gradient),
            Kind::HalfMeanSquared => HalfMeanSquaredError.evaluate(a, &y.values, gradient),
            Kind::MeanSquared => MeanSquaredError.evaluate(a, &y.values, gradient),
            Kind::SoftmaxClass => SoftmaxCrossEntropy.evaluate(a, &y.class, gradient),
            Kind::SoftmaxProbabilities => SoftmaxCrossEntropy.evaluate(a, &y.probabilities, gradient),
            Kind::SigmoidCross => SigmoidCrossEntropy.evaluate(a, &y.bits, gradient),
            Kind::LikelihoodClass => NegativeLogLikelihood.evaluate(a, &y.class, gradient),
            Kind::LikelihoodProbabilities => NegativeLogLikelihood.evaluate(a, &y.probabilities, gradient),
        }
    }
}

/// An activation made of smooth pieces, which meet at kinks.
trait Pieces: Activation {
    const KINKS: &'static [f64] = &[];

    /// Weights and biases are drawn from (-SPREAD, SPREAD). The range is wider if sigma' is small, because the
    /// derivatives of four such layers would be smaller than the rounding error of the loss.
    const SPREAD: f64 = 1.0;

    /// `h`, a power of two, so that x + h is exact but for the last bits of x. It is large for smooth activations,
    /// for a small rounding error, and small for the others, so that few differences reach a kink.
    const STEP: f64 = if Self::KINKS.is_empty() { 1.0 / 128.0 } else { 1.0 / 256.0 };
}

impl Pieces for Identity {}
impl Pieces for Sigmoid {
    const SPREAD: f64 = 3.0;
}
impl Pieces for Tanh {}
impl Pieces for Softplus {}
impl Pieces for Silu {}
impl Pieces for Gelu {}
impl Pieces for GeluTanh {}
impl Pieces for Softmax {
    const SPREAD: f64 = 2.0;
}
impl Pieces for Relu {
    const KINKS: &'static [f64] = &[0.0];
}
impl<const PERMILLE: u32> Pieces for LeakyRelu<PERMILLE> {
    const KINKS: &'static [f64] = &[0.0];
}
// With alpha = 1 the second derivative jumps, otherwise the first.
impl<const PERMILLE: u32> Pieces for Elu<PERMILLE> {
    const KINKS: &'static [f64] = &[0.0];
}
impl Pieces for Selu {
    const KINKS: &'static [f64] = &[0.0];
}
impl Pieces for HardSigmoid {
    const KINKS: &'static [f64] = &[-3.0, 3.0];
    const SPREAD: f64 = 3.0;
}
impl Pieces for HardTanh {
    const KINKS: &'static [f64] = &[-1.0, 1.0];
}

/// Layers that record which piece of its activation each neuron is on.
trait Trace {
    /// Appends the number of each neuron's piece to `pieces`, and returns the activations.
    fn trace(&self, input: &[f64], pieces: &mut Vec<usize>) -> Vec<f64>;
}

impl<const I: usize, const O: usize, A: Pieces> Trace for Dense<I, O, A, f64> {
    fn trace(&self, input: &[f64], pieces: &mut Vec<usize>) -> Vec<f64> {
        let mut row = self.bias;
        for (x, weights) in input.iter().zip(&self.weight) {
            for (z, w) in row.iter_mut().zip(weights) {
                *z += x * w;
            }
        }
        pieces.extend(row.map(|z| A::KINKS.iter().filter(|&&kink| z > kink).count()));
        A::forward(std::slice::from_mut(&mut row));
        row.to_vec()
    }
}

impl<L: Trace, M: Trace> Trace for (L, M) {
    fn trace(&self, input: &[f64], pieces: &mut Vec<usize>) -> Vec<f64> {
        let between = self.0.trace(input, pieces);
        self.1.trace(&between, pieces)
    }
}

/// The largest error of `found`, relative to the larger of `found` and `expected`, or to the floor if both are below
/// it.
fn relative_error(found: &[f64], expected: &[f64]) -> f64 {
    let floor = floor(expected);
    assert_eq!(found.len(), expected.len());
    let errors = found.iter().zip(expected).map(|(f, e)| (f - e).abs() / f.abs().max(e.abs()).max(floor));
    // A maximum that keeps a NaN.
    errors.fold(0.0, |worst: f64, error| if worst.is_nan() || error <= worst { worst } else { error })
}

fn floor(expected: &[f64]) -> f64 {
    tolerances::GRADIENT_FLOOR * expected.iter().fold(0.0, |m: f64, e| m.max(e.abs()))
}

/// Asserts that each derivative above the floor is rejected once it is wrong by one part in 10^5. Returns their number.
fn assert_errors_are_seen(found: &[f64], expected: &[f64]) -> usize {
    let mut found = found.to_vec();
    let floor = floor(expected);
    let mut seen = 0;
    for i in 0..found.len() {
        let right = found[i];
        if right.abs() > floor {
            found[i] = right * (1.0 + 1e-5);
            assert!(relative_error(&found, expected) > tolerances::GRADIENT);
            found[i] = right;
            seen += 1;
        }
    }
    seen
}

/// A network with the samples that it is checked on.
struct Case<N> {
    network: N,
    inputs: [[f64; IN]; SAMPLES],
    targets: [Targets; SAMPLES],
    loss: Kind,
    /// Whether its activations have kinks.
    kinked: bool,
    step: f64,
}

impl<N> Case<N>
where
    N: Model<Scalar = f64, Input = [f64; IN], Output = [f64; OUT], Layers: Trace>,
{
    /// Weights and biases in (-SPREAD, SPREAD), inputs in (-3, 3): z reaches all pieces of all activations.
    fn draw<A: Pieces>(loss: Kind, rng: &mut Xoshiro128PlusPlus) -> Self {
        let mut uniform = |low: f64, high: f64| low + (high - low) * f64::random(rng);
        let mut network = N::ZERO;
        network.visit_mut(|_, values| values.fill_with(|| uniform(-A::SPREAD, A::SPREAD)));
        let inputs = std::array::from_fn(|_| std::array::from_fn(|_| uniform(-3.0, 3.0)));
        let targets = std::array::from_fn(|_| {
            let bits: [f64; OUT] = std::array::from_fn(|_| uniform(0.01, 0.99));
            Targets {
                values: bits.map(|y| 4.0 * y - 2.0),
                bits,
                probabilities: bits.map(|y| y / bits.iter().sum::<f64>()),
                class: Class::new(uniform(0.0, OUT as f64) as usize).unwrap(),
            }
        });
        Case { network, inputs, targets, loss, kinked: !A::KINKS.is_empty(), step: A::STEP }
    }

    /// Forward pass and loss alone.
    fn loss(&self) -> f64 {
        let mut workspace = Workspace::<N, SAMPLES>::zeros();
        let pass = workspace.forward(&self.network, &self.inputs).unwrap();
        let losses =
            pass.outputs().iter().zip(&self.targets).map(|(a, y)| self.loss.evaluate(a, y, &mut [0.0; OUT]));
        losses.sum::<f64>() / SAMPLES as f64
    }

    fn pieces(&self) -> Vec<usize> {
        let mut pieces = Vec::new();
        for input in &self.inputs {
            self.network.layers().trace(input, &mut pieces);
        }
        pieces
    }

    /// The derivative of the loss with respect to the variable that `shift` changes; `None` if a neuron changes its
    /// piece.
    fn difference(&mut self, pieces: &[usize], shift: impl Fn(&mut Self, f64)) -> Option<f64> {
        let step = self.step;
        let mut at = |steps: f64| {
            shift(self, steps * step);
            let same_pieces = !self.kinked || self.pieces() == pieces;
            let loss = self.loss();
            shift(self, -steps * step);
            same_pieces.then_some(loss)
        };
        let mut sum = 0.0;
        for (weight, steps) in STENCIL {
            sum += weight * (at(steps)? - at(-steps)?);
        }
        Some(sum / step)
    }

    /// dC/d(parameter) and dC/d(input) by differences.
    fn numeric(&mut self) -> Option<(Vec<f64>, Vec<f64>)> {
        let pieces = self.pieces();
        let parameters = (0..N::PARAMETERS)
            .map(|i| self.difference(&pieces, |case, step| shift_parameter(&mut case.network, i, step)))
            .collect::<Option<_>>()?;
        let inputs = (0..SAMPLES * IN)
            .map(|i| self.difference(&pieces, |case, step| case.inputs.as_flattened_mut()[i] += step))
            .collect::<Option<_>>()?;
        Some((parameters, inputs))
    }

    /// dC/d(parameter) and dC/d(input) by backpropagation.
    fn backpropagation(&self) -> (Vec<f64>, Vec<f64>) {
        let mut workspace = Workspace::<N, SAMPLES>::zeros();
        let mut gradients = Gradients::<N>::zeros();
        let data = Samples::from_arrays(&self.inputs, &self.targets);
        let loss = workspace.gradient(&self.network, &self.loss, &data, &mut gradients).unwrap();
        assert!((loss - self.loss()).abs() <= tolerances::SAME_SUM_F64 * loss.abs());

        let mut output_gradient = [[0.0; OUT]; SAMPLES];
        let mut pass = workspace.forward(&self.network, &self.inputs).unwrap();
        for ((a, y), gradient) in pass.outputs().iter().zip(&self.targets).zip(&mut output_gradient) {
            self.loss.evaluate(a, y, gradient);
            *gradient = gradient.map(|g| g / SAMPLES as f64);
        }
        let mut input_gradient = [[0.0; IN]; SAMPLES];
        pass.backward(&output_gradient, &mut Gradients::zeros(), Some(&mut input_gradient)).unwrap();

        let mut parameters = Vec::new();
        gradients.visit(|_, values| parameters.extend_from_slice(values));
        (parameters, input_gradient.as_flattened().to_vec())
    }
}

fn shift_parameter<N: Model<Scalar = f64>>(network: &mut N, index: usize, step: f64) {
    let mut first = 0;
    network.visit_mut(|_, values| {
        if let Some(value) = index.checked_sub(first).and_then(|i| values.get_mut(i)) {
            *value += step;
        }
        first += values.len();
    });
}

/// The results of all cases of one activation.
#[derive(Default)]
struct Report {
    cases: usize,
    redrawn: usize,
    mutations: usize,
    worst: f64,
    pieces: std::collections::BTreeSet<usize>,
}

impl Report {
    /// All seeds of one network type and loss.
    fn check<A: Pieces, N>(&mut self, loss: Kind)
    where
        N: Model<Scalar = f64, Input = [f64; IN], Output = [f64; OUT], Layers: Trace>,
    {
        for seed in SEEDS {
            let mut rng = Xoshiro128PlusPlus::seed_from_u64(seed);
            let (case, numeric, draws) = (1..=DRAWS)
                .find_map(|draws| {
                    let mut case = Case::<N>::draw::<A>(loss, &mut rng);
                    let numeric = case.numeric()?;
                    let alive = [&numeric.0, &numeric.1]
                        .iter()
                        .all(|derivatives| derivatives.iter().any(|&d| d != 0.0));
                    alive.then_some((case, numeric, draws))
                })
                .expect("a network without a kink in reach");
            self.redrawn += draws - 1;
            self.cases += 1;
            self.pieces.extend(case.pieces());

            let found = case.backpropagation();
            for (found, numeric) in [(&found.0, &numeric.0), (&found.1, &numeric.1)] {
                let error = relative_error(found, numeric);
                assert!(
                    error <= tolerances::GRADIENT,
                    "{loss:?}, seed {seed}, {} layers: relative error {error:e}",
                    N::LAYERS
                );
                self.worst = self.worst.max(error);
                let mutations = assert_errors_are_seen(found, numeric);
                assert!(mutations > 0);
                self.mutations += mutations;
            }
        }
    }

    fn finish<A: Pieces>(self, name: &str) {
        let Report { cases, redrawn, mutations, worst, pieces, .. } = self;
        println!(
            "{name}: {cases} cases ({redrawn} drawn again), worst relative error {worst:.1e}, \
             {mutations} planted errors found"
        );
        assert_eq!(pieces.len(), A::KINKS.len() + 1, "a piece was never met");
        assert!(redrawn == 0 || !A::KINKS.is_empty(), "drawn again without a kink");
    }
}

/// `name: Activation, positive;`, where `positive` says that the likelihood accepts its outputs. Otherwise the last
/// layer is a Softmax.
macro_rules! gradient_tests {
    ($($name:ident: $activation:ty $(, $positive:ident)?;)*) => {$(
        #[test]
        fn $name() {
            let mut report = Report::default();
            for loss in LOSSES {
                report.check::<$activation, One<$activation>>(loss);
                report.check::<$activation, Two<$activation, $activation>>(loss);
                report.check::<$activation, Four<$activation, $activation>>(loss);
            }
            for loss in LIKELIHOODS {
                likelihood!(report, loss, $activation $(, $positive)?);
            }
            report.finish::<$activation>(stringify!($name));
        }
    )*};
}

macro_rules! likelihood {
    ($report:ident, $loss:ident, $activation:ty, positive) => {
        $report.check::<$activation, One<$activation>>($loss);
        $report.check::<$activation, Two<$activation, $activation>>($loss);
        $report.check::<$activation, Four<$activation, $activation>>($loss);
    };
    ($report:ident, $loss:ident, $activation:ty) => {
        $report.check::<$activation, Two<$activation, Softmax>>($loss);
        $report.check::<$activation, Four<$activation, Softmax>>($loss);
    };
}

gradient_tests! {
    identity: Identity;
    sigmoid: Sigmoid, positive;
    tanh: Tanh;
    relu: Relu;
    leaky_relu: LeakyRelu;
    leaky_relu_steep: LeakyRelu<300>;
    elu: Elu;
    elu_half: Elu<500>;
    selu: Selu;
    softplus: Softplus, positive;
    silu: Silu;
    gelu: Gelu;
    gelu_tanh: GeluTanh;
    hard_sigmoid: HardSigmoid;
    hard_tanh: HardTanh;
    softmax: Softmax, positive;
}

/// The comparison accepts equal values, and rejects NaNs, exchanged values, wrong signs and missing factors.
#[test]
fn comparison_rejects() {
    let right = [1.0, -0.5, 0.25, 1e-9];
    assert_eq!(relative_error(&right, &right), 0.0);
    for wrong in [
        [f64::NAN, -0.5, 0.25, 1e-9],
        [1.0, -0.5, f64::NAN, 1e-9],
        [-0.5, 1.0, 0.25, 1e-9],
        [1.0, 0.5, 0.25, 1e-9],
        [2.0, -1.0, 0.5, 2e-9],
        [1.0, -0.5, 0.25, 1e-6],
    ] {
        let error = relative_error(&wrong, &right);
        assert!(error.is_nan() || error > tolerances::GRADIENT, "{wrong:?}");
    }
}
