//! Mini-batches of files that are read one row after the other.

use std::cell::Cell;
use std::rc::Rc;

use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    Adam, Chain, Class, Dataset, Dense, Fault, MiniBatches, Network, Quadratic, Relu, Sgd,
    SoftmaxCrossEntropy, StepError, Trainer,
};
use stackprop_kit::readers::{
    Csv, FileError, LabelOrder, Problem, Rows, Source, Stream, StreamError, Table, Values,
};

use super::{Directory, example, message};

/// Rows 0, 1, 2, ... as input and target, which counts how many have been read.
#[derive(Clone)]
struct Counting {
    rows: u32,
    read: Rc<Cell<u32>>,
}

impl Source<2> for Counting {
    type Scalar = f32;
    type Target = [f32; 1];
    type Rows = Counting;

    fn rows(&self) -> Result<Counting, FileError> {
        self.read.set(0);
        Ok(self.clone())
    }
}

impl Rows<f32, [f32; 1]> for Counting {
    fn next_row(&mut self, inputs: &mut Vec<f32>) -> Result<Option<[f32; 1]>, FileError> {
        let row = self.read.get();
        if row == self.rows {
            return Ok(None);
        }
        self.read.set(row + 1);
        inputs.extend([row as f32, -(row as f32)]);
        Ok(Some([row as f32]))
    }

    fn error(&self, problem: Problem) -> FileError {
        FileError::new("rows".as_ref(), problem)
    }
}

fn rows(rows: u32, size: usize) -> (Stream<Counting, 2>, Rc<Cell<u32>>) {
    let read = Rc::new(Cell::new(0));
    (Stream::new(Counting { rows, read: read.clone() }, size), read)
}

fn rng(seed: u64) -> Xoshiro128PlusPlus {
    Xoshiro128PlusPlus::seed_from_u64(seed)
}

/// The rows in the order in which they come. Inputs, targets and numbers must belong together.
fn order(stream: &Stream<Counting, 2>, window: usize, seed: u64) -> Vec<usize> {
    let mut order = vec![];
    for batch in stream.shuffled(window, &mut rng(seed)).unwrap() {
        for (index, row) in batch.rows().iter().enumerate() {
            let mut input = [0.0; 2];
            assert_eq!(batch.sample(index, &mut input), Some(&[*row as f32]));
            assert_eq!(input, [*row as f32, -(*row as f32)]);
            assert_eq!(batch.source_index(index), *row);
        }
        order.extend_from_slice(batch.rows());
    }
    order
}

#[test]
fn in_order() {
    let (stream, read) = rows(7, 3);
    let mut batches = stream.in_order().unwrap();
    for expected in [&[0, 1, 2][..], &[3, 4, 5], &[6]] {
        let batch = batches.next().unwrap();
        assert_eq!((batch.rows(), batch.len()), (expected, expected.len()));
        let samples = batch.contiguous(0, expected.len()).unwrap();
        assert_eq!(samples.targets(), batch.table().targets());
        assert_eq!(read.get() as usize, expected.last().unwrap() + 1);
    }
    assert!(batches.next().is_none());
    assert!(batches.next().is_none());
    assert_eq!(rows(3, 0).0.in_order().unwrap().count(), 3);
}

#[test]
fn shuffled_within_a_window() {
    for (count, window) in [(1, 1), (10, 1), (50, 7), (50, 50), (50, 1000), (50, 0)] {
        let (stream, read) = rows(count, 4);
        let shuffled = order(&stream, window, 3);
        assert_eq!(shuffled, order(&stream, window, 3), "the same seed");
        let mut sorted = shuffled.clone();
        sorted.sort();
        assert_eq!(sorted, (0..count as usize).collect::<Vec<_>>(), "each row once");
        for (place, row) in shuffled.iter().enumerate() {
            assert!(*row < place + window.max(1), "row {row} at {place}");
        }
        if window > 1 {
            assert_ne!(shuffled, order(&stream, window, 4));
            assert_ne!(shuffled, sorted);
        }
        // No more than the window and the mini-batch are in memory.
        let mut given = 0;
        for batch in stream.shuffled(window, &mut rng(5)).unwrap() {
            given += batch.len();
            assert!((read.get() as usize) < given + window.max(1), "{} of {given}", read.get());
        }
    }
}

/// A window as long as the file gives all orders equally often: of 3 rows in 6,000 passes, each of the 6 orders
/// 1,000 times. Chi-square with 5 degrees of freedom is above 20.5 once in a thousand such tests; the seeds are fixed.
#[test]
fn all_orders_are_equally_likely() {
    let (stream, _) = rows(3, 3);
    let mut counts = std::collections::HashMap::new();
    for seed in 0..6000 {
        *counts.entry(order(&stream, 3, seed)).or_insert(0.0) += 1.0;
    }
    let chi_square: f64 = counts.values().map(|count| (count - 1000.0_f64).powi(2) / 1000.0).sum();
    assert!(counts.len() == 6 && chi_square < 20.5, "{counts:?}: {chi_square}");
}

/// A stream trains to the bits of the same mini-batches in memory.
#[test]
fn the_same_bits_as_in_memory() {
    type Net = Network<4, Chain![Dense<4, 8, Relu>, Dense<8, 3>]>;
    let csv = Csv::new(example("iris.csv"));
    let labels = csv.labels::<3>("species", LabelOrder::Sorted).unwrap();
    let data: Table<4, Class<3>> = csv.read(&labels).unwrap();
    let stream = csv.stream(&labels, 16);
    let start = || {
        let mut network = Net::zeros();
        network.init(&stackprop::init::KaimingUniform, &mut rng(1));
        (network, Trainer::<Net, Adam, 8>::zeros())
    };
    let (mut network, mut trainer) = start();
    let (mut other, mut other_trainer) = start();
    for _ in 0..3 {
        let loss = trainer
            .epoch(&mut network, &Adam::default(), &SoftmaxCrossEntropy, MiniBatches::in_order(&data, 16))
            .unwrap();
        let batches = stream.in_order().unwrap();
        let streamed = batches
            .run(|batches| other_trainer.epoch(&mut other, &Adam::default(), &SoftmaxCrossEntropy, batches))
            .unwrap();
        assert_eq!((loss, &network), (streamed, &other));
    }
}

type Line = Network<1, Dense<1, 1>>;

/// An error in the middle of a file stops the epoch, which does not count.
#[test]
fn an_error_stops_the_epoch() {
    let directory = Directory::new();
    let path = directory.write("data.csv", "x,y\n1,1\n2,2\n3,3\nfour,4\n5,5\n");
    let stream = Csv::new(&path).stream(&Values::<1>::new("y"), 2);
    let (mut network, mut trainer) = (Line::zeros(), Trainer::<Line, Sgd, 2>::zeros());
    let sgd = Sgd { learning_rate: 0.01 };
    let run =
        stream.in_order().unwrap().run(|batches| trainer.epoch(&mut network, &sgd, &Quadratic, batches));
    let error = run.unwrap_err();
    let expected = r#"data.csv, line 5, column 1 ("x"): "four" is not a number"#;
    match &error {
        StreamError::Read(error) => assert_eq!(message(&path, error), expected),
        StreamError::Run(error) => panic!("{error}"),
    }
    assert!(error.to_string().ends_with(expected));
    assert_eq!((trainer.epochs(), trainer.steps_in_epoch(), trainer.steps()), (0, 1, 1));

    // Also for those who do not use `run`; and the mini-batches end there.
    let mut batches = stream.in_order().unwrap();
    let error = trainer.epoch(&mut network, &sgd, &Quadratic, &mut batches).unwrap_err();
    assert_eq!(error, StepError { epoch: 0, batch: 1, cause: Fault::MissingSample { sample: 3 } });
    assert!(batches.next().is_none());

    // Whatever the function returns.
    let run = stream.in_order().unwrap().run(|batches| Ok::<_, StepError>(batches.count()));
    assert!(matches!(run, Err(StreamError::Read(_))));
}

#[test]
fn an_error_of_the_step_is_returned() {
    let directory = Directory::new();
    let path = directory.write("data.csv", "x,y\n1,1\n3e38,3e38\n");
    let stream = Csv::new(path).stream(&Values::<1>::new("y"), 1);
    let (mut network, mut trainer) = (Line::zeros(), Trainer::<Line, Sgd, 1>::zeros());
    let batches = stream.in_order().unwrap();
    let run =
        batches.run(|batches| trainer.epoch(&mut network, &Sgd { learning_rate: 0.1 }, &Quadratic, batches));
    match run.unwrap_err() {
        StreamError::Run(error) => assert_eq!((error.batch, error.cause), (1, Fault::Loss { sample: 1 })),
        StreamError::Read(error) => panic!("{error}"),
    }
}

#[test]
fn no_rows() {
    let directory = Directory::new();
    let path = directory.write("data.csv", "x,y\n");
    let stream = Csv::new(&path).stream::<1, f32, _>(&Values::<1>::new("y"), 1);
    let run = stream.in_order().unwrap().run(|batches| Ok::<_, StepError>(batches.count()));
    match run.unwrap_err() {
        StreamError::Read(error) => {
            assert_eq!(message(&path, &error), "data.csv: it has no rows, expected at least one");
        }
        StreamError::Run(error) => panic!("{error}"),
    }
    // What is found when the file is opened.
    let error = Csv::new(&path).stream::<1, f32, _>(&Values::<1>::new("z"), 1).in_order().unwrap_err();
    assert_eq!(message(&path, &error), r#"data.csv: there is no column "z": the columns are "x", "y""#);
}

/// A source of three numbers for a network with two inputs.
#[derive(Clone)]
struct Wide;

impl Source<2> for Wide {
    type Scalar = f32;
    type Target = [f32; 1];
    type Rows = Wide;

    fn rows(&self) -> Result<Wide, FileError> {
        Ok(Wide)
    }
}

impl Rows<f32, [f32; 1]> for Wide {
    fn next_row(&mut self, inputs: &mut Vec<f32>) -> Result<Option<[f32; 1]>, FileError> {
        inputs.extend([0.0; 3]);
        Ok(Some([0.0]))
    }

    fn error(&self, problem: Problem) -> FileError {
        FileError::new("wide".as_ref(), problem)
    }
}

#[test]
fn a_source_whose_rows_are_too_long() {
    let run = Stream::new(Wide, 2).in_order().unwrap().run(|batches| Ok::<_, StepError>(batches.count()));
    let message = run.unwrap_err().to_string();
    assert_eq!(message, "wide: row 0 has 3 numbers, but the network has 2 inputs");
}
