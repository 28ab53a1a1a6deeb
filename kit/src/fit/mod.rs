//! Training in one call: mini-batches, validation, progress, logs, checkpoints, early stopping.
//!
//! ```
//! use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
//! use stackprop::{
//!     Adam, Chain, Class, Dense, EarlyStopping, Network, Relu, SoftmaxCrossEntropy, Trainer, argmax, init,
//! };
//! use stackprop_kit::checkpoints::{Best, Checkpoints};
//! use stackprop_kit::fit::{CsvLog, Fit, Progress};
//!
//! type Net = Network<2, Chain![Dense<2, 8, Relu>, Dense<8, 2>]>;
//!
//! # let directory = tempfile::tempdir()?;
//! # let directory = directory.path().join("runs/circle");
//! // Whether a point is in the unit circle.
//! let point = |i: usize| {
//!     let [x, y] = [i % 20, i / 20].map(|i| i as f32 / 10.0 - 0.95);
//!     ([x, y], Class::<2>::new(usize::from(x * x + y * y < 0.6)).unwrap())
//! };
//! let train: Vec<_> = (0..400).map(point).collect();
//! let validation: Vec<_> = (0..400).step_by(7).map(point).collect();
//!
//! let (mut network, mut trainer) = (Net::boxed(), Trainer::<Net, Adam, 16>::boxed());
//! network.init(&init::KaimingUniform, &mut Xoshiro128PlusPlus::seed_from_u64(1));
//! let adam = Adam { learning_rate: 0.01, ..Adam::default() };
//!
//! let history = Fit::new(&mut *network, &mut *trainer, &adam, &SoftmaxCrossEntropy, &train)
//!     .epochs(30)
//!     .batch(16)
//!     .seed(1)
//!     .validate(&validation)
//!     .metric("accuracy", |logits, class| argmax(logits) == class.index())
//!     .early_stopping(EarlyStopping { patience: 5, ..EarlyStopping::default() })
//!     .observe(Progress::auto())
//!     .observe(CsvLog::create(directory.join("log.csv"))?)
//!     .checkpoints(Checkpoints::open(&directory)?.keep_last(2).keep_best(Best::Lowest))
//!     .run()?;
//!
//! println!("{history}");
//! assert!(history.best().unwrap().metric("accuracy").unwrap() > 0.9);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It makes the steps of a plain loop, with the same bits: [`generator`] shows the loop. Each part can be used
//! alone: [`CsvLog`], [`JsonLog`], [`Progress`] and [`CtrlC`] are [`Observer`]s, whose methods any loop can call, and
//! [`Checkpoints`] is a module of its own.
//!
//! **Resuming.** With [`checkpoints`](Fit::checkpoints), a run that finds its checkpoint in the directory goes on from it, after any
//! step, with the bits and the [`History`] of the uninterrupted run, whether Ctrl-C, an error, `kill -9` or a power cut ended it. So the
//! program that starts a run also resumes it. A checkpoint of another network, optimiser or run is refused.
//!
//! **The network at the end** is the best one if there is [early stopping](Fit::early_stopping), and otherwise that of the last step.

mod begin;
mod csv_log;
mod ctrl_c;
mod data;
mod error;
mod format;
mod history;
mod json_log;
mod log_file;
mod observer;
mod progress;
mod record;
mod recover;
mod run;
mod state;
mod tell;
mod text;
mod trainer;
mod validation;

pub use csv_log::CsvLog;
pub use ctrl_c::CtrlC;
pub use data::{ByEpoch, TrainingData, generator};
pub use error::{Cause, FitError, SettingsError, Trend};
pub use history::{History, HistoryError, Reason};
pub use json_log::JsonLog;
pub use observer::{Answer, Flow, Observer, ObserverError, Recovered, Start, Step};
pub use progress::Progress;
pub use record::{Epoch, Session};
pub use trainer::AnyTrainer;
pub use validation::{Held, Validation};

use std::fmt;

use stackprop::{
    Dataset, EarlyStopping, LearningRate, LossOf, Mode, Model, Number, Optimizer, Recovery, TrainedOf, Zero,
};

use crate::checkpoints::Checkpoints;
use run::Run;
use validation::{Mean, Of};

/// A run that is being set up: what it trains, and its choices. [`run`](Fit::run) starts it.
///
/// The [module](self) has an example. The type of the [`Validation`] is `()` until [`validate`](Fit::validate).
#[must_use = "does nothing until `run`"]
pub struct Fit<'a, N: Model, R, O, C, S: ?Sized, V = ()> {
    plan: Plan<'a, N, R, O, C, S>,
    validation: V,
}

/// All of a run but the validation.
struct Plan<'a, N: Model, R, O, C, S: ?Sized> {
    network: &'a mut N,
    trainer: &'a mut R,
    optimizer: &'a O,
    loss: &'a C,
    data: &'a S,
    rates: Option<Rates<N, R, O>>,
    epochs: u32,
    batch: usize,
    seed: u64,
    stopping: Option<EarlyStopping<N::Scalar>>,
    recovery: Option<Recovery<N::Scalar>>,
    monitor: Option<(String, Mode)>,
    checkpoints: Option<Checkpoints>,
    every: Option<u32>,
    observers: Vec<Box<dyn Observer + 'a>>,
}

/// What an optimiser with a learning rate can do, for functions that are not bound to it.
struct Rates<N: Model, R, O> {
    /// The rate of the next step.
    next: fn(&R, &O) -> N::Scalar,
    /// The same optimiser with its rate times a factor.
    scaled: fn(&O, N::Scalar) -> O,
    /// Tells the schedule a metric.
    observe: fn(&mut R, &O, N::Scalar),
}

impl<N: Model, R, O, C, S: ?Sized, V> fmt::Debug for Fit<'_, N, R, O, C, S, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan { epochs, batch, seed, monitor, checkpoints, every, .. } = &self.plan;
        f.debug_struct("Fit")
            .field("epochs", epochs)
            .field("batch", batch)
            .field("seed", seed)
            .field("monitor", monitor)
            .field("checkpoints", checkpoints)
            .field("every", every)
            .finish_non_exhaustive()
    }
}

impl<'a, N, R, O, C, S> Fit<'a, N, R, O, C, S>
where
    N: Model,
    R: AnyTrainer<N, O>,
    O: Optimizer<N::Scalar>,
    C: LossOf<N, S::Target>,
    S: TrainingData<Input = N::Input> + ?Sized,
{
    const CHANGES: () = assert!(
        !S::IS_OF_ONE_EPOCH,
        "these data change by epoch, but would stay those of one epoch: train on `&ByEpoch(|epoch| data.at_epoch(epoch))`"
    );

    /// A run of 10 epochs with mini-batches of 32 samples and the seed 0, in the order of [`Trainer::epoch`](stackprop::Trainer::epoch)'s
    /// arguments.
    ///
    /// A schedule in the optimiser, also one that depends on a metric
    /// ([`ReduceOnPlateau`](stackprop::schedule::ReduceOnPlateau)), is followed.
    pub fn new(
        network: &'a mut N,
        trainer: &'a mut R,
        optimizer: &'a O,
        loss: &'a C,
        data: &'a S, // `&samples`, or `&ByEpoch(|epoch| ...)`
    ) -> Self
    where
        O: LearningRate<N::Scalar>,
    {
        let () = Self::CHANGES;
        let mut fit = Self::without_rate(network, trainer, optimizer, loss, data);
        fit.plan.rates = Some(Rates {
            next: |trainer, optimizer| optimizer.next_rate::<TrainedOf<N>>(trainer.state()),
            scaled: |optimizer, factor| optimizer.with_learning_rate(optimizer.learning_rate() * factor),
            observe: |trainer, optimizer, metric| {
                optimizer.observe::<TrainedOf<N>>(trainer.state_mut(), metric);
            },
        });
        fit
    }

    /// [`new`](Fit::new) for an optimiser without [`LearningRate`], such as [`Rprop`](stackprop::Rprop) or your own: no rate is
    /// logged, and no [recovery](Fit::recovery) lowers it.
    pub fn without_rate(
        network: &'a mut N,
        trainer: &'a mut R,
        optimizer: &'a O,
        loss: &'a C,
        data: &'a S,
    ) -> Self {
        let () = Self::CHANGES;
        Self {
            plan: Plan {
                network,
                trainer,
                optimizer,
                loss,
                data,
                rates: None,
                epochs: 10,
                batch: 32,
                seed: 0,
                stopping: None,
                recovery: None,
                monitor: None,
                checkpoints: None,
                every: None,
                observers: vec![],
            },
            validation: (),
        }
    }

    /// Evaluates the loss, and the metrics, on these data after each epoch. (They are not trained on.)
    pub fn validate<D>(self, data: &'a D) -> Fit<'a, N, R, O, C, S, Held<'a, N, D>>
    where
        D: Dataset<Input = N::Input> + ?Sized,
        C: LossOf<N, D::Target>,
    {
        Fit { plan: self.plan, validation: Held { data, metrics: vec![] } }
    }
}

impl<'a, N, R, O, C, S, D> Fit<'a, N, R, O, C, S, Held<'a, N, D>>
where
    N: Model,
    S: ?Sized,
    D: Dataset + ?Sized,
{
    /// The mean over the validation samples of a function of output and target, such as the accuracy.
    ///
    /// The function returns a number, or a `bool`, which counts as 0 or 1.
    pub fn metric<A: Into<f64>>(
        mut self,
        name: impl Into<String>,
        of: impl FnMut(&N::Output, &D::Target) -> A + 'a,
    ) -> Self {
        self.validation.metrics.push((name.into(), Box::new(Mean::new(of))));
        self
    }

    /// A metric of all validation samples, such as those of [`stackprop::metrics`]: `add` is called with each output and target,
    /// then `value`. What they work on is on the heap, and zero before the first sample.
    ///
    /// A value of `None` is logged as NaN, which is never the best one.
    ///
    /// ```
    /// use stackprop::metrics::{ConfusionMatrix, argmax_class};
    /// use stackprop::{Class, Dense, Network, Sgd, SoftmaxCrossEntropy, Trainer};
    /// use stackprop_kit::fit::Fit;
    ///
    /// type Net = Network<1, Dense<1, 2>>;
    /// let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 2>::zeros());
    /// let class = |index| Class::<2>::new(index).unwrap();
    /// let data = [([-1.0], class(0)), ([1.0], class(1)), ([2.0], class(1))];
    /// let sgd = Sgd { learning_rate: 0.1 };
    /// let history = Fit::new(&mut network, &mut trainer, &sgd, &SoftmaxCrossEntropy, &data)
    ///     .validate(&data)
    ///     .metric_of(
    ///         "F1",
    ///         |confusion: &mut ConfusionMatrix<2>, logits, class| confusion.add(*class, argmax_class(logits)),
    ///         |confusion| confusion.f1().macro_average(),
    ///     )
    ///     .run()?;
    /// assert_eq!(history.last().unwrap().metric("F1"), Some(1.0));
    /// # Ok::<(), stackprop_kit::fit::FitError>(())
    /// ```
    pub fn metric_of<M: Zero + 'a>(
        mut self,
        name: impl Into<String>,
        add: impl FnMut(&mut M, &N::Output, &D::Target) + 'a,
        value: impl Fn(&M) -> Option<N::Scalar> + 'a,
    ) -> Self {
        self.validation.metrics.push((name.into(), Box::new(Of { metric: M::boxed(), add, value })));
        self
    }
}

impl<'a, N, R, O, C, S, V> Fit<'a, N, R, O, C, S, V>
where
    N: Model,
    S: ?Sized,
{
    /// The number of epochs in all: a trainer that has completed some goes on from there.
    pub fn epochs(mut self, epochs: u32) -> Self {
        self.plan.epochs = epochs;
        self
    }

    /// The samples of a mini-batch. The last one of an epoch may be smaller.
    pub fn batch(mut self, samples: usize) -> Self {
        self.plan.batch = samples;
        self
    }

    /// The seed of the order of the samples, [`generator`]. (What layers draw has [`Trainer::seed`](stackprop::Trainer::seed).)
    pub fn seed(mut self, seed: u64) -> Self {
        self.plan.seed = seed;
        self
    }

    /// Compares this metric to find the best epoch, for early stopping, [`ReduceOnPlateau`](stackprop::schedule::ReduceOnPlateau) and
    /// [`Checkpoints::keep_best`]. Without it, they take the validation loss, or the training loss if there is no validation.
    pub fn monitor(mut self, metric: impl Into<String>, mode: Mode) -> Self {
        self.plan.monitor = Some((metric.into(), mode));
        self
    }

    /// Stops when the monitored value has not improved for some epochs, and keeps the best network, which is the one after the run,
    /// however it ends.
    ///
    /// It takes the memory of another network, on the heap.
    pub fn early_stopping(mut self, stopping: EarlyStopping<N::Scalar>) -> Self {
        self.plan.stopping = Some(stopping);
        self
    }

    /// Goes on from the best network with a lower learning rate when training diverges.
    ///
    /// That is when a step or a validation fails for numbers that are not finite, or when a monitored loss becomes a multiple of
    /// the best one. The epoch is then trained again, and the optimiser's state, schedules included, starts anew. The initial network counts as the
    /// first best one. It takes the memory of another network, on the heap.
    pub fn recovery(mut self, recovery: Recovery<N::Scalar>) -> Self {
        self.plan.recovery = Some(recovery);
        self
    }

    /// Writes a checkpoint after each epoch and before an early end, and starts from the last one if there is any.
    ///
    /// The history lies beside them in the directory, `history.jsonl`, as a [`JsonLog`].
    pub fn checkpoints(mut self, checkpoints: Checkpoints) -> Self {
        self.plan.checkpoints = Some(checkpoints);
        self
    }

    /// Also writes a checkpoint within an epoch, after each so many mini-batches.
    pub fn checkpoint_every(mut self, batches: u32) -> Self {
        self.plan.every = Some(batches);
        self
    }

    /// Adds an observer. They are called in the order in which they were added.
    pub fn observe(mut self, observer: impl Observer + 'a) -> Self {
        self.plan.observers.push(Box::new(observer));
        self
    }

    /// Trains.
    ///
    /// # Errors
    ///
    /// [`FitError`] says when it ended and why, and has the history until then.
    pub fn run(self) -> Result<History, FitError>
    where
        N: Model<Scalar: Number>,
        R: AnyTrainer<N, O>,
        O: Optimizer<N::Scalar>,
        C: LossOf<N, S::Target>,
        S: TrainingData<Input = N::Input>,
        V: Validation<N, C>,
    {
        Run::new(self.plan, self.validation).run()
    }
}
