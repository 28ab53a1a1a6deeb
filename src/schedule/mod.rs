//! Learning-rate schedules: the learning rate as a function of the step.
//!
//! A schedule is its settings, a plain value that can be a constant. It computes the rate of a step `t`, from 0, directly
//! from the optimiser's own rate `base`, not from the rate before: any step can be asked for, and a resumed run goes on
//! exactly. Definitions are those of `torch.optim.lr_scheduler`, with steps as the unit:
//!
//! | schedule | rate at step `t` | PyTorch |
//! |---|---|---|
//! | [`Constant`] | `base` | |
//! | [`StepDecay`] | `base factor^(t / every)`, the quotient rounded down | `StepLR` |
//! | [`MultiStep`] | `base factor^k`, `k` milestones at or before `t` | `MultiStepLR` |
//! | [`Exponential`] | `base factor^t` | `ExponentialLR` |
//! | [`Linear`] | `base` times a line from `start` to `end` | `LinearLR` |
//! | [`Polynomial`] | `base (1 - t / steps)^power` | `PolynomialLR` |
//! | [`Cosine`] | `least + (base - least) (1 + cos(pi t / steps)) / 2` | `CosineAnnealingLR` |
//! | [`CosineRestarts`] | the same in each cycle, `first multiply^i` steps long | `CosineAnnealingWarmRestarts` |
//! | [`OneCycle`] | up to `base` and down again | `OneCycleLR` |
//! | [`Warmup`] | a line up to `base`, then another schedule | `LinearLR`, `SequentialLR` |
//! | [`Then`] | a schedule, and another one after it | `SequentialLR` |
//! | [`ReduceOnPlateau`] | `base factor^k`, `k` times without improvement | `ReduceLROnPlateau` |
//!
//! **Settings that make no sense.** A part of 0 steps is over before it begins: its rate is that after its end. Finite
//! settings and a finite base never give NaN, whatever they are. (They may give an infinite rate: `10^t`.) A setting of NaN gives a
//! rate of NaN wherever it counts. An optimiser refuses a step with a rate that is not finite by [`Fault`](crate::Fault), and
//! changes nothing. No schedule panics.
//!
//! The bits are the same on every target. Powers `factor^n` are computed by repeated squaring, with a relative error of some `n`
//! roundings at most; all else is accurate to a few roundings, also where the rate is nearly 0.
//!
//! ```
//! use stackprop::Schedule;
//! use stackprop::schedule::{Cosine, Warmup};
//!
//! const SCHEDULE: Warmup<Cosine> = Warmup { steps: 100, start: 0.0, then: Cosine { steps: 900, least: 0.0 } };
//!
//! let rate = |step| SCHEDULE.rate(0.1, step, &());
//! assert_eq!(rate(0), 0.0);
//! assert_eq!(rate(50), 0.05);
//! assert_eq!(rate(100), 0.1);
//! assert_eq!(rate(1000), 0.0);
//! ```

mod cosine;
mod decay;
mod line;
mod one_cycle;
mod phase;
mod plateau;
mod sequence;

pub use cosine::{Cosine, CosineRestarts};
pub use decay::{Exponential, MultiStep, StepDecay};
pub use line::{Constant, Linear, Polynomial};
pub use one_cycle::{Anneal, OneCycle};
pub use plateau::{PlateauState, ReduceOnPlateau};
pub use sequence::{Then, Warmup};

use crate::persist::Persist;
use crate::scalar::Scalar;
use crate::zero::Zero;

/// The learning rate of each step.
///
/// A schedule of your own is a function of the step:
///
/// ```
/// use stackprop::Schedule;
///
/// /// Inverse square root of the step, after a warm-up (Vaswani et al. 2017, section 5.3).
/// struct InverseSquareRoot {
///     warmup: f32,
/// }
///
/// impl Schedule<f32> for InverseSquareRoot {
///     type State = ();
///
///     fn rate(&self, base: f32, step: u32, (): &()) -> f32 {
///         let step = step as f32 + 1.0;
///         base * (step / self.warmup).min((self.warmup / step).sqrt())
///     }
/// }
///
/// assert_eq!(InverseSquareRoot { warmup: 4.0 }.rate(1.0, 15, &()), 0.5);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a learning-rate schedule for parameters of type `{T}`",
    note = "the schedules are in `stackprop::schedule`; without an argument, they are schedules of `f32`"
)]
pub trait Schedule<T: Scalar> {
    /// What the schedule remembers: `()` if the rate is a function of the step alone. It starts as zero.
    type State: Zero + Copy + Persist;

    /// The learning rate of step `step`, counted from 0, where `base` is the optimiser's own.
    fn rate(&self, base: T, step: u32, state: &Self::State) -> T;

    /// Takes the next value of a metric, such as the validation loss after each epoch.
    ///
    /// Only [`ReduceOnPlateau`] and schedules that contain one do anything with it. The default does nothing.
    fn observe(&self, state: &mut Self::State, metric: T) {
        let _ = (state, metric);
    }
}
