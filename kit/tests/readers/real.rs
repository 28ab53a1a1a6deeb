//! Real files.

use std::io::Read;

use stackprop::{Class, Dataset, StepError};
use stackprop_kit::readers::{Csv, Idx, LabelOrder, Table};

use super::example;

/// The means are those of `sklearn.datasets.load_iris().DESCR`.
#[test]
fn iris() {
    let csv = Csv::new(example("iris.csv"));
    let labels = csv.labels::<3>("species", LabelOrder::Sorted).unwrap();
    assert_eq!(labels.names(), ["setosa", "versicolor", "virginica"]);
    let data: Table<4, Class<3>> = csv.read(&labels).unwrap();
    for class in 0..3 {
        assert_eq!(data.targets().iter().filter(|target| target.index() == class).count(), 50);
    }
    assert_eq!(data.inputs()[0], [5.1, 3.5, 1.4, 0.2]);
    assert_eq!(data.inputs()[34], [4.9, 3.1, 1.5, 0.2]);
    assert_eq!(data.inputs()[149], [5.9, 3.0, 5.1, 1.8]);
    for (input, expected) in ["5.84", "3.05", "3.76", "1.20"].into_iter().enumerate() {
        let sum: f64 = data.inputs().iter().map(|x| f64::from(x[input])).sum();
        let mean = sum / 150.0;
        assert!((mean - expected.parse::<f64>().unwrap()).abs() < 0.01, "{mean}");
    }
}

/// The same numbers as a plain split at commas, and the counts of `sklearn.datasets.load_digits`.
#[test]
fn digits() {
    let path = example("digits.csv.gz");
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(&path).unwrap()).read_to_string(&mut text).unwrap();
    let rows: Vec<Vec<f32>> =
        text.lines().map(|line| line.split(',').map(|field| field.parse().unwrap()).collect()).collect();

    let csv = Csv::new(path).without_header();
    let labels = csv.labels::<10>(64, LabelOrder::Sorted).unwrap();
    assert_eq!(labels.names(), ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    let data: Table<64, Class<10>> = csv.read(&labels).unwrap();
    assert_eq!(data.inputs().len(), 1797);
    for ((row, x), target) in rows.iter().zip(data.inputs()).zip(data.targets()) {
        assert_eq!((&row[..64], row[64]), (&x[..], target.index() as f32));
    }
    let counts = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
        .map(|class| data.targets().iter().filter(|target| target.index() == class).count());
    assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
}

/// `MNIST=DIR cargo test -p stackprop-kit --test readers -- --ignored`: the training part of the database. Its mean and standard
/// deviation are 0.1307 and 0.3081, as PyTorch's examples have them.
#[test]
#[ignore = "needs the files of MNIST"]
fn mnist() {
    let directory = std::path::PathBuf::from(std::env::var_os("MNIST").expect("MNIST=DIR"));
    let [images, labels] =
        ["images-idx3", "labels-idx1"].map(|kind| directory.join(format!("train-{kind}-ubyte.gz")));
    let idx = Idx::<784, 10>::new(images, labels);
    let data = idx.read().unwrap();
    let (mut sum, mut squares, mut rows) = (0.0, 0.0, 0);
    let batches = idx.stream(1000).in_order().unwrap();
    let run = batches.run(|batches| {
        for batch in batches {
            for (x, class) in batch.table().inputs().iter().zip(batch.table().targets()) {
                let mut input = [0.0; 784];
                assert_eq!(data.sample(rows, &mut input), Some(class));
                assert_eq!(&input, x);
                sum += x.iter().map(|x| f64::from(*x)).sum::<f64>();
                squares += x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
                rows += 1;
            }
        }
        Ok::<_, StepError>(())
    });
    run.unwrap();
    let count = 784.0 * rows as f64;
    let (mean, deviation) = (sum / count, (squares / count - (sum / count).powi(2)).sqrt());
    assert_eq!((rows, data.len()), (60_000, 60_000));
    assert!((mean - 0.1307).abs() < 5e-5 && (deviation - 0.3081).abs() < 5e-5, "{mean} {deviation}");
    let counts: [usize; 10] =
        std::array::from_fn(|class| data.labels().iter().filter(|k| k.index() == class).count());
    assert_eq!(counts, [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
}
