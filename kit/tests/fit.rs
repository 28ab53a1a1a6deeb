//! Training in one call: the bits of a plain loop, exact resuming, what observers and logs are told, and each error.

use std::cell::{Cell, RefCell};
use std::fs;
use std::path::Path;

use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::schedule::{Cosine, ReduceOnPlateau, Warmup};
use stackprop::{
    Adam, Chain, Class, Dataset, Dense, Dropout, EarlyStopping, InPlaceTrainer, MiniBatches, Mode, Network,
    Parameters, Quadratic, Recovery, Relu, Rprop, Scalar, Scheduled, Sgd, SoftmaxCrossEntropy, Tanh, Trainer,
    argmax, init,
};
use stackprop_kit::checkpoints::{Best, Checkpoints};
use stackprop_kit::fit::{
    ByEpoch, Cause, CsvLog, Epoch, Fit, FitError, Flow, History, JsonLog, Observer, ObserverError, Progress,
    Reason, SettingsError, Start, Step, generator,
};

#[path = "fit/processes.rs"]
mod processes;

type Net = Network<2, Chain![Dense<2, 8, Tanh>, Dropout<10>, Dense<8, 2>]>;
type Rule = Scheduled<Warmup<ReduceOnPlateau>, Adam>;
type Samples = Vec<([f32; 2], Class<2>)>;

/// Points in the square from -1 to 1, and on which side of a line they are.
fn points(count: usize, seed: u64) -> Samples {
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(seed);
    let mut number = || 2.0 * f32::random(&mut rng) - 1.0;
    (0..count)
        .map(|_| {
            let [x, y] = [number(), number()];
            ([x, y], Class::new(usize::from(x > 0.5 * y)).unwrap())
        })
        .collect()
}

fn initial() -> Net {
    let mut network = Net::zeros();
    network.init(&init::XavierUniform, &mut Xoshiro128PlusPlus::seed_from_u64(2));
    network
}

const RULE: Rule = Scheduled::new(
    Warmup {
        steps: 5,
        start: 0.1,
        then: ReduceOnPlateau {
            factor: 0.5,
            patience: 0,
            threshold: stackprop::Threshold::Relative(0.02),
            cooldown: 0,
            least: 0.0,
            mode: Mode::Min,
        },
    },
    Adam { learning_rate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
);

fn right(logits: &[f32; 2], class: &Class<2>) -> bool {
    argmax(logits) == class.index()
}

/// The epochs without their times.
fn timeless(history: &History) -> Vec<Epoch> {
    let timeless = |epoch: &Epoch| {
        let mut epoch = epoch.clone();
        epoch.seconds = 0.0;
        epoch
    };
    history.epochs.iter().map(timeless).collect()
}

#[test]
fn it_has_the_bits_of_a_plain_loop() {
    let (train, validation) = (points(50, 3), points(30, 4));
    let (mut plain, mut trainer) = (initial(), Trainer::<Net, Rule, 4>::zeros());
    trainer.seed = 9;
    let mut expected = vec![];
    for epoch in 0..6 {
        let batches = MiniBatches::shuffled(&train, 8, &mut generator(7, epoch));
        let loss = trainer.epoch(&mut plain, &RULE, &SoftmaxCrossEntropy, batches).unwrap();
        let other = trainer.workspace.loss(&plain, &SoftmaxCrossEntropy, &validation).unwrap();
        let mut correct = 0;
        let count = |logits: &[f32; 2], class: &Class<2>| correct += usize::from(right(logits, class));
        trainer.workspace.evaluate(&plain, &validation, count).unwrap();
        trainer.observe(&RULE, other);
        expected.push((loss, f64::from(other), f64::from(correct as u32) / 30.0, plain.checksum()));
    }

    fn fitted<R: stackprop_kit::fit::AnyTrainer<Net, Rule>>(trainer: &mut R, data: [&Samples; 2]) -> History {
        Fit::new(&mut initial(), trainer, &RULE, &SoftmaxCrossEntropy, data[0])
            .epochs(6)
            .batch(8)
            .seed(7)
            .validate(data[1])
            .metric("accuracy", right)
            .run()
            .unwrap()
    }
    let mut trainer = Trainer::<Net, Rule, 4>::zeros();
    let mut in_place = InPlaceTrainer::<Net, Rule, 8>::zeros();
    (trainer.seed, in_place.seed) = (9, 9);
    for history in [fitted(&mut trainer, [&train, &validation]), fitted(&mut in_place, [&train, &validation])]
    {
        assert_eq!(history.reason, Reason::Epochs);
        for (epoch, (loss, other, accuracy, checksum)) in history.epochs.iter().zip(&expected) {
            assert!((epoch.loss - f64::from(*loss)).abs() < 1e-6); // the mean of the loop is in f32
            assert_eq!((epoch.validation_loss, epoch.metric("accuracy")), (Some(*other), Some(*accuracy)));
            assert_eq!(epoch.checksum, *checksum);
        }
        assert_eq!(history.epochs.last().unwrap().step, 6 * 7);
        // The rate has been reduced: the schedule was told the validation loss.
        let rates: Vec<_> = history.epochs.iter().map(|epoch| epoch.learning_rate.unwrap()).collect();
        assert!(rates[0] == f64::from(0.1_f32) && rates[5] < 0.051, "{rates:?}");
    }
}

/// A whole run with all that a checkpoint has, which `stop` may end.
fn resumable(directory: &Path, stop: impl FnMut(&Step) -> bool) -> Result<(History, u64), FitError> {
    struct Stops<F>(F);
    impl<F: FnMut(&Step) -> bool> Observer for Stops<F> {
        fn name(&self) -> String {
            "Stops".into()
        }
        fn step(&mut self, step: &Step) -> Result<Flow, ObserverError> {
            Ok(if self.0(step) { Flow::stop("asked to") } else { Flow::Continue })
        }
    }
    let (train, validation) = (points(27, 3), points(20, 4));
    let (mut network, mut trainer) = (initial(), Trainer::<Net, Rule, 4>::boxed());
    let history = Fit::new(&mut network, &mut *trainer, &RULE, &SoftmaxCrossEntropy, &train)
        .epochs(6)
        .batch(8)
        .seed(7)
        .validate(&validation)
        .metric("accuracy", right)
        .early_stopping(EarlyStopping { patience: 3, ..EarlyStopping::default() })
        .observe(CsvLog::create(directory.join("logs/log.csv")).unwrap())
        .observe(JsonLog::create(directory.join("logs/log.jsonl")).unwrap())
        .observe(Stops(stop))
        .checkpoints(Checkpoints::open(directory).unwrap().keep_last(2).keep_best(Best::Lowest))
        .run()?;
    Ok((history, network.checksum()))
}

/// The CSV log without its column of times.
fn csv(directory: &Path) -> Vec<String> {
    let text = fs::read_to_string(directory.join("logs/log.csv")).unwrap();
    let seconds = text.lines().next().unwrap().split(',').position(|name| name == "seconds").unwrap();
    let timeless = |line: &str| {
        let mut cells: Vec<_> = line.split(',').collect();
        cells.remove(seconds);
        cells.join(",")
    };
    text.lines().map(timeless).collect()
}

#[test]
fn a_run_that_is_stopped_after_any_step_goes_on_exactly() {
    let whole = tempfile::tempdir().unwrap();
    let (expected, checksum) = resumable(whole.path(), |_| false).unwrap();
    let steps = expected.epochs.last().unwrap().step;
    assert_eq!((expected.epochs.len(), steps), (6, 24));
    // Each position in an epoch of four steps, and the last step.
    for after in (1..=steps).step_by(3).chain([steps]) {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        let (history, _) = resumable(directory, |step| step.step == after).unwrap();
        if after < steps {
            assert_eq!(history.reason.to_string(), "stopped by Stops: asked to");
        }
        let (resumed, found) = resumable(directory, |_| false).unwrap();
        assert_eq!(timeless(&resumed), timeless(&expected), "stopped after step {after}");
        assert_eq!((resumed.best_epoch, &resumed.reason), (expected.best_epoch, &expected.reason));
        assert_eq!(found, checksum);
        assert_eq!(csv(directory), csv(whole.path()));
        let read = History::read(directory.join("logs/log.jsonl")).unwrap();
        assert_eq!((&read.epochs, read.sessions.len()), (&resumed.epochs, 2));
        assert_eq!(read, History::read(directory.join("history.jsonl")).unwrap());
        assert_eq!((read.sessions[1].epoch, read.sessions[1].step), ((after - 1) / 4, after));
        // It is finished: nothing more is trained.
        let (again, same) = resumable(directory, |_| panic!("a step")).unwrap();
        assert_eq!((timeless(&again), same), (timeless(&expected), checksum));
    }
}

#[test]
fn every_batch_of_an_epoch_can_have_a_checkpoint() {
    let (data, directory) = (points(27, 3), tempfile::tempdir().unwrap());
    let files = RefCell::new(vec![]);
    struct Counts<'a>(&'a Path, &'a RefCell<Vec<usize>>);
    impl Observer for Counts<'_> {
        fn step(&mut self, _: &Step) -> Result<Flow, ObserverError> {
            let is_numbered = |name: &str| name.ends_with(".safetensors");
            let files = fs::read_dir(self.0)?.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            self.1.borrow_mut().push(files.filter(|name| is_numbered(name)).count());
            Ok(Flow::Continue)
        }
    }
    Fit::new(&mut initial(), &mut Trainer::<Net, Rule, 4>::zeros(), &RULE, &SoftmaxCrossEntropy, &data)
        .epochs(2)
        .batch(4)
        .observe(Counts(directory.path(), &files))
        .checkpoints(Checkpoints::open(directory.path()).unwrap().keep_last(99))
        .checkpoint_every(3)
        .run()
        .unwrap();
    // Seven mini-batches: a checkpoint after the third, the sixth, and the epoch.
    assert_eq!(*files.borrow(), [0, 0, 0, 1, 1, 1, 2, 3, 3, 3, 4, 4, 4, 5]);
}

/// y = 2 x, in two samples.
type Line = Network<1, Dense<1, 1>>;
const LINE: [([f32; 1], [f32; 1]); 2] = [([1.0], [2.0]), ([2.0], [4.0])];
const SGD: Sgd = Sgd { learning_rate: 0.1 };

fn line() -> (Line, Trainer<Line, Sgd, 2>) {
    (Line::zeros(), Trainer::zeros())
}

#[test]
fn early_stopping_returns_the_best_network() {
    // The validation loss falls until the output for 1 is 1, on its way to 2.
    let (mut network, mut trainer) = line();
    let validation = [([1.0], [1.0])];
    let sgd = Sgd { learning_rate: 0.01 };
    let history = Fit::new(&mut network, &mut trainer, &sgd, &Quadratic, &LINE)
        .epochs(1000)
        .validate(&validation)
        .early_stopping(EarlyStopping { patience: 4, ..EarlyStopping::default() })
        .run()
        .unwrap();
    assert_eq!(history.reason, Reason::EarlyStopping { waited: 4 });
    let best = history.best().unwrap();
    assert_eq!(best.epoch + 5, history.epochs.len() as u32);
    assert_eq!(best.checksum, network.checksum());
    let least = history.epochs.iter().map(|epoch| epoch.validation_loss.unwrap()).fold(f64::MAX, f64::min);
    assert_eq!(best.validation_loss, Some(least));
    assert!((network.predict(&[1.0])[0] - 1.0_f32).abs() < 0.05);
}

#[test]
fn a_metric_is_monitored() {
    let calls = Cell::new(0_u32);
    let (mut network, mut trainer) = line();
    let stopping = EarlyStopping { patience: 2, mode: Mode::Max, ..EarlyStopping::default() };
    let directory = tempfile::tempdir().unwrap();
    let checkpoints = Checkpoints::open(directory.path()).unwrap().keep_best(Best::Highest);
    let history = Fit::new(&mut network, &mut trainer, &SGD, &Quadratic, &LINE)
        .validate(&LINE[..1])
        // Best at the fourth epoch: 1, 2, 3, 4, 3, 2, ... In an epoch, it counts the samples from 0.
        .metric_of(
            "peak",
            |samples: &mut u32, _, _| *samples += 1,
            |samples| {
                assert_eq!(*samples, 1);
                calls.set(calls.get() + 1);
                Some(4.0 - calls.get().abs_diff(4) as f32)
            },
        )
        .monitor("peak", Mode::Max)
        .early_stopping(stopping)
        .checkpoints(checkpoints)
        .run()
        .unwrap();
    assert_eq!((history.epochs.len(), history.best_epoch), (6, Some(3)));
    assert!(directory.path().join("best-4.safetensors").exists());
    assert_eq!(history.best().unwrap().checksum, network.checksum());
    assert!(history.to_string().contains("best\n"), "{history}");
}

#[test]
fn a_run_recovers_from_divergence() {
    let (mut network, mut trainer) = line();
    let sgd = Sgd { learning_rate: 10.0 };
    let told = RefCell::new(vec![]);
    struct Tells<'a>(&'a RefCell<Vec<String>>);
    impl Observer for Tells<'_> {
        fn recovered(&mut self, r: &stackprop_kit::fit::Recovered<'_>) -> Result<Flow, ObserverError> {
            self.0.borrow_mut().push(format!("{} {} {}: {}", r.epoch, r.recoveries, r.factor, r.cause));
            Ok(Flow::Continue)
        }
    }
    let history = Fit::new(&mut network, &mut trainer, &sgd, &Quadratic, &LINE)
        .epochs(200)
        .recovery(Recovery { attempts: 8, ..Recovery::default() })
        .observe(Tells(&told))
        .run()
        .unwrap();
    assert!(history.recoveries >= 4 && history.epochs.len() == 200, "{history}");
    assert_eq!(told.borrow().len(), history.recoveries as usize);
    assert!(told.borrow()[0].contains(" 1 0.5: the loss of "), "{:?}", told.borrow());
    assert!(history.last().unwrap().loss < 1e-3);
    let rate = history.last().unwrap().learning_rate.unwrap();
    assert_eq!(rate, 10.0 * 0.5_f64.powi(history.recoveries as i32));
}

#[test]
fn a_recovery_is_resumed() {
    let run = |directory: &Path, stop: u32| {
        let (mut network, mut trainer) = line();
        let history = Fit::new(&mut network, &mut trainer, &Sgd { learning_rate: 10.0 }, &Quadratic, &LINE)
            .epochs(30)
            .batch(1)
            .recovery(Recovery { attempts: 9, ..Recovery::default() })
            .observe(|epoch: &Epoch| if epoch.epoch == stop { Flow::stop("") } else { Flow::Continue })
            .checkpoints(Checkpoints::open(directory).unwrap())
            .run()
            .unwrap();
        (timeless(&history), history.recoveries, network.checksum())
    };
    let [whole, directory] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let expected = run(whole.path(), 99);
    for stop in [0, 3, 20, 99] {
        let now = run(directory.path(), stop);
        assert_eq!(now.0.len(), if stop < 30 { stop as usize + 1 } else { 30 });
        if stop == 99 {
            assert_eq!(now, expected);
        }
    }
}

#[test]
fn what_diverges_without_recovery_tells_the_remedy() {
    let (mut network, mut trainer) = line();
    let sgd = Sgd { learning_rate: 10.0 };
    let error = Fit::new(&mut network, &mut trainer, &sgd, &Quadratic, &LINE).epochs(100).run().unwrap_err();
    let text = error.to_string();
    let Cause::Step { trend, .. } = *error.cause else { panic!("{error:?}") };
    assert!(
        text.starts_with(&format!("training stopped in epoch {}, mini-batch 0: ", error.epoch))
            && text.ends_with(
                ", with a learning rate of 10, which is too high: try 1, or clip the gradient (`ClipNorm`)"
            )
            && text.contains(&format!("in {} steps, the loss went from 5 to ", trend.steps)),
        "{text}"
    );
    assert_eq!(error.history.epochs.len(), error.epoch as usize);
    let table = error.history.to_string();
    assert!(table.contains("\nthe loss was 5 in the first mini-batch, but "), "{table}");
    assert!(table.ends_with(" in epoch 1: is the learning rate too high?"), "{table}");

    // Nothing points to the learning rate if not even one step was made.
    let (mut network, mut trainer) = line();
    let data = [([f32::NAN], [1.0])];
    let error = Fit::new(&mut network, &mut trainer, &SGD, &Quadratic, &data).run().unwrap_err();
    assert!(
        error.to_string().ends_with("so look at the data and at the initial parameters first"),
        "{error}"
    );
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn data_may_change_by_epoch() {
    let data = points(40, 1);
    let seen = Cell::new(0);
    let by_epoch = ByEpoch(|epoch| {
        seen.set(epoch);
        &data[epoch as usize * 10..][..10 + epoch as usize]
    });
    let sizes = RefCell::new(vec![]);
    struct Sizes<'a>(&'a RefCell<Vec<(u32, u32)>>);
    impl Observer for Sizes<'_> {
        fn step(&mut self, step: &Step) -> Result<Flow, ObserverError> {
            self.0.borrow_mut().push((step.epoch, step.batches));
            Ok(Flow::Continue)
        }
    }
    Fit::new(&mut initial(), &mut Trainer::<Net, Rule, 4>::zeros(), &RULE, &SoftmaxCrossEntropy, &by_epoch)
        .epochs(3)
        .batch(6)
        .observe(Sizes(&sizes))
        .run()
        .unwrap();
    assert_eq!(seen.get(), 2);
    assert_eq!(*sizes.borrow(), [(0, 2), (0, 2), (1, 2), (1, 2), (2, 2), (2, 2)]);
}

#[test]
fn an_optimiser_without_a_learning_rate() {
    let mut network = Line::zeros();
    let mut trainer = Trainer::<Line, Rprop, 2>::zeros();
    let history =
        Fit::without_rate(&mut network, &mut trainer, &Rprop::default(), &Quadratic, &LINE).run().unwrap();
    assert_eq!(history.last().unwrap().learning_rate, None);
    assert!(!history.to_string().contains("NaN"), "{history}");
}

#[test]
fn a_failing_observer_is_named_and_nothing_is_lost() {
    struct Fails(&'static str, Cell<u32>);
    impl Observer for &Fails {
        fn name(&self) -> String {
            "Fails".into()
        }
        fn step(&mut self, step: &Step) -> Result<Flow, ObserverError> {
            if self.0 == "step" && step.step == 6 { Err("no space".into()) } else { Ok(Flow::Continue) }
        }
        fn epoch(&mut self, epoch: &Epoch) -> Result<Flow, ObserverError> {
            if self.0 == "epoch" && epoch.epoch == 1 { Err("no space".into()) } else { Ok(Flow::Continue) }
        }
        fn end(&mut self, _: &History) -> Result<(), ObserverError> {
            self.1.set(self.1.get() + 1);
            Ok(())
        }
    }
    let data = points(27, 3);
    let whole = tempfile::tempdir().unwrap();
    let run = |directory: &Path, fails: &Fails| {
        let (mut network, mut trainer) = (initial(), Trainer::<Net, Rule, 4>::zeros());
        Fit::new(&mut network, &mut trainer, &RULE, &SoftmaxCrossEntropy, &data)
            .epochs(4)
            .batch(8)
            .observe(fails)
            .observe(CsvLog::create(directory.join("logs/log.csv")).unwrap())
            .checkpoints(Checkpoints::open(directory).unwrap())
            .run()
    };
    let expected = run(whole.path(), &Fails("", Cell::new(0))).unwrap();
    for (when, epoch, batch) in [("step", 1, 2), ("epoch", 2, 0)] {
        let directory = tempfile::tempdir().unwrap();
        let fails = Fails(when, Cell::new(0));
        let error = run(directory.path(), &fails).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "training stopped in epoch {epoch}, mini-batch {batch}: the observer `Fails` failed: no space"
            )
        );
        assert_eq!((fails.1.get(), error.history.epochs.len()), (1, epoch as usize));
        let resumed = run(directory.path(), &Fails("", Cell::new(0))).unwrap();
        assert_eq!(timeless(&resumed), timeless(&expected));
        assert_eq!(
            (resumed.sessions[1].epoch, resumed.sessions[1].step),
            (epoch, if batch > 0 { 6 } else { 8 })
        );
        assert_eq!(csv(directory.path()), csv(whole.path()));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error_with_the_path() {
    let (mut network, mut trainer) = line();
    let error = Fit::new(&mut network, &mut trainer, &SGD, &Quadratic, &LINE)
        .observe(CsvLog::create("/dev/full").unwrap())
        .run()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "training stopped in epoch 0, mini-batch 0: the observer `CsvLog` failed: /dev/full: \
         No space left on device (os error 28)"
    );
    let error = CsvLog::create("/dev/null/below/log.csv").unwrap_err();
    assert!(error.to_string().starts_with("/dev/null/below/log.csv: "), "{error}");
}

#[test]
fn settings_that_make_no_run_are_errors() {
    let (mut network, mut trainer) = line();
    type LineFit<'a> = Fit<'a, Line, Trainer<Line, Sgd, 2>, Sgd, Quadratic, [([f32; 1], [f32; 1])]>;
    let mut setting = |run: &dyn Fn(LineFit<'_>) -> Result<History, FitError>| {
        let fit = Fit::new(&mut network, &mut trainer, &SGD, &Quadratic, &LINE[..]);
        match *run(fit).unwrap_err().cause {
            Cause::Settings(error) => error,
            other => panic!("{other}"),
        }
    };
    let one = |_: &[f32; 1], _: &[f32; 1]| 1.0;
    assert_eq!(setting(&|fit| fit.batch(0).run()), SettingsError::Batch);
    assert_eq!(setting(&|fit| fit.validate(&LINE[..0]).run()), SettingsError::NoValidationSamples);
    for name in ["", "loss", "checksum"] {
        let error = setting(&|fit| fit.validate(&LINE).metric(name, one).run());
        assert_eq!(error, SettingsError::MetricName { name: name.into() });
    }
    let twice = setting(&|fit| fit.validate(&LINE).metric("a", one).metric("a", one).run());
    assert_eq!(twice, SettingsError::MetricName { name: "a".into() });
    let error = setting(&|fit| {
        fit.validate(&LINE).metric("accuracy", one).metric("f1", one).monitor("acuracy", Mode::Max).run()
    });
    assert_eq!(error.to_string(), "there is no metric `acuracy` to monitor (there are: accuracy, f1)");
    let stopping = EarlyStopping { mode: Mode::Max, ..EarlyStopping::default() };
    let error = setting(&|fit| fit.early_stopping(stopping).run());
    assert_eq!(
        error.to_string(),
        "early stopping looks for the largest value, but the best loss is the smallest: say so by \
         `monitor(name, mode)`, `EarlyStopping::mode` and `keep_best`"
    );
    let directory = tempfile::tempdir().unwrap();
    let highest = Checkpoints::open(directory.path()).unwrap().keep_best(Best::Highest);
    let error = setting(&|fit| fit.checkpoints(highest.clone()).run());
    assert!(matches!(error, SettingsError::Mode { part: "`keep_best`", largest: true, .. }));

    let error = Fit::new(&mut network, &mut trainer, &SGD, &Quadratic, &LINE[..0]).run().unwrap_err();
    assert_eq!(error.to_string(), "the training data of epoch 0 have no samples");
}

#[test]
fn checkpoints_of_another_run_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let open = || Checkpoints::open(directory.path()).unwrap();
    let (mut network, mut trainer) = line();
    let run = |seed: u64, batch: usize, data: &[([f32; 1], [f32; 1])]| {
        let (mut network, mut trainer) = line();
        Fit::new(&mut network, &mut trainer, &SGD, &Quadratic, data)
            .epochs(3)
            .batch(batch)
            .seed(seed)
            .checkpoints(open())
            .run()
    };
    run(1, 2, &LINE).unwrap();
    let history = directory.path().join("history.jsonl");
    let anew = "(to start anew, remove the directory or choose another one)";
    let refused = |result: Result<History, FitError>, what: &str| {
        assert_eq!(result.unwrap_err().to_string(), format!("{}: {what} {anew}", history.display()));
    };
    refused(run(2, 2, &LINE), "`seed` was 1 in the run of these checkpoints, but is 2 now");
    refused(run(1, 1, &LINE), "`batch` was 2 in the run of these checkpoints, but is 1 now");
    refused(
        run(1, 2, &LINE[..1]),
        "the number of samples was 2 in the run of these checkpoints, but is 1 now",
    );
    let early = Fit::new(&mut network, &mut trainer, &SGD, &Quadratic, &LINE)
        .batch(2)
        .seed(1)
        .early_stopping(EarlyStopping::default())
        .checkpoints(open())
        .run();
    refused(early, "early stopping or recovery was off in the run of these checkpoints, but is on now");

    let (mut network, mut trainer) = (Line::zeros(), Trainer::<Line, Adam, 2>::zeros());
    let other = Fit::new(&mut network, &mut trainer, &Adam::default(), &Quadratic, &LINE)
        .batch(2)
        .seed(1)
        .checkpoints(open())
        .run();
    let text = other.unwrap_err().to_string();
    let message =
        "000003.safetensors: the optimiser of the checkpoint is `Sgd`, but that of the trainer is `Adam` (to";
    assert!(text.contains(message), "{text}");
    assert_eq!(network, Line::zeros());

    // More epochs, or another learning rate, are the same run.
    let (mut network, mut trainer) = line();
    let more = Fit::new(&mut network, &mut trainer, &Sgd { learning_rate: 0.2 }, &Quadratic, &LINE)
        .epochs(5)
        .batch(2)
        .seed(1)
        .checkpoints(open())
        .run()
        .unwrap();
    assert_eq!(more.epochs.len(), 5);

    // A history that is not whole.
    let text = fs::read_to_string(&history).unwrap();
    let lines: Vec<_> = text.lines().collect();
    fs::write(&history, format!("{}\n{}\n{}", lines[0], lines[1], &lines[2][..20])).unwrap();
    refused(run(1, 2, &LINE), "has 1 of the 5 epochs before the checkpoint");
    fs::write(&history, format!("{}\nnonsense\n", lines[0])).unwrap();
    refused(run(1, 2, &LINE), "line 2: expected ident at line 1 column 2");
    fs::remove_file(&history).unwrap();
    let text = run(1, 2, &LINE).unwrap_err().to_string();
    assert!(text.starts_with(history.to_str().unwrap()) && text.ends_with(anew), "{text}");
}

#[test]
fn the_logs_say_what_ran() {
    let directory = tempfile::tempdir().unwrap();
    let (mut network, mut trainer) = line();
    trainer.seed = 5;
    let [json, csv] = ["log.jsonl", "log.csv"].map(|name| directory.path().join(name));
    let start = Cell::new(None);
    struct Starts<'a>(&'a Cell<Option<(u32, u32)>>);
    impl Observer for Starts<'_> {
        fn start(&mut self, start: &Start<'_>) -> Result<Flow, ObserverError> {
            self.0.set(Some((start.batches, start.session.epochs)));
            Ok(Flow::Continue)
        }
    }
    let history = Fit::new(&mut network, &mut trainer, &SGD, &Quadratic, &LINE)
        .epochs(2)
        .batch(1)
        .seed(u64::MAX)
        .validate(&LINE)
        .metric("a, b", |output, target| output[0] - target[0])
        .observe(JsonLog::create(&json).unwrap())
        .observe(CsvLog::create(&csv).unwrap())
        .observe(Starts(&start))
        .observe(Progress::quiet())
        .run()
        .unwrap();
    assert_eq!(start.get(), Some((2, 2)));
    let lines: Vec<serde_json::Value> =
        fs::read_to_string(&json).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<_> = lines.iter().map(|line| line["record"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["session", "epoch", "epoch", "end"]);
    let session = &lines[0];
    assert_eq!(session["stackprop"], stackprop::VERSION);
    assert_eq!(session["kit"], env!("CARGO_PKG_VERSION"));
    assert_eq!(session["level"], stackprop::level().name());
    assert_eq!(session["seed"], u64::MAX);
    assert_eq!((&session["batch"], &session["samples"]), (&1.into(), &2.into()));
    assert_eq!((&session["trainer_seed"], &session["validation_samples"]), (&5.into(), &2.into()));
    assert_eq!(session["layers"], serde_json::json!(["Dense<1, 1>"]));
    assert_eq!(session["fingerprint"], format!("{:016x}", Line::SCHEMA.fingerprint()));
    assert_eq!((&session["optimizer"], &session["loss"]), (&"Sgd".into(), &"Quadratic".into()));
    assert_eq!((&session["scalar"], &session["monitor"]), (&"f32".into(), &"validation loss".into()));
    assert!(session["target"].as_str().unwrap().contains(std::env::consts::ARCH));
    assert!(session["date"].as_str().unwrap().starts_with("20"));
    assert_eq!(lines[2]["checksum"], format!("{:016x}", network.checksum()));
    assert_eq!(lines[2]["metrics"]["a, b"], history.epochs[1].metrics[0].1);
    assert_eq!(lines[3]["reason"], "all epochs done");
    let read = History::read(&json).unwrap();
    assert_eq!((read.sessions, read.epochs), (history.sessions, history.epochs.clone()));

    let mut reader = csv::Reader::from_path(&csv).unwrap();
    let header: Vec<_> = reader.headers().unwrap().iter().map(String::from).collect();
    assert_eq!(
        header,
        ["epoch", "step", "loss", "validation_loss", "a, b", "learning_rate", "seconds", "checksum"]
    );
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    for (row, epoch) in rows.iter().zip(&history.epochs) {
        assert_eq!(f64::from(row[3].parse::<f32>().unwrap()), epoch.validation_loss.unwrap());
        assert_eq!((&row[1], &row[5]), ((2 * epoch.epoch + 2).to_string().as_str(), "0.1"));
    }
    assert_eq!(rows[0].len(), 8);
}

#[test]
fn what_closures_return() {
    let (mut network, mut trainer) = line();
    let mut losses = vec![];
    let result = Fit::new(&mut network, &mut trainer, &SGD, &Quadratic, &LINE)
        .observe(|epoch: &Epoch| losses.push(epoch.loss))
        .observe(|_: &Epoch| Ok::<_, std::io::Error>(()))
        .observe(|epoch: &Epoch| if epoch.epoch < 4 { Ok(Flow::Continue) } else { Err("enough") })
        .run();
    let error = result.unwrap_err();
    assert_eq!(losses.len(), 5);
    assert_eq!(error.history.epochs.len(), 5);
    assert!(error.to_string().ends_with("::{{closure}}` failed: enough"), "{error}");
}

#[test]
fn a_large_network_does_not_cross_the_stack() {
    type Large = Network<256, Chain![Dense<256, 1024, Relu>, Dense<1024, 256>]>; // 2 MB
    let run = || {
        let (mut network, mut trainer) = (Large::boxed(), Trainer::<Large, Adam, 1>::boxed());
        let data = vec![([0.5; 256], [1.0; 256]); 2];
        let directory = tempfile::tempdir().unwrap();
        Fit::new(&mut *network, &mut *trainer, &Adam::default(), &Quadratic, &data)
            .epochs(2)
            .batch(1)
            .early_stopping(EarlyStopping::default())
            .recovery(Recovery::default())
            .checkpoints(Checkpoints::open(directory.path()).unwrap())
            .run()
            .unwrap();
    };
    std::thread::Builder::new().stack_size(512 << 10).spawn(run).unwrap().join().unwrap();
}

#[test]
fn a_schedule_is_followed_to_its_end() {
    type Follows = Scheduled<Cosine, Sgd>;
    let rule: Follows = Scheduled::new(Cosine { steps: 8, least: 0.0 }, SGD);
    let (mut network, mut trainer) = (Line::zeros(), Trainer::<Line, Follows, 2>::zeros());
    let history =
        Fit::new(&mut network, &mut trainer, &rule, &Quadratic, &LINE).epochs(4).batch(1).run().unwrap();
    let rates: Vec<_> = history.epochs.iter().map(|epoch| epoch.learning_rate.unwrap()).collect();
    for (epoch, rate) in (0..).zip(rates) {
        let t = f64::from(2 * epoch + 1) / 8.0; // the last of two steps
        let expected = 0.1 * (1.0 + (std::f64::consts::PI * t).cos()) / 2.0;
        assert!((rate - expected).abs() < 1e-8, "{rate} {expected}"); // two roundings of f32
    }
}

#[test]
fn each_epoch_has_each_sample_once_in_its_own_order() {
    let samples: Vec<([f32; 1], [f32; 1])> = (0..100).map(|i| ([i as f32], [0.0])).collect();
    let order = |seed, epoch| -> Vec<usize> {
        let batches = MiniBatches::shuffled(&samples, 7, &mut generator(seed, epoch));
        batches.flat_map(|batch| (0..batch.len()).map(move |i| batch.source_index(i))).collect()
    };
    let mut orders = vec![];
    for (seed, epoch) in [(0, 0), (0, 1), (1, 0), (1, 1), (u64::MAX, 0), (0, u32::MAX)] {
        let order = order(seed, epoch);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..100));
        assert!(!orders.contains(&order));
        orders.push(order);
    }
}
