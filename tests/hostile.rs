//! Hostile numbers: for any weights, data, targets and settings, training leaves finite parameters, and all trainers,
//! tiles and levels give the same bits and the same fault.
//!
//! The number of a case is its seed. It determines the shape of a network, its weights, samples and an optimiser,
//! with NaNs, infinities, zeros, subnormal and very large numbers among ordinary ones. The test checks that:
//!
//! - `predict` and `predict_batch` give the same outputs;
//! - no parameter and no number of an optimiser's state ever becomes infinite or NaN, and a loss that is `Ok` is
//!   finite;
//! - a fault other than [`Fault::Update`] leaves parameters and state as they were;
//! - trainers with tiles of 1, 4, 6 and 16 agree in every bit and in the fault, and so does an [`InPlaceTrainer`], except that it
//!   may refuse a step whose gradient *might* overflow;
//! - levels of one numerics class agree in every bit of these results.
//!
//! All NaNs compare as equal: which of two NaNs a sum returns is not specified, not even for one processor.
//!
//! A release build runs 5,000 cases, a debug build 300; `HOSTILE_CASES` sets another number.

use std::fmt::Debug;

use rand::{Rng, SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::range::Anything;
use stackprop::{
    Adam, AdamState, Chain, Class, Dense, Descent, Fault, Gelu, InPlaceTrainer, Layer, Loss, LossOf, Model,
    Momentum, MomentumState, NegativeLogLikelihood, Network, Optimizer, Parameters, Quadratic, Relu, Scalar,
    Sgd, Sigmoid, SigmoidCrossEntropy, Softmax, SoftmaxCrossEntropy, StepError, Tanh, Train, TrainedOf,
    Trainer, Vector, Zero, level, numerics,
};

// ---- Numbers ----

type Draws = Xoshiro128PlusPlus;

/// A scalar and its values that are likely to break a computation.
trait Number: Scalar {
    const HOSTILE: [Self; 26];
    fn of_any_bits(draws: &mut Draws) -> Self;
}

macro_rules! number {
    ($t:ident, $next:ident, subnormal: $subnormal:literal, square_overflows: $large:literal, exp_overflows: $exp:literal) => {
        impl Number for $t {
            const HOSTILE: [$t; 26] = [
                0.0,
                -0.0,
                $t::from_bits(1), // the smallest
                -$t::from_bits(1),
                $subnormal,
                -$subnormal,
                $t::MIN_POSITIVE,
                -$t::MIN_POSITIVE,
                $t::MAX,
                $t::MIN,
                0.3 * $t::MAX,
                -0.3 * $t::MAX,
                $t::INFINITY,
                $t::NEG_INFINITY,
                $t::NAN,
                -$t::NAN,
                $large,
                -$large,
                0.1 * $large,
                -0.1 * $large,
                $exp,
                -$exp,
                -1.2 * $exp, // where exp becomes 0
                $t::EPSILON,
                1.0,
                -1.0,
            ];

            fn of_any_bits(draws: &mut Draws) -> $t {
                $t::from_bits(draws.$next())
            }
        }
    };
}

number!(f32, next_u32, subnormal: 1e-40, square_overflows: 2e19, exp_overflows: 88.8);
number!(f64, next_u64, subnormal: 1e-310, square_overflows: 2e154, exp_overflows: 709.9);

/// A random number below `n`.
fn one_of(n: u32, draws: &mut Draws) -> u32 {
    draws.next_u32() % n
}

fn hostile<T: Number>(draws: &mut Draws) -> T {
    T::HOSTILE[one_of(T::HOSTILE.len() as u32, draws) as usize]
}

/// An ordinary number, in (-2, 2); in `percent` of all cases a hostile number, and in as many a number of random bits.
fn number<T: Number>(percent: u32, draws: &mut Draws) -> T {
    match one_of(100, draws) {
        k if k < percent => hostile(draws),
        k if k < 2 * percent => T::of_any_bits(draws),
        _ => T::from_f64(4.0) * T::random(draws) - T::from_f64(2.0),
    }
}

fn vector<V: Vector<Scalar: Number>>(percent: u32, draws: &mut Draws) -> V {
    let mut vector = V::ZERO;
    vector.as_mut_slice().fill_with(|| number(percent, draws));
    vector
}

fn learning_rate<T: Number>(draws: &mut Draws) -> T {
    match one_of(4, draws) {
        0 => hostile(draws),
        1 => T::of_any_bits(draws),
        2 => T::from_f64(-0.5),
        _ => T::from_f64(0.1),
    }
}

/// A momentum or a beta, which should lie in [0, 1).
fn share<T: Number>(draws: &mut Draws) -> T {
    match one_of(6, draws) {
        0 => hostile(draws),
        k => T::from_f64([0.0, 0.9, 0.999, 1.0, 1.5][k as usize - 1]),
    }
}

// ---- Comparison ----

/// FNV-1a, in which all NaNs are the same.
struct Hash(u64);

impl Hash {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add_bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn add<T: Scalar>(&mut self, values: &[T]) {
        for value in values {
            self.add_bytes(&bits(*value).to_le_bytes());
        }
    }
}

fn bits<T: Scalar>(x: T) -> u64 {
    if x.is_finite() || x.abs() > T::ZERO { x.to_bits() } else { u64::MAX }
}

/// An optimiser's state.
trait State<T>: Clone + Debug {
    fn visit(&self, see: impl FnMut(&[T]));
}

impl<T: Scalar, N: Parameters<T> + Clone + Debug> State<T> for MomentumState<N, T> {
    fn visit(&self, mut see: impl FnMut(&[T])) {
        self.velocity.visit(|_, values| see(values));
    }
}

impl<T: Scalar, N: Parameters<T> + Clone + Debug> State<T> for AdamState<N, T> {
    fn visit(&self, mut see: impl FnMut(&[T])) {
        self.m.visit(|_, values| see(values));
        self.v.visit(|_, values| see(values));
    }
}

impl<T, A: State<T>, B: State<T>> State<T> for (A, B) {
    fn visit(&self, mut see: impl FnMut(&[T])) {
        self.0.visit(&mut see);
        self.1.visit(see);
    }
}

/// The hash of all numbers of a network and its optimiser's state, and whether all of them are finite.
fn inspect<T: Scalar, N: Parameters<T>>(network: &N, state: &impl State<T>) -> (u64, bool) {
    let (mut hash, mut finite) = (Hash::new(), true);
    let mut see = |values: &[T]| {
        hash.add(values);
        finite &= values.iter().all(|x| x.is_finite());
    };
    network.visit(|_, values| see(values));
    state.visit(see);
    hash.add_bytes(format!("{state:?}").as_bytes()); // Adam's bias corrections are private
    (hash.0, finite)
}

/// The result of a step, and the network and state after it.
struct Outcome<N, S> {
    /// The bits of the loss.
    result: Result<u64, Fault>,
    network: N,
    state: S,
}

impl<N, S> Outcome<N, S> {
    fn new<T: Scalar>(result: Result<T, StepError>, network: N, state: S) -> Box<Self> {
        if let Ok(loss) = result {
            assert!(loss.is_finite(), "a loss of {loss}");
        }
        Box::new(Self { result: result.map(bits).map_err(|error| error.cause), network, state })
    }
}

type StateOf<N> = stackprop::StateOf<N, Any<<N as Model>::Scalar>>;

/// What a step needs apart from a trainer.
struct Step<'a, N: Model, C, Y> {
    network: &'a N,
    state: &'a StateOf<N>,
    optimizer: &'a Any<N::Scalar>,
    loss: &'a C,
    data: &'a [(N::Input, Y)],
}

impl<N: Model + Clone, C: LossOf<N, Y>, Y> Step<'_, N, C, Y>
where
    TrainedOf<N>: Clone,
{
    /// Makes the step with a trainer that has tiles of `B` samples.
    fn in_tiles<const B: usize>(&self) -> Box<Outcome<N, StateOf<N>>> {
        let (mut network, mut trainer) = (self.network.clone(), Trainer::<N, Any<N::Scalar>, B>::zeros());
        trainer.state.clone_from(self.state);
        let result = trainer.step(&mut network, self.optimizer, self.loss, self.data);
        Outcome::new(result, network, trainer.state)
    }

    /// Makes the step with an in-place trainer, for up to 16 samples.
    fn in_place(&self) -> Box<Outcome<N, StateOf<N>>> {
        let (mut network, mut trainer) =
            (self.network.clone(), InPlaceTrainer::<N, Any<N::Scalar>, 16>::zeros());
        trainer.state.clone_from(self.state);
        let result = trainer.step(&mut network, self.optimizer, self.loss, self.data);
        Outcome::new(result, network, trainer.state)
    }
}

// ---- Cases ----

/// The results of all cases together.
struct Report {
    hash: Hash,
    steps: [u32; KINDS.len()],
    /// Steps that only the [`InPlaceTrainer`] refused.
    refused: u32,
}

const KINDS: [&str; 6] = ["made", "activation", "target", "loss", "gradient", "update"];

fn kind<T>(result: &Result<T, Fault>) -> usize {
    match result {
        Ok(_) => 0,
        Err(Fault::Activation { .. }) => 1,
        Err(Fault::Target { .. }) => 2,
        Err(Fault::Loss { .. }) => 3,
        Err(Fault::Gradient { .. }) => 4,
        Err(Fault::Update { .. }) => 5,
        Err(other) => panic!("no such fault was provoked: {other}"),
    }
}

struct Case<'r> {
    number: u64,
    draws: Draws,
    /// The percentage of hostile numbers in the data; the next field is that in the weights.
    percent: u32,
    percent_of_weights: u32,
    report: &'r mut Report,
}

impl<'r> Case<'r> {
    fn new(number: u64, report: &'r mut Report) -> Self {
        let mut draws = Draws::seed_from_u64(number);
        let percent = [0, 1, 3, 20][one_of(4, &mut draws) as usize];
        let percent_of_weights = if one_of(3, &mut draws) == 0 { percent } else { 0 };
        Self { number, draws, percent, percent_of_weights, report }
    }

    /// Runs the case. The argument `network` determines the type; its numbers are replaced.
    fn run<T: Number, L, C, Y, const IN: usize, const OUT: usize>(
        mut self,
        mut network: Network<IN, L, T>,
        loss: C,
        target: impl Fn(u32, &mut Draws) -> Y,
    ) where
        L: Train<[T; IN], Output = [T; OUT], Trained = L> + Zero + Clone + Debug,
        C: LossOf<Network<IN, L, T>, Y>,
    {
        let (percent, draws) = (self.percent, &mut self.draws);
        network.visit_mut(|_, values| values.fill_with(|| number(self.percent_of_weights, draws)));
        let samples = 1 + one_of(9, draws) as usize;
        let data: Vec<_> = (0..samples).map(|_| (vector(percent, draws), target(percent, draws))).collect();

        self.predictions::<5, _, _, _, _>(&network, &data);
        self.predictions::<67, _, _, _, _>(&network, &data); // more rows than even a large tile has

        // From here on all parameters are finite, as training leaves them.
        network.visit_mut(|_, values| {
            values.iter_mut().filter(|x| !x.is_finite()).for_each(|x| *x = T::from_f64(0.5));
        });
        let draws = &mut self.draws;
        let (learning_rate, momentum, beta1, beta2) =
            (learning_rate(draws), share(draws), share(draws), share(draws));
        let epsilon = if one_of(2, draws) == 0 { T::from_f64(1e-8) } else { hostile(draws) };
        let optimizer = match one_of(4, draws) {
            0 => Any::Sgd(Sgd { learning_rate }),
            1 => Any::Momentum(Momentum { learning_rate, momentum, ..Momentum::default() }),
            2 => Any::Adam(Adam { learning_rate, beta1, beta2, epsilon }),
            _ => Any::Quotient,
        };
        self.train(network, optimizer, loss, &data);
    }

    fn predictions<const ROWS: usize, T: Number, L, Y, const IN: usize>(
        &mut self,
        network: &Network<IN, L, T>,
        data: &[([T; IN], Y)],
    ) where
        L: Layer<[T; IN]>,
    {
        let inputs: [[T; IN]; ROWS] = std::array::from_fn(|i| data[i % data.len()].0);
        let mut outputs = [L::Output::ZERO; ROWS];
        network.predict_batch(&inputs, &mut outputs);
        let bits = |output: &L::Output| output.as_slice().iter().copied().map(bits).collect::<Vec<_>>();
        for (row, (input, output)) in inputs.iter().zip(&outputs).enumerate() {
            let alone = network.predict(input);
            assert_eq!(bits(&alone), bits(output), "case {}, row {row} of {ROWS}", self.number);
            self.report.hash.add(output.as_slice());
        }
    }

    fn train<N, C, Y>(self, mut network: N, optimizer: Any<N::Scalar>, loss: C, data: &[(N::Input, Y)])
    where
        N: Model + Parameters<<N as Model>::Scalar, Trained = N> + Clone + Debug,
        C: LossOf<N, Y>,
    {
        let Self { number, report, .. } = self;
        let mut state = StateOf::<N>::ZERO;
        for step in 0..3 {
            let place = format!("case {number}, step {step}, {optimizer:?}");
            let (before, _) = inspect(&network, &state);
            let ways = Step { network: &network, state: &state, optimizer: &optimizer, loss: &loss, data };
            let one = ways.in_tiles::<1>();
            let (after, finite) = inspect(&one.network, &one.state);
            assert!(finite, "{place}: not finite after {:?}", one.result);
            if !matches!(one.result, Ok(_) | Err(Fault::Update { .. })) {
                assert_eq!(after, before, "{place}: {:?} changed something", one.result);
            }

            let same = |other: &Outcome<N, StateOf<N>>, which| {
                let (bits, _) = inspect(&other.network, &other.state);
                assert_eq!((other.result, bits), (one.result, after), "{place}: {which}");
            };
            same(&ways.in_tiles::<4>(), "tile 4");
            same(&ways.in_tiles::<6>(), "tile 6");
            same(&ways.in_tiles::<16>(), "tile 16");

            let in_place = ways.in_place();
            if let Err(Fault::Gradient { layer: lowest }) = in_place.result {
                match one.result {
                    Err(Fault::Gradient { layer }) => assert!(lowest <= layer, "{place}: {lowest}, {layer}"),
                    Ok(_) | Err(Fault::Update { .. }) => report.refused += 1,
                    other => panic!("{place}: {other:?}, but in place {:?}", in_place.result),
                }
                let (bits, _) = inspect(&in_place.network, &in_place.state);
                assert_eq!(bits, before, "{place}: refused in place, but something changed");
            } else {
                same(&in_place, "in place");
            }

            report.steps[kind(&one.result)] += 1;
            report.hash.add_bytes(format!("{:?} {after:016x}", one.result).as_bytes());
            (network, state) = (one.network, one.state);
        }
    }
}

/// One of the optimisers. (They share a type because a trainer is compiled for each type of optimiser, tile, network
/// and level.)
#[derive(Debug)]
enum Any<T> {
    Sgd(Sgd<T>),
    Momentum(Momentum<T>),
    Adam(Adam<T>),
    /// A user-defined optimiser that divides by the gradient, which is often zero.
    Quotient,
}

impl<T: Scalar> Optimizer<T> for Any<T> {
    type State<G: Zero> = (MomentumState<G, T>, AdamState<G, T>);

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        (velocity, moments): &mut Self::State<N::Trained>,
    ) -> Result<(), Fault> {
        match self {
            Any::Sgd(sgd) => sgd.step(parameters, gradient, &mut ()),
            Any::Momentum(momentum) => momentum.step(parameters, gradient, velocity),
            Any::Adam(adam) => adam.step(parameters, gradient, moments),
            Any::Quotient => gradient.descend(parameters, [], quotient),
        }
    }
}

fn quotient<T: Scalar>(g: T, [p]: [T; 1]) -> [T; 1] {
    [p / g]
}

/// A user-defined loss that refuses targets below -1.9.
struct Choosy;

impl<T: Scalar, const N: usize> Loss<[T; N], [T; N]> for Choosy {
    type Takes = Anything;

    fn accepts(&self, target: &[T; N]) -> bool {
        !target.iter().any(|y| *y < T::from_f64(-1.9))
    }

    fn evaluate(&self, output: &[T; N], target: &[T; N], gradient: &mut [T; N]) -> T {
        Quadratic.evaluate(output, target, gradient)
    }
}

fn class<const N: usize>(_: u32, draws: &mut Draws) -> Class<N> {
    Class::new(one_of(N as u32, draws) as usize).unwrap()
}

/// Numbers in [0, 1), `percent` of them hostile.
fn probabilities<V: Vector<Scalar: Number>>(percent: u32, draws: &mut Draws) -> V {
    let mut vector = V::ZERO;
    vector.as_mut_slice().fill_with(|| match one_of(100, draws) {
        k if k < percent => hostile(draws),
        _ => Scalar::random(draws),
    });
    vector
}

type Squashed = Network<3, Chain![Dense<3, 9, Tanh>, Dense<9, 5>]>;
type Rectified = Network<8, Chain![Dense<8, 17, Relu>, Dense<17, 4>]>;
type Wide = Network<6, Chain![Dense<6, 70, Gelu>, Dense<70, 3>]>;
type Double = Network<6, Chain![Dense<6, 11, Sigmoid, f64>, Dense<11, 3, Softmax, f64>], f64>;

fn run(number: u64, report: &mut Report) {
    let case = Case::new(number, report);
    match number % 4 {
        0 => case.run(Squashed::zeros(), Choosy, vector),
        1 => case.run(Rectified::zeros(), SigmoidCrossEntropy, probabilities::<[f32; 4]>),
        2 => case.run(Wide::zeros(), SoftmaxCrossEntropy, class),
        _ => case.run(Double::zeros(), NegativeLogLikelihood, probabilities::<[f64; 3]>),
    }
}

fn cases() -> u64 {
    match std::env::var("HOSTILE_CASES") {
        Ok(number) => number.parse().expect("HOSTILE_CASES is a number"),
        Err(_) if cfg!(debug_assertions) => 300,
        Err(_) => 5_000,
    }
}

/// Marks the line that [`levels_agree`] looks for in the output of another process.
const MARK: &str = "hostile numbers: ";

#[test]
fn finite_and_the_same_whichever_way() {
    let mut report = Report { hash: Hash::new(), steps: [0; _], refused: 0 };
    (0..cases()).for_each(|number| run(number, &mut report));
    let Report { hash: Hash(hash), steps, refused } = report;
    let kinds: Vec<_> = KINDS.iter().zip(steps).map(|(kind, steps)| format!("{kind} {steps}")).collect();
    let (cases, level, class) = (cases(), level().name(), numerics());
    println!(
        "{MARK}{cases} cases; steps: {}, refused in place only {refused}; level {level}, {class:?}, hash {hash:016x}",
        kinds.join(", ")
    );
    // Otherwise some outcome was not tested.
    assert!(steps.iter().all(|&steps| steps > 0) && refused > 0);
}

/// Runs the test above in other processes, one for each level, because a process cannot change its level.
#[cfg(all(feature = "std", target_arch = "x86_64"))]
#[test]
fn levels_agree() {
    use std::io::Write;
    use std::process::{Command, Stdio};

    let program = std::env::current_exe().unwrap();
    let start = |level| {
        let test = ["finite_and_the_same_whichever_way", "--exact", "--nocapture"];
        let mut command = Command::new(&program);
        command.args(test).env("STACKPROP_LEVEL", level).stdout(Stdio::piped());
        (level, command.spawn().unwrap())
    };
    let processes = ["portable", "avx2", "avx512"].map(start);
    let mut fused = Vec::new();
    for (level, process) in processes {
        let output = process.wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{level}: {text}");
        let (_, found) = text.split_once(MARK).unwrap();
        let found = found.lines().next().unwrap();
        println!("{found}");
        let (counts, run) = found.split_once("; level ").unwrap();
        let (taken, class_and_hash) = run.split_once(", ").unwrap();
        if taken != level {
            // Not by `println`, whose output the test harness captures.
            writeln!(std::io::stderr(), "SKIPPED hostile numbers at level {level}: this processor lacks it")
                .unwrap();
        } else if class_and_hash.starts_with("Fused") {
            fused.push((counts.to_owned(), class_and_hash.to_owned()));
        } else {
            println!("(Without feature `exact`, {level} is of another numerics class.)");
        }
    }
    assert!(fused.windows(2).all(|pair| pair[0] == pair[1]), "{fused:?}");
}
