//! Networks that learn well have no finding, with any seed, before and while they train.

use std::f32::consts::PI;

use stackprop::init::{self, Initializer};
use stackprop::{
    Adam, AdamW, Chain, Class, Dense, Dropout, Flatten, Gelu, LayerNorm, LearningRate, LossOf,
    MeanSquaredError, Model, Momentum, Network, Parallel, Parameters, Quadratic, Relu, Residual, Role, Sgd,
    Sigmoid, SigmoidCrossEntropy, Silu, SoftmaxCrossEntropy, Standardize, StateOf, Tanh,
};

use crate::{digits_with, initialised, report_after, standard};

type Head<const N: usize> = Dense<N, 10>;

/// Counts the reports with findings, and prints these.
fn alarms<N, O, C, X: Copy, Y>(
    name: &str,
    optimizer: &O,
    loss: &C,
    data: &[(X, Y)],
    make: impl Fn(u64) -> Box<N>,
) -> usize
where
    N: Model<Input = X> + Clone,
    O: LearningRate<N::Scalar>,
    StateOf<N, O>: Clone,
    C: LossOf<N, Y>,
{
    let (seeds, steps): (u64, &[usize]) =
        if cfg!(debug_assertions) { (10, &[0, 40]) } else { (30, &[0, 40, 500, 2000]) };
    let mut alarms = 0;
    for seed in 0..seeds {
        for &steps in steps {
            // Training takes long without optimisation.
            if cfg!(debug_assertions) && steps > 0 && seed > 0 {
                continue;
            }
            let report = report_after(steps, &mut *make(seed), optimizer, loss, data, seed);
            if !report.findings.is_empty() {
                println!("{name}, seed {seed}: {report}");
                alarms += 1;
            }
        }
    }
    alarms
}

fn with<N: Model<Scalar = f32>>(initializer: impl Initializer<f32>) -> impl Fn(u64) -> Box<N> {
    move |seed| initialised(&initializer, seed)
}

fn sgd(learning_rate: f32) -> Sgd {
    Sgd { learning_rate }
}

fn adam(learning_rate: f32) -> Adam {
    Adam { learning_rate, ..Adam::default() }
}

const MOMENTUM: Momentum = Momentum { learning_rate: 0.05, momentum: 0.9, dampening: 0.0 };

#[test]
fn relu() {
    type Net = Network<64, Chain![Dense<64, 32, Relu>, Head<32>]>;
    let data = digits_with(|x| x, |class| class);
    assert_eq!(alarms("relu", &sgd(0.1), &SoftmaxCrossEntropy, &data, with::<Net>(init::KaimingUniform)), 0);
    assert_eq!(
        alarms("adam", &adam(0.003), &SoftmaxCrossEntropy, &data, with::<Net>(init::KaimingUniform)),
        0
    );
}

#[test]
fn six_layers_of_relu() {
    type R = Dense<32, 32, Relu>;
    type Net = Network<64, Chain![Dense<64, 32, Relu>, R, R, R, R, Head<32>]>;
    let data = standard(|class| class);
    assert_eq!(
        alarms("deep", &adam(0.001), &SoftmaxCrossEntropy, &data, with::<Net>(init::KaimingNormal)),
        0
    );
}

#[test]
fn tanh() {
    type Net = Network<64, Chain![Dense<64, 32, Tanh>, Dense<32, 32, Tanh>, Head<32>]>;
    let data = standard(|class| class);
    assert_eq!(
        alarms("tanh", &adam(0.003), &SoftmaxCrossEntropy, &data, with::<Net>(init::XavierUniform)),
        0
    );
    assert_eq!(alarms("tanh", &MOMENTUM, &SoftmaxCrossEntropy, &data, with::<Net>(init::XavierUniform)), 0);
}

#[test]
fn sigmoid() {
    type Net = Network<64, Chain![Dense<64, 32, Sigmoid>, Head<32>]>;
    type Nielsen = Network<64, Chain![Dense<64, 30, Sigmoid>, Dense<30, 10, Sigmoid>]>;
    let data = digits_with(|x| x, |class| class);
    assert_eq!(
        alarms("sigmoid", &adam(0.01), &SoftmaxCrossEntropy, &data, with::<Net>(init::XavierUniform)),
        0
    );
    // The first network of Nielsen's book, with its learning rate of 3.
    assert_eq!(alarms("Nielsen", &sgd(3.0), &Quadratic, &data, with::<Nielsen>(init::NielsenNormal)), 0);
}

#[test]
fn gelu_and_silu() {
    type Net = Network<64, Chain![Dense<64, 32, Gelu>, Dense<32, 16, Silu>, Head<16>]>;
    let data = digits_with(|x| 2.0 * x - 1.0, |class| class);
    assert_eq!(alarms("gelu", &MOMENTUM, &SoftmaxCrossEntropy, &data, with::<Net>(init::KaimingUniform)), 0);
}

#[test]
fn layer_norm_dropout_and_a_residual_that_starts_at_zero() {
    type Block = Residual<Chain![LayerNorm<32>, Dense<32, 32, Relu>, Dense<32, 32>]>;
    type Net = Network<64, Chain![Dense<64, 32>, Block, Dropout<20>, LayerNorm<32>, Head<32>]>;
    let data = digits_with(|x| x, |class| class);
    let adam_w = AdamW { learning_rate: 0.003, ..AdamW::default() };
    let make = |seed| {
        let mut network = initialised::<Net>(&init::KaimingUniform, seed);
        network.layers.1.0.0.1.1.weight = [[0.0; 32]; 32];
        network
    };
    assert_eq!(alarms("LayerNorm", &adam_w, &SoftmaxCrossEntropy, &data, make), 0);
}

// All weights start at 0: there is no symmetry to break without a hidden layer.
#[test]
fn softmax_regression_that_starts_at_zero() {
    type Net = Network<64, Head<64>>;
    let data = digits_with(|x| x, |class| class);
    assert_eq!(alarms("softmax regression", &sgd(0.5), &SoftmaxCrossEntropy, &data, |_| Net::boxed()), 0);
}

// A last layer of 0 is usual, too.
#[test]
fn a_last_layer_that_starts_at_zero() {
    type Net = Network<64, Chain![Dense<64, 32, Relu>, Head<32>]>;
    let data = digits_with(|x| x, |class| class);
    let make = |seed| {
        let mut network = initialised::<Net>(&init::KaimingUniform, seed);
        network.visit_mut(|block, values| {
            if (block.layer, block.role) == (1, Role::Weight) {
                values.fill(0.0);
            }
        });
        network
    };
    assert_eq!(alarms("last layer of 0", &sgd(0.1), &SoftmaxCrossEntropy, &data, make), 0);
}

#[test]
fn inputs_that_the_network_normalises() {
    type Net = Network<64, Chain![Standardize<64>, Dense<64, 32, Relu>, Head<32>]>;
    let data = digits_with(|x| 16.0 * x, |class| class);
    let make = |seed| {
        let mut network = initialised::<Net>(&init::KaimingUniform, seed);
        for (pixels, _) in &data {
            network.observe(pixels);
        }
        network
    };
    assert_eq!(alarms("Standardize", &adam(0.003), &SoftmaxCrossEntropy, &data, make), 0);
}

#[test]
fn one_logit_and_two_heads() {
    type One = Network<64, Chain![Dense<64, 16, Tanh>, Dense<16, 1>]>;
    let data = digits_with(|x| x, |class| [f32::from(u8::from(class.index() % 2 == 1))]);
    assert_eq!(
        alarms("odd or even", &adam(0.01), &SigmoidCrossEntropy, &data, with::<One>(init::XavierUniform)),
        0
    );
    type Heads = Parallel<Dense<16, 2, Tanh>, Chain![Dense<16, 8, Tanh>, Dense<8, 2>]>;
    type Two = Network<64, Chain![Dense<64, 16, Tanh>, Heads, Flatten<4>]>;
    let data =
        digits_with(|x| x, |class| [0.5, -0.5, 1.0, 2.0].map(|y| y * (class.index() as f32 / 4.5 - 1.0)));
    assert_eq!(
        alarms("two heads", &adam(0.003), &MeanSquaredError, &data, with::<Two>(init::XavierUniform)),
        0
    );
}

#[test]
fn an_autoencoder() {
    type Net = Network<64, Chain![Dense<64, 16, Relu>, Dense<16, 64, Sigmoid>]>;
    let data: Vec<_> = digits_with(|x| x, |class| class).into_iter().map(|(x, _)| (x, x)).collect();
    assert_eq!(
        alarms("autoencoder", &adam(0.003), &MeanSquaredError, &data, with::<Net>(init::XavierUniform)),
        0
    );
}

#[test]
fn regression() {
    type Net = Network<1, Chain![Dense<1, 16, Tanh>, Dense<16, 16, Tanh>, Dense<16, 1>]>;
    let data: Vec<_> =
        (0..256).map(|i| i as f32 / 128.0 - 1.0).map(|x| ([PI * x], [(PI * x).sin()])).collect();
    assert_eq!(alarms("sine", &adam(0.01), &MeanSquaredError, &data, with::<Net>(init::XavierUniform)), 0);
    assert_eq!(alarms("sine", &sgd(0.1), &Quadratic, &data, with::<Net>(init::XavierNormal)), 0);
    // A period from 0 on is not normalised, but learnt all the same.
    let later: Vec<_> = data.iter().map(|([x], y)| ([x + PI], *y)).collect();
    assert_eq!(
        alarms("from 0", &adam(0.003), &MeanSquaredError, &later, with::<Net>(init::XavierUniform)),
        0
    );
    // Small targets.
    type Wide = Network<1, Chain![Dense<1, 32, Relu>, Dense<32, 1>]>;
    let data: Vec<_> = data.iter().map(|(x, [y])| (*x, [0.3 * y])).collect();
    assert_eq!(
        alarms("small", &adam(0.003), &MeanSquaredError, &data, with::<Wide>(init::KaimingUniform)),
        0
    );
    // Two inputs, one of which is 0 or 1.
    type Plane = Network<2, Chain![Dense<2, 16, Gelu>, Dense<16, 1>]>;
    let data: Vec<_> =
        data.iter().zip(0..).map(|(([x], [y]), i)| ([*x, (i % 2) as f32], [y + (i % 2) as f32])).collect();
    assert_eq!(
        alarms("plane", &adam(0.003), &MeanSquaredError, &data, with::<Plane>(init::KaimingUniform)),
        0
    );
}

#[test]
fn two_classes() {
    type Net = Network<2, Chain![Dense<2, 8, Tanh>, Dense<8, 2>]>;
    let data: Vec<_> = (0..256)
        .map(|i| [(i % 16) as f32 / 8.0 - 1.0, (i / 16) as f32 / 8.0 - 1.0])
        .map(|[x, y]| ([x, y], Class::<2>::new(usize::from(x * y > 0.0)).unwrap()))
        .collect();
    assert_eq!(alarms("XOR", &adam(0.01), &SoftmaxCrossEntropy, &data, with::<Net>(init::XavierUniform)), 0);
}
