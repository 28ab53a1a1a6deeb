//! Layers compared with PyTorch: outputs and all gradients, in f64 and in f32, and twenty steps of a network of
//! several layers.
//!
//! `tools/golden_layers.py` writes `tests/data/layers.txt`. The file also tests the properties that every layer must
//! have.

mod pytorch;
mod tolerances;

use pytorch::{Case, Number, Row, flat, transposed};
use stackprop::layer::SummaryRow;
use stackprop::range::Anything;
use stackprop::{
    Adam, BatchNorm, Block, Chain, Dense, Dropout, Flatten, Frozen, Gradients, InPlaceTrainer, Joined, Layer,
    LayerNorm, Linear, Loss, Model, Network, Optimizer, PRelu, Parallel, Parameters, Quadratic, Residual,
    RmsNorm, Role, Samples, Scalar, Sgd, Sigmoid, Standardize, Tanh, TrainedOf, Trainer, Vector, Workspace,
    Zero,
};

/// Smaller than the file's six samples, so that a batch takes more than one tile.
const TILE: usize = 4;
const FILE: &str = include_str!("data/layers.txt");

/// PyTorch's names in the order of the walk, with `-` for blocks that have none in PyTorch. Every block needs an
/// entry, and no entry may be left over.
fn in_order<'n>(names: &'n [&'n str]) -> impl FnMut(Block) -> Option<String> + 'n {
    let mut names = names.iter();
    move |_| Some(names.next()?.to_string()).filter(|name| name != "-")
}

/// The number of blocks.
fn blocks<T: Scalar>(values: &impl Parameters<T>) -> usize {
    let mut count = 0;
    values.visit(|_, _| count += 1);
    count
}

fn start<N: Model<Scalar: Number>>(case: &Case, names: &[&str]) -> N {
    let network: N = case.start(in_order(names));
    assert_eq!(blocks(&network), names.len());
    network
}

fn compare<T: Number>(case: &mut Case, prefix: &str, names: &[&str], values: &impl Parameters<T>) {
    assert_eq!(blocks(values), names.len());
    case.compare_parameters(prefix, values, in_order(names));
}

/// Checks outputs and gradients of one case. `names` are PyTorch's names of all parameters, `trained` those of the
/// gradients.
fn check<N>(name: &str, names: &[&str], trained: &[&str]) -> (Case, N)
where
    N: Model<Scalar: Number, Input: Row>,
{
    let mut case = Case::read::<N::Scalar>(FILE, name);
    let network: N = start(&case, names);
    let inputs = N::Input::rows(&case, "inputs");
    let upstream: Vec<N::Scalar> = case.tensor("upstream");
    let upstream = N::Output::rows_of(&upstream).to_vec();

    let (mut workspace, mut gradients) = (Workspace::<N, TILE>::zeros(), Gradients::<N>::zeros());
    let (mut outputs, mut input_gradients) = (vec![], vec![]);
    for (inputs, upstream) in inputs.chunks(TILE).zip(upstream.chunks(TILE)) {
        let mut pass = workspace.forward(&network, inputs).unwrap();
        outputs.extend_from_slice(pass.outputs());
        let (mut input_gradient, mut again) = (inputs.to_vec(), inputs.to_vec());
        pass.input_gradient(upstream, &mut again).unwrap();
        pass.backward(upstream, &mut gradients, Some(&mut input_gradient)).unwrap();
        assert_eq!(input_gradient, again);
        input_gradients.extend(input_gradient);
    }
    case.compare("outputs", &flat(&outputs));
    case.compare("gradient/inputs", &flat(&input_gradients));
    compare(&mut case, "gradient", trained, &gradients.of);

    // Inference, one by one and in batches.
    let mut many = outputs.clone();
    network.predict_many(&inputs, &mut many).unwrap();
    assert_eq!(many, outputs);
    for (input, output) in inputs.iter().zip(&outputs) {
        assert_eq!(network.predict(input), *output);
    }
    (case, network)
}

/// Tests each case in both scalars.
macro_rules! cases {
    ($($name:ident: $network:ty, $names:expr, $trained:expr;)*) => {$(
        mod $name {
            use super::*;

            #[test]
            fn in_f64() {
                type T = f64;
                check::<$network>(stringify!($name), &$names, &$trained);
            }

            #[test]
            fn in_f32() {
                type T = f32;
                check::<$network>(stringify!($name), &$names, &$trained);
            }
        }
    )*};
}

// `T` is the scalar of the test.
cases! {
    layer_norm: Network<6, LayerNorm<6, T>, T>, ["weight", "bias"], ["weight", "bias"];
    rms_norm: Network<6, RmsNorm<6, T>, T>, ["weight"], ["weight"];
    batch_norm: Network<5, BatchNorm<5, 1000, T>, T>,
        ["weight", "bias", "running_mean", "running_var", "-"], ["weight", "bias"];
    p_relu_one: Network<5, PRelu<5, 1, T>, T>, ["weight"], ["weight"];
    p_relu_each: Network<5, PRelu<5, 5, T>, T>, ["weight"], ["weight"];
    residual: Network<5, Residual<Chain![Dense<5, 6, Tanh, T>, Linear<6, 5, T>]>, T>,
        ["0.weight", "0.bias", "2.weight", "2.bias"], ["0.weight", "0.bias", "2.weight", "2.bias"];
    parallel: Network<5, Chain![
            Parallel<Dense<5, 3, Tanh, T>, Dense<5, 2, Sigmoid, T>>,
            Flatten<5>,
            Linear<5, 4, T>
        ], T>,
        ["0.0.weight", "0.0.bias", "0.1.weight", "0.1.bias", "1.weight", "1.bias"],
        ["0.0.weight", "0.0.bias", "0.1.weight", "0.1.bias", "1.weight", "1.bias"];
    frozen: Network<5, Chain![Frozen<Dense<5, 6, Tanh, T>>, Linear<6, 3, T>], T>,
        ["0.weight", "0.bias", "2.weight", "2.bias"], ["2.weight", "2.bias"];
}

/// Several layers in a chain. The hyperbolic tangent is a layer of its own: a frozen `Dense` whose matrix is the
/// identity.
type Stack<T> = Network<
    6,
    Chain![
        Linear<6, 8, T>,
        LayerNorm<8, T>,
        Frozen<Dense<8, 8, Tanh, T>>,
        Residual<Chain![Linear<8, 8, T>, PRelu<8, 1, T>]>,
        BatchNorm<8, 1000, T>,
        Linear<8, 3, T>
    ],
    T,
>;

const STACK_TRAINED: [&str; 11] = [
    "0.weight",
    "0.bias",
    "1.weight",
    "1.bias",
    "3.0.weight",
    "3.0.bias",
    "3.1.weight",
    "4.weight",
    "4.bias",
    "5.weight",
    "5.bias",
];

fn stack<T: Number>()
where
    Stack<T>: Model<Scalar = T, Input = [T; 6], Output = [T; 3]>,
{
    let mut case = Case::read::<T>(FILE, "stack");
    let names = [
        "0.weight",
        "0.bias",
        "1.weight",
        "1.bias",
        "-",
        "-",
        "3.0.weight",
        "3.0.bias",
        "3.1.weight",
        "4.weight",
        "4.bias",
        "4.running_mean",
        "4.running_var",
        "-",
        "5.weight",
        "5.bias",
    ];
    let mut first: Stack<T> = start(&case, &names);
    let tanh = &mut first.layers.1.1.0.0;
    tanh.set_zero();
    for (i, row) in tanh.weight.iter_mut().enumerate() {
        row[i] = T::ONE;
    }
    let (inputs, targets) = (<[T; 6]>::rows(&case, "inputs"), <[T; 3]>::rows(&case, "targets"));
    let data = Samples::new(&inputs, &targets).unwrap();

    fn train<T: Number, O: Optimizer<T>>(
        case: &mut Case,
        key: &str,
        first: &Stack<T>,
        optimizer: &O,
        data: &Samples<[T; 6], [T; 3]>,
    ) where
        Stack<T>: Model<Scalar = T, Input = [T; 6], Output = [T; 3]>,
    {
        let (mut network, mut in_place) = (first.clone(), first.clone());
        let (mut trainer, mut other) =
            (Trainer::<Stack<T>, O, TILE>::zeros(), InPlaceTrainer::<Stack<T>, O, 6>::zeros());
        let losses: Vec<T> =
            (0..20).map(|_| trainer.step(&mut network, optimizer, &Quadratic, data).unwrap()).collect();
        for _ in 0..20 {
            other.step(&mut in_place, optimizer, &Quadratic, data).unwrap();
        }
        assert_eq!(network.checksum(), in_place.checksum());
        case.compare(&format!("{key}/losses"), &losses);
        let mut gradients = Gradients::<Stack<T>>::zeros();
        // The trained parameters, in the shape of a gradient.
        Parameters::walk_trained(0, &mut network, [], [&mut gradients.of], &mut |_, ours, [], [to]| {
            to.copy_from_slice(ours);
        });
        compare(case, key, &STACK_TRAINED, &gradients.of);
    }

    train(&mut case, "sgd", &first, &Sgd { learning_rate: T::from_f64(0.1) }, &data);
    let adam = Adam { learning_rate: T::from_f64(0.01), ..Adam::default() };
    train(&mut case, "adam", &first, &adam, &data);
    println!("{}: worst relative error {:.1e}", case.name, case.worst);
}

#[test]
fn stack_in_f64() {
    stack::<f64>();
}

#[test]
fn stack_in_f32() {
    stack::<f32>();
}

/// The folded layer has the weights that `tools/golden_layers.py` computes in f64, and the outputs of the two layers.
fn fold<T: Number>()
where
    Network<6, Chain![Linear<6, 5, T>, BatchNorm<5, 1000, T>], T>:
        Model<Scalar = T, Input = [T; 6], Output = [T; 5]>,
{
    type Net<T> = Network<6, Chain![Linear<6, 5, T>, BatchNorm<5, 1000, T>], T>;
    let names = ["0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "-"];
    let (mut case, network): (_, Net<T>) = check("batch_norm_fold", &names, &names[..4]);
    let folded = network.layers.1.fold_below(&network.layers.0);
    case.compare("folded/weight", &transposed(folded.weight.as_flattened(), 6));
    case.compare("folded/bias", &folded.bias);
    let folded = Network::<6, Linear<6, 5, T>, T>::new(folded);
    let outputs: Vec<T> = <[T; 6]>::rows(&case, "inputs").iter().flat_map(|x| folded.predict(x)).collect();
    case.compare("outputs", &outputs);
}

#[test]
fn fold_in_f64() {
    fold::<f64>();
}

#[test]
fn fold_in_f32() {
    fold::<f32>();
}

#[test]
fn every_case_is_tested() {
    let source = include_str!("layers.rs");
    for name in FILE.lines().filter_map(|line| line.strip_prefix("case ")) {
        let name = name.split(' ').next().unwrap();
        assert!(
            source.contains(&format!("    {name}: ")) || source.contains(&format!("\"{name}\"")),
            "{name} is not tested"
        );
    }
}

// ---- Properties of every layer ----

/// A pseudorandom number in (-1, 1).
fn next(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as f64 / (1_u64 << 30) as f64 - 1.0
}

fn random<N: Model>(state: &mut u64) -> N {
    let mut network = N::ZERO;
    network.visit_mut(|block, values| {
        for value in values {
            let x = next(state);
            *value = N::Scalar::from_f64(if block.role == Role::Variance { x.abs() + 0.5 } else { x });
        }
    });
    network
}

fn rows<X: Vector>(count: usize, state: &mut u64) -> Vec<X> {
    let mut rows = vec![X::ZERO; count];
    for x in rows.iter_mut().flat_map(|row| row.as_mut_slice()) {
        *x = X::Scalar::from_f64(next(state));
    }
    rows
}

/// Half the sum of squared differences, for any vector.
struct HalfSquares;

impl<X: Vector> Loss<X, X> for HalfSquares {
    type Takes = Anything;

    fn evaluate(&self, a: &X, y: &X, gradient: &mut X) -> X::Scalar {
        let mut sum = X::Scalar::ZERO;
        for ((a, y), g) in a.as_slice().iter().zip(y.as_slice()).zip(gradient.as_mut_slice()) {
            *g = *a - *y;
            sum += *g * *g / X::Scalar::from_f64(2.0);
        }
        sum
    }
}

/// One sample and many give the same bits in inference, and so do all tiles and both trainers in training.
fn agrees<N: Model<Scalar = f32>>() {
    let state = &mut 7;
    let network: N = random(state);
    let (inputs, targets) = (rows::<N::Input>(140, state), rows::<N::Output>(140, state));
    // More than a tile of 16, 64 and 128 inputs.
    for number in [20, 70, 140] {
        let mut many = targets[..number].to_vec();
        network.predict_many(&inputs[..number], &mut many).unwrap();
        for (input, output) in inputs.iter().zip(&many) {
            assert_eq!(network.predict(input), *output);
        }
    }
    let data = Samples::new(&inputs[..9], &targets[..9]).unwrap();
    fn train<N: Model<Scalar = f32>, const B: usize>(
        network: &N,
        data: &Samples<N::Input, N::Output>,
    ) -> u64 {
        let (mut trained, mut trainer) = (N::ZERO, Trainer::<N, Adam, B>::zeros());
        trained.copy_from(network);
        trainer.seed = 5;
        for _ in 0..3 {
            trainer.step(&mut trained, &Adam::default(), &HalfSquares, data).unwrap();
        }
        trained.checksum()
    }
    let (mut in_place, mut trainer) = (N::ZERO, InPlaceTrainer::<N, Adam, 9>::zeros());
    in_place.copy_from(&network);
    trainer.seed = 5;
    for _ in 0..3 {
        trainer.step(&mut in_place, &Adam::default(), &HalfSquares, &data).unwrap();
    }
    let expected = in_place.checksum();
    assert_eq!(train::<N, 1>(&network, &data), expected);
    assert_eq!(train::<N, 2>(&network, &data), expected);
    assert_eq!(train::<N, 5>(&network, &data), expected);
    assert_eq!(train::<N, 9>(&network, &data), expected);
    assert_eq!(train::<N, 16>(&network, &data), expected);
}

/// The rows of its layers are numbered, have the parameters that a walk visits, and add up to the network.
fn has_a_summary<N: Model<Scalar = f32>>() {
    let mut rows: Vec<SummaryRow> = vec![];
    N::ZERO.summary().rows(|row| rows.extend(row.layer.map(|_| row)));
    assert!(rows.iter().map(|row| row.layer).eq((0..N::LAYERS).map(Some)), "{rows:?}");
    let sum = |of: fn(&SummaryRow) -> usize| rows.iter().map(of).sum::<usize>();
    assert_eq!(sum(|row| row.parameters), N::PARAMETERS);
    assert_eq!(sum(|row| row.trained), TrainedOf::<N>::PARAMETERS);
    assert_eq!(sum(|row| row.bytes), size_of::<N>());
    assert_eq!(sum(|row| row.macs), <N::Layers as Layer<N::Input>>::MACS);
    assert_eq!((rows[0].inputs, rows[0].layer), (N::Input::LEN, Some(0)));
    let mut visited = vec![0; rows.len()];
    N::ZERO.visit(|block, values| visited[block.layer] += values.len());
    assert!(rows.iter().map(|row| row.parameters).eq(visited), "{rows:?}");
}

#[cfg(feature = "alloc")]
/// All derivatives with respect to parameters and inputs agree with central differences.
fn has_its_gradient<N: Model<Scalar = f64>>(name: &str) {
    let state = &mut 11;
    let mut network: N = random(state);
    let (inputs, targets) = (rows::<N::Input>(3, state), rows::<N::Output>(3, state));
    let data = Samples::new(&inputs, &targets).unwrap();
    use stackprop::{Draws, GradientCheck};
    let draws = Some(Draws::new(1, 2, 3));
    let report =
        GradientCheck { draws, ..GradientCheck::default() }.run(&mut network, &HalfSquares, &data).unwrap();
    assert!(report.worst() < tolerances::GRADIENT, "{name}: {report}");
    println!("{name:28} gradient error {:.1e}", report.worst());
}

/// Tests each network. `T` is the scalar of the test.
macro_rules! networks {
    ($($name:ident: $in:literal, $layers:ty;)*) => {$(
        mod $name {
            use super::*;

            #[test]
            fn agrees() {
                type T = f32;
                super::agrees::<Network<$in, $layers, T>>();
            }

            #[test]
            fn has_a_summary() {
                type T = f32;
                super::has_a_summary::<Network<$in, $layers, T>>();
            }

            #[test]
            #[cfg(feature = "alloc")]
            fn has_its_gradient() {
                type T = f64;
                super::has_its_gradient::<Network<$in, $layers, T>>(stringify!($name));
            }
        }
    )*};
}

type Hyperbolic<const IN: usize, const OUT: usize, T> = Dense<IN, OUT, Tanh, T>;

mod networks {
    use super::*;

    networks! {
        layer_norm: 4, Chain![Dense<4, 6, Tanh, T>, LayerNorm<6, T>, Linear<6, 2, T>];
        layer_norm_first_and_last: 4, Chain![LayerNorm<4, T>, Hyperbolic<4, 3, T>, LayerNorm<3, T>];
        rms_norm: 4, Chain![RmsNorm<4, T>, Hyperbolic<4, 6, T>, RmsNorm<6, T>, Linear<6, 2, T>];
        batch_norm: 4, Chain![Linear<4, 6, T>, BatchNorm<6, 1000, T>, Linear<6, 2, T>];
        standardize: 4, Chain![Standardize<4, T>, Hyperbolic<4, 6, T>, Standardize<6, T>, Linear<6, 2, T>];
        p_relu: 4, Chain![Linear<4, 6, T>, PRelu<6, 6, T>, Linear<6, 3, T>, PRelu<3, 1, T>];
        residual: 4, Chain![
            Hyperbolic<4, 6, T>,
            Residual<Chain![Hyperbolic<6, 5, T>, LayerNorm<5, T>, Linear<5, 6, T>]>,
            Linear<6, 2, T>
        ];
        residual_in_residual: 4, Chain![
            Residual<Chain![Hyperbolic<4, 5, T>, Residual<Hyperbolic<5, 5, T>>, Linear<5, 4, T>]>,
            Linear<4, 2, T>
        ];
        residual_last: 4,
            Chain![Hyperbolic<4, 6, T>, Residual<Chain![Hyperbolic<6, 5, T>, Linear<5, 6, T>]>];
        parallel: 4, Chain![
            Hyperbolic<4, 6, T>,
            Parallel<Linear<6, 3, T>, Chain![Hyperbolic<6, 4, T>, Linear<4, 5, T>]>,
            Flatten<8>,
            Linear<8, 2, T>
        ];
        two_heads: 4, Chain![Hyperbolic<4, 6, T>, Parallel<Linear<6, 3, T>, Linear<6, 1, T>>];
        three_heads: 4, Parallel<Linear<4, 3, T>, Parallel<Linear<4, 2, T>, Residual<Linear<4, 4, T>>>>;
        dropout: 4,
            Chain![Hyperbolic<4, 6, T>, Dropout<40>, Linear<6, 5, T>, Dropout<10>, Linear<5, 2, T>];
        dropout_first_and_last: 4, Chain![Dropout<40>, Linear<4, 6, T>, Dropout<50>];
        frozen_trunk: 4,
            Chain![Frozen<Chain![Hyperbolic<4, 6, T>, Dropout<50>, Linear<6, 5, T>]>, Linear<5, 2, T>];
        frozen_middle: 4, Chain![
            Hyperbolic<4, 6, T>,
            Frozen<Hyperbolic<6, 6, T>>,
            Linear<6, 3, T>,
            Frozen<LayerNorm<3, T>>
        ];
        frozen_in_parallel: 4,
            Chain![Parallel<Frozen<Linear<4, 3, T>>, Linear<4, 2, T>>, Flatten<5>, Linear<5, 2, T>];
        frozen_in_residual: 4, Chain![Residual<Frozen<Linear<4, 4, T>>>, Linear<4, 2, T>];
    }
}

/// The memory of one layer of 64 numbers in a trainer with Adam and a tile of 16: three numbers for each trained
/// parameter (gradient and two moments), for each sample its input and what the layer keeps, and six counters and
/// constants.
#[test]
fn what_a_layer_takes() {
    fn check<N: Model<Scalar = f32, Input = [f32; 64]>>(
        name: &str,
        trained: usize,
        kept: usize,
        inference: usize,
    ) {
        let trainer = Trainer::<N, Adam, 16>::BYTES;
        println!(
            "{name:38} {:5} parameters, inference {inference:3} bytes, trainer {trainer:6} bytes",
            N::PARAMETERS
        );
        assert_eq!(<TrainedOf<N> as Parameters<f32>>::PARAMETERS, trained, "{name}");
        assert_eq!(trainer, 4 * (3 * trained + 16 * (64 + kept) + 7), "{name}");
    }
    macro_rules! each {
        ($($layer:ty: $trained:expr, $kept:expr;)*) => {$(
            check::<Network<64, $layer>>(stringify!($layer), $trained, $kept, Network::<64, $layer>::INFERENCE_BYTES);
        )*};
    }
    // Outputs and their gradient are two rows of 64. Each layer's `Cache` documents what else it keeps.
    each! {
        Dense<64, 64>: 64 * 64 + 64, 2 * 64;
        Residual<Dense<64, 64>>: 64 * 64 + 64, 2 * 64 + 2 * 64;
        Parallel<Dense<64, 32>, Dense<64, 32>>: 64 * 64 + 64, 2 * 64 + 2 * 64 + 64;
        Flatten<64>: 0, 2 * 64;
        Dropout<50>: 0, 2 * 64 + 64;
        LayerNorm<64>: 128, 2 * 64 + 64 + 1;
        RmsNorm<64>: 64, 2 * 64 + 64 + 1;
        BatchNorm<64>: 128, 2 * 64 + 64;
        Standardize<64>: 0, 2 * 64;
        PRelu<64>: 1, 2 * 64;
        PRelu<64, 64>: 64, 2 * 64;
        Frozen<Dense<64, 64>>: 0, 2 * 64;
    }
}

/// The seed changes what is dropped, and nothing is dropped when a loss is evaluated.
#[test]
fn dropout_depends_on_the_seed_and_only_in_training() {
    type Net = Network<4, Chain![Dense<4, 32, Tanh>, Dropout<50>, Dense<32, 2>]>;
    let state = &mut 3;
    let start: Net = random(state);
    let (inputs, targets) = (rows::<[f32; 4]>(3, state), rows::<[f32; 2]>(3, state));
    let data = Samples::new(&inputs, &targets).unwrap();
    let train = |seed| {
        let (mut network, mut trainer) = (start.clone(), Trainer::<Net, Sgd, 4>::zeros());
        trainer.seed = seed;
        trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &Quadratic, &data).unwrap();
        network.checksum()
    };
    assert_eq!(train(1), train(1));
    assert_ne!(train(1), train(2));

    type Plain = Network<4, Chain![Dense<4, 32, Tanh>, Dense<32, 2>]>;
    let plain: Plain = Network::new((start.layers.0.clone(), start.layers.1.1.clone()));
    let (mut workspace, mut without) = (Workspace::<Net, 4>::zeros(), Workspace::<Plain, 4>::zeros());
    assert_eq!(workspace.loss(&start, &Quadratic, &data), without.loss(&plain, &Quadratic, &data));
    workspace
        .evaluate(&start, &data, |output, target| {
            let sample = targets.iter().position(|y| y == target).unwrap();
            assert_eq!(*output, plain.predict(&inputs[sample]));
        })
        .unwrap();
}

/// Frozen layers count when layers are numbered, so a fault names the right layer.
#[test]
fn faults_name_the_layer_above_a_frozen_trunk() {
    type Net = Network<2, Chain![Frozen<Chain![Dense<2, 3>, Dense<3, 2>]>, LayerNorm<2>, Dense<2, 1>]>;
    let mut network: Net = random(&mut 1);
    network.layers.1.1.weight = [[f32::MAX], [f32::MAX]];
    network.layers.1.0.weight = [10.0, 10.0];
    let mut workspace = Workspace::<Net, 1>::zeros();
    let fault = workspace.loss(&network, &Quadratic, &[([1.0, 2.0], [0.0])]).unwrap_err();
    assert_eq!(fault, stackprop::Fault::Activation { layer: 3, sample: 0 });
}

/// Initialisation depends on the role: gains and variances become 1, slopes 1/4, and everything else that is not
/// drawn 0.
#[test]
fn init_starts_each_role() {
    use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
    type Net =
        Network<3, Chain![Standardize<3>, Dense<3, 4>, BatchNorm<4>, PRelu<4>, LayerNorm<4>, RmsNorm<4>]>;
    let mut network = Net::zeros();
    network.init(&stackprop::init::NielsenNormal, &mut Xoshiro128PlusPlus::seed_from_u64(1));
    let (standardize, (dense, (batch, (slope, (layer, rms))))) = &network.layers;
    assert_eq!(*standardize, Standardize::new());
    assert!(dense.weight.as_flattened().iter().chain(&dense.bias).all(|x| *x != 0.0));
    assert_eq!(
        (*batch, *slope, *layer, *rms),
        (BatchNorm::new(), PRelu::new(), LayerNorm::new(), RmsNorm::new())
    );
}

/// Joined vectors can be targets of a user-defined loss.
#[test]
fn two_heads_have_targets_of_their_own() {
    type Net = Network<1, Parallel<Dense<1, 1>, Dense<1, 2>>>;
    let mut network: Net = random(&mut 2);
    let data = [([1.0], Joined([3.0], [1.0, 2.0])), ([2.0], Joined([5.0], [1.0, 4.0]))];
    let mut trainer = Trainer::<Net, Sgd, 2>::zeros();
    let mut loss = f32::INFINITY;
    for _ in 0..500 {
        loss = trainer.step(&mut network, &Sgd { learning_rate: 0.2 }, &HalfSquares, &data).unwrap();
    }
    assert!(loss < 1e-6, "{loss}");
}
