//! Typed networks with random parameters, and the same as a [`Model`].

use stackprop::layer::Layer as TypedLayer;
use stackprop::{BatchNorm, Dense, LayerNorm, Network, PRelu, Parameters, Role, Standardize, layers};
use stackprop_kit::model::{Activation, Layer, Model};

use crate::random::Random;

/// An activation's name in a [`Model`].
pub trait Named {
    const ACTIVATION: Activation;
}

macro_rules! named {
    ($($name:ident),*) => {$(
        use stackprop::$name;
        impl Named for $name {
            const ACTIVATION: Activation = Activation::$name;
        }
    )*};
}

named!(Identity, Relu, HardSigmoid, HardTanh, Sigmoid, Tanh, Selu, Softplus, Silu, Gelu, GeluTanh, Softmax);
use stackprop::{Elu, LeakyRelu};

impl<const PERMILLE: u32> Named for LeakyRelu<PERMILLE> {
    const ACTIVATION: Activation = Activation::LeakyRelu { permille: PERMILLE };
}

impl<const PERMILLE: u32> Named for Elu<PERMILLE> {
    const ACTIVATION: Activation = Activation::Elu { permille: PERMILLE };
}

/// Typed layers as those of a [`Model`].
pub trait Described {
    fn describe(&self, layers: &mut Vec<Layer>);
}

pub fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}

impl<L: Described, M: Described> Described for (L, M) {
    fn describe(&self, layers: &mut Vec<Layer>) {
        self.0.describe(layers);
        self.1.describe(layers);
    }
}

impl<const IN: usize, const OUT: usize, A: Named> Described for Dense<IN, OUT, A> {
    fn describe(&self, layers: &mut Vec<Layer>) {
        layers.push(Layer::Dense {
            inputs: IN,
            outputs: OUT,
            weights: wide(self.weight.as_flattened()),
            biases: wide(&self.bias),
            activation: A::ACTIVATION,
        });
    }
}

impl<const N: usize> Described for BatchNorm<N> {
    fn describe(&self, layers: &mut Vec<Layer>) {
        layers.push(Layer::BatchNorm {
            gain: wide(&self.weight),
            shift: wide(&self.bias),
            mean: wide(&self.running_mean),
            variance: wide(&self.running_var),
            count: 1,
        });
    }
}

impl<const N: usize> Described for Standardize<N> {
    fn describe(&self, layers: &mut Vec<Layer>) {
        layers.push(Layer::Standardize { mean: wide(&self.mean), variance: wide(&self.variance), count: 1 });
    }
}

impl<const N: usize> Described for LayerNorm<N> {
    fn describe(&self, layers: &mut Vec<Layer>) {
        layers.push(Layer::LayerNorm { gain: wide(&self.weight), shift: wide(&self.bias) });
    }
}

impl<const N: usize, const SLOPES: usize> Described for PRelu<N, SLOPES> {
    fn describe(&self, layers: &mut Vec<Layer>) {
        layers.push(Layer::PRelu { slope: wide(&self.weight) });
    }
}

/// The typed network as a function.
pub type Predict = dyn Fn(&[f32]) -> Vec<f32>;

/// A network of both kinds.
pub struct Case {
    pub name: &'static str,
    pub model: Model,
    pub predict: Box<Predict>,
}

/// A network with random parameters.
pub fn case<const IN: usize, const OUT: usize, L>(name: &'static str, layers: L) -> Case
where
    L: TypedLayer<[f32; IN], Output = [f32; OUT]> + Parameters<f32> + Described + 'static,
{
    let mut random = Random(name.bytes().fold(7_u64, |seed, byte| seed.wrapping_mul(31) ^ u64::from(byte)));
    let mut network = Network::<IN, L>::new(layers);
    network.visit_mut(|block, values| {
        for value in values {
            *value = match block.role {
                Role::Weight => 2.0 * random.unit() / (block.fan_in as f32).sqrt(),
                Role::Variance => 2.0 * random.unit().abs(),
                Role::Count => 1.0,
                _ => random.unit(),
            };
        }
    });
    let mut of_model = Vec::new();
    network.layers.describe(&mut of_model);
    Case {
        name,
        model: Model { inputs: IN, layers: of_model },
        predict: Box::new(move |input| network.predict::<[f32; OUT]>(input.try_into().unwrap()).to_vec()),
    }
}

/// Each layer and activation, widths around those of vectors, layers that work in place in each position.
pub fn cases() -> Vec<Case> {
    vec![
        case::<3, 2, _>("affine", Dense::<3, 2, Identity>::new()),
        case::<1, 1, _>("one", Dense::<1, 1, Tanh>::new()),
        case::<5, 4, _>("relu", layers![Dense::<5, 17, Relu>::new(), Dense::<17, 4, Identity>::new()]),
        case::<5, 9, _>(
            "leaky",
            layers![Dense::<5, 9, LeakyRelu>::new(), Dense::<9, 9, LeakyRelu<200>>::new()],
        ),
        case::<4, 8, _>("hard", layers![Dense::<4, 8, HardSigmoid>::new(), Dense::<8, 8, HardTanh>::new()]),
        case::<4, 33, _>("sigmoid", Dense::<4, 33, Sigmoid>::new()),
        case::<13, 4, _>(
            "tanh",
            layers![
                Dense::<13, 64, Tanh>::new(),
                Dense::<64, 64, Tanh>::new(),
                Dense::<64, 4, Identity>::new()
            ],
        ),
        case::<4, 16, _>("elu", layers![Dense::<4, 16, Elu>::new(), Dense::<16, 16, Elu<300>>::new()]),
        case::<4, 7, _>("selu", Dense::<4, 7, Selu>::new()),
        case::<4, 20, _>("softplus", Dense::<4, 20, Softplus>::new()),
        case::<4, 12, _>("silu", Dense::<4, 12, Silu>::new()),
        case::<4, 31, _>("gelu", Dense::<4, 31, Gelu>::new()),
        case::<4, 15, _>("gelu_tanh", Dense::<4, 15, GeluTanh>::new()),
        case::<6, 10, _>("softmax", layers![Dense::<6, 32, Relu>::new(), Dense::<32, 10, Softmax>::new()]),
        case::<3, 2, _>("two_classes", Dense::<3, 2, Softmax>::new()),
        case::<6, 3, _>(
            "standardized",
            layers![Standardize::<6>::new(), Dense::<6, 11, Silu>::new(), Dense::<11, 3, Identity>::new()],
        ),
        case::<5, 5, _>("only_standardized", Standardize::<5>::new()),
        case::<5, 8, _>(
            "batch_norm",
            layers![
                BatchNorm::<5>::new(),
                Dense::<5, 8, Identity>::new(),
                BatchNorm::<8>::new(),
                Dense::<8, 8, Relu>::new(),
                BatchNorm::<8>::new()
            ],
        ),
        case::<5, 19, _>(
            "layer_norm",
            layers![LayerNorm::<5>::new(), Dense::<5, 19, Silu>::new(), LayerNorm::<19>::new()],
        ),
        case::<5, 6, _>(
            "p_relu",
            layers![
                PRelu::<5>::new(),
                Dense::<5, 6, Identity>::new(),
                PRelu::<6, 6>::new(),
                LayerNorm::<6>::new(),
                PRelu::<6>::new()
            ],
        ),
        case::<64, 10, _>(
            "deep",
            layers![
                Standardize::<64>::new(),
                Dense::<64, 40, Gelu>::new(),
                LayerNorm::<40>::new(),
                Dense::<40, 24, Softplus>::new(),
                Dense::<24, 48, Elu>::new(),
                Dense::<48, 10, Softmax>::new()
            ],
        ),
    ]
}

/// Two layers of 64 inputs, as on a microcontroller.
pub fn digits() -> Case {
    case::<64, 10, _>("digits", layers![Dense::<64, 64, Relu>::new(), Dense::<64, 10, Identity>::new()])
}
