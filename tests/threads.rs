//! Feature `threads`: the number of threads changes no bit, and no error.

use std::sync::{Mutex, PoisonError};

use rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Adam, Chain, Class, Dense, Fault, Gradients, InPlaceTrainer, MeanSquaredError, Momentum, Network,
    Optimizer, Parameters, Relu, Residual, Samples, Sgd, SoftmaxCrossEntropy, StepError, Tanh, Trainer,
    Workspace, init, threads,
};

/// Each product of its first layers is divided, and that of its last is not.
type Net = Network<200, Chain![Dense<200, 130, Relu>, Residual<Dense<130, 130, Tanh>>, Dense<130, 10>]>;
const SAMPLES: usize = 96;

fn network() -> Box<Net> {
    let mut network = Net::boxed();
    network.init(&init::KaimingNormal, &mut Xoshiro128PlusPlus::seed_from_u64(7));
    network
}

fn inputs<const N: usize>(samples: usize) -> Vec<[f32; N]> {
    (0..samples).map(|s| std::array::from_fn(|i| ((s * 31 + i * 17) % 101) as f32 * 0.02 - 1.0)).collect()
}

fn classes(samples: usize) -> Vec<Class<10>> {
    (0..samples).map(|s| Class::new(s % 10).expect("below 10")).collect()
}

/// Asserts that a computation has the same result with one thread and with several.
#[track_caller]
fn same<R: PartialEq + std::fmt::Debug>(compute: impl Fn() -> R) -> R {
    // (All tests share the number.)
    static COUNT: Mutex<()> = Mutex::new(());
    let _lock = COUNT.lock().unwrap_or_else(PoisonError::into_inner);
    threads::set_count(1);
    let expected = compute();
    for count in [2, 3, 4, 7, 16] {
        threads::set_count(count);
        assert_eq!(threads::count(), count);
        for _ in 0..3 {
            assert_eq!(compute(), expected, "{count} threads");
        }
    }
    expected
}

fn bits<const N: usize>(rows: &[[f32; N]]) -> Vec<u32> {
    rows.as_flattened().iter().map(|x| x.to_bits()).collect()
}

fn trained<O: Optimizer<f32>, const B: usize>(optimizer: &O) -> (u64, u32) {
    let (mut network, mut trainer) = (network(), Trainer::<Net, O, B>::boxed());
    let (inputs, targets) = (inputs(SAMPLES), classes(SAMPLES));
    let samples = Samples::new(&inputs, &targets).expect("as many of both");
    let mut loss = 0.0;
    for _ in 0..4 {
        loss = trainer.step(&mut network, optimizer, &SoftmaxCrossEntropy, &samples).expect("finite");
    }
    (network.checksum(), loss.to_bits())
}

#[test]
fn training() {
    let sgd = Sgd { learning_rate: 0.1 };
    let whole = same(|| trained::<_, SAMPLES>(&sgd));
    // A gradient in memory.
    assert_eq!(same(|| trained::<_, 64>(&sgd)), whole);
    same(|| trained::<_, SAMPLES>(&Momentum::default()));
    same(|| trained::<_, SAMPLES>(&Adam::default()));
}

#[test]
fn training_in_place() {
    same(|| {
        let (mut network, mut trainer) = (network(), InPlaceTrainer::<Net, Adam, SAMPLES>::boxed());
        let (inputs, targets) = (inputs(SAMPLES), classes(SAMPLES));
        let samples = Samples::new(&inputs, &targets).expect("as many of both");
        trainer.step(&mut network, &Adam::default(), &SoftmaxCrossEntropy, &samples).expect("finite");
        network.checksum()
    });
}

#[test]
fn double_precision() {
    type Precise = Network<100, Chain![Dense<100, 90, Tanh, f64>, Dense<90, 3, Tanh, f64>], f64>;
    same(|| {
        let (mut network, mut trainer) = (Precise::boxed(), Trainer::<Precise, Sgd<f64>, 64>::boxed());
        network.init(&init::XavierUniform, &mut Xoshiro128PlusPlus::seed_from_u64(7));
        let inputs: Vec<[f64; 100]> = inputs(64).iter().map(|x: &[f32; 100]| x.map(f64::from)).collect();
        let targets = [[0.5, -0.5, 0.25]; 64];
        let samples = Samples::new(&inputs, &targets).expect("as many of both");
        let loss = trainer.step(&mut network, &Sgd { learning_rate: 0.1 }, &MeanSquaredError, &samples);
        let mut outputs = vec![[0.0; 3]; 64];
        network.predict_many(&inputs, &mut outputs).expect("as many of both");
        (loss.expect("finite").to_bits(), network.checksum(), outputs)
    });
}

#[test]
fn inference() {
    let network = network();
    for samples in [1, 7, 15, 16, 17, 63, 64, 65, 100, 300] {
        let inputs = inputs(samples);
        let outputs = same(|| {
            let mut outputs = vec![[f32::NAN; 10]; samples];
            network.predict_many(&inputs, &mut outputs).expect("as many of both");
            bits(&outputs)
        });
        let alone: Vec<[f32; 10]> = inputs.iter().map(|input| network.predict(input)).collect();
        assert_eq!(outputs, bits(&alone));
    }
}

#[test]
fn forward_and_backward() {
    let (network, inputs) = (network(), inputs(SAMPLES));
    same(|| {
        let (mut workspace, mut gradients) = (Workspace::<Net, SAMPLES>::boxed(), Gradients::<Net>::boxed());
        let mut input_gradient = vec![[0.0; 200]; SAMPLES];
        let mut pass = workspace.forward(&network, &inputs).expect("a tile");
        let output_gradient = pass.outputs().to_vec();
        pass.backward(&output_gradient, &mut gradients, Some(&mut input_gradient)).expect("as many rows");
        (gradients.of.checksum(), bits(&input_gradient), bits(&output_gradient))
    });
}

/// A parameter whose update would be infinite keeps its value, all others change.
#[test]
fn an_update_that_is_not_finite() {
    for row in [0, 40, 199] {
        same(|| {
            let (mut network, mut trainer) = (network(), Trainer::<Net, Sgd, SAMPLES>::boxed());
            let (mut inputs, targets) = (inputs(SAMPLES), classes(SAMPLES));
            // The gradient of these weights is large, and finite.
            inputs.iter_mut().for_each(|input| input[row] = 1e4);
            network.layers.0.weight[row].fill(1e-4);
            let samples = Samples::new(&inputs, &targets).expect("as many of both");
            let sgd = Sgd { learning_rate: 1e36 };
            let error =
                trainer.step(&mut network, &sgd, &SoftmaxCrossEntropy, &samples).expect_err("infinite");
            assert!(matches!(error, StepError { cause: Fault::Update { .. }, .. }), "{error:?}");
            (error.to_string(), network.checksum())
        });
    }
}

/// Threads of a program compute alone while the pool works for another one of them.
#[test]
fn several_networks_at_once() {
    same(|| {
        std::thread::scope(|scope| {
            let runs: Vec<_> =
                (0..3).map(|_| scope.spawn(|| trained::<_, SAMPLES>(&Adam::default()))).collect();
            let results: Vec<_> = runs.into_iter().map(|run| run.join().expect("no panic")).collect();
            assert!(results.iter().all(|result| *result == results[0]));
            results[0]
        })
    });
}
