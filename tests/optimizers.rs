//! Comparison with PyTorch: twenty steps of each optimiser, in f64 and in f32, by each trainer.
//!
//! `tools/golden_optimizers.py` writes `tests/data/optimizers.txt`. `cargo test --test optimizers -- --nocapture` prints the largest
//! difference for each optimiser, relative to the largest element of the compared tensor.

use stackprop::schedule::Cosine;
use stackprop::{
    Accumulated, Adadelta, Adagrad, Adam, AdamW, AmsGrad, Averaged, Block, CenteredRmsProp, Chain, ClipNorm,
    ClipValue, DecoupledDecay, Dense, Identity, InPlaceTrainer, L1, L2, LayerNorm, LayerRates, Lion, MaxNorm,
    MeanSquaredError, Momentum, NAdam, Nesterov, Network, Optimizer, Parameters, Persist, RAdam, RmsProp,
    Role, Roles, Rprop, Samples, Scalar, Scheduled, Sgd, Tanh, TrainedOf, Trainer,
};

mod pytorch;
mod tolerances;

use pytorch::{Case, Number, Row};

const STEPS: usize = 20;

type Net<T> = Network<3, Chain![Dense<3, 5, Tanh, T>, LayerNorm<5, T>, Dense<5, 2, Identity, T>], T>;

/// PyTorch's name of a parameter in a `state_dict`.
fn key(block: Block) -> Option<String> {
    let name = match block.role {
        Role::Weight | Role::Gain => "weight",
        _ => "bias",
    };
    Some(format!("{}.{name}", block.layer))
}

/// The inputs and targets of the case.
struct Data<T> {
    inputs: Vec<[T; 3]>,
    targets: Vec<[T; 2]>,
}

fn read<T: Number>() -> (Case, Data<T>) {
    let case = Case::read::<T>(include_str!("data/optimizers.txt"), "all");
    let data = Data { inputs: Row::rows(&case, "inputs"), targets: Row::rows(&case, "targets") };
    (case, data)
}

impl<T> Data<T> {
    fn samples(&self) -> Samples<'_, [T; 3], [T; 2]> {
        Samples::new(&self.inputs, &self.targets).unwrap()
    }
}

/// Compares the loss before each step, and the parameters after the last, by both trainers. The mini-batch takes two tiles, or one.
fn check<T: Number, O: Optimizer<T>>(name: &str, optimizer: &O) {
    let (mut case, data) = read::<T>();
    let start: Net<T> = case.start(key);
    let mut network = start.clone();
    let mut trainer = Trainer::<Net<T>, O, 4>::zeros();
    let losses: Vec<T> = (0..STEPS)
        .map(|_| trainer.step(&mut network, optimizer, &MeanSquaredError, &data.samples()).unwrap())
        .collect();
    case.compare(&format!("{name}/losses"), &losses);
    case.compare_parameters(name, &network, key);
    println!("{name:20} f{}: {:.1e}", 8 * size_of::<T>(), case.worst);

    let mut of_one_tile = start;
    let mut trainer = Trainer::<Net<T>, O, 6>::zeros();
    for _ in 0..STEPS {
        trainer.step(&mut of_one_tile, optimizer, &MeanSquaredError, &data.samples()).unwrap();
    }
    assert_eq!(of_one_tile.checksum(), network.checksum(), "{name}: another tile has other bits");
}

/// The bits of the in-place trainer are those of the other one.
fn check_in_place<T: Number, O: Optimizer<T>>(name: &str, optimizer: &O) {
    let (case, data) = read::<T>();
    let (mut stored, mut in_place): (Net<T>, Net<T>) = (case.start(key), case.start(key));
    let (mut trainer, mut other) =
        (Trainer::<Net<T>, O, 4>::zeros(), InPlaceTrainer::<Net<T>, O, 6>::zeros());
    for _ in 0..STEPS {
        trainer.step(&mut stored, optimizer, &MeanSquaredError, &data.samples()).unwrap();
        other.step(&mut in_place, optimizer, &MeanSquaredError, &data.samples()).unwrap();
    }
    assert_eq!(in_place.checksum(), stored.checksum(), "{name}");
}

/// A run that goes on from a checkpoint has the bits of the uninterrupted one.
#[cfg(feature = "checkpoint")]
fn check_resumed<T: Number, O: Optimizer<T, State<TrainedOf<Net<T>>>: Persist>>(name: &str, optimizer: &O) {
    use stackprop::checkpoint;

    let (case, data) = read::<T>();
    let (mut network, mut trainer) = (case.start::<Net<T>>(key), Trainer::<Net<T>, O, 6>::zeros());
    let step = |network: &mut Net<T>, trainer: &mut Trainer<Net<T>, O, 6>| {
        trainer.step(network, optimizer, &MeanSquaredError, &data.samples()).unwrap();
    };
    let saved = |network: &Net<T>, trainer: &Trainer<Net<T>, O, 6>| {
        let mut file = vec![];
        checkpoint::save(network, trainer, &(), |bytes| {
            file.extend_from_slice(bytes);
            Ok::<(), std::convert::Infallible>(())
        })
        .unwrap();
        file
    };
    (0..STEPS / 2).for_each(|_| step(&mut network, &mut trainer));
    let file = saved(&network, &trainer);
    let (mut resumed, mut other) = (Net::<T>::zeros(), Trainer::<Net<T>, O, 6>::zeros());
    checkpoint::load(&mut resumed, &mut other, &mut (), &file).unwrap();
    for _ in 0..STEPS / 2 {
        step(&mut network, &mut trainer);
        step(&mut resumed, &mut other);
    }
    assert!(saved(&resumed, &other) == saved(&network, &trainer), "{name}");
}

#[cfg(not(feature = "checkpoint"))]
fn check_resumed<T: Number, O: Optimizer<T, State<TrainedOf<Net<T>>>: Persist>>(_: &str, _: &O) {}

/// `n(x)` is a number of the scalar. The second list is of optimisers that need the whole gradient.
macro_rules! optimizers {
    ($T:ident, $n:ident; { $($name:ident: $optimizer:expr;)* } { $($whole_name:ident: $whole:expr;)* }) => {
        fn every_optimizer<$T: Number + stackprop::Number>() {
            let $n = $T::from_f64;
            $(
                check::<$T, _>(stringify!($name), &$optimizer);
                check_in_place::<$T, _>(stringify!($name), &$optimizer);
                check_resumed::<$T, _>(stringify!($name), &$optimizer);
            )*
            $(
                check::<$T, _>(stringify!($whole_name), &$whole);
                check_resumed::<$T, _>(stringify!($whole_name), &$whole);
            )*
        }

        const NAMES: &[&str] = &[$(stringify!($name),)* $(stringify!($whole_name)),*];
    };
}

optimizers! { T, n;
    {
    sgd: Sgd { learning_rate: n(0.1) };
    momentum: momentum::<T>();
    dampening: Momentum { dampening: n(0.5), ..momentum() };
    nesterov: Nesterov { learning_rate: n(0.1), momentum: n(0.9) };
    rms_prop: RmsProp::<T> { ..RmsProp::default() };
    centered_rms_prop: CenteredRmsProp::<T> { learning_rate: n(0.002), momentum: n(0.5), ..CenteredRmsProp::default() };
    adam: Adam::<T> { learning_rate: n(0.01), ..Adam::default() };
    adam_w: AdamW::<T> { learning_rate: n(0.01), weight_decay: n(0.1), ..AdamW::default() };
    adam_w_of_weights: AdamW::<T> {
        learning_rate: n(0.01),
        weight_decay: n(0.1),
        decays: Roles::WEIGHTS,
        ..AdamW::default()
    };
    ams_grad: AmsGrad::<T> { learning_rate: n(0.01), beta1: n(0.5), beta2: n(0.5), ..AmsGrad::default() };
    ams_grad_w: DecoupledDecay::new(n(0.1), AmsGrad { learning_rate: n(0.01), ..AmsGrad::default() }).on(Roles::ALL);
    n_adam: NAdam::<T> { learning_rate: n(0.01), ..NAdam::default() };
    r_adam: RAdam::<T> { learning_rate: n(0.01), ..RAdam::default() };
    adagrad: Adagrad::<T> {
        learning_rate: n(0.1),
        learning_rate_decay: n(0.1),
        initial_accumulator: n(0.25),
        ..Adagrad::default()
    };
    adadelta: Adadelta::<T> { ..Adadelta::default() };
    rprop: Rprop::<T> { ..Rprop::default() };
    lion: Lion::<T> { learning_rate: n(0.01), ..Lion::default() };
    decayed_lion: DecoupledDecay::new(n(0.5), Lion { learning_rate: n(0.01), ..Lion::default() });
    clip_value: ClipValue::new(n(0.05), Sgd { learning_rate: n(0.1) });
    l2: L2::new(n(0.1), momentum::<T>()).on(Roles::ALL);
    l2_of_weights: L2::new(n(0.1), Adam { learning_rate: n(0.01), ..Adam::default() });
    l1: L1::new(n(0.02), Sgd { learning_rate: n(0.1) });
    max_norm: MaxNorm::new(n(0.5), momentum::<T>());
    layer_rates: LayerRates::new([n(0.1), n(0.5), n(1.0)], momentum::<T>());
        scheduled: Scheduled::new(
            Cosine { steps: 20, least: n(0.0) },
            AdamW { learning_rate: n(0.02), weight_decay: n(0.1), ..AdamW::default() },
        );
    }
    {
    clip_norm: ClipNorm::new(n(0.25), Adam { learning_rate: n(0.01), ..Adam::default() });
    clip_norm_l2: ClipNorm::new(n(0.25), L2::new(n(0.1), Sgd { learning_rate: n(0.1) }).on(Roles::ALL));
    }
}

fn momentum<T: Scalar>() -> Momentum<T> {
    Momentum { learning_rate: T::from_f64(0.1), ..Momentum::default() }
}

#[test]
fn in_f64() {
    every_optimizer::<f64>();
}

#[test]
fn in_f32() {
    every_optimizer::<f32>();
}

fn averages<T: Number + stackprop::Number>() {
    for (name, optimizer) in
        [("ema", Averaged::ema(T::from_f64(0.9), momentum())), ("polyak", Averaged::polyak(momentum()))]
    {
        let (mut case, data) = read::<T>();
        let mut network: Net<T> = case.start(key);
        let mut trainer = Trainer::<Net<T>, Averaged<Momentum<T>, T>, 4>::zeros();
        for _ in 0..STEPS {
            trainer.step(&mut network, &optimizer, &MeanSquaredError, &data.samples()).unwrap();
        }
        case.compare_parameters("momentum", &network, key); // the average does not change the training
        trainer.state.write_to(&mut network);
        case.compare_parameters(name, &network, key);
        println!("{name:20} f{}: {:.1e}", 8 * size_of::<T>(), case.worst);
        check_resumed(name, &optimizer);
    }
}

#[test]
fn averages_in_f64() {
    averages::<f64>();
}

#[test]
fn averages_in_f32() {
    averages::<f32>();
}

/// The mean gradient of two halves is that of the whole mini-batch, but for rounding. An optimiser inside may need the whole
/// gradient, in both trainers.
fn accumulated<T: Number + stackprop::Number>() {
    type Rule<T> = Accumulated<ClipNorm<Adam<T>, T>, T>;
    let n = T::from_f64;
    let optimizer =
        Accumulated::new(2, ClipNorm::new(n(0.25), Adam { learning_rate: n(0.01), ..Adam::default() }));
    let (mut case, data) = read::<T>();
    let (mut network, mut in_place): (Net<T>, Net<T>) = (case.start(key), case.start(key));
    let (mut trainer, mut other) =
        (Trainer::<Net<T>, Rule<T>, 2>::zeros(), InPlaceTrainer::<Net<T>, Rule<T>, 3>::zeros());
    for _ in 0..STEPS {
        for (inputs, targets) in data.inputs.chunks(3).zip(data.targets.chunks(3)) {
            let half = Samples::new(inputs, targets).unwrap();
            trainer.step(&mut network, &optimizer, &MeanSquaredError, &half).unwrap();
            other.step(&mut in_place, &optimizer, &MeanSquaredError, &half).unwrap();
        }
    }
    case.compare_parameters("clip_norm", &network, key);
    assert_eq!(network.checksum(), in_place.checksum());
    // After ten mini-batches of six samples: in the middle, with three to a step.
    check_resumed("accumulated", &Accumulated::new(3, optimizer.optimizer));
    println!("{:20} f{}: {:.1e}", "accumulated", 8 * size_of::<T>(), case.worst);
}

#[test]
fn accumulated_in_f64() {
    accumulated::<f64>();
}

#[test]
fn accumulated_in_f32() {
    accumulated::<f32>();
}

/// Every case of the file has a test.
#[test]
fn every_case_is_tested() {
    let cases = include_str!("data/optimizers.txt").lines().filter_map(|line| line.split_once("/losses"));
    let mut names: Vec<&str> = cases.map(|(name, _)| name).collect();
    assert_eq!(names.len(), 2 * NAMES.len());
    names.retain(|name| !NAMES.contains(name));
    assert_eq!(names, Vec::<&str>::new());
}

/// A gradient whose squares overflow or underflow has the right norm all the same: the direction of the step stays.
#[test]
fn the_norm_neither_overflows_nor_underflows() {
    type Line = Network<2, Dense<2, 1>>;
    let optimizer = ClipNorm::new(5.0, Sgd { learning_rate: 1.0 });
    for scale in [1e25_f32, 1e-25, 1.0, 1e37] {
        let mut gradients = stackprop::Gradients::<Line>::zeros();
        gradients.of.layers.weight = [[3.0 * scale], [-4.0 * scale]];
        let mut line = Line::zeros();
        optimizer.step(&mut line, &gradients, &mut ()).unwrap();
        let expected = if scale < 1.0 { [-3.0 * scale, 4.0 * scale] } else { [-3.0, 4.0] };
        for (found, expected) in line.layers.weight.iter().zip(expected) {
            // PyTorch adds 1e-6 to the norm.
            assert!((found[0] - expected).abs() <= 1e-6 * expected.abs(), "{scale}: {found:?} {expected}");
        }
    }
}

/// The decay follows the schedule, whichever of the two is inside.
#[test]
fn a_schedule_inside_is_that_of_the_decay() {
    let lion = Lion { learning_rate: 0.05, ..Lion::default() };
    let schedule = Cosine { steps: 20, least: 0.0 };
    let (case, data) = read::<f32>();
    let (mut one, mut other): (Net<f32>, Net<f32>) = (case.start(key), case.start(key));
    let outside = Scheduled::<_, _, f32>::new(schedule, DecoupledDecay::new(0.5, lion));
    let inside = DecoupledDecay::new(0.5, Scheduled::<_, _, f32>::new(schedule, lion));
    let mut trainer = Trainer::<_, Scheduled<Cosine, DecoupledDecay<Lion>>, 6>::zeros();
    let mut other_trainer = Trainer::<_, DecoupledDecay<Scheduled<Cosine, Lion>>, 6>::zeros();
    for _ in 0..STEPS {
        assert_eq!(trainer.learning_rate(&outside), other_trainer.learning_rate(&inside));
        trainer.step(&mut one, &outside, &MeanSquaredError, &data.samples()).unwrap();
        other_trainer.step(&mut other, &inside, &MeanSquaredError, &data.samples()).unwrap();
    }
    assert_eq!(one.checksum(), other.checksum());
    assert_eq!(trainer.learning_rate(&outside), 0.0); // after the last step
}
