//! The loop.

use std::time::Instant;

use stackprop::{
    Best, Dataset, EarlyStopping, LossOf, MiniBatches, Mode, Model, Number, Optimizer, Scalar, Threshold,
    Verdict,
};

use super::Plan;
use super::data::{TrainingData, generator};
use super::error::{Cause, FitError, Trend};
use super::history::{History, Reason};
use super::json_log::JsonLog;
use super::observer::{Flow, Observer, Step};
use super::record::Epoch;
use super::state::{Own, State};
use super::trainer::AnyTrainer;
use super::validation::Validation;
use crate::checkpoints::CheckpointsError;

/// The metrics of an epoch, with their names.
type Metrics = Vec<(String, f64)>;

/// What is returned within a run. The error is boxed, as it is large and rare.
pub(super) type Ended<A> = Result<A, Box<Cause>>;

/// A run that has started.
pub(super) struct Run<'a, N: Model, R, O, C, S: ?Sized, V> {
    pub plan: Plan<'a, N, R, O, C, S>,
    pub validation: V,
    /// The settings of `best`.
    pub stopping: EarlyStopping<N::Scalar>,
    /// If there is early stopping or recovery.
    pub best: Option<Box<Best<N>>>,
    pub state: State,
    pub history: History,
    /// The history beside the checkpoints.
    pub log: Option<JsonLog>,
    /// The optimiser with a lower rate, after a recovery.
    pub slower: Option<O>,
    pub trend: Trend,
    /// Since when the time is not counted in the state.
    pub clock: Instant,
    /// The name of the observer that did.
    pub stopped_by: String,
}

impl<'a, N, R, O, C, S, V> Run<'a, N, R, O, C, S, V>
where
    N: Model<Scalar: Number>,
    R: AnyTrainer<N, O>,
    O: Optimizer<N::Scalar>,
    C: LossOf<N, S::Target>,
    S: TrainingData<Input = N::Input> + ?Sized,
    V: Validation<N, C>,
{
    pub(super) fn new(plan: Plan<'a, N, R, O, C, S>, validation: V) -> Self {
        let keeps_best = plan.stopping.is_some() || plan.recovery.is_some();
        let mode = plan.monitor.as_ref().map_or(Mode::Min, |(_, mode)| *mode);
        let never = EarlyStopping { patience: u32::MAX, mode, ..EarlyStopping::default() };
        Self {
            stopping: plan.stopping.unwrap_or(never),
            best: keeps_best.then(Best::boxed),
            state: State { rate: f64::NAN, first_loss: f64::NAN, ..State::default() },
            history: History::default(),
            log: None,
            slower: None,
            trend: Trend::default(),
            clock: Instant::now(),
            stopped_by: String::new(),
            plan,
            validation,
        }
    }

    pub(super) fn run(mut self) -> Result<History, FitError> {
        let mut result = self.begin().and_then(|flow| self.epochs(flow));
        if let Err(cause) = &result
            && matches!(**cause, Cause::Observer { .. })
            && self.log.is_some()
        {
            let _ = self.save(None); // the observer's error is told
        }
        let (epoch, batch) = (self.plan.trainer.epochs(), self.state.batches);
        if self.plan.stopping.is_some()
            && let Some(best) = &self.best
        {
            let _ = best.restore(self.plan.network); // there is none before the first epoch
        }
        if let Ok(reason) = &result {
            self.history.reason = reason.clone();
        }
        let history = std::mem::take(&mut self.history);
        let told = self.tell_log(|log| log.end(&history).map(|()| Flow::Continue));
        let told = told.and(self.tell(|observer| observer.end(&history).map(|()| Flow::Continue)));
        result = result.and_then(|reason| told.map(|_| reason));
        match result {
            Ok(_) => Ok(history),
            Err(cause) => Err(FitError { epoch, batch, cause, history: Box::new(history) }),
        }
    }

    /// Which value of what is monitored is the best.
    pub(super) fn mode(&self) -> Mode {
        self.plan.monitor.as_ref().map_or(Mode::Min, |(_, mode)| *mode)
    }

    /// Trains one epoch after the other.
    fn epochs(&mut self, start: Flow) -> Ended<Reason> {
        let mut flow = start;
        self.clock = Instant::now();
        loop {
            if self.plan.trainer.epochs() >= self.plan.epochs {
                return Ok(Reason::Epochs);
            }
            let waited = self.state.waited;
            if self.plan.stopping.is_some_and(|stopping| waited > 0 && waited >= stopping.patience) {
                return Ok(Reason::EarlyStopping { waited });
            }
            if let Flow::Stop(reason) = flow {
                return Ok(Reason::Observer { name: std::mem::take(&mut self.stopped_by), reason });
            }
            flow = match self.epoch() {
                Ok(flow) => flow,
                Err(cause) => self.recover(cause)?,
            };
        }
    }

    /// The rest of an epoch.
    fn epoch(&mut self) -> Ended<Flow> {
        let epoch = self.plan.trainer.epochs();
        self.samples_at(epoch)?;
        let source = self.plan.data;
        let data = source.at_epoch(epoch);
        let batches = MiniBatches::shuffled(&data, self.plan.batch, &mut generator(self.plan.seed, epoch));
        let count = batches.len() as u32;
        for batch in batches.skip(self.state.batches as usize) {
            let step = self.step(epoch, count, &batch)?;
            let flow = self.tell(|observer| observer.step(&step))?;
            let is_due = self.plan.every.is_some_and(|every| self.state.batches.is_multiple_of(every.max(1)));
            if flow != Flow::Continue || (is_due && self.state.batches < count) {
                self.save(None)?;
            }
            if flow != Flow::Continue {
                return Ok(flow);
            }
        }
        self.end_epoch(epoch)
    }

    fn step<D>(&mut self, epoch: u32, batches: u32, batch: &D) -> Ended<Step>
    where
        D: Dataset<Input = N::Input, Target = S::Target>,
    {
        let Plan { network, trainer, optimizer, loss, rates, .. } = &mut self.plan;
        let optimizer = self.slower.as_ref().unwrap_or(*optimizer);
        let rate = rates.as_ref().map(|rates| (rates.next)(*trainer, optimizer).to_f64());
        self.trend.learning_rate = rate;
        let loss = match trainer.step(*network, optimizer, *loss, batch) {
            Ok(loss) => loss.to_f64(),
            Err(error) => return Err(Box::new(Cause::Step { fault: error.cause, trend: self.trend })),
        };
        self.trend.steps += 1;
        self.trend.losses = Some((self.trend.losses.map_or(loss, |(first, _)| first), loss));
        self.state.rate = rate.unwrap_or(f64::NAN);
        self.state.add(loss, batch.len());
        if self.state.first_loss.is_nan() {
            self.state.first_loss = loss;
            self.history.first_loss = Some(loss);
        }
        Ok(Step {
            epoch,
            batch: self.state.batches - 1,
            batches,
            step: self.plan.trainer.steps(),
            loss,
            mean_loss: self.state.loss,
            learning_rate: rate,
        })
    }

    /// Validates, records, tells the observers, and saves.
    fn end_epoch(&mut self, epoch: u32) -> Ended<Flow> {
        let (validation_loss, metrics) = self.validated()?;
        let mut record = Epoch {
            epoch,
            step: self.plan.trainer.steps(),
            loss: self.state.loss,
            validation_loss,
            metrics,
            learning_rate: (!self.state.rate.is_nan()).then_some(self.state.rate),
            seconds: 0.0,
            checksum: self.plan.network.checksum(),
        };
        let name = self.plan.monitor.as_ref().map(|(name, _)| name.as_str());
        let monitored = record.monitored(name);
        if let (Some(recovery), Some(best), None) = (&self.plan.recovery, &self.best, name)
            && best.has_diverged(recovery, N::Scalar::from_f64(monitored))
        {
            return Err(Box::new(Cause::Diverged { loss: monitored, trend: self.trend }));
        }
        self.plan.trainer.end_epoch();
        self.compare(epoch, monitored);
        self.lap();
        record.seconds = self.state.seconds;
        self.state.begin_epoch();
        let told = self.tell_log(|log| log.epoch(&record))?;
        debug_assert_eq!(told, Flow::Continue);
        self.history.epochs.push(record.clone());
        let flow = self.tell(|observer| observer.epoch(&record))?;
        self.save((!monitored.is_nan()).then_some(monitored))?;
        Ok(flow)
    }

    fn validated(&mut self) -> Ended<(Option<f64>, Metrics)> {
        let Plan { network, trainer, loss, .. } = &mut self.plan;
        let validated = self
            .validation
            .loss(*trainer, *network, *loss)
            .and_then(|loss| Ok((loss.map(Scalar::to_f64), self.validation.metrics(*trainer, *network)?)));
        validated.map_err(|fault| Box::new(Cause::Validation { fault, trend: self.trend }))
    }

    /// Tells the best network and the schedule what is monitored.
    fn compare(&mut self, epoch: u32, monitored: f64) {
        let metric = N::Scalar::from_f64(monitored);
        let improved = match &mut self.best {
            Some(best) => best.observe(&self.stopping, self.plan.network, metric) == Verdict::Improved,
            None => {
                let best = (self.state.best_epoch > 0).then_some(self.state.best);
                Threshold::Absolute(0.0).improves(self.stopping.mode, monitored, best)
            }
        };
        if improved {
            (self.state.best_epoch, self.state.best, self.state.waited) = (epoch + 1, monitored, 0);
        } else {
            self.state.waited += 1;
        }
        self.history.best_epoch = self.state.best_epoch.checked_sub(1);
        let Plan { trainer, optimizer, rates, .. } = &mut self.plan;
        if let Some(rates) = rates {
            (rates.observe)(*trainer, self.slower.as_ref().unwrap_or(*optimizer), metric);
        }
    }

    /// Adds the time since the last call to that of the epoch.
    fn lap(&mut self) {
        self.state.seconds += self.clock.elapsed().as_secs_f64();
        self.clock = Instant::now();
    }

    /// Writes a checkpoint, if there are any.
    fn save(&mut self, metric: Option<f64>) -> Ended<()> {
        self.lap();
        let Some(checkpoints) = &self.plan.checkpoints else { return Ok(()) };
        let (network, trainer, state) = (&*self.plan.network, &*self.plan.trainer, &mut self.state);
        let saved: Result<_, CheckpointsError> = match &mut self.best {
            Some(best) => checkpoints.save(network, trainer, &Own { state, best: &mut **best }, metric),
            None => checkpoints.save(network, trainer, &Own { state, best: &mut () }, metric),
        };
        saved.map(|_| ()).map_err(|error| Box::new(Cause::Checkpoints { error }))
    }
}
