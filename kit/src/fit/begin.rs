//! What happens before the first step: settings are checked, and a checkpoint is loaded.

use std::any::type_name;
use std::time::SystemTime;

use stackprop::{LossOf, Mode, Model, Number, Numerics, Optimizer, Scalar, Summary};

use super::csv_log::COLUMNS;
use super::data::TrainingData;
use super::error::{Cause, SettingsError};
use super::history::History;
use super::json_log::JsonLog;
use super::observer::{Flow, Observer, Start};
use super::record::Session;
use super::run::{Ended, Run};
use super::state::Own;
use super::text::{date, plain};
use super::trainer::AnyTrainer;
use super::validation::Validation;
use crate::checkpoints::{Checkpoints, Resumed};

/// The file of the history beside the checkpoints.
const HISTORY: &str = "history.jsonl";

impl<N, R, O, C, S, V> Run<'_, N, R, O, C, S, V>
where
    N: Model<Scalar: Number>,
    R: AnyTrainer<N, O>,
    O: Optimizer<N::Scalar>,
    C: LossOf<N, S::Target>,
    S: TrainingData<Input = N::Input> + ?Sized,
    V: Validation<N, C>,
{
    /// Returns whether the run goes on.
    pub(super) fn begin(&mut self) -> Ended<Flow> {
        self.check_settings().map_err(Cause::from)?;
        let session = self.session();
        let resumed = match self.plan.checkpoints.clone() {
            Some(checkpoints) => self.resume(&checkpoints, &session)?,
            None => None,
        };
        let (epoch, step) = (self.plan.trainer.epochs(), self.plan.trainer.steps());
        let batches = self.samples_at(epoch)?.div_ceil(self.plan.batch) as u32;
        self.history.sessions.push(Session { epoch, step, ..session });
        self.observe_start();
        self.start(resumed.as_ref(), batches)
    }

    fn check_settings(&self) -> Result<(), SettingsError> {
        let plan = &self.plan;
        if plan.batch == 0 {
            return Err(SettingsError::Batch);
        }
        if self.validation.samples() == Some(0) {
            return Err(SettingsError::NoValidationSamples);
        }
        let metrics = self.validation.names();
        for (index, name) in metrics.iter().enumerate() {
            let is_taken = COLUMNS.contains(&name.as_str()) || metrics[..index].contains(name);
            if name.is_empty() || is_taken {
                return Err(SettingsError::MetricName { name: name.clone() });
            }
        }
        if let Some((name, _)) = &plan.monitor
            && !metrics.contains(name)
        {
            return Err(SettingsError::Monitor { name: name.clone(), metrics });
        }
        let mode = self.mode();
        let parts = [
            ("early stopping", plan.stopping.map(|stopping| stopping.mode)),
            ("`keep_best`", plan.checkpoints.as_ref().and_then(Checkpoints::mode)),
        ];
        match parts.into_iter().find(|(_, other)| other.is_some_and(|other| other != mode)) {
            Some((part, _)) => {
                Err(SettingsError::Mode { part, monitor: self.monitor(), largest: mode == Mode::Min })
            }
            None => Ok(()),
        }
    }

    /// What is compared.
    fn monitor(&self) -> String {
        match (&self.plan.monitor, self.validation.samples()) {
            (Some((name, _)), _) => name.clone(),
            (None, Some(_)) => "validation loss".into(),
            (None, None) => "loss".into(),
        }
    }

    /// The samples of this epoch, at least one.
    pub(super) fn samples_at(&self, epoch: u32) -> Ended<usize> {
        use stackprop::Dataset;
        match self.plan.data.at_epoch(epoch).len() {
            0 => Err(Box::new(SettingsError::NoSamples { epoch }.into())),
            samples => Ok(samples),
        }
    }

    fn session(&self) -> Session {
        use stackprop::Dataset;
        let plan = &self.plan;
        let mut layers = vec![];
        Summary::<N::Input, N::Layers>::new().rows(|row| {
            layers.push(format!("{}{}", "  ".repeat(row.depth), plain(row.name)));
        });
        let numerics = match stackprop::numerics() {
            Numerics::Fused => "fused",
            Numerics::Separate => "separate",
        };
        Session {
            stackprop: stackprop::VERSION.into(),
            kit: env!("CARGO_PKG_VERSION").into(),
            target: env!("TARGET").into(),
            level: stackprop::level().name().into(),
            numerics: numerics.into(),
            date: date(SystemTime::now()),
            seed: plan.seed,
            trainer_seed: plan.trainer.seed(),
            epochs: plan.epochs,
            batch: plan.batch as u64,
            samples: plan.data.at_epoch(0).len() as u64,
            validation_samples: self.validation.samples().map(|samples| samples as u64),
            metrics: self.validation.names(),
            monitor: self.monitor(),
            keeps_best: self.best.is_some(),
            layers,
            parameters: N::PARAMETERS as u64,
            fingerprint: N::SCHEMA.fingerprint(),
            scalar: type_name::<N::Scalar>().into(),
            optimizer: O::NAME.into(),
            loss: plain(type_name::<C>()),
            epoch: 0,
            step: 0,
        }
    }

    /// Loads the last checkpoint, if there is one, and the history before it.
    fn resume(&mut self, checkpoints: &Checkpoints, session: &Session) -> Ended<Option<Resumed>> {
        let path = checkpoints.directory().join(HISTORY);
        let is_empty = checkpoints.is_empty().map_err(|error| Cause::Checkpoints { error })?;
        let resumed = if is_empty { None } else { self.load(checkpoints, session)? };
        self.log = Some(JsonLog::synced(&path).map_err(|error| Cause::Checkpoints { error })?);
        Ok(resumed)
    }

    fn load(&mut self, checkpoints: &Checkpoints, session: &Session) -> Ended<Option<Resumed>> {
        let path = checkpoints.directory().join(HISTORY);
        let mut history = History::read(&path).map_err(|error| Cause::History { error })?;
        if let Some((what, found, needed)) = history.sessions.last().and_then(|last| last.difference(session))
        {
            return Err(Box::new(Cause::AnotherRun { path, what, found, needed }));
        }
        let (network, trainer, state) = (&mut *self.plan.network, &mut *self.plan.trainer, &mut self.state);
        let resumed = match &mut self.best {
            Some(best) => checkpoints.resume(network, trainer, &mut Own { state, best: &mut **best }),
            None => checkpoints.resume(network, trainer, &mut Own { state, best: &mut () }),
        }
        .map_err(|error| Cause::Checkpoints { error })?;

        let needed = self.plan.trainer.epochs();
        history.epochs.retain(|epoch| epoch.epoch < needed);
        let first = history.sessions.first().map_or(0, |session| session.epoch);
        let found = history.epochs.len() as u32;
        if !(first..needed).eq(history.epochs.iter().map(|epoch| epoch.epoch)) {
            return Err(Box::new(Cause::Incomplete { path, found, needed: needed.saturating_sub(first) }));
        }
        self.history = history;
        self.history.best_epoch = self.state.best_epoch.checked_sub(1);
        self.history.first_loss = (!self.state.first_loss.is_nan()).then_some(self.state.first_loss);
        self.slow_down();
        Ok(resumed)
    }

    /// So that there is a network to recover.
    fn observe_start(&mut self) {
        let (plan, stopping) = (&mut self.plan, self.stopping);
        let (Some(_), Some(best)) = (plan.recovery, &mut self.best) else { return };
        if best.observations() > 0 {
            return;
        }
        if plan.monitor.is_none() {
            let data = plan.data.at_epoch(plan.trainer.epochs());
            let loss = match self.validation.loss(plan.trainer, plan.network, plan.loss) {
                Ok(Some(loss)) => Ok(loss),
                Ok(None) => plan.trainer.loss(plan.network, plan.loss, &data),
                Err(fault) => Err(fault),
            };
            // If it cannot be computed, the first step tells why.
            if let Ok(loss) = loss {
                let _ = best.observe(&stopping, plan.network, loss);
            }
        } else {
            // Any value of the metric is better.
            let worst = if stopping.mode == Mode::Min { f32::MAX } else { f32::MIN };
            let _ = best.observe(&stopping, plan.network, N::Scalar::from_f64(worst.into()));
        }
    }

    fn start(&mut self, resumed: Option<&Resumed>, batches: u32) -> Ended<Flow> {
        let history = std::mem::take(&mut self.history);
        let session = history.sessions.last().cloned().unwrap_or_default();
        let start =
            Start { session: &session, history: &history, resumed, batches, batch: self.state.batches };
        let told = self.tell_log(|log| log.start(&start)).and_then(|_| self.tell(|o| o.start(&start)));
        self.history = history;
        told
    }
}
