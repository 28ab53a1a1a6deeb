//! A learning rate that follows a schedule.

use core::marker::PhantomData;

use super::{Descent, LearningRate, Optimizer};
use crate::fault::Fault;
use crate::params::Parameters;
use crate::persist::{Persist, persist};
use crate::scalar::Scalar;
use crate::schedule::Schedule;
use crate::zero::{Zero, zero_struct};

/// `optimizer` with a learning rate that follows a [schedule](crate::schedule), from its own learning rate on.
///
/// The state counts the steps that did not fail, so a run that goes on from a checkpoint has the rates of the uninterrupted one.
/// [`Trainer::learning_rate`](crate::Trainer::learning_rate) is the rate of the next step.
///
/// ```
/// use stackprop::schedule::StepDecay;
/// use stackprop::{Dense, Network, Quadratic, Scheduled, Sgd, Trainer};
///
/// type Line = Network<1, Dense<1, 1>>;
/// type Rule = Scheduled<StepDecay, Sgd>;
/// let (mut network, mut trainer) = (Line::zeros(), Trainer::<Line, Rule, 1>::zeros());
/// let optimizer = Scheduled::new(StepDecay { every: 2, factor: 0.5 }, Sgd { learning_rate: 0.5 });
/// let mut rates = [0.0; 5];
/// for rate in &mut rates {
///     *rate = trainer.learning_rate(&optimizer);
///     trainer.step(&mut network, &optimizer, &Quadratic, &[([1.0], [1.0])])?;
/// }
/// assert_eq!(rates, [0.5, 0.5, 0.25, 0.25, 0.125]);
/// # Ok::<(), stackprop::StepError>(())
/// ```
///
/// [`ReduceOnPlateau`](crate::schedule::ReduceOnPlateau) is told its metric through the state:
///
/// ```
/// use stackprop::schedule::ReduceOnPlateau;
/// use stackprop::{Dense, Network, Scheduled, Sgd, Trainer};
///
/// type Line = Network<1, Dense<1, 1>>;
/// let mut trainer = Trainer::<Line, Scheduled<ReduceOnPlateau, Sgd>, 1>::zeros();
/// let plateau = ReduceOnPlateau { patience: 0, ..ReduceOnPlateau::default() };
/// let optimizer = Scheduled::new(plateau, Sgd { learning_rate: 0.5 });
/// for loss in [2.0, 3.0] {
///     let _reduced = trainer.state.schedule.observe(&optimizer.schedule, loss);
/// }
/// assert_eq!(trainer.learning_rate(&optimizer), 0.05);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scheduled<S, O, T = f32> {
    /// The schedule.
    pub schedule: S,
    /// The optimiser, with the rate that the schedule starts from.
    pub optimizer: O,
    scalar: PhantomData<fn() -> T>,
}

impl<S, O, T> Scheduled<S, O, T> {
    /// `optimizer` with a learning rate that follows `schedule`.
    pub const fn new(schedule: S, optimizer: O) -> Self {
        Self { schedule, optimizer, scalar: PhantomData }
    }
}

/// The number of steps, and the states of the schedule and of the optimiser.
#[derive(Debug, PartialEq)]
pub struct ScheduledState<R, S> {
    /// The state of the schedule: `()`, unless it observes a metric.
    pub schedule: R,
    /// The state of the optimiser.
    pub optimizer: S,
    /// The number of steps.
    steps: u32,
}

zero_struct!([R: Zero, S: Zero] ScheduledState<R, S> { schedule, optimizer, steps });
persist!([R: Persist, S: Persist] ScheduledState<R, S>; group schedule, group optimizer, number steps);

impl<R: Copy, S: Clone> Clone for ScheduledState<R, S> {
    fn clone(&self) -> Self {
        Self { schedule: self.schedule, optimizer: self.optimizer.clone(), steps: self.steps }
    }

    // In place if that of `S` is, because it is large.
    fn clone_from(&mut self, source: &Self) {
        self.optimizer.clone_from(&source.optimizer);
        (self.schedule, self.steps) = (source.schedule, source.steps);
    }
}

impl<T: Scalar, S: Schedule<T>, O: LearningRate<T>> Scheduled<S, O, T> {
    /// The optimiser with the learning rate of the next step.
    fn at<I>(&self, state: &ScheduledState<S::State, I>) -> O {
        let base = self.optimizer.learning_rate();
        self.optimizer.with_learning_rate(self.schedule.rate(base, state.steps, &state.schedule))
    }
}

impl<T: Scalar, S: Schedule<T>, O: LearningRate<T>> Optimizer<T> for Scheduled<S, O, T> {
    const NAME: &'static str = O::NAME;
    const WHOLE_GRADIENT: bool = O::WHOLE_GRADIENT;
    type State<G: Zero> = ScheduledState<S::State, O::State<G>>;

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        state: &mut Self::State<N::Trained>,
    ) -> Result<(), Fault> {
        self.at(state).step(parameters, gradient, &mut state.optimizer)?;
        state.steps = state.steps.saturating_add(1);
        Ok(())
    }
}

impl<T: Scalar, S: Schedule<T> + Copy, O: LearningRate<T>> LearningRate<T> for Scheduled<S, O, T> {
    fn learning_rate(&self) -> T {
        self.optimizer.learning_rate()
    }

    fn with_learning_rate(&self, learning_rate: T) -> Self {
        Self::new(self.schedule, self.optimizer.with_learning_rate(learning_rate))
    }

    fn next_rate<G: Zero>(&self, state: &Self::State<G>) -> T {
        self.at(state).next_rate(&state.optimizer)
    }

    fn observe<G: Zero>(&self, state: &mut Self::State<G>, metric: T) {
        self.schedule.observe(&mut state.schedule, metric);
        self.optimizer.observe(&mut state.optimizer, metric);
    }
}
