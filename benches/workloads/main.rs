//! Times the workloads by which speed is judged, and compares each with the machine's limit.
//!
//! ```text
//! cargo bench --bench workloads                        NAME value unit percent-of-limit
//! cargo bench --bench workloads -- --only I1,T2 --json
//! ```
//!
//! Each answer is checked before it is timed: inference against plain loops in `f64`, training by its loss, which must
//! fall. A figure is the median of eleven stretches, and a percentage the median of eleven ratios. The limit is
//! measured again before each stretch, so that other load on the machine slows both. `STACKPROP_LEVEL` forces a level.
//!
//! The calls of I1 to I5 do not depend on each other, so the processor works on several at a time: that is throughput.
//! L1, L2 and L5 are the same networks in a control loop: each input is made from the last output, as where an action
//! decides what a sensor sees next. `L1-worst` is the longest of a million such calls, each timed alone, and `L1-99.99%`
//! the time that one call in ten thousand exceeds; both include the clock's own time, `P-clock`, and whatever else the
//! machine does. Their percentage is that of the median of the million.
//!
//! `P-step` is the latency of a multiply-add. The limit of L1, L2 and L5 is the longest chain of multiply-adds that
//! wait for each other, activations left out: in each layer one for each input, or, in a narrow layer, for a quarter of
//! the inputs, and two additions (`stackprop::chains`).
//!
//! The limit of I3 and I4 is the speed at which one core reads as many bytes as the network has. The limit of the other
//! workloads is the throughput of multiply-adds, 2 FLOP each (at the portable level: multiplications and additions of
//! SSE2). For training, it counts those of the forward pass, of `dW`, and of each `dX` that is needed.

mod limit;

use std::hint::black_box;
use std::time::Instant;

use clap::Parser;
use rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Adam, Aligned, Chain, Class, Dense, Layer, MeanSquaredError, Network, Parameters, Quadratic, Relu, Role,
    Samples, Scalar, Sgd, Sigmoid, SoftmaxCrossEntropy, Tanh, Trainer, Zero, init, level,
};

use limit::Limit;

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

const NAMES: [&str; 13] = ["I1", "I2", "I3", "I4", "I5", "L1", "L2", "L5", "B1", "B2", "T1", "T2", "T3"];

/// Times the workloads.
#[derive(Parser)]
struct Options {
    /// Print one JSON object per line.
    #[arg(long)]
    json: bool,
    /// Run only these workloads.
    #[arg(long, value_delimiter = ',', value_name = "NAMES", value_parser = NAMES)]
    only: Vec<String>,
    /// Passed by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let options = Options::parse();
    options.print_limits();

    macro_rules! inference {
        ($($name:literal: $net:ty, $activations:expr, $limit:expr;)*) => {$(
            if options.wants($name) {
                let (network, inputs): (Box<Aligned<$net>>, _) = prepared();
                check(&**network, &inputs[0], &network.predict(&inputs[0]), $activations);
                // A few inputs in turn, so that the weights stay in the cache that they fit into.
                let mut next = inputs[..8].iter().cycle();
                let seconds = |stretch: &mut Stretch| {
                    stretch.time(|| { black_box(network.predict(black_box(next.next().expect("a cycle")))); })
                };
                options.measure($name, "ns", |seconds| 1e9 * seconds, $limit, seconds);
            }
        )*};
    }
    inference! {
        "I1": I1, SIGMOID, Limit::flop(2 * I1::MACS);
        "I2": I2, TANH, Limit::flop(2 * I2::MACS);
        "I3": I3, SIGMOID, Limit::read(I3::BYTES);
        "I4": I4, RELU, Limit::read(I4::BYTES);
        "I5": I5, TANH, Limit::flop(2 * I5::MACS);
    }

    macro_rules! latency {
        ($($name:literal: $net:ty, $widths:expr;)*) => {$(
            if options.wants($name) {
                let (network, inputs): (Box<Aligned<$net>>, _) = prepared();
                let mut input = inputs[0];
                let mut call = || {
                    let output = network.predict(&input);
                    for (x, a) in input.iter_mut().zip(output) {
                        *x = a;
                    }
                };
                let seconds = |stretch: &mut Stretch| stretch.time(&mut call);
                options.measure($name, "ns", |seconds| 1e9 * seconds, Limit::chain(&$widths), seconds);
                options.print_worst($name, call);
                assert!(input.iter().all(|x| x.is_finite()));
            }
        )*};
    }
    latency! {
        "L1": I1, [2, 3, 1];
        "L2": I2, [13, 64, 64, 4];
        "L5": I5, [1, 8, 8, 1];
    }

    macro_rules! batch {
        ($($name:literal: $net:ty;)*) => {$(
            if options.wants($name) {
                let (network, inputs): (Box<Aligned<$net>>, _) = prepared();
                let inputs: &[_; 256] = inputs.first_chunk().expect("256 inputs");
                let mut outputs = Box::new([[0.0; 10]; 256]);
                network.predict_batch(inputs, &mut outputs);
                check(&**network, &inputs[255], &outputs[255], RELU);
                let seconds = |stretch: &mut Stretch| {
                    stretch.time(|| network.predict_batch(black_box(inputs), &mut outputs))
                };
                let limit = Limit::flop(256 * 2 * <$net>::MACS);
                options.measure($name, "samples/s", |seconds| 256.0 / seconds, limit, seconds);
            }
        )*};
    }
    batch! {
        "B1": I4;
        "B2": B2;
    }

    macro_rules! training {
        ($($name:literal: $net:ty, first layer $first:expr, $batch:literal, $optimizer:ident $settings:expr, $loss:expr, $target:expr;)*) => {$(
            if options.wants($name) {
                let (mut network, inputs): (Box<Aligned<$net>>, _) = prepared();
                let targets: Vec<_> = (0..$batch).map($target).collect();
                let samples = Samples::new(&inputs[..$batch], &targets).expect("as many of both");
                let mut trainer = Trainer::<$net, $optimizer, $batch>::boxed();
                let step = |network: &mut $net, trainer: &mut Trainer<$net, $optimizer, $batch>| {
                    trainer.step(network, &$settings, &$loss, &samples).expect("finite")
                };
                let first = network.clone();
                let before = step(&mut network, &mut trainer);
                let after = (0..100).map(|_| step(&mut network, &mut trainer)).fold(0.0, |_, loss| loss);
                assert!(after < before, "{} learns nothing: {before} to {after}", $name);
                // From the first weights each time, so that every stretch computes with the same numbers.
                let seconds = |stretch: &mut Stretch| {
                    network.clone_from(&first);
                    trainer.set_zero();
                    stretch.time(|| { black_box(step(&mut network, &mut trainer)); })
                };
                // Forward and dW of all layers, dX of all but the first.
                let limit = Limit::flop($batch * 2 * (3 * <$net>::MACS - $first));
                options.measure($name, "samples/s", |seconds| f64::from($batch) / seconds, limit, seconds);
            }
        )*};
    }
    let class = |k: usize| Class::<10>::new(k % 10).expect("below 10");
    training! {
        "T1": I3, first layer 784 * 30, 10, Sgd Sgd { learning_rate: 0.1 }, Quadratic, class;
        "T2": I4, first layer 784 * 128, 32, Adam Adam::default(), SoftmaxCrossEntropy, class;
        "T3": I2, first layer 13 * 64, 64, Adam Adam::default(), MeanSquaredError, |k: usize| [(k % 3) as f32 * 0.3; 4];
    }
}

impl Options {
    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|wanted| wanted == name)
    }

    fn print_limits(&self) {
        if !self.json {
            println!("level {}", level().name());
        }
        self.print("P", 1e-9 / limit::seconds_of_a_flop(), "GFLOP/s", 100.0);
        self.print("P-step", 1e9 * limit::seconds_of_a_step(), "ns", 100.0);
        self.print("P-clock", median_of_clock(), "ns", 100.0);
        for (name, bytes) in [("P-L1", 16 << 10), ("P-L2", 384 << 10), ("P-L3", 8 << 20)] {
            self.print(name, 1e-9 * bytes as f64 / Limit::read(bytes).seconds(), "GB/s", 100.0);
        }
    }

    /// Measures a workload and its limit in turn, and prints the median of both.
    fn measure(
        &self,
        name: &str,
        unit: &str,
        value: impl Fn(f64) -> f64,
        mut limit: Limit,
        mut seconds: impl FnMut(&mut Stretch) -> f64,
    ) {
        let mut stretch = Stretch { calls: 1 };
        while seconds(&mut stretch) * f64::from(stretch.calls) < 0.01 {
            stretch.calls *= 2;
        }
        let (mut times, mut percents) = (vec![], vec![]);
        for _ in 0..11 {
            let least = limit.seconds();
            times.push(seconds(&mut stretch));
            percents.push(100.0 * least / times[times.len() - 1]);
        }
        self.print(name, value(limit::median(times)), unit, limit::median(percents));
    }

    /// Times a million calls, each alone, and prints the longest.
    fn print_worst(&self, name: &str, mut call: impl FnMut()) {
        let mut times: Vec<u128> = (0..1_000_000)
            .map(|_| {
                let start = Instant::now();
                call();
                start.elapsed().as_nanos()
            })
            .collect();
        times.sort_unstable();
        let median = times[times.len() / 2] as f64;
        for (which, time) in
            [("99.99%", times[times.len() / 10_000 * 9_999]), ("worst", times[times.len() - 1])]
        {
            self.print(&format!("{name}-{which}"), time as f64, "ns", 100.0 * median / time as f64);
        }
    }

    fn print(&self, name: &str, value: f64, unit: &str, percent: f64) {
        // Four significant digits.
        let digits = (3 - value.abs().log10().floor() as i32).clamp(0, 3) as usize;
        if self.json {
            let level = level().name();
            println!(
                r#"{{"name":"{name}","value":{value:.digits$},"unit":"{unit}","percent_of_limit":{percent:.1},"level":"{level}"}}"#
            );
        } else {
            println!("{name} {value:.digits$} {unit} {percent:.1} %");
        }
    }
}

/// The nanoseconds between two readings of the clock.
fn median_of_clock() -> f64 {
    limit::median((0..1001).map(|_| 1e9 * Instant::now().elapsed().as_secs_f64()).collect())
}

/// A number of calls that are timed together.
struct Stretch {
    calls: u32,
}

impl Stretch {
    /// The seconds per call.
    fn time(&self, mut f: impl FnMut()) -> f64 {
        let start = Instant::now();
        (0..self.calls).for_each(|_| f());
        start.elapsed().as_secs_f64() / f64::from(self.calls)
    }
}

/// A network with random weights, and random inputs.
fn prepared<const IN: usize, L>() -> (Box<Aligned<Network<IN, L>>>, Vec<[f32; IN]>)
where
    L: Layer<[f32; IN]> + Parameters<f32> + Zero,
{
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
    let mut network = Aligned::<Network<IN, L>>::boxed();
    network.init(&init::XavierUniform, &mut rng);
    let inputs = (0..256).map(|_| core::array::from_fn(|_| f32::random(&mut rng))).collect();
    (network, inputs)
}

/// Checks the output against plain loops in `f64`.
fn check(network: &impl Parameters<f32>, input: &[f32], output: &[f32], (hidden, last): Activations) {
    let mut layers: Vec<(Vec<f64>, Vec<f64>)> = vec![];
    network.visit(|block, values| {
        let values = values.iter().map(|&v| f64::from(v)).collect();
        match block.role {
            Role::Weight => layers.push((values, vec![])),
            _ => layers.last_mut().expect("weights come first").1 = values,
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
