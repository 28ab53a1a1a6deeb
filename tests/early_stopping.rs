//! The best network of a run, when it stops, and what it does after it diverged: with both trainers, and from checkpoints.
#![cfg(feature = "alloc")]

use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Adam, BatchNorm, Best, Chain, Dense, EarlyStopping, InPlaceTrainer, Mode, Momentum, Network, Parameters,
    Quadratic, Recovery, Tanh, Threshold, Trainer, Verdict, Zero, init,
};

const NAN: f32 = f32::NAN;

type One = Network<1, Dense<1, 1>>;

/// A network that is known by its only weight.
fn one(weight: f32) -> One {
    Network::new(Dense::from_parameters([[weight]], [0.0]))
}

/// Observes network `i` with metric `i`.
fn verdicts(stopping: EarlyStopping, metrics: &[f32]) -> (Vec<Verdict>, Best<One>) {
    let mut best = Best::<One>::zeros();
    let observe = |(i, &metric): (u8, &f32)| best.observe(&stopping, &one(i.into()), metric);
    ((0..).zip(metrics).map(observe).collect(), best)
}

#[test]
fn verdicts_by_hand() {
    use Verdict::{Improved, Stop, Waiting};

    let two = EarlyStopping { patience: 2, ..EarlyStopping::default() };
    let (found, best) = verdicts(two, &[NAN, 3.0, 3.0, 2.5, NAN, 2.0, 2.0, 4.0, 1.0]);
    let expected =
        [Waiting(1), Improved, Waiting(1), Improved, Waiting(1), Improved, Waiting(1), Stop, Improved];
    assert_eq!(found, expected);
    assert_eq!((best.metric(), best.index(), best.observations()), (Some(1.0), Some(8), 9));

    // 10 % of 4 is 0.4, of 3.5 it is 0.35.
    let tenth = EarlyStopping { patience: 9, threshold: Threshold::Relative(0.1), mode: Mode::Min };
    let (found, best) = verdicts(tenth, &[4.0, 3.7, 3.5, 3.2, 3.1]);
    assert_eq!(found, [Improved, Waiting(1), Improved, Waiting(1), Improved]);
    assert_eq!((best.network(), best.index()), (Some(&one(4.0)), Some(4)));

    let accuracy = EarlyStopping { patience: 0, mode: Mode::Max, ..EarlyStopping::default() };
    let (found, best) = verdicts(accuracy, &[0.5, 0.75, 0.75, NAN]);
    assert_eq!(found, [Improved, Improved, Stop, Stop]);
    assert_eq!((best.network(), best.metric()), (Some(&one(1.0)), Some(0.75)));
}

#[test]
fn without_a_best_network_nothing_is_restored() {
    let (found, mut best) =
        verdicts(EarlyStopping { patience: 3, ..EarlyStopping::default() }, &[NAN, f32::INFINITY, NAN]);
    assert_eq!(found, [Verdict::Waiting(1), Verdict::Waiting(2), Verdict::Stop]);
    assert_eq!((best.network(), best.metric(), best.index()), (None, None, None));
    let (mut network, mut state) = (one(7.0), 5_u32);
    assert!(!best.restore(&mut network));
    assert_eq!(best.recover(&Recovery::default(), &mut network, &mut state), None);
    assert_eq!((network, state, best.recoveries()), (one(7.0), 5, 0));
}

#[test]
fn divergence_by_hand() {
    let (_, mut best) = verdicts(EarlyStopping::default(), &[3.0, 2.0]);
    let recovery = Recovery { attempts: 3, limit: 10.0, factor: 0.25 };
    let diverged = [0.0, 2.0, 20.0, 20.1, f32::INFINITY, NAN].map(|loss| best.has_diverged(&recovery, loss));
    assert_eq!(diverged, [false, false, false, true, true, true]);
    // Without a best one, only what is not finite.
    assert_eq!([f32::MAX, NAN].map(|loss| Best::<One>::zeros().has_diverged(&recovery, loss)), [false, true]);

    let mut network = one(9.0);
    let factors = [(); 4].map(|()| {
        let mut state = (1_u32, [2.0_f32, 3.0]);
        network.layers.weight = [[9.0]];
        let factor = best.recover(&recovery, &mut network, &mut state);
        assert_eq!(factor.is_some(), (&network, &state) == (&one(1.0), &Zero::ZERO));
        assert_eq!(factor.is_none(), (&network, &state) == (&one(9.0), &(1, [2.0, 3.0])));
        factor
    });
    assert_eq!(factors, [Some(0.25), Some(0.0625), Some(0.015625), None]);
    assert_eq!((best.recoveries(), best.metric(), best.index()), (3, Some(2.0), Some(1)));
}

/// A network with memory of its own, which also has to be restored: running statistics.
type Net = Network<2, Chain![Dense<2, 24, Tanh>, BatchNorm<24, 100>, Dense<24, 1>]>;
type Samples = Vec<([f32; 2], [f32; 1])>;

/// Noisy samples of x y: few enough to learn the noise.
fn samples(seed: u64, count: usize) -> Samples {
    use stackprop::Scalar;
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(seed);
    let mut number = || 2.0 * f32::random(&mut rng) - 1.0;
    (0..count)
        .map(|_| {
            let (x, y, noise) = (number(), number(), number());
            ([x, y], [x * y + 0.3 * noise])
        })
        .collect()
}

/// A run with a trainer: the best of all networks is kept, whichever that is.
macro_rules! trainers {
    ($($name:ident: $trainer:ident<$optimizer:ident, $tile:literal>;)*) => {$(
        mod $name {
            use super::*;

            type Run = $trainer<Net, $optimizer, $tile>;

            fn start(data: &Samples) -> (Box<Net>, Box<Run>, Box<Best<Net>>) {
                let mut network = Net::boxed();
                network.init(&init::XavierUniform, &mut Xoshiro128PlusPlus::seed_from_u64(3));
                for (input, _) in data {
                    network.observe(input);
                }
                (network, Run::boxed(), Best::boxed())
            }

            #[test]
            fn the_best_network_is_kept() {
                let (data, other) = (samples(1, 12), samples(2, 60));
                let (mut network, mut trainer, mut best) = start(&data);
                let mut optimizer = $optimizer::default();
                optimizer.learning_rate = 0.01;
                let stopping = EarlyStopping { patience: 40, ..EarlyStopping::default() };
                let mut history = vec![];
                loop {
                    trainer.step(&mut network, &optimizer, &Quadratic, &data).unwrap();
                    network.observe(&data[history.len() % data.len()].0);
                    let loss = trainer.workspace.loss(&*network, &Quadratic, &other).unwrap();
                    history.push((loss, network.checksum()));
                    if best.observe(&stopping, &network, loss) == Verdict::Stop {
                        break;
                    }
                    assert!(history.len() < 20_000, "it does not stop");
                }
                let smallest = history.iter().fold(f32::INFINITY, |smallest, (loss, _)| loss.min(smallest));
                let index = history.iter().position(|(loss, _)| *loss == smallest).unwrap();
                assert_eq!((best.metric(), best.index()), (Some(smallest), Some(index as u32)));
                assert_eq!(history.len(), index + 1 + 40);
                assert!(index > 5 && network.checksum() != history[index].1);
                assert!(best.restore(&mut network));
                assert_eq!(network.checksum(), history[index].1);
            }

            /// A rate that is far too large: the run fails again and again, and then learns.
            #[test]
            fn a_run_recovers() {
                let data = samples(1, 12);
                let (mut network, mut trainer, mut best) = start(&data);
                // 1e30 2^-110 is 8e-4.
                let recovery = Recovery { attempts: 110, ..Recovery::default() };
                let stopping = EarlyStopping { patience: 500, ..EarlyStopping::default() };
                let rate = 1e30;
                let mut optimizer = $optimizer::default();
                optimizer.learning_rate = rate;
                let first = trainer.workspace.loss(&*network, &Quadratic, &data).unwrap();
                let _ = best.observe(&stopping, &network, first);
                let (mut errors, mut recoveries) = (0, 0);
                for _ in 0..500 {
                    // After a step that is too long, the next one often has an error.
                    let mut step = || trainer.step(&mut network, &optimizer, &Quadratic, &data);
                    let made = step().and_then(|_| step());
                    errors += usize::from(made.is_err());
                    let loss = trainer.workspace.loss(&*network, &Quadratic, &data);
                    match (made, loss) {
                        (Ok(_), Ok(loss)) if !best.has_diverged(&recovery, loss) => {
                            let _ = best.observe(&stopping, &network, loss);
                        }
                        _ => {
                            let factor = best.recover(&recovery, &mut network, &mut trainer.state).unwrap();
                            recoveries += 1;
                            assert_eq!(factor, 0.5_f32.powi(recoveries));
                            assert_eq!(network.checksum(), best.network().unwrap().checksum());
                            optimizer.learning_rate = rate * factor;
                        }
                    }
                }
                assert_eq!(best.recoveries(), recoveries as u32);
                assert!(recoveries > 80 && errors > 20, "{recoveries}, {errors}");
                assert!(best.metric().unwrap() < 0.25 * first, "{first} {:?}", best.metric());
            }

            /// A run that is saved with its best network and resumed has the bits, and the verdicts, of the one that is not.
            #[cfg(feature = "checkpoint")]
            #[test]
            fn a_checkpoint_holds_the_best_network() {
                use stackprop::checkpoint;

                let (data, other) = (samples(1, 12), samples(2, 60));
                let stopping = EarlyStopping { patience: 4, ..EarlyStopping::default() };
                let mut optimizer = $optimizer::default();
                optimizer.learning_rate = 0.03;
                let step = |(network, trainer, best): &mut (Box<Net>, Box<Run>, Box<Best<Net>>)| {
                    trainer.step(network, &optimizer, &Quadratic, &data).unwrap();
                    let loss = trainer.workspace.loss(&**network, &Quadratic, &other).unwrap();
                    best.observe(&stopping, network, loss)
                };
                let mut whole = start(&data);
                for _ in 0..40 {
                    let mut file = vec![];
                    let save = |bytes: &[u8]| Ok::<(), std::convert::Infallible>(file.extend_from_slice(bytes));
                    checkpoint::save(&*whole.0, &*whole.1, &*whole.2, save).unwrap();
                    let mut resumed = (Net::boxed(), Run::boxed(), Best::boxed());
                    checkpoint::load(&mut *resumed.0, &mut *resumed.1, &mut *resumed.2, &file).unwrap();
                    assert_eq!(resumed.2, whole.2);
                    assert_eq!(step(&mut resumed), step(&mut whole));
                    assert_eq!((resumed.0.checksum(), &resumed.2), (whole.0.checksum(), &whole.2));
                }
            }
        }
    )*};
}

trainers! {
    trainer_with_adam: Trainer<Adam, 4>;
    in_place_with_adam: InPlaceTrainer<Adam, 12>;
    trainer_with_momentum: Trainer<Momentum, 12>;
    in_place_with_momentum: InPlaceTrainer<Momentum, 12>;
}

// 2.7 MB, more than the stack of the thread.
#[test]
fn a_large_network_is_kept_on_a_small_stack() {
    type Wide = Network<784, Chain![Dense<784, 512, Tanh>, Dense<512, 512, Tanh>, Dense<512, 10>]>;

    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(|| {
        let (mut network, mut best) = (Wide::boxed(), Best::<Wide>::boxed());
        network.init(&init::KaimingUniform, &mut Xoshiro128PlusPlus::seed_from_u64(1));
        let checksum = network.checksum();
        assert_eq!(best.observe(&EarlyStopping::default(), &network, 1.0), Verdict::Improved);
        let mut copy = best.boxed_clone();
        Best::clone_from(&mut copy, &best);
        network.set_zero();
        let mut state = (Wide::boxed(), 1);
        assert_eq!(copy.recover(&Recovery::default(), &mut network, &mut *state.0), Some(0.5));
        assert_eq!(network.checksum(), checksum);
    });
    thread.unwrap().join().unwrap();
    const { assert!(Best::<Wide>::BYTES == Wide::BYTES + 5 * 4) };
}

/// It can be a `static`.
#[test]
fn a_static() {
    static BEST: std::sync::Mutex<Best<One>> = std::sync::Mutex::new(Best::zeros());
    let mut best = BEST.lock().unwrap();
    assert_eq!(best.observe(&EarlyStopping::default(), &one(1.0), 1.0), Verdict::Improved);
}
