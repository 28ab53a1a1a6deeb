//! Learning rates without `std`. Exit code 0 if the schedules end where they should.
#![no_std]
#![no_main]

use core::hint::black_box;

use no_std_programs as _; // links what a host needs

use stackprop::schedule::{
    Constant, Cosine, CosineRestarts, Exponential, Linear, MultiStep, OneCycle, PlateauState, Polynomial,
    ReduceOnPlateau, StepDecay, Then, Warmup,
};
use stackprop::{Schedule, Zero};

/// The settings are not known when the program is compiled.
fn rate<S: Schedule<f32, State = ()>>(schedule: S, step: u32) -> f32 {
    black_box(schedule).rate(black_box(1.0), black_box(step), &())
}

#[unsafe(no_mangle)]
pub extern "C" fn main() -> i32 {
    let ends = [
        rate(StepDecay { every: 10, factor: 0.5 }, 29) == 0.25,
        rate(MultiStep { milestones: [10, 20], factor: 0.5 }, 29) == 0.25,
        rate(Exponential { factor: 0.5 }, 2) == 0.25,
        rate(Linear { start: 1.0, end: 0.25, steps: 10 }, 29) == 0.25,
        rate(Polynomial { steps: 10, power: 0.5 }, 29) == 0.0,
        rate(Cosine { steps: 10, least: 0.25 }, 10) == 0.25,
        rate(CosineRestarts { first: 10, multiply: 2, least: 0.25 }, 30) == 1.0,
        rate(OneCycle { end: 0.25, ..OneCycle::new(10) }, 29) == 0.25,
        rate(Warmup { steps: 10, start: 0.0, then: Exponential { factor: 0.5 } }, 12) == 0.25,
    ];
    let (mut state, plateau) = (PlateauState::ZERO, black_box(ReduceOnPlateau::default()));
    for _ in 0..23 {
        let _ = state.observe(&plateau, black_box(1.0));
    }
    let then = black_box(Then { first: plateau, steps: 10, second: Constant });
    let last = then.rate(1.0, 9, &(state, ()));
    i32::from(ends.contains(&false) || state.reductions() != 2 || !(0.009..0.011).contains(&last))
}
