//! Classifies the rows of a CSV file: iris flowers, or a file of your own with four columns of numbers and three classes.
//!
//! ```text
//! 4 columns -> Standardize<4> -> Dense<4, 16, Relu> -> Dense<16, 3> -> 3 logits -> SoftmaxCrossEntropy
//! ```
//!
//! Run it with `cargo run --release -p stackprop-kit --example csv -- DIRECTORY`, or with a file and the name of its column of classes:
//! `... -- DIRECTORY my.csv species`. Other numbers of columns and classes are constants of this program: the compiler makes a network of each shape.
//!
//! The file is split into a part for training and one for testing, in which each class has its share. The inputs are normalised by the training part
//! alone, in the first layer of the network, so the weights that are saved know it. It writes the confusion matrix as a picture, and the weights.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use stackprop::data::Statistics;
use stackprop::metrics::{ConfusionMatrix, argmax_class};
use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::weights::Names;
use stackprop::{
    AdamW, Chain, Class, Dataset, Dense, Network, Relu, SoftmaxCrossEntropy, Standardize, Trainer, argmax,
    init,
};
use stackprop_kit::fit::{Epoch, Fit};
use stackprop_kit::pictures::ConfusionHeatMap;
use stackprop_kit::readers::{Csv, LabelOrder, Table};

mod common;

const COLUMNS: usize = 4;
const CLASSES: usize = 3;

type Net = Network<COLUMNS, Chain![Standardize<COLUMNS>, Dense<COLUMNS, 16, Relu>, Dense<16, CLASSES>]>;

fn main() -> ExitCode {
    common::main("[FILE COLUMN]", |directory, arguments| {
        let iris = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/data/iris.csv");
        let (path, column) = match &*arguments {
            [] => (iris.into(), "species".into()),
            [path, column] => (path.clone(), column.clone()),
            _ => return Err("FILE comes with COLUMN, the name of its column of classes".into()),
        };
        run(&directory, path.as_ref(), &column.to_string_lossy())
    })
}

fn run(directory: &Path, path: &Path, column: &str) -> Result<(), Box<dyn Error>> {
    let csv = Csv::new(path);
    let labels = csv.labels::<CLASSES>(column, LabelOrder::Sorted)?;
    let data: Table<COLUMNS, Class<CLASSES>> = csv.read(&labels)?;
    let mut indices = vec![0; data.len()];
    let [train, test] = data.split_stratified([4, 1], &mut indices)?;

    let mut network = Net::zeros();
    network.init(&init::KaimingUniform, &mut Xoshiro128PlusPlus::seed_from_u64(1));
    network.layers.0 = Statistics::of(&train)?.standardize();
    let mut trainer = Trainer::<Net, AdamW, 16>::zeros();
    let adam = AdamW { learning_rate: 0.01, ..AdamW::default() };
    Fit::new(&mut network, &mut trainer, &adam, &SoftmaxCrossEntropy, &train)
        .epochs(60)
        .batch(16)
        .validate(&test)
        .metric("accuracy", |logits, class| argmax(logits) == class.index())
        .observe(|epoch: &Epoch| {
            if epoch.epoch % 10 == 9 {
                println!("{epoch}");
            }
        })
        .run()?;

    let mut confusion = ConfusionMatrix::<CLASSES>::new();
    trainer
        .workspace
        .evaluate(&network, &test, |logits, class| confusion.add(*class, argmax_class(logits)))?;
    let counts = confusion.counts().map(|row| row.map(u64::from));
    let picture = directory.join("confusion.svg");
    ConfusionHeatMap::new(&counts, labels.names()).draw()?.save(&picture)?;
    let weights = directory.join("csv.safetensors");
    let mut file = vec![];
    network.save(Names::Sequential, |bytes| {
        file.extend_from_slice(bytes);
        Ok::<(), std::convert::Infallible>(())
    })?;
    std::fs::write(&weights, file)?;
    println!("picture and weights: {}, {}", picture.display(), weights.display());
    println!("test accuracy: {:.4}", confusion.accuracy().unwrap_or(0.0));
    Ok(())
}
