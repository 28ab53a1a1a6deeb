//! What happens when training diverges.

use std::error::Error;
use std::time::Instant;

use stackprop::{Fault, LossOf, Model, Number, Optimizer, Recovery, Scalar};

use super::data::TrainingData;
use super::error::{Cause, Trend};
use super::observer::{Flow, Recovered};
use super::run::{Ended, Run};
use super::trainer::AnyTrainer;
use super::validation::Validation;

impl<N, R, O, C, S, V> Run<'_, N, R, O, C, S, V>
where
    N: Model<Scalar: Number>,
    R: AnyTrainer<N, O>,
    O: Optimizer<N::Scalar>,
    C: LossOf<N, S::Target>,
    S: TrainingData<Input = N::Input> + ?Sized,
    V: Validation<N, C>,
{
    /// After divergence: back to the best network, with a lower rate, to the start of the epoch.
    pub(super) fn recover(&mut self, cause: Box<Cause>) -> Ended<Flow> {
        let (Some(recovery), true) = (self.plan.recovery, is_divergence(&cause)) else { return Err(cause) };
        let Some(best) = &mut self.best else { return Err(cause) };
        if best.recover(&recovery, self.plan.network, self.plan.trainer.state_mut()).is_none() {
            return Err(cause);
        }
        self.state.begin_epoch();
        self.state.waited = 0;
        self.clock = Instant::now();
        let factor = self.slow_down();
        self.trend = Trend { recoveries: self.history.recoveries, ..Trend::default() };
        let (epoch, recoveries) = (self.plan.trainer.epochs(), self.history.recoveries);
        let cause: &dyn Error = &*cause;
        self.tell(|observer| observer.recovered(&Recovered { epoch, recoveries, factor, cause }))
    }

    /// Lowers the learning rate as often as the run has recovered. Returns the factor.
    pub(super) fn slow_down(&mut self) -> f64 {
        let (Some(recovery), Some(best)) = (&self.plan.recovery, &self.best) else { return 1.0 };
        self.history.recoveries = best.recoveries();
        let factor = factor_of(recovery, best.recoveries());
        if let (Some(rates), 1..) = (&self.plan.rates, best.recoveries()) {
            self.slower = Some((rates.scaled)(self.plan.optimizer, factor));
        }
        factor.to_f64()
    }
}

fn factor_of<T: Scalar>(recovery: &Recovery<T>, recoveries: u32) -> T {
    (0..recoveries).fold(T::ONE, |factor, _| factor * recovery.factor)
}

/// Whether a lower learning rate can help.
fn is_divergence(cause: &Cause) -> bool {
    match cause {
        Cause::Diverged { .. } => true,
        Cause::Step { fault, .. } | Cause::Validation { fault, .. } => matches!(
            fault,
            Fault::Activation { .. } | Fault::Loss { .. } | Fault::Gradient { .. } | Fault::Update { .. }
        ),
        _ => false,
    }
}
