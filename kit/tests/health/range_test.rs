//! The learning-rate range test.

use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Adam, Chain, Dense, LearningRate, Network, Parameters, Quadratic, Relu, Sgd, SoftmaxCrossEntropy,
    StateOf, Trainer, init,
};
use stackprop_kit::health::{End, Points, RangeTest};

use crate::{digits_with, initialised};

type Net = Network<64, Chain![Dense<64, 32, Relu>, Dense<32, 10>]>;

fn run<O: LearningRate<f32>>(optimizer: &O, seed: u64) -> Points
where
    StateOf<Net, O>: Clone,
{
    let data = digits_with(|x| x, |class| class);
    let network = initialised::<Net>(&init::KaimingUniform, seed);
    let trainer = Trainer::<Net, O, 32>::boxed();
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(seed);
    let before = network.checksum();
    let points =
        RangeTest::default().run(&trainer, &*network, optimizer, &SoftmaxCrossEntropy, &data, 32, &mut rng);
    assert_eq!((network.checksum(), trainer.steps()), (before, 0));
    points
}

// y = w x at x = 1, target 0, so the loss w^2 / 2 is multiplied by (1 - rate)^2 in each step. (Without the bias's part, which learns the
// same: w and b start at 1, y = w + b = 2, and a step multiplies y by 1 - 2 rate.)
#[test]
fn losses_by_hand() {
    type Line = Network<1, Dense<1, 1>>;
    let line: Line = Network::new(Dense::from_parameters([[1.0]], [1.0]));
    let (trainer, sgd) = (Trainer::<Line, Sgd, 1>::zeros(), Sgd { learning_rate: 1.0 });
    let test = RangeTest { from: 0.25, to: 4.0, steps: 5, smoothing: 0.5 };
    let data = [([1.0], [0.0])];
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
    let points = test.run(&trainer, &line, &sgd, &Quadratic, &data, 1, &mut rng);
    // y = 2, then 2 (1/2) = 1, 1 (0) = 0, and it stays there.
    assert_eq!(points.start, 2.0);
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-6, "{a} {b}");
    for (point, [rate, loss, smoothed]) in points.points.iter().zip([
        [0.25, 0.5, 0.5],
        [0.5, 0.0, 0.25 * 0.5 / 0.75],
        [1.0, 0.0, 0.125 * 0.5 / 0.875],
        [2.0, 0.0, 0.0625 * 0.5 / 0.9375],
        [4.0, 0.0, 0.03125 * 0.5 / 0.96875],
    ]) {
        near(point.rate, rate);
        near(point.loss, loss);
        near(point.smoothed, smoothed);
    }
    assert_eq!((points.points.len(), points.end), (5, End::Completed));
    // From 1 to 16, y is multiplied by -1, -3, ...: the loss 2, 2, 18 is more than the first one above the least.
    let test = RangeTest { from: 1.0, to: 16.0, steps: 5, smoothing: 0.0 };
    let points = test.run(&trainer, &line, &sgd, &Quadratic, &data, 1, &mut rng);
    let losses: Vec<f64> = points.points.iter().map(|point| point.loss).collect();
    assert_eq!((losses.len(), points.end), (2, End::Diverged));
    near(losses[0], 2.0);
    near(losses[1] / 18.0, 1.0);
    assert_eq!(points.suggested(), None);
}

// What is suggested trains well; a hundred times as much does not.
#[test]
fn the_suggested_rate_trains() {
    fn check<O: LearningRate<f32> + Copy>(optimizer: O)
    where
        StateOf<Net, O>: Clone,
    {
        for seed in 0..3 {
            let points = run(&optimizer, seed);
            let rate = points.suggested().unwrap();
            let loss = |rate: f64| {
                let data = digits_with(|x| x, |class| class);
                let mut network = initialised::<Net>(&init::KaimingUniform, seed);
                let mut rng = Xoshiro128PlusPlus::seed_from_u64(seed);
                let mut trainer = Trainer::<Net, O, 32>::boxed();
                let optimizer = optimizer.with_learning_rate(rate as f32);
                for _ in 0..2 {
                    let batches = stackprop::MiniBatches::shuffled(&data, 32, &mut rng);
                    let _ = trainer.epoch(&mut *network, &optimizer, &SoftmaxCrossEntropy, batches);
                }
                trainer.workspace.loss(&*network, &SoftmaxCrossEntropy, &data).unwrap_or(f32::INFINITY)
            };
            let (good, bad) = (loss(rate), loss(100.0 * rate));
            println!("{}, seed {seed}: {rate:.4}: loss {good:.3}; {:.2}: {bad:.3}", O::NAME, 100.0 * rate);
            assert!(good < 0.8 && bad > 1.5, "{rate}: {good}, {bad}");
        }
    }
    check(Sgd { learning_rate: 0.0 });
    check(Adam::default());
}

#[test]
fn settings_that_are_no_test() {
    type Line = Network<1, Dense<1, 1>>;
    let (line, trainer) = (Line::zeros(), Trainer::<Line, Sgd, 1>::zeros());
    let (sgd, data) = (Sgd { learning_rate: 1.0 }, [([1.0], [0.0])]);
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
    let good = RangeTest::default();
    for bad in [
        RangeTest { from: 0.0, ..good },
        RangeTest { from: f64::NAN, ..good },
        RangeTest { to: f64::INFINITY, ..good },
        RangeTest { to: -1.0, ..good },
        RangeTest { steps: 1, ..good },
        RangeTest { smoothing: 1.0, ..good },
        RangeTest { smoothing: -0.1, ..good },
    ] {
        let points = bad.run(&trainer, &line, &sgd, &Quadratic, &data, 1, &mut rng);
        assert_eq!((points.end, points.points.len(), points.suggested()), (End::Invalid, 0, None));
    }
    let points = good.run(&trainer, &line, &sgd, &Quadratic, &data[..0], 1, &mut rng);
    assert_eq!(points.end, End::Invalid);
    let data = [([f32::NAN], [0.0])];
    let points = good.run(&trainer, &line, &sgd, &Quadratic, &data, 1, &mut rng);
    assert!(matches!(points.end, End::Failed(_)) && points.points.is_empty());
}
