//! `Model::evaluate_f32` has the bits of the typed network, for every layer and every activation; so the file that
//! `generate` writes also fits the type whose text is in it.

use stackprop::weights::{Example, Mismatch, Names};
use stackprop_kit::import::safetensors;
use stackprop_kit::model::{Layer, Model, parse_type};
use stackprop_kit::rust;

/// Numbers in (-1, 1) from a linear congruential generator (Knuth, MMIX).
struct Numbers(u64);

impl Iterator for Numbers {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Some(f64::from((self.0 >> 40) as i32) / f64::from(1 << 23) - 1.0)
    }
}

/// A model of this type with such parameters.
fn model(text: &str) -> Model {
    let mut numbers = Numbers(text.len() as u64);
    let mut fill = |values: &mut Vec<f64>| values.iter_mut().for_each(|x| *x = numbers.next().unwrap());
    let mut model = parse_type(text, 10_000).unwrap();
    for layer in &mut model.layers {
        match layer {
            Layer::Dense { weights, biases, .. } => [weights, biases].into_iter().for_each(&mut fill),
            Layer::LayerNorm { gain, shift } => [gain, shift].into_iter().for_each(&mut fill),
            Layer::PRelu { slope } => fill(slope),
            Layer::Standardize { mean, variance, count } => {
                *count = 12;
                [mean, &mut *variance].into_iter().for_each(&mut fill);
                variance.iter_mut().for_each(|v| *v = v.abs());
            }
            Layer::BatchNorm { gain, shift, mean, variance, count } => {
                *count = 34;
                [gain, shift, mean, &mut *variance].into_iter().for_each(&mut fill);
                variance.iter_mut().for_each(|v| *v = v.abs());
            }
        }
    }
    model
}

/// Compares a typed network with the model of the same type.
macro_rules! same_bits {
    ($($name:ident: Network<$inputs:literal, Chain![$($layers:tt)+]>;)+) => {$(
        #[test]
        fn $name() {
            use stackprop::*;
            type Net = Network<$inputs, Chain![$($layers)+]>;
            let text = stringify!(Network<$inputs, Chain![$($layers)+]>);
            let model = model(text);
            let file = rust::safetensors(&model).unwrap();
            let mut network = Net::zeros();
            network.load(&file, Names::Sequential).unwrap();
            let verified = network.verify(&Example::read(&file).unwrap());
            assert!(
                verified.is_ok() || numerics() != Numerics::Fused && !matches!(verified, Err(Mismatch::Checksum { .. })),
                "{verified:?}"
            );
            let mut numbers = Numbers(1);
            for scale in [0.1, 1.0, 3.0, 20.0, 1000.0] {
                let x: [f32; $inputs] = core::array::from_fn(|_| (scale * numbers.next().unwrap()) as f32);
                let expected = network.predict(&x);
                let y = model.evaluate_f32(&x).unwrap();
                assert_eq!(y.len(), expected.len());
                if numerics() == Numerics::Fused {
                    let bits = |y: &[f32]| y.iter().map(|y| y.to_bits()).collect::<Vec<_>>();
                    assert_eq!(bits(&y), bits(&expected), "{y:?} is not {expected:?}");
                }
                if scale > 1.0 {
                    continue; // Sums of large terms may cancel, and their rounding errors do not.
                }
                // In f64, the same within the rounding of f32.
                let exact = model.evaluate(&x.map(f64::from)).unwrap();
                let largest = exact.iter().fold(0.0_f64, |largest, y| largest.max(y.abs()));
                for (y, exact) in y.iter().zip(exact) {
                    assert!((f64::from(*y) - exact).abs() <= 1e-5 * largest, "{y} is not {exact}");
                }
            }
            // The file says its type, and gives the same model again, with the parameters rounded.
            let again = safetensors::parse(&file, &safetensors::Options::default()).unwrap();
            assert_eq!(rust::safetensors(&again.model).unwrap(), file);
            assert_eq!(again.model.parameters(), Net::PARAMETERS);
        }
    )+};
}

same_bits! {
    identity: Network<7, Chain![Dense<7, 19>, Dense<19, 3>]>;
    relu: Network<7, Chain![Dense<7, 19, Relu>, Dense<19, 3>]>;
    leaky_relu: Network<7, Chain![Dense<7, 19, LeakyRelu<200>>, Dense<19, 3, LeakyRelu>]>;
    hard_sigmoid: Network<7, Chain![Dense<7, 19, HardSigmoid>, Dense<19, 3>]>;
    hard_tanh: Network<7, Chain![Dense<7, 19, HardTanh>, Dense<19, 3>]>;
    sigmoid: Network<7, Chain![Dense<7, 19, Sigmoid>, Dense<19, 3>]>;
    tanh: Network<7, Chain![Dense<7, 19, Tanh>, Dense<19, 3>]>;
    elu: Network<7, Chain![Dense<7, 19, Elu>, Dense<19, 3, Elu<300>>]>;
    selu: Network<7, Chain![Dense<7, 19, Selu>, Dense<19, 3>]>;
    softplus: Network<7, Chain![Dense<7, 19, Softplus>, Dense<19, 3>]>;
    silu: Network<7, Chain![Dense<7, 19, Silu>, Dense<19, 3>]>;
    gelu: Network<7, Chain![Dense<7, 19, Gelu>, Dense<19, 3>]>;
    gelu_tanh: Network<7, Chain![Dense<7, 19, GeluTanh>, Dense<19, 3>]>;
    softmax: Network<7, Chain![Dense<7, 19, Tanh>, Dense<19, 3, Softmax>]>;
    batch_norm: Network<7, Chain![BatchNorm<7>, Dense<7, 19>, BatchNorm<19>]>;
    standardize: Network<7, Chain![Standardize<7>, Dense<7, 19>]>;
    layer_norm: Network<7, Chain![Dense<7, 19>, LayerNorm<19>, Dense<19, 2, Tanh>]>;
    one_slope: Network<7, Chain![Dense<7, 19>, PRelu<19>]>;
    a_slope_each: Network<7, Chain![Dense<7, 19>, PRelu<19, 19>]>;
}
