//! The workloads by which speed is judged, beside the machine's limit in the same process.
//!
//! ```text
//! cargo bench --bench workloads             NAME value unit percent-of-limit
//! ```
//!
//! Each answer is checked before it is timed: inferences against plain loops in `f64`, trainings by their cost, which must
//! fall. A figure is the median of several repetitions. `STACKPROP_LEVEL` forces a level.
//!
//! Percent are of the multiply-adds that one core can start, 2 FLOP each; of training, those of forward, `dW` and the `dX`
//! that somebody needs. (Single inferences of large layers cannot come near: they wait for the weights.)

use std::hint::black_box;
use std::time::Instant;

use rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Adam, Chain, Class, Dense, MeanSquaredError, Network, Parameters, Quadratic, Relu, Role, Scalar, Sgd,
    Sigmoid, SoftmaxCrossEntropy, Tanh, Trainer, init, level,
};

type I1 = Network<2, Chain![Dense<2, 3, Sigmoid>, Dense<3, 1, Sigmoid>]>;
type I2 = Network<13, Chain![Dense<13, 64, Tanh>, Dense<64, 64, Tanh>, Dense<64, 4>]>;
type I3 = Network<784, Chain![Dense<784, 30, Sigmoid>, Dense<30, 10, Sigmoid>]>;
type I4 = Network<784, Chain![Dense<784, 128, Relu>, Dense<128, 10>]>;
type I5 = Network<1, Chain![Dense<1, 8, Tanh>, Dense<8, 8, Tanh>, Dense<8, 1>]>;
type B2 = Network<784, Chain![Dense<784, 512, Relu>, Dense<512, 512, Relu>, Dense<512, 10>]>;

/// The hidden activation and that of the last layer.
type Activations = (fn(f64) -> f64, fn(f64) -> f64);
const SIGMOID: Activations = (|z| 1.0 / (1.0 + (-z).exp()), |z| 1.0 / (1.0 + (-z).exp()));
const TANH: Activations = (f64::tanh, |z| z);
const RELU: Activations = (|z| z.max(0.0), |z| z);

fn main() {
    let peak = peak_gflops();
    println!("level {}", level().name());
    println!("P {peak:.1} GFLOP/s");

    macro_rules! inference {
        ($($name:literal: $net:ty, $activations:expr;)*) => {$({
            let (network, inputs) = prepared::<$net, _>(<$net>::boxed(), |n, rng| n.init(&init::XavierUniform, rng));
            check(&*network, &inputs[0], &network.predict(&inputs[0]), $activations);
            let seconds = median(|| {
                for input in &inputs {
                    black_box(network.predict(black_box(input)));
                }
            }) / inputs.len() as f64;
            let gflops = 2e-9 * <$net>::MACS as f64 / seconds;
            println!("{} {:.1} ns {:.0} %", $name, 1e9 * seconds, 100.0 * gflops / peak);
        })*};
    }
    inference! {
        "I1": I1, SIGMOID;
        "I2": I2, TANH;
        "I3": I3, SIGMOID;
        "I4": I4, RELU;
        "I5": I5, TANH;
    }

    macro_rules! batch {
        ($($name:literal: $net:ty;)*) => {$({
            let (network, inputs) = prepared::<$net, _>(<$net>::boxed(), |n, rng| n.init(&init::XavierUniform, rng));
            let inputs: &[_; 256] = inputs.first_chunk().expect("256 inputs");
            let mut outputs = Box::new([[0.0; 10]; 256]);
            network.predict_batch(inputs, &mut outputs);
            check(&*network, &inputs[255], &outputs[255], RELU);
            let seconds = median(|| network.predict_batch(black_box(inputs), &mut outputs));
            let gflops = 2e-9 * 256.0 * <$net>::MACS as f64 / seconds;
            println!("{} {:.0} samples/s {:.1} GFLOP/s {:.0} %", $name, 256.0 / seconds, gflops, 100.0 * gflops / peak);
        })*};
    }
    batch! {
        "B1": I4;
        "B2": B2;
    }

    macro_rules! training {
        ($($name:literal: $net:ty, first layer $first:expr, $batch:literal, $optimizer:ident $settings:expr, $cost:expr, $target:expr;)*) => {$({
            let (mut network, inputs) = prepared::<$net, _>(<$net>::boxed(), |n, rng| n.init(&init::XavierUniform, rng));
            let samples: Vec<_> = inputs.iter().enumerate().map(|(k, x)| (*x, $target(k))).take($batch).collect();
            let mut trainer = Trainer::<$net, $optimizer, $batch>::boxed();
            let mut step = || trainer.step(&mut network, &$settings, &$cost, &samples).expect("finite");
            let (before, after) = (step(), (0..100).map(|_| step()).fold(0.0, |_, cost| cost));
            assert!(after < before, "{} learns nothing: {before} to {after}", $name);
            let seconds = median(|| {
                black_box(step());
            }) / f64::from($batch);
            // Forward and dW of all layers, dX of all but the first.
            let gflops = 2e-9 * (3 * <$net>::MACS - $first) as f64 / seconds;
            println!("{} {:.0} samples/s {:.1} GFLOP/s {:.0} %", $name, 1.0 / seconds, gflops, 100.0 * gflops / peak);
        })*};
    }
    let class = |k: usize| Class::<10>::new(k % 10).expect("below 10");
    training! {
        "T1": I3, first layer 784 * 30, 10, Sgd Sgd { learning_rate: 0.1 }, Quadratic, class;
        "T2": I4, first layer 784 * 128, 32, Adam Adam::default(), SoftmaxCrossEntropy, class;
        "T3": I2, first layer 13 * 64, 64, Adam Adam::default(), MeanSquaredError, |k: usize| [(k % 3) as f32 * 0.3; 4];
    }
}

/// A network with random weights, and random inputs.
fn prepared<N: stackprop::Model<Input = [f32; IN]>, const IN: usize>(
    mut network: Box<N>,
    init: impl FnOnce(&mut N, &mut Xoshiro128PlusPlus),
) -> (Box<N>, Vec<[f32; IN]>) {
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
    init(&mut network, &mut rng);
    let inputs = (0..256).map(|_| core::array::from_fn(|_| f32::random(&mut rng))).collect();
    (network, inputs)
}

/// The output against plain loops in `f64`.
fn check(network: &impl Parameters<f32>, input: &[f32], output: &[f32], (hidden, last): Activations) {
    let mut layers: Vec<(Vec<f64>, Vec<f64>)> = vec![];
    network.visit(|block, values| {
        let values = values.iter().map(|&v| f64::from(v)).collect();
        match block.role {
            Role::Weight => layers.push((values, vec![])),
            Role::Bias => layers.last_mut().expect("weights come first").1 = values,
        }
    });
    let mut a: Vec<f64> = input.iter().map(|&x| f64::from(x)).collect();
    let depth = layers.len();
    for (l, (w, b)) in layers.into_iter().enumerate() {
        let sigma = if l + 1 == depth { last } else { hidden };
        let z = |o| b[o] + a.iter().enumerate().map(|(i, x)| x * w[i * b.len() + o]).sum::<f64>();
        a = (0..b.len()).map(|o| sigma(z(o))).collect();
    }
    for (&got, expected) in output.iter().zip(&a) {
        assert!((f64::from(got) - expected).abs() <= 1e-4 * expected.abs().max(1.0), "{got} for {expected}");
    }
}

/// The seconds of one call: the median of nine stretches of at least 10 ms each.
fn median(mut f: impl FnMut()) -> f64 {
    let mut calls = 1_u32;
    let mut stretch = |calls: u32| {
        let start = Instant::now();
        (0..calls).for_each(|_| f());
        start.elapsed().as_secs_f64()
    };
    while stretch(calls) < 0.01 {
        calls *= 2;
    }
    let mut seconds: Vec<f64> = (0..9).map(|_| stretch(calls) / f64::from(calls)).collect();
    seconds.sort_by(f64::total_cmp);
    seconds[4]
}

/// How many GFLOP/s of multiply-adds one core starts: twelve independent chains of the widest vectors it has.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
fn peak_gflops() -> f64 {
    use std::arch::x86_64::*;
    const TURNS: usize = 1000;

    macro_rules! chains {
        ($name:ident, $features:literal, $v:ty, $set:ident, $fma:ident) => {
            #[target_feature(enable = $features)]
            fn $name() {
                let (x, y) = (black_box($set(0.5)), black_box($set(0.25)));
                let mut acc: [$v; 12] = [x; 12];
                for _ in 0..TURNS {
                    for acc in &mut acc {
                        *acc = $fma(*acc, x, y);
                    }
                }
                black_box(acc);
            }
        };
    }
    chains!(avx512, "avx512f", __m512, _mm512_set1_ps, _mm512_fmadd_ps);
    chains!(avx2, "avx2,fma", __m256, _mm256_set1_ps, _mm256_fmadd_ps);

    let flop = |lanes: usize| (2 * lanes * 12 * TURNS) as f64;
    if is_x86_feature_detected!("avx512f") {
        // SAFETY: the processor has just been asked.
        1e-9 * flop(16) / median(|| unsafe { avx512() })
    } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        // SAFETY: the processor has just been asked.
        1e-9 * flop(8) / median(|| unsafe { avx2() })
    } else {
        f64::NAN
    }
}

/// Not known: percentages are NaN.
#[cfg(not(target_arch = "x86_64"))]
fn peak_gflops() -> f64 {
    f64::NAN
}
