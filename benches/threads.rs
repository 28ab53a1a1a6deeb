//! Times the workloads on one thread and on more: `cargo bench --bench threads --features threads`.
//!
//! ```text
//! NAME value unit   2: times as fast as with one thread (of the fastest stretches)   4: ...
//! ```
//!
//! The counts of threads are 2, 4, 8, ... and the number of cores; `-- --counts 2,3` names others. A ratio is the median of
//! 21 pairs of stretches, measured one after the other; in parentheses is that of the fastest stretches, for a machine whose
//! cores are not always its own. B1 and B2 infer 256 samples by `predict_batch`. T1 to T3 are the
//! training steps of `benches/workloads`; T4 and T5 train the network of B2 by 256 samples, T6 by 512 in two tiles, so that
//! its gradient is in memory. All steps start from the same weights, and their bits are compared.
//!
//! `P` is how many times as many multiply-adds the machine computes with so many threads, which do nothing else. That is
//! the limit: virtual cores may be two threads of one core, which share its units, and then it is 1.

#[allow(dead_code, reason = "this benchmark needs only the throughput")]
#[path = "workloads/limit.rs"]
mod limit;

use std::hint::black_box;
use std::thread;
use std::time::Instant;

use clap::Parser;
use rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Adam, Aligned, Chain, Class, Dense, Layer, MeanSquaredError, Network, Parameters, Quadratic, Relu,
    Samples, Scalar, Sgd, Sigmoid, SoftmaxCrossEntropy, Tanh, Trainer, Zero, init, level, threads,
};

type Small = Network<784, Chain![Dense<784, 30, Sigmoid>, Dense<30, 10, Sigmoid>]>;
type Middle = Network<784, Chain![Dense<784, 128, Relu>, Dense<128, 10>]>;
type Large = Network<784, Chain![Dense<784, 512, Relu>, Dense<512, 512, Relu>, Dense<512, 10>]>;
type Control = Network<13, Chain![Dense<13, 64, Tanh>, Dense<64, 64, Tanh>, Dense<64, 4>]>;

const NAMES: [&str; 8] = ["B1", "B2", "T1", "T2", "T3", "T4", "T5", "T6"];

/// Times the workloads on one thread and on more.
#[derive(Parser)]
struct Options {
    /// Run only these workloads.
    #[arg(long, value_delimiter = ',', value_name = "NAMES", value_parser = NAMES)]
    only: Vec<String>,
    /// The numbers of threads.
    #[arg(long, value_delimiter = ',')]
    counts: Vec<usize>,
    /// Passed by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let mut options = Options::parse();
    if options.counts.is_empty() {
        let cores = threads::count();
        options.counts = (1..).map(|e| 1 << e).take_while(|&count| count < cores).collect();
        options.counts.push(cores);
    }
    println!("level {}, {} threads", level().name(), threads::count());

    options.print_limit();

    macro_rules! batch {
        ($($name:literal: $net:ty;)*) => {$(
            if options.wants($name) {
                let (network, inputs): (Box<Aligned<$net>>, _) = prepared(256);
                let inputs: &[_; 256] = inputs.first_chunk().expect("256 inputs");
                let mut outputs = Box::new([[0.0; 10]; 256]);
                options.measure($name, 256, || {
                    network.predict_batch(black_box(inputs), &mut outputs);
                    u64::from(outputs[255][9].to_bits())
                });
            }
        )*};
    }
    batch! {
        "B1": Middle;
        "B2": Large;
    }

    macro_rules! training {
        ($($name:literal: $net:ty, $batch:literal in tiles of $tile:literal, $optimizer:ident $settings:expr, $loss:expr, $target:expr;)*) => {$(
            if options.wants($name) {
                let (mut network, inputs): (Box<Aligned<$net>>, _) = prepared($batch);
                let targets: Vec<_> = (0..$batch).map($target).collect();
                let samples = Samples::new(&inputs, &targets).expect("as many of both");
                let mut trainer = Trainer::<$net, $optimizer, $tile>::boxed();
                let first = network.clone();
                options.measure($name, $batch, || {
                    network.clone_from(&first);
                    trainer.set_zero();
                    for _ in 0..STEPS {
                        trainer.step(&mut network, &$settings, &$loss, &samples).expect("finite");
                    }
                    network.checksum()
                });
            }
        )*};
    }
    let class = |k: usize| Class::<10>::new(k % 10).expect("below 10");
    training! {
        "T1": Small, 10 in tiles of 10, Sgd Sgd { learning_rate: 0.1 }, Quadratic, class;
        "T2": Middle, 32 in tiles of 32, Adam Adam::default(), SoftmaxCrossEntropy, class;
        "T3": Control, 64 in tiles of 64, Adam Adam::default(), MeanSquaredError, |k: usize| [(k % 3) as f32 * 0.3; 4];
        "T4": Large, 256 in tiles of 256, Sgd Sgd { learning_rate: 0.01 }, SoftmaxCrossEntropy, class;
        "T5": Large, 256 in tiles of 256, Adam Adam::default(), SoftmaxCrossEntropy, class;
        "T6": Large, 512 in tiles of 256, Adam Adam::default(), SoftmaxCrossEntropy, class;
    }
}

/// The steps between two copies of the first weights.
const STEPS: u32 = 50;

impl Options {
    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|wanted| wanted == name)
    }

    /// Prints the throughput of multiply-adds of all threads together.
    fn print_limit(&self) {
        let rate = |count: usize| {
            let rates = || limit::median((0..21).map(|_| 1e-9 / limit::seconds_of_a_flop()).collect());
            thread::scope(|scope| {
                let threads: Vec<_> = (0..count).map(|_| scope.spawn(rates)).collect();
                threads.into_iter().map(|thread| thread.join().expect("no panic")).sum::<f64>()
            })
        };
        let alone = rate(1);
        print!("P {alone:.1} GFLOP/s");
        for &count in &self.counts {
            print!("   {count}: {:.2}", rate(count) / alone);
        }
        println!();
    }

    /// Measures calls that each work on so many samples, `STEPS` times if they are training, and return a checksum.
    fn measure(&self, name: &str, samples: u32, mut call: impl FnMut() -> u64) {
        threads::set_count(1);
        let expected = call();
        let samples = samples * if name.starts_with('T') { STEPS } else { 1 };
        let mut seconds = |count: usize, calls: u32| {
            threads::set_count(count);
            assert_eq!(call(), expected, "{name}: other bits with {count} threads");
            let start = Instant::now();
            (0..calls).for_each(|_| assert_eq!(call(), expected));
            start.elapsed().as_secs_f64() / f64::from(calls)
        };
        let mut calls = 1;
        while seconds(1, calls) * f64::from(calls) < 0.02 {
            calls *= 2;
        }
        let (mut alone, mut shared) = (vec![], vec![vec![]; self.counts.len()]);
        for _ in 0..21 {
            for (&count, shared) in self.counts.iter().zip(&mut shared) {
                let one = seconds(1, calls);
                alone.push(one);
                shared.push((one, seconds(count, calls)));
            }
        }
        let least = |seconds: &mut dyn Iterator<Item = f64>| seconds.fold(f64::INFINITY, f64::min);
        let one = least(&mut alone.iter().copied());
        print!("{name} {:.0} samples/s", f64::from(samples) / limit::median(alone));
        for (count, shared) in self.counts.iter().zip(shared) {
            let fastest = one / least(&mut shared.iter().map(|&(_, several)| several));
            let ratios = shared.into_iter().map(|(one, several)| one / several).collect();
            print!("   {count}: {:.2} ({fastest:.2})", limit::median(ratios));
        }
        println!();
    }
}

/// A network with random weights, and random inputs.
fn prepared<const IN: usize, L>(inputs: usize) -> (Box<Aligned<Network<IN, L>>>, Vec<[f32; IN]>)
where
    L: Layer<[f32; IN]> + Parameters<f32> + Zero,
{
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
    let mut network = Aligned::<Network<IN, L>>::boxed();
    network.init(&init::XavierUniform, &mut rng);
    let inputs = (0..inputs).map(|_| core::array::from_fn(|_| f32::random(&mut rng))).collect();
    (network, inputs)
}
