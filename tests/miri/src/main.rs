//! A walk through everything that computes: each activation, loss and optimiser, both trainers, stored and fused steps, inference
//! of one row and of many, a forward and a backward pass by hand, copies, f32 and f64, and widths that are no
//! multiples of a vector's length.
//!
//! It prints the level and the numerics class, and then a hash for each network. `run.sh` compares the hashes of a
//! run under Miri with those of a native run.

use std::fmt::Debug;

use stackprop::activation::{Activation, Elementwise, KeepZ};
use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Adam, Aligned, Chain, Class, ClassWeights, CosineEmbedding, Dense, Descent, Elu, Fault,
    GaussianNegativeLogLikelihood, Gelu, GeluTanh, Gradients, HalfMeanSquaredError, HardSigmoid, HardTanh,
    Hinge, Huber, Identity, Ignoring, InPlaceTrainer, KlDivergence, LabelSmoothing, Layer, LeakyRelu,
    LogCosh, LossOf, MeanAbsoluteError, MeanSquaredError, MiniBatches, Model, Momentum, MultiMargin,
    NegativeLogLikelihood, Network, Optimizer, OutputWeights, Parallel, Parameters,
    PoissonNegativeLogLikelihood, Quadratic, Relu, SampleWeights, Samples, Scalar, Selu, Sgd, Sigmoid,
    SigmoidCrossEntropy, SigmoidFocal, Silu, SmoothL1, Softmax, SoftmaxCrossEntropy, SoftmaxFocal, Softplus,
    SquaredHinge, Tanh, Train, Trainer, Vector, Weighted, Workspace, Zero, init, level, numerics,
};

// ---- User-defined ----

/// sigma(z) = z^2
struct Square;

impl Elementwise for Square {
    type Keeps = KeepZ;
    type Range = stackprop::range::Real;

    fn value<T: Scalar>(z: T) -> T {
        z * z
    }

    fn derivative<T: Scalar>(z: T) -> T {
        z + z
    }
}

/// A step of the same length for each parameter, against the sign of its gradient.
struct SignDescent;

impl<T: Scalar> Optimizer<T> for SignDescent {
    type State<G: Zero> = ();

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        (): &mut (),
    ) -> Result<(), Fault> {
        let step = T::from_f64(0.01);
        gradient.descend(parameters, [], |g, [p]| [if g < T::ZERO { p + step } else { p - step }])
    }
}

// ---- Tools ----

/// FNV-1a.
struct Hash(u64);

impl Hash {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add<T: Scalar>(&mut self, values: &[T]) {
        for byte in values.iter().flat_map(|value| value.to_bits().to_le_bytes()) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

fn generator() -> Xoshiro128PlusPlus {
    Xoshiro128PlusPlus::seed_from_u64(1)
}

/// Numbers in [0, 1).
fn numbers<V: Vector>(draws: &mut Xoshiro128PlusPlus) -> V {
    let mut numbers = V::ZERO;
    numbers.as_mut_slice().fill_with(|| Scalar::random(draws));
    numbers
}

#[cfg(feature = "std")]
fn boxed<N: Zero>() -> Box<N> {
    N::boxed()
}

#[cfg(not(feature = "std"))]
fn boxed<N: Zero>() -> Box<N> {
    Box::new(N::ZERO)
}

/// Prints the hash of everything that one part of the walk computes.
fn print(name: &str, Hash(hash): Hash) {
    println!("{name}: {hash:016x}");
}

// ---- Activations ----

/// One hidden layer with the activation.
type Hidden<A, const WIDTH: usize, T> =
    Network<3, Chain![Dense<3, WIDTH, A, T>, Dense<WIDTH, 3, Identity, T>], T>;

fn activation<A: Activation, const WIDTH: usize, T: Scalar>() {
    let mut hash = Hash::new();
    let mut network = boxed::<Hidden<A, WIDTH, T>>();
    network.init(&init::XavierNormal, &mut generator());
    inference(&network, &mut hash);
    by_hand(&*network, &mut hash);
    let path = std::any::type_name::<A>();
    let name = path.rsplit("::").next().unwrap_or_default();
    print(&format!("{name}, {WIDTH}, {}", std::any::type_name::<T>()), hash);
}

/// Predicts 17 rows, which take two tiles, and some of them again one by one.
fn inference<const IN: usize, L: Layer<[T; IN]>, T: Scalar>(network: &Network<IN, L, T>, hash: &mut Hash) {
    let draws = &mut generator();
    let inputs: [[T; IN]; 17] = std::array::from_fn(|_| numbers(draws));
    let mut outputs = [L::Output::ZERO; 17];
    network.predict_batch(&inputs, &mut outputs);
    for (input, output) in inputs.iter().zip(&outputs).step_by(8) {
        assert!(network.predict(input).as_slice() == output.as_slice());
        hash.add(output.as_slice());
    }
}

/// Runs the forward pass and the backward pass down to the inputs, with 5 rows in a tile of 6.
fn by_hand<N: Model>(network: &N, hash: &mut Hash) {
    let draws = &mut generator();
    let inputs: [N::Input; 5] = std::array::from_fn(|_| numbers(draws));
    let (mut workspace, mut gradients) = (boxed::<Workspace<N, 6>>(), boxed::<Gradients<N>>());
    let mut pass = workspace.forward(network, &inputs).unwrap();
    let output_gradient = pass.outputs().to_vec();
    let mut input_gradient = [N::Input::ZERO; 5];
    pass.backward(&output_gradient, &mut gradients, Some(&mut input_gradient)).unwrap();
    gradients.of.visit(|_, values| hash.add(values));
    input_gradient.iter().for_each(|row| hash.add(row.as_slice()));
}

// ---- Losses ----

type Outputs<A, T> = Network<4, Dense<4, 5, A, T>, T>;
type Heads<T> = Network<4, Parallel<Dense<4, 5, Identity, T>, Dense<4, 5, Identity, T>>, T>;

fn loss<N: Model, Y>(loss: impl LossOf<N, Y> + Debug, target: Y) {
    let (mut hash, mut gradients) = (Hash::new(), boxed::<Gradients<N>>());
    let mut network = boxed::<N>();
    network.init(&init::KaimingUniform, &mut generator());
    let targets = [target];
    let inputs = [numbers(&mut generator())];
    let mut workspace = boxed::<Workspace<N, 2>>();
    let data = Samples::from_arrays(&inputs, &targets);
    let average = workspace.gradient(&network, &loss, &data, &mut gradients).unwrap();
    assert!(workspace.loss(&network, &loss, &data).unwrap() == average);
    hash.add(&[average]);
    gradients.of.visit(|_, values| hash.add(values));
    print(&format!("{loss:?}, {}", std::any::type_name::<N::Scalar>()), hash);
}

// ---- Training ----

fn training<const IN: usize, L, T: Scalar, O: Optimizer<T>, Y>(
    name: &str,
    mut network: Box<Aligned<Network<IN, L, T>>>,
    optimizer: O,
    target: impl Fn(usize) -> Y,
) where
    L: Train<[T; IN], Trained = L> + Zero + Clone + PartialEq,
    SoftmaxCrossEntropy: LossOf<Network<IN, L, T>, Y>,
{
    let (mut hash, draws) = (Hash::new(), &mut generator());
    network.init(&init::PytorchLinear, draws);
    let inputs: [[T; IN]; 5] = std::array::from_fn(|_| numbers(draws));
    let targets: [Y; 5] = std::array::from_fn(target);
    let samples = Samples::from_arrays(&inputs, &targets);
    train(&mut **network, &optimizer, &samples, &mut hash);
    inference(&network, &mut hash);
    copies(&network);
    print(name, hash);
}

/// Trains with all trainers, which must agree.
fn train<N, O, Y>(network: &mut N, optimizer: &O, samples: &Samples<N::Input, Y>, hash: &mut Hash)
where
    N: Model + Clone + PartialEq,
    O: Optimizer<N::Scalar>,
    SoftmaxCrossEntropy: LossOf<N, Y>,
{
    let (mut stored, mut in_place) = (network.clone(), network.clone());
    // A batch of one tile descends piece by piece; one of several tiles descends along a stored gradient.
    let mut trainer = boxed::<Trainer<N, O, 5>>();
    let mut tiles = boxed::<Trainer<N, O, 2>>();
    let mut without = boxed::<InPlaceTrainer<N, O, 5>>();
    // Samples in order are read in place; shuffled samples are copied.
    for shuffled in [false, true] {
        let batches = || match shuffled {
            false => MiniBatches::in_order(samples, 3),
            true => MiniBatches::shuffled(samples, 5, &mut generator()),
        };
        let average = trainer.epoch(network, optimizer, &SoftmaxCrossEntropy, batches()).unwrap();
        assert!(tiles.epoch(&mut stored, optimizer, &SoftmaxCrossEntropy, batches()).unwrap() == average);
        assert!(without.epoch(&mut in_place, optimizer, &SoftmaxCrossEntropy, batches()).unwrap() == average);
        hash.add(&[average]);
    }
    assert!(*network == stored && *network == in_place);
    network.visit(|_, values| hash.add(values));
}

fn copies<const IN: usize, L, T: Scalar>(network: &Aligned<Network<IN, L, T>>)
where
    L: Train<[T; IN], Trained = L> + Zero + Clone + PartialEq,
{
    let (mut copied, mut cloned) = (Network::<IN, L, T>::zeros(), Network::<IN, L, T>::zeros());
    copied.copy_from(network);
    cloned.clone_from(network);
    assert!(copied == **network && cloned == **network);
    #[cfg(feature = "std")]
    assert!(**network.boxed_clone() == **network);
    copied.set_zero();
    assert!(copied == Network::zeros());
}

macro_rules! activations {
    ($($activation:ty: $width:literal in f32, $other:literal in f64;)*) => {$(
        activation::<$activation, $width, f32>();
        activation::<$activation, $other, f64>();
    )*};
}

/// `T` is the scalar: first f32, then f64.
macro_rules! losses {
    ($($loss:expr, $network:ty, $target:expr;)*) => {$(
        {
            type T = f32;
            loss::<$network, _>($loss, $target);
        }
        {
            type T = f64;
            loss::<$network, _>($loss, $target);
        }
    )*};
}

fn main() {
    println!("{:?} {:?}", level(), numerics());
    activations! {
        Identity: 1 in f32, 12 in f64;
        Sigmoid: 2 in f32, 9 in f64;
        Tanh: 11 in f32, 3 in f64;
        Relu: 4 in f32, 17 in f64;
        LeakyRelu: 5 in f32, 2 in f64;
        Elu: 6 in f32, 5 in f64;
        Selu: 7 in f32, 4 in f64;
        Softplus: 8 in f32, 1 in f64;
        Silu: 9 in f32, 6 in f64;
        Gelu: 3 in f32, 11 in f64;
        GeluTanh: 17 in f32, 7 in f64;
        HardSigmoid: 33 in f32, 8 in f64;
        HardTanh: 1 in f32, 33 in f64;
        Softmax: 5 in f32, 3 in f64;
        Square: 13 in f32, 2 in f64;
    }

    fn of(index: usize) -> Class<5> {
        Class::new(index).unwrap()
    }
    // Five outputs: probabilities, and labels that are 0 or 1.
    let (shares, labels) = ([0.1, 0.4, 0.2, 0.2, 0.1], [0.0, 1.0, 0.0, 1.0, 1.0]);
    let weights = [0.5, 1.0, 2.0, 0.0, 1.5];
    losses! {
        Quadratic, Outputs<Softmax, T>, shares.map(|y| y as T);
        HalfMeanSquaredError, Outputs<Softmax, T>, shares.map(|y| y as T);
        MeanSquaredError, Outputs<Softmax, T>, shares.map(|y| y as T);
        MeanAbsoluteError, Outputs<Softmax, T>, shares.map(|y| y as T);
        Huber::<T> { delta: 0.25 }, Outputs<Identity, T>, shares.map(|y| y as T);
        SmoothL1::<T> { beta: 0.25 }, Outputs<Identity, T>, shares.map(|y| y as T);
        LogCosh, Outputs<Identity, T>, shares.map(|y| y as T);
        CosineEmbedding, Outputs<Identity, T>, shares.map(|y| y as T);
        SoftmaxCrossEntropy, Outputs<Identity, T>, shares.map(|y| y as T);
        SoftmaxCrossEntropy, Outputs<Identity, T>, of(3);
        KlDivergence, Outputs<Identity, T>, shares.map(|y| y as T);
        SoftmaxFocal::<T>::default(), Outputs<Identity, T>, of(3);
        SigmoidCrossEntropy, Outputs<Identity, T>, shares.map(|y| y as T);
        SigmoidFocal::<T>::default(), Outputs<Identity, T>, labels.map(|y| y as T);
        NegativeLogLikelihood, Outputs<Softmax, T>, shares.map(|y| y as T);
        PoissonNegativeLogLikelihood, Outputs<Identity, T>, shares.map(|y| y as T);
        GaussianNegativeLogLikelihood, Heads<T>, shares.map(|y| y as T);
        Hinge, Outputs<Identity, T>, labels.map(|y| y as T);
        SquaredHinge, Outputs<Identity, T>, labels.map(|y| y as T);
        MultiMargin::<T>::default(), Outputs<Identity, T>, of(2);
        SampleWeights(SigmoidCrossEntropy), Outputs<Identity, T>, Weighted {
            target: shares.map(|y| y as T),
            weight: 0.75 as T,
        };
        OutputWeights { weights: weights.map(|w| w as T), loss: Quadratic }, Outputs<Identity, T>,
            shares.map(|y| y as T);
        ClassWeights { weights: weights.map(|w| w as T), loss: MultiMargin::<T>::default() },
            Outputs<Identity, T>, of(2);
        Ignoring(LabelSmoothing {
            smoothing: 0.1 as T,
            loss: ClassWeights { weights: weights.map(|w| w as T), loss: SoftmaxCrossEntropy },
        }), Outputs<Identity, T>, Some(of(1));
        Ignoring(Quadratic), Outputs<Identity, T>, None::<Class<5>>;
    }

    let class = |index| Class::<3>::new(index % 3).unwrap();
    // One layer, chains nested to the left and to the right, and layers that are wider than the blocks of a product.
    type Single = Network<9, Dense<9, 3>>;
    type Nested = Network<4, ((Dense<4, 9, Tanh>, Dense<9, 2, Relu>), (Dense<2, 11, Gelu>, Dense<11, 3>))>;
    type Wide = Network<20, Chain![Dense<20, 33, Tanh>, Dense<33, 3>]>;
    type Double = Network<7, Chain![Dense<7, 10, Silu, f64>, Dense<10, 3, Identity, f64>], f64>;
    training("Sgd", boxed::<Aligned<Single>>(), Sgd { learning_rate: 0.1 }, class);
    training("Momentum", boxed::<Aligned<Wide>>(), Momentum::default(), class);
    training("Adam", boxed::<Aligned<Nested>>(), Adam::default(), class);
    training("SignDescent", boxed::<Aligned<Single>>(), SignDescent, class);
    training("Sgd, f64", boxed::<Aligned<Double>>(), Sgd { learning_rate: 0.1 }, class);
    training("Momentum, f64", boxed::<Aligned<Double>>(), Momentum::default(), class);
    training("Adam, f64", boxed::<Aligned<Double>>(), Adam::default(), class);
}
