//! Checkpoints in a directory: what is kept, what a process leaves that is killed at any moment, and what damage does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use stackprop::checkpoint::CheckpointError;
use stackprop::rand::{Rng, SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Adam, Chain, Dense, Dropout, Linear, MiniBatches, Network, Parameters, Quadratic, Relu, Scalar, Sgd,
    Tanh, Trainer, init,
};
use stackprop_kit::checkpoints::{Best, Checkpoints, CheckpointsError};
use stackprop_kit::generator::State;

type Net = Network<8, Chain![Dense<8, 16, Tanh>, Dropout<20>, Dense<16, 16, Relu>, Linear<16, 2>]>;
type Run = Trainer<Net, Adam, 8>;

/// The steps of a whole run.
const STEPS: u32 = 150;

/// Trains until `STEPS`, from the last checkpoint in the directory, with a checkpoint after each step. The generator of
/// the mini-batches is a part of it. Returns the hash of the network.
fn train(directory: &Path) -> u64 {
    let mut data_rng = Xoshiro128PlusPlus::seed_from_u64(3);
    let mut number = || Scalar::random(&mut data_rng);
    let data: Vec<([f32; 8], [f32; 2])> =
        (0..64).map(|_| ([(); 8].map(|()| number()), [(); 2].map(|()| number()))).collect();

    let checkpoints = Checkpoints::open(directory).unwrap().keep_last(2).keep_best(Best::Lowest);
    let (mut network, mut trainer) = (Net::boxed(), Run::boxed());
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
    network.init(&init::XavierUniform, &mut rng);
    trainer.seed = 5;
    let mut state = State::<64>::ZERO;
    if checkpoints.resume(&mut *network, &mut *trainer, &mut state).unwrap().is_some() {
        rng = state.restore().unwrap();
        println!("resumed {}", trainer.steps());
    }
    while trainer.steps() < STEPS {
        // One mini-batch of eight, drawn anew.
        let batch = MiniBatches::shuffled(&data, 8, &mut rng).next().unwrap();
        let loss = trainer.step(&mut network, &Adam::default(), &Quadratic, &batch).unwrap();
        let state = State::<64>::of(&rng).unwrap();
        checkpoints.save(&*network, &*trainer, &state, Some(loss.into())).unwrap();
    }
    network.checksum()
}

/// The process that is killed.
#[test]
#[ignore = "run by the tests that kill it"]
fn child() {
    // Not set where all ignored tests run.
    if let Ok(directory) = std::env::var("DIRECTORY") {
        println!("checksum {:016x}", train(Path::new(&directory)));
    }
}

fn start(directory: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env("DIRECTORY", directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn killed(times: usize) {
    let whole = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let expected = train(whole.path());
    let duration = started.elapsed();

    let mut rng = Xoshiro128PlusPlus::seed_from_u64(9);
    let (mut steps_at_resume, mut incomplete) = (vec![], 0);
    while steps_at_resume.len() < times {
        let directory = tempfile::tempdir().unwrap();
        let mut child = start(directory.path());
        // Not before there is a checkpoint to go on from. (The best one is written before the numbered one.)
        let is_numbered = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with('0');
        while !fs::read_dir(directory.path()).unwrap().any(|entry| is_numbered(entry.unwrap().path())) {
            sleep(Duration::from_micros(200));
        }
        sleep(duration.mul_f64(0.8 * f64::from(rng.next_u32()) / f64::from(u32::MAX)));
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
        let hidden = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with('.');
        incomplete +=
            fs::read_dir(directory.path()).unwrap().filter(|e| hidden(e.as_ref().unwrap().path())).count();

        let output = start(directory.path()).wait_with_output().unwrap();
        let output = String::from_utf8(output.stdout).unwrap();
        assert!(output.contains(&format!("checksum {expected:016x}\n")), "{output}");
        let (_, resumed) = output.split_once("resumed ").expect("a checkpoint was loaded");
        let steps = resumed.lines().next().unwrap().parse::<u32>().unwrap();
        // Otherwise it had ended before.
        if steps < STEPS {
            steps_at_resume.push(steps);
        }
    }
    let (least, most) = (steps_at_resume.iter().min().unwrap(), steps_at_resume.iter().max().unwrap());
    println!(
        "{times} processes killed after {least} to {most} of {STEPS} steps: each checkpoint loaded, and each run ended with \
         the bits of the whole run; {incomplete} had left an incomplete file"
    );
}

#[test]
fn a_killed_process_goes_on_with_the_same_bits() {
    killed(3);
}

/// A hundred, or as many as the environment variable `KILLS` says.
#[test]
#[ignore = "takes a minute"]
fn many_killed_processes_go_on_with_the_same_bits() {
    killed(std::env::var("KILLS").map_or(100, |kills| kills.parse().unwrap()));
}

type Small = Network<1, Linear<1, 1>>;

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn the_last_and_the_best_are_kept() {
    let directory = tempfile::tempdir().unwrap();
    let checkpoints = Checkpoints::open(directory.path()).unwrap().keep_last(2).keep_best(Best::Highest);
    let mut network = Small::zeros();
    assert!(checkpoints.resume(&mut network, &mut (), &mut ()).unwrap().is_none());
    assert_eq!(checkpoints.load_best(&mut network).unwrap(), None);
    for (number, metric) in [(1, 0.5), (2, 0.9), (3, 0.9), (4, 0.7), (5, 0.1)] {
        network.layers.bias = [number as f32];
        let path = checkpoints.save(&network, &(), &(), Some(metric)).unwrap();
        assert_eq!(path, directory.path().join(format!("00000{number}.safetensors")));
    }
    assert_eq!(names(directory.path()), ["000004.safetensors", "000005.safetensors", "best-0.9.safetensors"]);
    assert_eq!(checkpoints.load_best(&mut network).unwrap(), Some(0.9));
    assert_eq!(network.layers.bias, [2.0]); // the first of two equal ones
    let resumed = checkpoints.resume(&mut network, &mut (), &mut ()).unwrap().unwrap();
    assert_eq!((resumed.path, network.layers.bias), (directory.path().join("000005.safetensors"), [5.0]));
    assert!(resumed.damaged.is_empty());
    let error = checkpoints.save(&network, &(), &(), Some(f64::NAN)).unwrap_err();
    assert!(matches!(error, CheckpointsError::NotANumber));
}

#[test]
fn damage_is_passed_over_and_told() {
    let directory = tempfile::tempdir().unwrap();
    let checkpoints = Checkpoints::open(directory.path()).unwrap().keep_last(3);
    let mut network = Small::zeros();
    for number in 1..=3 {
        network.layers.bias = [number as f32];
        checkpoints.save(&network, &(), &(), None).unwrap();
    }
    let path = |number: u32| directory.path().join(format!("00000{number}.safetensors"));
    let mut bytes = fs::read(path(3)).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(path(3), bytes).unwrap();
    fs::write(path(2), []).unwrap();
    let resumed = checkpoints.resume(&mut network, &mut (), &mut ()).unwrap().unwrap();
    assert_eq!((resumed.path, network.layers.bias), (path(1), [1.0]));
    assert!(matches!(
        &resumed.damaged[..],
        [(three, CheckpointError::Checksum { .. }), (two, CheckpointError::Format(_))]
            if (three, two) == (&path(3), &path(2))
    ));
    // If all are damaged, the run does not start anew by itself.
    fs::write(path(1), []).unwrap();
    let error = checkpoints.resume(&mut network, &mut (), &mut ()).unwrap_err();
    assert!(error.to_string().contains("000003.safetensors: the checkpoint is damaged"), "{error}");
}

#[test]
fn another_run_is_an_error_and_not_damage() {
    let directory = tempfile::tempdir().unwrap();
    let checkpoints = Checkpoints::open(directory.path()).unwrap();
    checkpoints.save(&Small::zeros(), &Trainer::<Small, Adam, 1>::zeros(), &(), None).unwrap();
    let error =
        checkpoints.resume(&mut Small::zeros(), &mut Trainer::<Small, Sgd, 1>::zeros(), &mut ()).unwrap_err();
    assert!(
        error.to_string().ends_with(
            "000001.safetensors: the optimiser of the checkpoint is `Adam`, but that of the trainer is `Sgd`"
        ),
        "{error}"
    );
}

#[test]
fn what_a_process_left_incomplete_is_removed() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join(".incomplete-abc"), [1, 2, 3]).unwrap();
    fs::write(directory.path().join("notes.txt"), []).unwrap();
    Checkpoints::open(directory.path()).unwrap();
    assert_eq!(names(directory.path()), ["notes.txt"]);
}

#[test]
fn errors_name_the_path() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, []).unwrap();
    let error = Checkpoints::open(file.join("inside")).unwrap_err();
    assert!(error.to_string().starts_with(file.to_str().unwrap()), "{error}");
}

#[test]
fn a_generator_that_does_not_fit_is_an_error() {
    let rng = Xoshiro128PlusPlus::seed_from_u64(1);
    assert!(State::<4>::of(&rng).is_err());
    // Four words of 32 bits are at most 20 bytes.
    assert_eq!(State::<20>::of(&rng).unwrap().restore::<Xoshiro128PlusPlus>().unwrap(), rng);
    // Other types are seen if they take fewer bytes.
    assert!(State::<20>::of(&rng).unwrap().restore::<u32>().is_err());
}
