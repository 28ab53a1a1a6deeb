//! Comparison with PyTorch: outputs, loss, all gradients, and ten steps of each optimiser, in f64 and in f32.
//!
//! `tools/golden.py` writes `tests/data/golden.txt`. Its matrices have PyTorch's layout, weights `[out, in]`, and are
//! transposed when they are read or compared. Each comparison is relative to the largest element of the compared
//! tensor.

use stackprop::{
    Adam, Block, Class, Dense, Elu, Gelu, GeluTanh, Gradients, HalfMeanSquaredError, HardSigmoid, HardTanh,
    Identity, LeakyRelu, LossOf, MeanSquaredError, Model, Momentum, NegativeLogLikelihood, Network,
    Optimizer, Quadratic, Relu, Role, Samples, Scalar, Selu, Sgd, Sigmoid, SigmoidCrossEntropy, Silu,
    Softmax, SoftmaxCrossEntropy, Softplus, Tanh, Trainer, Vector, Workspace,
};

mod pytorch;
mod tolerances;

use pytorch::{Case, Number, Row, flat};

/// Smaller than the file's six samples, so that a batch takes more than one tile.
const TILE: usize = 4;
const STEPS: usize = 10;

/// PyTorch's name of a parameter in a `state_dict`.
fn key(block: Block) -> Option<String> {
    let role = match block.role {
        Role::Weight => "weight",
        Role::Bias => "bias",
        role => panic!("a Dense layer has no {role:?}"),
    };
    Some(format!("{}.{role}", block.layer))
}

/// Compares everything that the file has about one case.
fn check<N, C, Y>(name: &str, loss: C)
where
    N: Model<Scalar: Number, Input: Row>,
    C: LossOf<N, Y>,
    Y: Row,
{
    let mut case = Case::read::<N::Scalar>(include_str!("data/golden.txt"), name);
    let inputs = N::Input::rows(&case, "inputs");
    let targets = Y::rows(&case, "targets");
    let data = Samples::new(&inputs, &targets).unwrap();
    let network: N = case.start(key);

    let mut workspace = Workspace::<N, TILE>::zeros();
    let mut gradients = Gradients::zeros();
    let average = workspace.gradient(&network, &loss, &data, &mut gradients).unwrap();
    case.compare("loss", &[average]);
    case.compare_parameters("gradient", &gradients.of, key);

    let (mut outputs, mut input_gradients) = (vec![], vec![]);
    for (inputs, targets) in inputs.chunks(TILE).zip(targets.chunks(TILE)) {
        let mut pass = workspace.forward(&network, inputs).unwrap();
        let tile_outputs = pass.outputs().to_vec();
        let mut output_gradients = tile_outputs.clone();
        for ((a, y), gradient) in tile_outputs.iter().zip(targets).zip(&mut output_gradients) {
            loss.evaluate(a, y, gradient);
            for g in gradient.as_mut_slice() {
                *g = *g / N::Scalar::from_usize(data.inputs().len());
            }
        }
        let mut input_gradient = inputs.to_vec();
        pass.backward(&output_gradients, &mut gradients, Some(&mut input_gradient)).unwrap();
        outputs.extend(tile_outputs);
        input_gradients.extend(input_gradient);
    }
    case.compare("outputs", &flat(&outputs));
    case.compare("gradient/inputs", &flat(&input_gradients));

    let number = N::Scalar::from_f64;
    let sgd = Sgd { learning_rate: number(0.1) };
    train::<N, _, _, _>(&mut case, "sgd", &sgd, &loss, &data);
    let momentum = Momentum { learning_rate: number(0.1), ..Momentum::default() };
    train::<N, _, _, _>(&mut case, "momentum", &momentum, &loss, &data);
    let adam = Adam { learning_rate: number(0.01), ..Adam::default() };
    train::<N, _, _, _>(&mut case, "adam", &adam, &loss, &data);
    println!("{}: worst relative error {:.1e}", case.name, case.worst);
}

/// Makes ten steps on the whole batch. Compares the loss before each step, and the parameters after the last.
fn train<N, O, C, Y>(case: &mut Case, prefix: &str, optimizer: &O, loss: &C, data: &Samples<N::Input, Y>)
where
    N: Model<Scalar: Number>,
    O: Optimizer<N::Scalar>,
    C: LossOf<N, Y>,
{
    let mut network: N = case.start(key);
    let mut trainer = Trainer::<N, O, TILE>::zeros();
    let losses: Vec<N::Scalar> =
        (0..STEPS).map(|_| trainer.step(&mut network, optimizer, loss, data).unwrap()).collect();
    case.compare(&format!("{prefix}/losses"), &losses);
    case.compare_parameters(prefix, &network, key);
}

/// `case: input, [layers], loss, target;`, where the target `Output` is a vector like the network's output.
macro_rules! golden_tests {
    ($($name:ident: $in:literal, [$($layer:tt)*], $loss:expr, $target:ident $(<$classes:literal>)?;)*) => {$(
        mod $name {
            use super::*;

            type Net<T> = Network<$in, layers!(T, $in, $($layer)*), T>;
            #[allow(dead_code, reason = "the target of some")]
            type Output<T> = <Net<T> as Model>::Output;

            #[test]
            fn in_f64() {
                check::<Net<f64>, _, target!(f64, $target $(<$classes>)?)>(stringify!($name), $loss);
            }

            #[test]
            fn in_f32() {
                check::<Net<f32>, _, target!(f32, $target $(<$classes>)?)>(stringify!($name), $loss);
            }
        }
    )*};
}

/// `7 Tanh, 3 Identity` after 5 inputs is `(Dense<5, 7, Tanh, T>, Dense<7, 3, Identity, T>)`.
macro_rules! layers {
    ($t:ident, $in:literal, $out:literal $activation:ident) => { Dense<$in, $out, $activation, $t> };
    ($t:ident, $in:literal, $out:literal $activation:ident, $($rest:tt)*) => {
        (Dense<$in, $out, $activation, $t>, layers!($t, $out, $($rest)*))
    };
}

macro_rules! target {
    ($t:ident, Output) => { Output<$t> };
    ($t:ident, Class<$n:literal>) => { Class<$n> };
}

golden_tests! {
    sigmoid_quadratic: 2, [2 Sigmoid, 1 Sigmoid], Quadratic, Output;
    tanh_relu: 5, [7 Tanh, 4 Relu, 3 Identity], SoftmaxCrossEntropy, Class<3>;
    relu_tanh: 5, [7 Relu, 4 Tanh, 3 Identity], SoftmaxCrossEntropy, Output;
    gelu_silu: 3, [5 Gelu, 4 Silu, 2 Identity], MeanSquaredError, Output;
    gelu_tanh_softplus: 3, [4 GeluTanh, 5 Softplus, 2 Identity], HalfMeanSquaredError, Output;
    selu_elu: 4, [3 Selu, 5 Elu, 3 Identity], SoftmaxCrossEntropy, Class<3>;
    leaky_relu_bce: 3, [6 LeakyRelu, 4 Identity], SigmoidCrossEntropy, Output;
    sigmoid_bce: 4, [5 Sigmoid, 3 Identity], SigmoidCrossEntropy, Output;
    tanh_likelihood: 3, [5 Tanh, 4 Softmax], NegativeLogLikelihood, Class<4>;
    hard: 3, [4 HardTanh, 4 HardSigmoid, 2 Tanh], Quadratic, Output;
    softmax_inside: 3, [4 Softmax, 2 Identity], MeanSquaredError, Output;
    linear: 6, [1 Identity], MeanSquaredError, Output;
}

/// Every case of the file has a test.
#[test]
fn every_case_is_tested() {
    let source = include_str!("golden.rs");
    let cases = include_str!("data/golden.txt").lines().filter_map(|line| line.strip_prefix("case "));
    let mut count = 0;
    for case in cases {
        let name = case.split(' ').next().unwrap();
        assert!(source.contains(&format!("\n    {name}: ")), "{name}");
        count += 1;
    }
    assert_eq!(count, 2 * 12);
}
