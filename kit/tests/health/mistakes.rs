//! The mistakes of beginners on the digits: the right finding is there, for three seeds (ten with `--release`), and it is the first.

use stackprop::{
    Adam, Chain, Class, Dense, Linear, MeanSquaredError, Network, Parameters, Quadratic, Relu, Role, Sgd,
    Sigmoid, SigmoidCrossEntropy, Softmax, SoftmaxCrossEntropy, Standardize, Tanh, init,
};
use stackprop_kit::health::{Finding, Report, Severity};

use crate::{digits_with, initialised, report_after, standard};

type Net = Network<64, Chain![Dense<64, 32, Relu>, Dense<32, 10>]>;

fn sgd(learning_rate: f32) -> Sgd {
    Sgd { learning_rate }
}

/// Checks the first finding of the report for each seed. `NOTES=1` prints that of the first.
fn first_finding(name: &str, report: impl Fn(u64) -> Report, is: impl Fn(&Finding) -> bool) {
    for seed in 0..if cfg!(debug_assertions) { 3 } else { 10 } {
        let report = report(seed);
        assert!(report.findings.first().is_some_and(&is), "{name}, seed {seed}: {report}");
        if seed == 0 && std::env::var_os("NOTES").is_some() {
            println!("### {name}\n\n```text\n{report}```\n");
        }
    }
}

fn network(seed: u64) -> Box<Net> {
    initialised(&init::KaimingUniform, seed)
}

#[test]
fn learning_rate_10() {
    let data = digits_with(|x| x, |class| class);
    let report = |seed| report_after(0, &mut *network(seed), &sgd(10.0), &SoftmaxCrossEntropy, &data, seed);
    first_finding("learning rate 10", report, |f| {
        let Finding::StepTooLong { learning_rate, before, after, .. } = *f else { return false };
        f.severity() == Severity::Error && learning_rate == 10.0 && after > 2.0 * before
    });
    // Some steps later, it has killed the neurons, or scattered the outputs.
    let report = |seed| report_after(20, &mut *network(seed), &sgd(10.0), &SoftmaxCrossEntropy, &data, seed);
    first_finding("learning rate 10, after 20 steps", report, |f| {
        matches!(f, Finding::DeadNeurons { .. } | Finding::StepTooLong { .. } | Finding::DeltaExplodes { .. })
    });
    let adam = Adam { learning_rate: 10.0, ..Adam::default() };
    let report = |seed| report_after(0, &mut *network(seed), &adam, &SoftmaxCrossEntropy, &data, seed);
    first_finding("learning rate 10 of Adam", report, |f| matches!(f, Finding::StepTooLong { .. }));
}

#[test]
fn a_learning_rate_that_is_too_small() {
    let data = digits_with(|x| x, |class| class);
    let report = |seed| report_after(0, &mut *network(seed), &sgd(1e-6), &SoftmaxCrossEntropy, &data, seed);
    first_finding(
        "learning rate 1e-6",
        report,
        |f| matches!(f, Finding::StepTooShort { ratio, .. } if *ratio < 1e-6),
    );
}

#[test]
fn inputs_that_are_not_normalised() {
    for (name, scale) in [("pixels from 0 to 16", 16.0), ("pixels times 1000", 1000.0)] {
        let data = digits_with(|x| scale * x, |class| class);
        let report =
            |seed| report_after(0, &mut *network(seed), &sgd(0.1), &SoftmaxCrossEntropy, &data, seed);
        first_finding(
            name,
            report,
            |f| matches!(f, Finding::InputsTooLarge { layer: None, count, inputs: 64, .. } if *count > 30),
        );
    }
    let data = digits_with(|x| 1e-3 * x, |class| class);
    let report = |seed| report_after(0, &mut *network(seed), &sgd(0.1), &SoftmaxCrossEntropy, &data, seed);
    first_finding(
        "pixels divided by 1000",
        report,
        |f| matches!(f, Finding::InputsTooSmall { largest, .. } if *largest < 0.0011),
    );
    // One input in other units than the others.
    let mut data = digits_with(|x| x, |class| class);
    data.iter_mut().for_each(|(x, _)| x[20] *= 1e-4);
    let report = |seed| report_after(0, &mut *network(seed), &sgd(0.1), &SoftmaxCrossEntropy, &data, seed);
    first_finding("one input in other units", report, |f| {
        matches!(f, Finding::InputScalesDiffer { narrow: 20, .. })
    });
    data.iter_mut().for_each(|(x, _)| x[20] = 2.0 + 100.0 * x[20]);
    let report = |seed| report_after(0, &mut *network(seed), &sgd(0.1), &SoftmaxCrossEntropy, &data, seed);
    first_finding("one input far from 0", report, |f| {
        matches!(f, Finding::InputsOffCentre { input: 20, count: 1, .. })
    });
}

#[test]
fn inputs_that_are_not_finite_or_never_change() {
    let good = digits_with(|x| x, |class| class);
    let report =
        |data: &[_], seed| report_after(0, &mut *network(seed), &sgd(0.1), &SoftmaxCrossEntropy, data, seed);
    let mut data = good.clone();
    data.iter_mut().for_each(|(x, _)| x[7] = f32::NAN);
    first_finding(
        "NaN",
        |seed| report(&data, seed),
        |f| matches!(f, Finding::InputsNotFinite { count: 128, sample: 0, input: 7 }),
    );
    data.iter_mut().for_each(|(x, _)| *x = good[0].0);
    first_finding(
        "one input for all",
        |seed| report(&data, seed),
        |f| matches!(f, Finding::InputsNeverChange { samples: 128 }),
    );
    let mut data = good.clone();
    data.iter_mut().for_each(|(x, _)| x[5] = 0.6);
    first_finding(
        "a constant input",
        |seed| report(&data, seed),
        |f| matches!(f, Finding::InputsConstant { count: 1, input: 5, .. }),
    );
}

#[test]
fn statistics_that_saw_nothing() {
    type Net = Network<64, Chain![Standardize<64>, Dense<64, 32, Relu>, Dense<32, 10>]>;
    let data = digits_with(|x| 16.0 * x, |class| class);
    let report = |seed| {
        let mut network = initialised::<Net>(&init::KaimingUniform, seed);
        report_after(0, &mut *network, &sgd(0.1), &SoftmaxCrossEntropy, &data, seed)
    };
    first_finding("Standardize without observe", report, |f| {
        matches!(f, Finding::InputsTooLarge { layer: Some(0), .. })
    });
}

#[test]
fn no_initialisation() {
    let data = digits_with(|x| x, |class| class);
    let report = |seed| report_after(0, &mut *Net::boxed(), &sgd(0.1), &SoftmaxCrossEntropy, &data, seed);
    first_finding("no init", report, |f| *f == Finding::EqualWeights { layer: 0, value: 0.0 });
    // Neither do sigmoids break the symmetry.
    type Smooth = Network<64, Chain![Dense<64, 32, Sigmoid>, Dense<32, 10>]>;
    let report = |seed| {
        let mut network = Smooth::boxed();
        network.visit_mut(|block, values| values.fill(if block.role == Role::Weight { 0.5 } else { 0.0 }));
        report_after(0, &mut *network, &sgd(0.1), &SoftmaxCrossEntropy, &data, seed)
    };
    first_finding("all weights 0.5", report, |f| *f == Finding::EqualWeights { layer: 0, value: 0.5 });
}

#[test]
fn the_wrong_loss() {
    let data = digits_with(|x| x, |class| class);
    let report = |seed| report_after(0, &mut *network(seed), &sgd(0.1), &MeanSquaredError, &data, seed);
    first_finding("squared error of logits", report, |f| {
        *f == Finding::SquaredErrorOfClasses { classes: 10 }
    });
    // The label itself as the target of each output.
    type Probabilities = Network<64, Chain![Dense<64, 32, Relu>, Dense<32, 10, Softmax>]>;
    let data = digits_with(|x| x, |class| [class.index() as f32; 10]);
    let report = |seed| {
        let mut network = initialised::<Probabilities>(&init::KaimingUniform, seed);
        report_after(0, &mut *network, &sgd(0.1), &Quadratic, &data, seed)
    };
    first_finding("quadratic loss of a softmax, with labels", report, |f| {
        matches!(
            f,
            Finding::TargetsOutOfRange { layer: 1, activation: "Softmax", above: true, bound: 1.0, .. }
        )
    });
    // -1 and 1 under a sigmoid.
    type Signs = Network<64, Chain![Dense<64, 32, Tanh>, Dense<32, 1, Sigmoid>]>;
    let data = digits_with(|x| x, |class| [if class.index() > 4 { 1.0 } else { -1.0 }]);
    let report = |seed| {
        let mut network = initialised::<Signs>(&init::XavierUniform, seed);
        report_after(0, &mut *network, &sgd(0.1), &MeanSquaredError, &data, seed)
    };
    first_finding("targets -1 and 1 under a sigmoid", report, |f| {
        matches!(f, Finding::TargetsOutOfRange { activation: "Sigmoid", above: false, bound: 0.0, .. })
    });
    // They are no labels of that loss, either.
    type One = Network<64, Chain![Dense<64, 32, Tanh>, Linear<32, 1>]>;
    let report = |seed| {
        let mut network = initialised::<One>(&init::XavierUniform, seed);
        report_after(0, &mut *network, &sgd(0.1), &SigmoidCrossEntropy, &data, seed)
    };
    first_finding("labels -1 and 1", report, |f| matches!(f, Finding::TargetsRefused { .. }));
}

#[test]
fn an_activation_below_logits() {
    type Net = Network<64, Chain![Dense<64, 32, Relu>, Dense<32, 10, Relu>]>;
    let data = digits_with(|x| x, |class| class);
    let report = |seed| {
        let mut network = initialised::<Net>(&init::KaimingUniform, seed);
        report_after(0, &mut *network, &sgd(0.1), &SoftmaxCrossEntropy, &data, seed)
    };
    first_finding("Relu below logits", report, |f| {
        matches!(f, Finding::ActivationBelowLogits { layer: 1, activation: "Relu" })
    });
}

#[test]
fn labels() {
    type Eleven = Network<64, Chain![Dense<64, 32, Relu>, Dense<32, 11>]>;
    let data = digits_with(|x| x, |class| Class::<11>::new(class.index() + 1).unwrap());
    let report = |seed| {
        let mut network = initialised::<Eleven>(&init::KaimingUniform, seed);
        report_after(0, &mut *network, &sgd(0.1), &SoftmaxCrossEntropy, &data, seed)
    };
    first_finding("labels 1 to 10 for 11 outputs", report, |f| {
        matches!(f, Finding::ClassNeverSeen { class: 0, classes: 11, .. })
    });
    // Sorted by class, and not shuffled: the mini-batch has one class.
    let data: Vec<_> =
        digits_with(|x| x, |class| class).into_iter().filter(|(_, class)| class.index() == 3).collect();
    let report = |seed| report_after(0, &mut *network(seed), &sgd(0.1), &SoftmaxCrossEntropy, &data, seed);
    first_finding("one class", report, |f| matches!(f, Finding::TargetsNeverChange { class: Some(3), .. }));
    // Targets of a regression far from 0.
    type Line = Network<64, Chain![Dense<64, 32, Relu>, Dense<32, 1>]>;
    let data = digits_with(|x| x, |class| [1000.0 + class.index() as f32]);
    let report = |seed| {
        let mut network = initialised::<Line>(&init::KaimingUniform, seed);
        report_after(0, &mut *network, &sgd(1e-3), &MeanSquaredError, &data, seed)
    };
    first_finding("targets from 1000 to 1009", report, |f| matches!(f, Finding::TargetsOffCentre { .. }));
}

// The pictures were shuffled, but not their labels. The network learns the pictures that it sees by heart, and is worse than a
// constant output on others. (A shift by one is not enough here: the file has many runs from 0 to 9, so a network learns to say the
// next digit.)
#[test]
fn labels_of_other_pictures() {
    use stackprop::{
        Permutation,
        rand::{SeedableRng, rngs::Xoshiro128PlusPlus},
    };
    let digits = digits_with(|x| x, |class| class);
    let order = Permutation::random(digits.len(), &mut Xoshiro128PlusPlus::seed_from_u64(5));
    let shuffled = (0..).zip(&digits).map(|(i, (_, class))| (digits[order.index(i).unwrap()].0, *class));
    let shuffled: Vec<_> = shuffled.collect();
    let (train, other) = shuffled.split_at(1200);
    let report = |seed| report_on_others(&mut network(seed), train, other, seed);
    first_finding(
        "labels of other pictures, after 300 steps",
        report,
        |f| matches!(f, Finding::NoBetterThanConstant { steps: 300, loss, constant } if loss > constant),
    );
    let (train, other) = digits.split_at(1200);
    let report = report_on_others(&mut network(1), train, other, 1);
    assert_eq!(report.findings, []);
}

type Digit = ([f32; 64], Class<10>);

fn report_on_others(network: &mut Net, train: &[Digit], other: &[Digit], seed: u64) -> Report {
    use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
    use stackprop::{MiniBatches, Trainer};
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(seed);
    let (mut trainer, adam) =
        (Trainer::<Net, Adam, 32>::zeros(), Adam { learning_rate: 0.005, ..Adam::default() });
    while trainer.steps() < 300 {
        for batch in MiniBatches::shuffled(train, 32, &mut rng).take(30) {
            trainer.step(network, &adam, &SoftmaxCrossEntropy, &batch).unwrap();
        }
    }
    stackprop_kit::health::report(&trainer, network, &adam, &SoftmaxCrossEntropy, other).unwrap()
}

#[test]
fn eight_layers_of_sigmoid() {
    type S = Dense<32, 32, Sigmoid>;
    type Deep = Network<64, Chain![Dense<64, 32, Sigmoid>, S, S, S, S, S, S, Dense<32, 10>]>;
    let data = digits_with(|x| x, |class| class);
    let report = |seed| {
        let mut network = initialised::<Deep>(&init::XavierUniform, seed);
        report_after(0, &mut *network, &sgd(0.1), &SoftmaxCrossEntropy, &data, seed)
    };
    first_finding(
        "eight layers of Sigmoid",
        report,
        |f| matches!(f, Finding::DeltaVanishes { layer: 0, last: 7, ratio } if *ratio < 1e-4),
    );
}

#[test]
fn weights_that_are_too_large() {
    type R = Dense<32, 32, Relu>;
    type Deep = Network<64, Chain![Dense<64, 32, Relu>, R, R, R, Dense<32, 10>]>;
    let data = standard(|class| class);
    let report = |seed| {
        let mut network = initialised::<Deep>(&init::KaimingUniform, seed);
        network.visit_mut(|block, values| {
            if block.role == Role::Weight {
                values.iter_mut().for_each(|w| *w *= 5.0);
            }
        });
        report_after(0, &mut *network, &sgd(0.001), &SoftmaxCrossEntropy, &data, seed)
    };
    first_finding("weights five times too large", report, |f| {
        matches!(f, Finding::DeltaExplodes { layer: 0, last: 4, .. })
    });
    type Smooth = Network<64, Chain![Dense<64, 32, Tanh>, Dense<32, 10>]>;
    let report = |seed| {
        let mut network = initialised::<Smooth>(&init::XavierUniform, seed);
        network.layers.0.weight.as_flattened_mut().iter_mut().for_each(|w| *w *= 10.0);
        report_after(0, &mut *network, &sgd(0.1), &SoftmaxCrossEntropy, &data, seed)
    };
    first_finding("saturated Tanh", report, |f| {
        matches!(f, Finding::Saturated { layer: 0, activation: "Tanh", .. })
    });
    // Nielsen, chapter 3: an output that is wrong and sure learns slowly with the quadratic loss.
    type Sure = Network<64, Chain![Dense<64, 32, Sigmoid>, Dense<32, 10, Sigmoid>]>;
    let report = |seed| {
        let mut network = initialised::<Sure>(&init::XavierUniform, seed);
        network.layers.1.bias = [8.0; 10];
        report_after(0, &mut *network, &sgd(0.1), &Quadratic, &data, seed)
    };
    first_finding("sure and wrong", report, |f| {
        matches!(f, Finding::Saturated { layer: 1, share: 0.9.., .. })
    });
}

#[test]
fn dead_neurons() {
    let data = digits_with(|x| x, |class| class);
    let report = |seed| {
        let mut network = network(seed);
        network.layers.0.bias = [-10.0; 32];
        report_after(0, &mut *network, &sgd(0.1), &SoftmaxCrossEntropy, &data, seed)
    };
    first_finding("biases of -10", report, |f| {
        *f == Finding::DeadNeurons { layer: 0, dead: 32, neurons: 32 }
    });
}

#[test]
fn outputs_that_never_change() {
    type Net = Network<64, Chain![Dense<64, 32, Tanh>, Dense<32, 32, Tanh>, Dense<32, 10>]>;
    let data = digits_with(|x| x, |class| class);
    let report = |seed| {
        let mut network = initialised::<Net>(&init::XavierUniform, seed);
        network.layers.1.0.bias = [0.5; 32];
        network.layers.1.0.weight.as_flattened_mut().iter_mut().for_each(|w| *w *= 1e-9);
        report_after(0, &mut *network, &sgd(0.1), &SoftmaxCrossEntropy, &data, seed)
    };
    first_finding("no weights to speak of", report, |f| {
        matches!(f, Finding::OutputsNeverChange { layer: 1, .. })
    });
}

// Weights that are not finite cannot come from training, but from a file.
#[test]
fn numbers_that_overflow() {
    let data = digits_with(|x| x, |class| class);
    let report = |seed| {
        let mut network = network(seed);
        network.layers.1.weight[3][3] = f32::INFINITY;
        report_after(0, &mut *network, &sgd(0.1), &SoftmaxCrossEntropy, &data, seed)
    };
    first_finding("an infinite weight", report, |f| matches!(f, Finding::OutputsNotFinite { layer: 1, .. }));
    let report =
        |seed| report_after(0, &mut *network(seed), &sgd(f32::MAX), &SoftmaxCrossEntropy, &data, seed);
    first_finding("the largest learning rate", report, |f| {
        matches!(f, Finding::StepFailed { .. } | Finding::StepTooLong { .. })
    });
}
