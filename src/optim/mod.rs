//! Optimisers: how a gradient becomes a step.
//!
//! An optimiser holds only its settings (`&self`). Its state between steps ([`Optimizer::State`]) is a value of
//! the network's own shape, which the caller owns. The learning rate may change from step to step.
//!
//! **State decays to zero.** Each step multiplies a velocity or an average by a factor below 1. When a gradient
//! becomes 0 (a rectifier that is off), rounding to nearest would stop this decay at a few units of the smallest
//! subnormal number (at 500 units for a factor of 0.999), and many processors take a hundred cycles for an
//! operation on such a number. So every 64th step ends by replacing subnormal numbers in the state by 0.
//! Parameters are left alone, because no rule here decays them.

mod accumulated;
mod adadelta;
mod adagrad;
mod adam;
mod adam_w;
mod adjust;
mod ams_grad;
mod averaged;
mod clip;
mod decay;
mod layer_rates;
mod lion;
mod max_norm;
mod momentum;
mod n_adam;
mod nesterov;
mod norm;
mod r_adam;
mod rms_prop;
mod rprop;
mod scheduled;
mod sgd;
mod state;
mod stored;

pub use accumulated::{Accumulated, AccumulatedState};
pub use adadelta::{Adadelta, AdadeltaState};
pub use adagrad::{Adagrad, AdagradState};
pub use adam::{Adam, AdamState};
pub use adam_w::AdamW;
pub use adjust::{Adjust, Adjusted};
pub use ams_grad::{AmsGrad, AmsGradState};
pub use averaged::{Averaged, AveragedState};
pub use clip::{ClipNorm, ClipValue};
pub use decay::{DecoupledDecay, L1, L2};
pub use layer_rates::LayerRates;
pub use lion::{Lion, LionState};
pub use max_norm::MaxNorm;
pub use momentum::{Momentum, MomentumState};
pub use n_adam::{NAdam, NAdamState};
pub use nesterov::Nesterov;
pub use r_adam::{RAdam, RAdamState};
pub use rms_prop::{CenteredRmsProp, CenteredRmsPropState, RmsProp, RmsPropState};
pub use rprop::{Rprop, RpropState};
pub use scheduled::{Scheduled, ScheduledState};
pub use sgd::Sgd;
pub(crate) use stored::{Stored, updated};

use crate::arithmetic::MulAdd;
use crate::fault::Fault;
use crate::params::Parameters;
use crate::rule::{Rule, Uniform};
use crate::scalar::Scalar;
use crate::zero::Zero;

/// A rule that updates parameters along a gradient.
///
/// An implementation defines the state, and how one parameter and its part of the state change. (If the closure
/// comes from a function that is not generic over `N`, all networks share its code.)
///
/// ```
/// use stackprop::{Descent, Fault, Optimizer, Parameters, Zero};
///
/// /// A step of the same length for each parameter, against the sign of its gradient.
/// struct SignDescent {
///     step: f32,
/// }
///
/// impl Optimizer<f32> for SignDescent {
///     type State<G: Zero> = ();
///
///     fn step<N: Parameters<f32>>(
///         &self,
///         parameters: &mut N,
///         gradient: impl Descent<f32, N>,
///         (): &mut (),
///     ) -> Result<(), Fault> {
///         gradient.descend(parameters, [], |g, [p]| [p - self.step * g.signum()])
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an optimiser for parameters of type `{T}`",
    label = "expected an optimiser of `{T}`: `Sgd<{T}>`, `Momentum<{T}>` or `Adam<{T}>`",
    note = "without an argument, `Sgd`, `Momentum` and `Adam` are optimisers of `f32`",
    note = "a loss, such as `Quadratic`, is no optimiser: it is the argument after the optimiser in `step` and `epoch`"
)]
pub trait Optimizer<T: Scalar> {
    /// The name, by which a checkpoint tells optimisers apart.
    const NAME: &'static str = "unnamed";

    /// Whether a step needs the whole gradient before it changes the first parameter, as [`ClipNorm`] does.
    ///
    /// A [`Trainer`](crate::Trainer) then makes no step while it computes the gradient, and an
    /// [`InPlaceTrainer`](crate::InPlaceTrainer), which has no memory for a gradient, does not compile. An optimiser that wraps
    /// another one passes on the constant of the inner one.
    const WHOLE_GRADIENT: bool = false;

    /// The state between the steps of a network whose gradient is a `G`. It starts as zero.
    type State<G: Zero>: Zero;

    /// Changes the parameters by one step.
    ///
    /// # Errors
    ///
    /// [`Fault::Update`] if a parameter, or its part of the state, would become infinite or NaN. Both then keep
    /// their values; the other parameters have made their step. If no parameter can make a step with these
    /// settings (a learning rate of NaN), neither parameters nor state have changed, and the next step continues
    /// as if this one had not happened.
    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        state: &mut Self::State<N::Trained>,
    ) -> Result<(), Fault>;
}

/// A gradient that can be descended.
///
/// It is either a reference to [`Gradients`](crate::Gradients) in memory, or a gradient that the backward pass
/// computes piece by piece, and that is never in memory as a whole. Both give the same bits.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a gradient for `{N}`",
    note = "the gradient of a network `N` is a `&Gradients<N>`"
)]
pub trait Descent<T: Scalar, N: Parameters<T>> {
    /// Replaces each trained parameter, and the `S` numbers that `state` has for it, by
    /// `rule(dC/d(parameter), [parameter, numbers...])`. `W` is `S + 1`; another `W` does not compile.
    ///
    /// # Errors
    ///
    /// [`Fault::Update`] if a result is infinite or NaN. That parameter and its state keep their values.
    /// [`Fault::Lengths`] if parameters, state and gradient differ in length in a layer. That layer is left unchanged.
    fn descend<const S: usize, const W: usize>(
        self,
        parameters: &mut N,
        state: [&mut N::Trained; S],
        rule: impl Fn(T, [T; W]) -> [T; W] + Copy + Sync,
    ) -> Result<(), Fault>
    where
        Self: Sized,
    {
        self.descend_by(parameters, state, Uniform(rule))
    }

    /// [`descend`](Descent::descend) with a rule that may depend on the block of a parameter, such as its layer or its role.
    ///
    /// # Errors
    ///
    /// As [`descend`](Descent::descend).
    fn descend_by<const S: usize, const W: usize>(
        self,
        parameters: &mut N,
        state: [&mut N::Trained; S],
        rule: impl Rule<T, W>,
    ) -> Result<(), Fault>;

    /// The Euclidean norm of the whole gradient, `sqrt(sum g^2)`, where `g` is the gradient after [`Adjust::before`]; `()`
    /// adjusts nothing. `None` if the gradient is not in memory. The parameters are not changed.
    fn norm(&self, parameters: &mut N, adjust: impl Adjust<T>) -> Option<T> {
        let _ = (parameters, adjust);
        None
    }
}

/// An optimiser with a learning rate, which a [schedule](crate::schedule) can change.
pub trait LearningRate<T: Scalar>: Optimizer<T> {
    /// The learning rate.
    fn learning_rate(&self) -> T;

    /// The same optimiser with another learning rate.
    #[must_use]
    fn with_learning_rate(&self, learning_rate: T) -> Self;

    /// The learning rate of the next step, after the steps that led to this state: that of the schedule, if there is one.
    fn next_rate<G: Zero>(&self, state: &Self::State<G>) -> T {
        let _ = state;
        self.learning_rate()
    }

    /// Tells a schedule that depends on a metric its next value: see [`Trainer::observe`](crate::Trainer::observe). Does nothing
    /// if there is no such schedule.
    fn observe<G: Zero>(&self, state: &mut Self::State<G>, metric: T) {
        let _ = (state, metric);
    }
}

/// Implements [`LearningRate`]: by the field `learning_rate`, or by the field `optimizer` of one that wraps another one.
macro_rules! learning_rate {
    ($($name:ident),* $(,)?) => {$(
        impl<T: Scalar> LearningRate<T> for $name<T> {
            fn learning_rate(&self) -> T {
                self.learning_rate
            }

            fn with_learning_rate(&self, learning_rate: T) -> Self {
                let mut optimizer = *self;
                optimizer.learning_rate = learning_rate;
                optimizer
            }
        }
    )*};
}

learning_rate!(
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    AmsGrad,
    CenteredRmsProp,
    Lion,
    Momentum,
    NAdam,
    Nesterov,
    RAdam,
    RmsProp,
    Sgd,
);

/// Implements [`LearningRate`] for an optimiser that wraps another one in the field `optimizer`, whose state is all of its
/// own, or the field that is named.
macro_rules! inner_learning_rate {
    ([$($generics:tt)*] $name:ty, $T:ident, $O:ident $(, $state:ident)?) => {
        impl<$($generics)*> $crate::optim::LearningRate<$T> for $name
        where
            $O: $crate::optim::LearningRate<$T>,
        {
            fn learning_rate(&self) -> $T {
                self.optimizer.learning_rate()
            }

            fn with_learning_rate(&self, learning_rate: $T) -> Self {
                Self { optimizer: self.optimizer.with_learning_rate(learning_rate), ..*self }
            }

            fn next_rate<G: $crate::zero::Zero>(&self, state: &Self::State<G>) -> $T {
                self.optimizer.next_rate(&state$(.$state)?)
            }

            fn observe<G: $crate::zero::Zero>(&self, state: &mut Self::State<G>, metric: $T) {
                $(let state = &mut state.$state;)?
                self.optimizer.observe(state, metric);
            }
        }
    };
}
use inner_learning_rate;

/// [`end_step`] clears subnormal numbers once in this many steps.
///
/// Testing each number in each step costs much more: 2 % of Adam's step of 784-128-10 with AVX-512, 6 % with AVX2.
const CLEARING: u32 = 64;

/// The result of a step with settings that allow none.
fn allow(allowed: bool) -> Result<(), Fault> {
    if allowed { Ok(()) } else { Err(Fault::Update { layer: 0 }) }
}

/// Whether it is in [0, 1), as the fraction of an average that is kept from step to step.
fn is_fraction<T: Scalar>(beta: T) -> bool {
    T::ZERO <= beta && beta < T::ONE
}

/// Whether it is finite and not negative.
fn is_amount<T: Scalar>(x: T) -> bool {
    x >= T::ZERO && x.is_finite()
}

/// An epsilon that is added to the square root of an average of squares, a fraction `rest` of which is new: `epsilon`, but at
/// least what keeps a gradient of 0 from making a step of 0 / 0. See the docs of [`Adam`].
fn raised<T: Scalar>(epsilon: T, rest: T) -> T {
    epsilon.max(MulAdd::sqrt(T::MIN_POSITIVE / rest))
}

/// Counts a step, and after every [`CLEARING`] steps replaces the subnormal numbers in the optimiser's state by 0.
fn end_step<T: Scalar, N: Parameters<T>, const W: usize>(steps: &mut u32, remembered: [&mut N; W]) {
    // 0 is the state before the first step.
    *steps = steps.checked_add(1).unwrap_or(CLEARING);
    if steps.is_multiple_of(CLEARING) {
        N::walk(0, [], remembered, &mut |_, [], values| {
            // Two nested loops: a single one, by `flatten`, is not vectorised and takes 10 times as long.
            for values in values {
                for x in values {
                    *x = if x.abs() < T::MIN_POSITIVE { T::ZERO } else { *x };
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts how often it was cloned, and how often it was overwritten.
    #[derive(Debug, Default, PartialEq)]
    struct Counting {
        value: u32,
        clones: u32,
        copies: u32,
    }

    impl Clone for Counting {
        fn clone(&self) -> Self {
            Self { value: self.value, clones: self.clones + 1, copies: 0 }
        }

        fn clone_from(&mut self, source: &Self) {
            self.value = source.value;
            self.copies += 1;
        }
    }

    fn holding(value: u32) -> Counting {
        Counting { value, ..Counting::default() }
    }

    fn copied(value: u32) -> Counting {
        Counting { value, clones: 0, copies: 1 }
    }

    #[test]
    fn states_are_copied_in_place() {
        let scalar = core::marker::PhantomData;
        let source = AdamState::<_, f32> {
            m: holding(1),
            v: holding(2),
            correction1: 0.1,
            correction2: 0.2,
            steps: 3,
            scalar,
        };
        let mut state =
            AdamState { m: holding(4), v: holding(5), correction1: 0.6, correction2: 0.7, steps: 8, scalar };
        state.clone_from(&source);
        assert_eq!(state, AdamState { m: copied(1), v: copied(2), ..source.clone() });
        assert_eq!(
            (source.clone().correction1, source.clone().correction2, source.clone().steps),
            (0.1, 0.2, 3)
        );
        assert_eq!((source.clone().m.value, source.clone().v.value), (1, 2));
    }
}
