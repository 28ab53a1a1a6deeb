//! Runs in processes of their own, which are killed, or end by Ctrl-C.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use stackprop::rand::{Rng, SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{EarlyStopping, Parameters, SoftmaxCrossEntropy, Trainer};
use stackprop_kit::checkpoints::{Best, Checkpoints};
use stackprop_kit::fit::{CsvLog, CtrlC, Fit, Flow, History, Observer, ObserverError, Progress, Step};

use super::{Net, RULE, Rule, csv, initial, points, right, timeless};

/// Waits after each step, and tells of the first one.
struct Waits(Duration);

impl Observer for Waits {
    fn step(&mut self, step: &Step) -> Result<Flow, ObserverError> {
        if step.step == 3 {
            println!("step 3");
        }
        sleep(self.0);
        Ok(Flow::Continue)
    }
}

/// A run with a checkpoint after each step.
fn train(directory: &Path, wait: Duration) -> (History, u64) {
    let (train, validation) = (points(45, 3), points(20, 4));
    let (mut network, mut trainer) = (initial(), Trainer::<Net, Rule, 4>::boxed());
    trainer.seed = 5;
    let history = Fit::new(&mut network, &mut *trainer, &RULE, &SoftmaxCrossEntropy, &train)
        .epochs(12)
        .batch(8)
        .seed(7)
        .validate(&validation)
        .metric("accuracy", right)
        .early_stopping(EarlyStopping { patience: 15, ..EarlyStopping::default() })
        .observe(Progress::auto())
        .observe(CsvLog::create(directory.join("logs/log.csv")).unwrap())
        .observe(CtrlC::new().unwrap())
        .observe(Waits(wait))
        .checkpoints(Checkpoints::open(directory).unwrap().keep_last(2).keep_best(Best::Lowest))
        .checkpoint_every(1)
        .run()
        .unwrap();
    (history, network.checksum())
}

/// The process that is killed.
#[test]
#[ignore = "run by the tests that end it"]
fn child() {
    // Not set where all ignored tests run.
    let Ok(directory) = std::env::var("DIRECTORY") else { return };
    let wait = std::env::var("WAIT").map_or(0, |wait| wait.parse().unwrap());
    let (history, checksum) = train(Path::new(&directory), Duration::from_millis(wait));
    println!("checksum {checksum:016x}, {}", history.reason);
}

fn start(directory: &Path, wait: u32) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "processes::child", "--ignored", "--nocapture"])
        .env("DIRECTORY", directory)
        .env("WAIT", wait.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn text(output: &Output) -> [String; 2] {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned())
}

fn killed(times: usize) {
    let whole = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let (expected, checksum) = train(whole.path(), Duration::ZERO);
    let duration = started.elapsed();
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(9);
    let mut steps = vec![];
    while steps.len() < times {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        let mut child = start(directory, 0);
        sleep(duration.mul_f64(1.2 * f64::from(rng.next_u32()) / f64::from(u32::MAX)));
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();

        let output = start(directory, 0).wait_with_output().unwrap();
        let [out, err] = text(&output);
        assert!(out.contains(&format!("checksum {checksum:016x}, {}\n", expected.reason)), "{out}\n{err}");
        let read = History::read(directory.join("history.jsonl")).unwrap();
        assert_eq!(timeless(&read), timeless(&expected));
        assert_eq!(csv(directory), csv(whole.path()));
        // Otherwise it had not begun, or had ended.
        let last = read.sessions.last().unwrap();
        if read.sessions.len() == 2 && last.epoch < expected.epochs.len() as u32 {
            steps.push(last.step);
        }
    }
    println!(
        "{times} processes killed after {} to {} of {} steps: each ended with the bits, the history and the log of the whole run",
        steps.iter().min().unwrap(),
        steps.iter().max().unwrap(),
        expected.epochs.last().unwrap().step,
    );
}

#[test]
fn a_killed_run_goes_on_with_the_same_bits() {
    killed(2);
}

/// Twenty, or as many as the environment variable `KILLS` says.
#[test]
#[ignore = "takes half a minute"]
fn many_killed_runs_go_on_with_the_same_bits() {
    killed(std::env::var("KILLS").map_or(20, |kills| kills.parse().unwrap()));
}

#[test]
fn a_line_for_each_epoch_where_there_is_no_terminal() {
    let directory = tempfile::tempdir().unwrap();
    let [out, err] = text(&start(directory.path(), 0).wait_with_output().unwrap());
    assert!(out.contains("all epochs done"), "{out}\n{err}");
    let lines: Vec<_> = err.lines().collect();
    assert_eq!(lines.len(), 13, "{err}");
    assert!(lines[7].starts_with("epoch 7: loss 0.") && lines[7].contains(", accuracy "), "{err}");
    // The next process finds it finished, and says where from.
    let [_, err] = text(&start(directory.path(), 0).wait_with_output().unwrap());
    assert!(err.starts_with("goes on in epoch 12, mini-batch 0, from "), "{err}");
}

/// Whether Ctrl-C is ignored in this process, and so in its children, as it is in the background of a shell script. Says so.
#[cfg(unix)]
fn is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or("0");
    let ignored = u64::from_str_radix(mask.trim(), 16).unwrap() & 2 != 0;
    if ignored {
        eprintln!("SKIPPED Ctrl-C: this process was started with it ignored");
    }
    ignored
}

#[cfg(unix)]
fn interrupt(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

#[cfg(unix)]
fn wait_for_a_step(child: &mut Child) {
    let out = child.stdout.as_mut().unwrap();
    assert!(BufReader::new(out).lines().any(|line| line.unwrap().contains("step 3")));
}

#[test]
#[cfg(unix)]
fn ctrl_c_ends_after_the_step_with_a_checkpoint() {
    if is_ignored() {
        return;
    }
    let whole = tempfile::tempdir().unwrap();
    let (expected, _) = train(whole.path(), Duration::ZERO);
    let directory = tempfile::tempdir().unwrap();
    let mut child = start(directory.path(), 100);
    wait_for_a_step(&mut child);
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    let [_, err] = text(&output);
    assert!(output.status.success() && err.contains("Ctrl-C: the run ends after this step"), "{err}");
    assert!(err.ends_with("stopped by CtrlC: Ctrl-C\n"), "{err}");
    let (resumed, _) = train(directory.path(), Duration::ZERO);
    assert!(resumed.sessions[1].step >= 3);
    assert_eq!(timeless(&resumed), timeless(&expected));
}

#[test]
#[cfg(unix)]
fn a_second_ctrl_c_ends_at_once() {
    if is_ignored() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let mut child = start(directory.path(), 60_000);
    // The step is told only after 60 s, so the checkpoints of the first ones are not there: look at the process instead.
    sleep(Duration::from_millis(700));
    interrupt(&child);
    sleep(Duration::from_millis(200));
    interrupt(&child);
    let started = Instant::now();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(started.elapsed() < Duration::from_secs(10));
}
