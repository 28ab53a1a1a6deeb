//! Whether the time of a call depends on the numbers.
//!
//! ```text
//! cargo bench --bench predictable          NAME slowest/fastest (the input of the slowest)
//! ```
//!
//! A processor may take a hundred cycles for an operation on a subnormal number. So each activation, a network and
//! steps of training are timed with numbers of all kinds: zero, subnormal, tiny, ordinary, large, infinite and NaN. A
//! time is the shortest of many stretches, so that other load on the machine does not count, and a line has the
//! quotient of the longest and the shortest time of all kinds.
//!
//! In a step, the inputs go silent: they fade from 1 to below the smallest number, as when a sensor is switched off.
//! Gradients, moments and activations fade with them. The line compares the slowest hundred steps with the fastest.

use std::hint::black_box;
use std::time::Instant;

use rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::activation::Activation;
use stackprop::{
    Adam, AmsGrad, Chain, Dense, Elu, Gelu, GeluTanh, HardSigmoid, HardTanh, Layer, LeakyRelu, Lion,
    MeanSquaredError, Momentum, NAdam, Network, Optimizer, Relu, RmsProp, Selu, Sgd, Sigmoid, Silu, Softmax,
    Softplus, Tanh, Trainer, init, level,
};

/// The kinds of numbers, each with both signs.
const KINDS: [f32; 16] = [
    0.0,
    1e-45,
    1e-40,
    f32::MIN_POSITIVE,
    1e-20,
    1e-4,
    0.1,
    0.5,
    1.0,
    4.0,
    9.5,
    20.0,
    89.0,
    1e20,
    f32::INFINITY,
    f32::NAN,
];

fn main() {
    println!("level {}", level().name());
    macro_rules! activations {
        ($($name:literal: $activation:ty;)*) => { $(activation::<$activation>($name);)* };
    }
    activations! {
        "Relu": Relu;
        "LeakyRelu": LeakyRelu;
        "HardSigmoid": HardSigmoid;
        "HardTanh": HardTanh;
        "Sigmoid": Sigmoid;
        "Tanh": Tanh;
        "Elu": Elu;
        "Selu": Selu;
        "Softplus": Softplus;
        "Silu": Silu;
        "Gelu": Gelu;
        "GeluTanh": GeluTanh;
        "Softmax": Softmax;
    }
    inference();
    step("Sgd", Sgd { learning_rate: 0.01 });
    step("Momentum", Momentum { learning_rate: 0.001, ..Momentum::default() });
    step("RmsProp", RmsProp::<f32>::default());
    step("Adam", Adam::<f32>::default());
    step("AmsGrad", AmsGrad::<f32>::default());
    step("NAdam", NAdam::<f32>::default());
    step("Lion", Lion::<f32>::default());
}

/// 64 outputs of a layer whose weighted inputs are all the same number: its bias.
fn activation<A: Activation>(name: &str)
where
    Dense<1, 64, A>: Layer<[f32; 1], Output = [f32; 64]>,
{
    compare(name, |number| {
        let network = Network::new(Dense::<1, 64, A>::from_parameters([[0.0; 64]], [number; 64]));
        shortest(|| {
            black_box(black_box(&network).predict(black_box(&[0.0])));
        })
    });
}

/// 13-64-64-4 with tanh, where all inputs are the same number.
fn inference() {
    type Net = Network<13, Chain![Dense<13, 64, Tanh>, Dense<64, 64, Tanh>, Dense<64, 4>]>;
    let mut network = Box::new(Net::zeros());
    network.init(&init::XavierUniform, &mut Xoshiro128PlusPlus::seed_from_u64(1));
    compare("13-64-64-4", |number| {
        shortest(|| {
            black_box(network.predict(black_box(&[number; 13])));
        })
    });
}

/// Measures each kind of number, and prints the quotient.
fn compare(name: &str, mut seconds: impl FnMut(f32) -> f64) {
    let kinds = KINDS.into_iter().flat_map(|number| [number, -number]);
    let times: Vec<(f64, f32)> = kinds.map(|number| (seconds(number), number)).collect();
    let by_time = |a: &&(f64, f32), b: &&(f64, f32)| a.0.total_cmp(&b.0);
    let (slowest, fastest) = (times.iter().max_by(by_time), times.iter().min_by(by_time));
    let ((slowest, number), (fastest, _)) = (slowest.expect("kinds"), fastest.expect("kinds"));
    println!("{name:12} {:.2} ({number:e})", slowest / fastest);
}

/// Steps of 16-32-4 while the inputs fade.
fn step<O: Optimizer<f32>>(name: &str, optimizer: O) {
    type Net = Network<16, Chain![Dense<16, 32, Tanh>, Dense<32, 4>]>;
    const STEPS: usize = 8000;
    // The same steps again and again, of which each has its shortest time.
    let mut times = vec![f64::INFINITY; STEPS / 100];
    for _ in 0..15 {
        let mut network = Box::new(Net::zeros());
        network.init(&init::XavierUniform, &mut Xoshiro128PlusPlus::seed_from_u64(1));
        let mut trainer = Trainer::<Net, O, 8>::boxed();
        let mut scale = 1.0;
        for hundred in &mut times {
            let start = Instant::now();
            for _ in 0..100 {
                // From 1 to 1e-45 and then 0, in some 6,900 steps.
                scale *= 0.985;
                let batch: [_; 8] = core::array::from_fn(|s| ([scale * (1 + s) as f32; 16], [0.0; 4]));
                trainer.step(&mut network, &optimizer, &MeanSquaredError, &batch).expect("finite");
            }
            *hundred = hundred.min(start.elapsed().as_secs_f64());
        }
    }
    let (first, rest) = times.split_first().expect("steps");
    let slowest = rest.iter().copied().fold(*first, f64::max);
    let fastest = rest.iter().copied().fold(*first, f64::min);
    let place = 100 * times.iter().position(|time| *time == slowest).expect("one of them");
    println!("step of {name:10} {:.2} (after {place} steps)", slowest / fastest);
}

/// The seconds of a call in the fastest of many stretches.
fn shortest(mut f: impl FnMut()) -> f64 {
    const CALLS: u32 = 64;
    let stretch = |_| {
        let start = Instant::now();
        (0..CALLS).for_each(|_| f());
        start.elapsed().as_secs_f64() / f64::from(CALLS)
    };
    (0..1000).map(stretch).fold(f64::INFINITY, f64::min)
}
