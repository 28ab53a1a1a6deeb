//! Learning-rate schedules against PyTorch, settings that make no sense, and what a plateau remembers.
//!
//! `tools/golden_schedules.py` writes `tests/data/schedules.txt`. `cargo test --test schedules -- --nocapture` prints the largest
//! difference of each schedule, relative to the rate.

use stackprop::schedule::{
    Anneal, Constant, Cosine, CosineRestarts, Exponential, Linear, MultiStep, OneCycle, PlateauState,
    Polynomial, ReduceOnPlateau, StepDecay, Then, Warmup,
};
use stackprop::{Mode, Scalar, Schedule, Threshold, Zero};

mod pytorch;
mod tolerances;

use pytorch::Case;

const RATES: &str = include_str!("data/schedules.txt");

/// A setting, rounded to the scalar.
fn x<T: Scalar>(setting: f64) -> T {
    T::from_f64(setting)
}

trait Number: pytorch::Number {
    const BOUND: f64;
}

impl Number for f32 {
    const BOUND: f64 = tolerances::SCHEDULE_F32;
}

impl Number for f64 {
    const BOUND: f64 = tolerances::SCHEDULE_F64;
}

/// The largest difference to PyTorch's rates, relative to each of them.
fn difference<T: Number>(name: &str, rate: impl Fn(u32) -> T) -> f64 {
    let expected: Vec<T> = Case::read::<T>(RATES, name).tensor("rates");
    assert!(expected.len() > 150, "{name}");
    let mut worst = 0.0;
    for (step, expected) in (0..).zip(expected) {
        let (found, expected) = (rate(step).to_f64(), expected.to_f64());
        if found == expected {
            continue;
        }
        let difference = (found - expected).abs() / expected.abs();
        assert!(difference <= T::BOUND, "{name}, step {step}: {found:e}, in PyTorch {expected:e}");
        worst = difference.max(worst);
    }
    worst
}

/// The name of a case, and the schedule, for either scalar.
macro_rules! schedules {
    ($($name:ident: $schedule:expr;)*) => {
        #[test]
        fn rates_are_those_of_pytorch() {
            println!("{:<26} {:>8} {:>8}", "schedule", "f64", "f32");
            $({
                let name = stringify!($name);
                let wide = difference::<f64>(name, |step| $schedule.rate(x(0.3), step, &Zero::ZERO));
                let narrow = difference::<f32>(name, |step| $schedule.rate(x(0.3), step, &Zero::ZERO));
                println!("{name:<26} {wide:>8.1e} {narrow:>8.1e}");
            })*
        }

        const COMPARED: &[&str] = &[$(stringify!($name)),*];
    };
}

schedules! {
    constant: Constant;
    step_decay: StepDecay { every: 7, factor: x(0.8) };
    multi_step: MultiStep { milestones: [30, 31, 100, 31], factor: x(0.3) };
    exponential: Exponential { factor: x(0.97) };
    linear: Linear { start: x(0.2), end: x(0.9), steps: 120 };
    linear_to_zero: Linear { start: x(1.0), end: x(0.0), steps: 133 };
    polynomial: Polynomial { steps: 130, power: x(0.9) };
    polynomial_square: Polynomial { steps: 130, power: x(2.0) };
    cosine: Cosine { steps: 50, least: x(0.01) };
    cosine_restarts: CosineRestarts { first: 9, multiply: 2, least: x(0.01) };
    cosine_restarts_same: CosineRestarts { first: 13, multiply: 1, least: x(0.002) };
    one_cycle: OneCycle::new(160);
    one_cycle_straight: OneCycle { rise: x(0.43), anneal: Anneal::Straight, ..OneCycle::new(155) };
    one_cycle_three_phase: OneCycle { rise: x(0.37), three_phase: true, ..OneCycle::new(151) };
    one_cycle_three_straight: OneCycle {
        rise: x(0.25), three_phase: true, anneal: Anneal::Straight, ..OneCycle::new(160)
    };
    warmup_exponential: Warmup { steps: 20, start: x(0.1), then: Exponential { factor: x(0.97) } };
    warmup_polynomial: Warmup { steps: 31, start: x(0.1), then: Polynomial { steps: 100, power: x(2.0) } };
    then: Then {
        first: StepDecay { every: 10, factor: x(0.5) }, steps: 45, second: Exponential { factor: x(0.9) }
    };
}

/// The rate after each metric of the file.
fn plateau<T: Number + stackprop::Number>(name: &str, plateau: &ReduceOnPlateau<T>) -> f64 {
    let metrics: Vec<T> = Case::read::<T>(RATES, name).tensor("metrics");
    let mut state = PlateauState::ZERO;
    let (mut rates, mut last) = (vec![], x(0.3));
    for metric in metrics {
        let reductions = state.reductions();
        let reduced = state.observe(plateau, metric);
        assert_eq!(state.reductions(), reductions + u32::from(reduced));
        let rate = plateau.rate(x(0.3), 0, &state);
        // The result says whether the rate falls, unless it has already reached `least`.
        assert_eq!(rate < last, reduced && last > plateau.least, "{name}");
        last = rate;
        rates.push(rate);
    }
    difference::<T>(name, |step| rates[step as usize])
}

macro_rules! plateaus {
    ($($name:ident: $($field:ident $value:expr),*;)*) => {
        #[test]
        fn plateaus_are_those_of_pytorch() {
            $({
                let name = stringify!($name);
                let wide = plateau::<f64>(name, &ReduceOnPlateau { $($field: $value,)* ..Default::default() });
                let narrow = plateau::<f32>(name, &ReduceOnPlateau { $($field: $value,)* ..Default::default() });
                println!("{name:<26} {wide:>8.1e} {narrow:>8.1e}");
            })*
        }

        const PLATEAUS: &[&str] = &[$(stringify!($name)),*];
    };
}

plateaus! {
    plateau_min_relative: factor x(0.5), patience 4, threshold Threshold::Relative(x(0.015625));
    plateau_min_absolute: factor x(0.7), patience 2, threshold Threshold::Absolute(x(0.0625)), cooldown 3;
    plateau_max_relative:
        mode Mode::Max, factor x(0.6), patience 2, threshold Threshold::Relative(x(0.0)), least x(0.01);
    plateau_max_absolute:
        mode Mode::Max, factor x(0.9), patience 1, threshold Threshold::Absolute(x(0.0)), cooldown 1;
}

#[test]
fn every_case_is_compared() {
    let mut cases: Vec<&str> =
        RATES.lines().filter_map(|line| line.strip_prefix("case ")?.strip_suffix(" 64")).collect();
    let mut compared = [COMPARED, PLATEAUS].concat();
    cases.sort();
    compared.sort();
    assert_eq!(cases, compared);
}

/// Steps at which something changes, and the last ones.
const STEPS: [u32; 12] = [0, 1, 2, 3, 6, 7, 8, 100, 1 << 24, (1 << 31) + 1, u32::MAX - 1, u32::MAX];

/// No rate is NaN.
fn never_nan<T: Number, S: Schedule<T> + std::fmt::Debug>(schedule: S, state: S::State) {
    for base in [0.0, 1e-30, 0.1, 1e30].map(T::from_f64) {
        for step in STEPS {
            let rate = schedule.rate(base, step, &state);
            assert!(rate.partial_cmp(&rate).is_some(), "{schedule:?} of {base:e} at {step} is {rate:e}");
        }
    }
}

/// Each schedule with all combinations of settings, good ones and bad ones.
fn never_nan_whatever_the_settings<T: Number + stackprop::Number>() {
    let least = T::MIN_POSITIVE.to_f64();
    let numbers = [-1e38, -2.0, -0.5, 0.0, least, 0.3, 1.0, 7.0, 1e38].map(T::from_f64);
    let lengths = [0, 1, 2, 7, 1 << 20, u32::MAX];
    for a in numbers {
        never_nan(Exponential { factor: a }, ());
        never_nan(MultiStep { milestones: [], factor: a }, ());
        never_nan(MultiStep { milestones: [7, 0, u32::MAX], factor: a }, ());
        for n in lengths {
            never_nan(StepDecay { every: n, factor: a }, ());
            never_nan(Polynomial { steps: n, power: a }, ());
            never_nan(Cosine { steps: n, least: a }, ());
            never_nan(Warmup { steps: n, start: a, then: Constant }, ());
            never_nan(Then { first: Exponential { factor: a }, steps: n, second: Constant }, ((), ()));
            for multiply in [0, 1, 2, u32::MAX] {
                never_nan(CosineRestarts { first: n, multiply, least: a }, ());
            }
            for b in numbers {
                never_nan(Linear { start: a, end: b, steps: n }, ());
                for (anneal, three_phase) in [(Anneal::HalfCosine, false), (Anneal::Straight, true)] {
                    for rise in numbers {
                        never_nan(OneCycle { steps: n, rise, start: a, end: b, anneal, three_phase }, ());
                    }
                }
            }
        }
        for least in numbers {
            for threshold in
                numbers.into_iter().flat_map(|x| [Threshold::Relative(x), Threshold::Absolute(x)])
            {
                let plateau = ReduceOnPlateau {
                    factor: a,
                    patience: 0,
                    threshold,
                    cooldown: 0,
                    least,
                    mode: Mode::Max,
                };
                let mut state = PlateauState::ZERO;
                for metric in [f64::NAN, 1.0, f64::INFINITY, -1.0, f64::NEG_INFINITY, 2.0] {
                    let _ = state.observe(&plateau, T::from_f64(metric));
                    never_nan(plateau, state);
                }
            }
        }
    }
}

#[test]
fn finite_settings_never_give_nan() {
    never_nan_whatever_the_settings::<f32>();
    never_nan_whatever_the_settings::<f64>();
}

/// Parts of 0 steps are over.
#[test]
fn no_steps() {
    let rate = |schedule: &dyn Fn(u32) -> f64| [0, 1, 9].map(schedule);
    assert_eq!(rate(&|t| StepDecay { every: 0, factor: 0.5 }.rate(2.0, t, &())), [2.0; 3]);
    assert_eq!(rate(&|t| Linear { start: 0.1, end: 0.5, steps: 0 }.rate(2.0, t, &())), [1.0; 3]);
    assert_eq!(rate(&|t| Polynomial { steps: 0, power: 1.0 }.rate(2.0, t, &())), [0.0; 3]);
    assert_eq!(rate(&|t| Cosine { steps: 0, least: 0.25 }.rate(2.0, t, &())), [0.25; 3]);
    assert_eq!(rate(&|t| CosineRestarts { first: 0, multiply: 2, least: 0.25 }.rate(2.0, t, &())), [0.25; 3]);
    assert_eq!(rate(&|t| OneCycle { end: 0.125, ..OneCycle::new(0) }.rate(2.0, t, &())), [0.25; 3]);
    let half = Exponential { factor: 0.5 };
    assert_eq!(
        rate(&|t| Warmup { steps: 0, start: 0.1, then: half }.rate(2.0, t, &())),
        [2.0, 1.0, 2.0 / 512.0]
    );
    let then = Then { first: Constant, steps: 0, second: half };
    assert_eq!(rate(&|t| then.rate(2.0, t, &((), ()))), [2.0, 1.0, 2.0 / 512.0]);
}

/// A setting of NaN gives no number that an optimiser would accept, where it counts.
#[test]
fn nan_is_not_hidden() {
    const NAN: f32 = f32::NAN;
    let rates = [
        StepDecay { every: 2, factor: NAN }.rate(1.0, 2, &()),
        MultiStep { milestones: [2], factor: NAN }.rate(1.0, 2, &()),
        Exponential { factor: NAN }.rate(1.0, 2, &()),
        Linear { start: NAN, end: 1.0, steps: 4 }.rate(1.0, 2, &()),
        Linear { start: 1.0, end: NAN, steps: 4 }.rate(1.0, 2, &()),
        Polynomial { steps: 4, power: NAN }.rate(1.0, 2, &()),
        Cosine { steps: 4, least: NAN }.rate(1.0, 2, &()),
        CosineRestarts { first: 4, multiply: 1, least: NAN }.rate(1.0, 2, &()),
        OneCycle { start: NAN, ..OneCycle::new(100) }.rate(1.0, 2, &()),
        OneCycle { rise: NAN, ..OneCycle::new(100) }.rate(1.0, 2, &()),
        OneCycle { end: NAN, ..OneCycle::new(100) }.rate(1.0, 90, &()),
        Warmup { steps: 4, start: NAN, then: Constant }.rate(1.0, 2, &()),
        ReduceOnPlateau { least: NAN, ..ReduceOnPlateau::default() }.rate(1.0, 2, &Zero::ZERO),
    ];
    assert!(rates.iter().all(|rate| rate.is_nan()), "{rates:?}");
}

/// By hand: patience 1, factor 1/2, cooldown 2.
#[test]
fn plateau_by_hand() {
    let plateau = ReduceOnPlateau {
        factor: 0.5,
        patience: 1,
        threshold: Threshold::Absolute(0.0),
        cooldown: 2,
        ..ReduceOnPlateau::default()
    };
    let mut state = PlateauState::ZERO;
    assert_eq!(state.best(), None);
    let steps = [
        (f32::NAN, false), // the first that is no improvement
        (3.0, false),
        (3.0, false),     // a tie: the first
        (f32::NAN, true), // the second
        (4.0, false),     // cooldown
        (4.0, false),     // cooldown
        (4.0, false),     // the first
        (2.0, false),     // an improvement
        (2.5, false),     // the first
        (2.5, true),      // the second
    ];
    for (metric, reduced) in steps {
        assert_eq!(state.observe(&plateau, metric), reduced, "{metric}: {state:?}");
    }
    assert_eq!((state.best(), state.reductions()), (Some(2.0), 2));
    assert_eq!(plateau.rate(0.8, 7, &state), 0.2);
    // Neither below `least`, nor above the optimiser's own rate.
    assert_eq!(ReduceOnPlateau { least: 0.3, ..plateau }.rate(0.8, 7, &state), 0.3);
    assert_eq!(ReduceOnPlateau { least: 0.9, ..plateau }.rate(0.8, 7, &state), 0.8);
    assert_eq!(ReduceOnPlateau { factor: 3.0, ..plateau }.rate(0.8, 7, &state), 0.8);
}

/// All are constants.
#[test]
fn schedules_are_constants() {
    const SCHEDULE: Then<Warmup<ReduceOnPlateau>, OneCycle> = Then {
        first: Warmup {
            steps: 4,
            start: 0.5,
            then: ReduceOnPlateau {
                factor: 0.5,
                patience: 0,
                threshold: Threshold::Relative(0.0),
                cooldown: 0,
                least: 0.0,
                mode: Mode::Min,
            },
        },
        steps: 10,
        second: OneCycle {
            steps: 3,
            rise: 0.5,
            start: 0.0,
            end: 0.25,
            anneal: Anneal::Straight,
            three_phase: false,
        },
    };
    let mut state = <Then<Warmup<ReduceOnPlateau>, OneCycle> as Schedule<f32>>::State::ZERO;
    let Then { first, .. } = SCHEDULE;
    assert!([1.0, 1.0].map(|loss| state.0.observe(&first.then, loss))[1]);
    // The same through the schedules around it.
    let mut passed_on = Zero::ZERO;
    for loss in [1.0, 1.0] {
        Schedule::<f32>::observe(&SCHEDULE, &mut passed_on, loss);
    }
    assert_eq!(passed_on, state);
    // The top is at step 1/2 of the cycle.
    let rates = [0, 2, 4, 9, 10, 11, 12, 13].map(|step| SCHEDULE.rate(1.0, step, &state));
    approx::assert_abs_diff_eq!(rates[..], [0.5, 0.75, 0.5, 0.5, 0.0, 0.75, 0.25, 0.25][..], epsilon = 1e-7);
}
