//! Every loss against PyTorch, value and gradient in f64 and f32, and against central differences of its value.
//!
//! `tools/golden_losses.py` writes `tests/data/losses.txt`. A line of `losses!` is a case of that file, and gets both
//! tests. `cargo test --test losses -- --nocapture` prints the largest differences to PyTorch.

use std::fmt::Debug;

use stackprop::{
    Class, ClassWeights, CosineEmbedding, GaussianNegativeLogLikelihood, HalfMeanSquaredError, Hinge, Huber,
    Ignoring, Joined, KlDivergence, LabelSmoothing, LogCosh, Loss, MeanAbsoluteError, MeanSquaredError,
    MultiMargin, NegativeLogLikelihood, OutputWeights, PoissonNegativeLogLikelihood, Quadratic,
    SampleWeights, Scalar, SigmoidCrossEntropy, SigmoidFocal, SmoothL1, SoftmaxCrossEntropy, SoftmaxFocal,
    SquaredHinge, Vector, Weighted,
};

mod pytorch;
mod tolerances;

use pytorch::{Case, Number, Row, flat};

const FILE: &str = include_str!("data/losses.txt");
/// The number of outputs.
const K: usize = 4;

/// A number of the type of the loss.
fn n<T: Scalar>(x: f64) -> T {
    T::from_f64(x)
}

fn weights<T: Scalar>() -> [T; K] {
    [0.5, 2.0, 1.25, 3.0].map(T::from_f64)
}

impl<const N: usize> Row for Option<Class<N>> {
    fn rows(case: &Case, key: &str) -> Vec<Self> {
        let indices: Vec<i64> = case.tensor(key);
        indices.into_iter().map(|i| usize::try_from(i).ok().map(|i| Class::new(i).unwrap())).collect()
    }
}

impl<Y: Row, T: Number> Row for Weighted<Y, T> {
    fn rows(case: &Case, key: &str) -> Vec<Self> {
        let targets = Y::rows(case, key).into_iter().zip(case.tensor("weights"));
        targets.map(|(target, weight)| Weighted { target, weight }).collect()
    }
}

/// Compares everything that the file has about one case. Returns the largest error.
fn compare<A: Vector<Scalar: Number>, Y: Row>(name: &str, tolerance: f64, loss: &impl Loss<A, Y>) -> f64 {
    let mut case = Case::read::<A::Scalar>(FILE, name);
    let outputs: Vec<A::Scalar> = case.tensor("outputs");
    let (outputs, targets) = (A::rows_of(&outputs), Y::rows(&case, "targets"));
    assert_eq!(outputs.len(), targets.len());
    let mut unwritten = A::ZERO;
    unwritten.as_mut_slice().fill(n(f64::NAN));
    let mut gradient = vec![unwritten; targets.len()];
    let samples = outputs.iter().zip(&targets).zip(&mut gradient);
    let losses: Vec<A::Scalar> = samples
        .map(|((a, y), gradient)| {
            assert!(loss.accepts(y), "{name}");
            loss.evaluate(a, y, gradient)
        })
        .collect();
    case.compare_within(tolerance, "losses", &losses);
    case.compare_within(tolerance, "gradient", &flat(&gradient));
    if case.has("pytorch") {
        let [divisor] = case.tensor::<A::Scalar>("divisor")[..] else { panic!("one number") };
        let sum = losses.iter().fold(n::<A::Scalar>(0.0), |sum, &loss| sum + loss);
        case.compare_within(tolerance, "pytorch", &[sum / divisor]);
    }
    case.worst
}

/// A target for which differences can be computed.
trait Differentiable: Row + Debug {
    /// The value that output `j` is near, so that differences are on a grid.
    fn near(&self, _j: usize) -> f64 {
        0.0
    }

    /// Another target. Targets that are probabilities then have the sum 3.
    fn tripled(&self) -> Option<Self> {
        None
    }
}

impl Differentiable for [f64; K] {
    fn near(&self, j: usize) -> f64 {
        self.get(j).copied().unwrap_or(0.0)
    }

    fn tripled(&self) -> Option<Self> {
        Some(self.map(|y| 3.0 * y))
    }
}

impl Differentiable for Class<K> {}
impl Differentiable for Option<Class<K>> {}

impl Differentiable for Weighted<[f64; K], f64> {
    fn near(&self, j: usize) -> f64 {
        self.target.near(j)
    }
}

/// The central difference of the eighth order, as in tests/gradients.rs.
const STENCIL: [(f64, f64); 4] =
    [(4.0 / 5.0, 1.0), (-1.0 / 5.0, 2.0), (4.0 / 105.0, 3.0), (-1.0 / 280.0, 4.0)];
const STEP: f64 = 1.0 / 256.0;

/// Outputs such that no difference reaches a kink. All kinks are where an error, or the distance of two outputs, is a
/// multiple of 1/4. Each is at least 1/32 away from one, and the stencil reaches 1/64.
fn outputs<A: Vector<Scalar = f64>>(y: &impl Differentiable, state: &mut u64) -> A {
    let mut outputs = A::ZERO;
    for (j, a) in outputs.as_mut_slice().iter_mut().enumerate() {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let quarters = ((*state >> 33) % 16) as f64 - 8.0;
        *a = y.near(j) + quarters / 4.0 + [1.0, 2.0, 4.0, 7.0][j % K] / 32.0;
    }
    outputs
}

/// Whether the loss is defined around the outputs: the likelihood is not, unless they are above 0.
fn is_defined<A: Vector<Scalar = f64>, Y>(loss: &impl Loss<A, Y>, outputs: &A, y: &Y) -> bool {
    let mut lower = *outputs;
    lower.as_mut_slice().iter_mut().for_each(|a| *a -= 0.25);
    loss.evaluate(&lower, y, &mut { A::ZERO }).is_finite()
}

fn differences<A: Vector<Scalar = f64>, Y: Differentiable>(name: &str, loss: &impl Loss<A, Y>) {
    let case = Case::read::<f64>(FILE, name);
    let targets = Y::rows(&case, "targets");
    let tripled: Vec<Y> = targets.iter().filter_map(Y::tripled).filter(|y| loss.accepts(y)).collect();
    let (state, mut nonzero) = (&mut 1, 0);
    for y in targets.iter().chain(&tripled) {
        let mut drawn = (0..1000).map(|_| outputs::<A>(y, state));
        let a = drawn.find(|a| is_defined(loss, a, y)).expect("outputs for which the loss is defined");
        let mut gradient = a;
        loss.evaluate(&a, y, &mut gradient);
        let value = |j: usize, step: f64| {
            let mut moved = a;
            moved.as_mut_slice()[j] += step;
            loss.evaluate(&moved, y, &mut { A::ZERO })
        };
        let difference = |j| {
            let terms = STENCIL
                .iter()
                .map(|(weight, steps)| weight * (value(j, steps * STEP) - value(j, -steps * STEP)));
            terms.sum::<f64>() / STEP
        };
        let expected: Vec<f64> = (0..A::LEN).map(difference).collect();
        let largest = expected.iter().fold(0.0, |m: f64, d| m.max(d.abs()));
        nonzero += expected.iter().filter(|&&d| d != 0.0).count();
        for (found, expected) in gradient.as_slice().iter().zip(&expected) {
            let error = (found - expected).abs();
            assert!(error <= tolerances::CHECK * largest, "{name}: {a:?} {y:?}: {found} for {expected}");
        }
    }
    assert!(nonzero >= targets.len(), "{name}: only {nonzero} derivatives are not 0");
}

/// `case: the loss, its output, its target;`. `T` is the scalar of the test.
macro_rules! losses {
    ($($name:ident: $loss:expr, $output:ty, $target:ty;)*) => {
        /// The names of all cases, with the largest difference to PyTorch in f64 and in f32.
        fn compare_all() -> Vec<(&'static str, f64, f64)> {
            vec![$((
                stringify!($name),
                {
                    type T = f64;
                    compare::<$output, $target>(stringify!($name), tolerances::LOSS_F64, &$loss)
                },
                {
                    type T = f32;
                    compare::<$output, $target>(stringify!($name), tolerances::LOSS_F32, &$loss)
                },
            )),*]
        }

        #[test]
        fn gradients_are_the_derivatives() {
            type T = f64;
            $(differences::<$output, $target>(stringify!($name), &$loss);)*
        }
    };
}

losses! {
    quadratic: Quadratic, [T; K], [T; K];
    half_mean_squared_error: HalfMeanSquaredError, [T; K], [T; K];
    mean_squared_error: MeanSquaredError, [T; K], [T; K];
    mean_absolute_error: MeanAbsoluteError, [T; K], [T; K];
    huber: Huber { delta: n::<T>(0.75) }, [T; K], [T; K];
    smooth_l1: SmoothL1 { beta: n::<T>(0.75) }, [T; K], [T; K];
    log_cosh: LogCosh, [T; K], [T; K];
    cosine_embedding: CosineEmbedding, [T; K], [T; K];
    softmax_cross_entropy: SoftmaxCrossEntropy, [T; K], Class<K>;
    softmax_cross_entropy_soft: SoftmaxCrossEntropy, [T; K], [T; K];
    kl_divergence: KlDivergence, [T; K], [T; K];
    softmax_focal: SoftmaxFocal { gamma: n::<T>(2.0) }, [T; K], Class<K>;
    softmax_focal_root: SoftmaxFocal { gamma: n::<T>(0.5) }, [T; K], Class<K>;
    sigmoid_cross_entropy: SigmoidCrossEntropy, [T; K], [T; K];
    sigmoid_focal: SigmoidFocal::<T>::default(), [T; K], [T; K];
    sigmoid_focal_without_alpha: SigmoidFocal { gamma: n::<T>(1.5), alpha: None }, [T; K], [T; K];
    negative_log_likelihood: NegativeLogLikelihood, [T; K], Class<K>;
    poisson_negative_log_likelihood: PoissonNegativeLogLikelihood, [T; K], [T; K];
    gaussian_negative_log_likelihood: GaussianNegativeLogLikelihood, Joined<[T; K], [T; K]>, [T; K];
    hinge: Hinge, [T; K], [T; K];
    squared_hinge: SquaredHinge, [T; K], [T; K];
    multi_margin: MultiMargin::<T>::default(), [T; K], Class<K>;
    multi_margin_squared: MultiMargin { margin: n::<T>(0.5), squared: true }, [T; K], Class<K>;
    sample_weights: SampleWeights(MeanSquaredError), [T; K], Weighted<[T; K], T>;
    class_weights: ClassWeights { weights: weights::<T>(), loss: SoftmaxCrossEntropy }, [T; K], Class<K>;
    class_weights_soft: ClassWeights { weights: weights::<T>(), loss: SoftmaxCrossEntropy }, [T; K], [T; K];
    class_weights_multi_margin: ClassWeights { weights: weights::<T>(), loss: MultiMargin::<T>::default() },
        [T; K], Class<K>;
    output_weights: OutputWeights { weights: weights::<T>(), loss: SigmoidCrossEntropy }, [T; K], [T; K];
    label_smoothing: LabelSmoothing { smoothing: n::<T>(0.1), loss: SoftmaxCrossEntropy }, [T; K], Class<K>;
    label_smoothing_soft: LabelSmoothing { smoothing: n::<T>(0.1), loss: SoftmaxCrossEntropy }, [T; K], [T; K];
    ignoring: Ignoring(SoftmaxCrossEntropy), [T; K], Option<Class<K>>;
    all_of_them: Ignoring(LabelSmoothing {
            smoothing: n::<T>(0.1),
            loss: ClassWeights { weights: weights::<T>(), loss: SoftmaxCrossEntropy },
        }), [T; K], Option<Class<K>>;
}

#[test]
fn pytorch_has_the_same_losses() {
    let compared = compare_all();
    println!("{:32} {:>8} {:>8}", "loss", "f64", "f32");
    for (name, f64, f32) in &compared {
        println!("{name:32} {f64:8.1e} {f32:8.1e}");
    }
    let in_file: Vec<&str> =
        FILE.lines().filter_map(|line| line.strip_prefix("case ")?.strip_suffix(" 64")).collect();
    let tested: Vec<&str> = compared.iter().map(|case| case.0).collect();
    assert_eq!(tested, in_file);
}
