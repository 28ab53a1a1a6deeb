//! Inputs normalised by the training part of a table.

use std::convert::Infallible;

use stackprop::data::Statistics;
use stackprop::weights::{Names, load, save};
use stackprop::{Chain, Class, Dense, Network, Standardize, layers};
use stackprop_kit::readers::{Csv, LabelOrder, Table, Values};

use super::{Directory, example};

/// The statistics of every other flower, as numpy computes them (`x[::2].mean(0)`, `x[::2].var(0)`), go into the network and into
/// its file of weights.
#[test]
fn of_the_training_part() {
    type Net = Network<4, Chain![Standardize<4>, Dense<4, 3>]>;
    let csv = Csv::new(example("iris.csv"));
    let data: Table<4, Class<3>> = csv.read(&csv.labels("species", LabelOrder::Sorted).unwrap()).unwrap();
    let train: Vec<_> =
        data.inputs().iter().copied().zip(data.targets().iter().copied()).step_by(2).collect();
    let statistics = Statistics::of(&train).unwrap();
    let expected = [(5.84, 0.6408), (3.064, 0.187104), (3.776, 3.136490667), (1.218666667, 0.616984889)];
    for ((mean, variance), (m, v)) in statistics.mean().iter().zip(statistics.variance()).zip(expected) {
        assert!(
            (f64::from(*mean) - m).abs() < 1e-6 && (f64::from(variance) - v).abs() < 1e-6,
            "{mean} {variance}"
        );
    }
    let network: Net = Network::new(layers![statistics.standardize(), Dense::zeros()]);
    let mut file = vec![];
    let write = |bytes: &[u8]| {
        file.extend_from_slice(bytes);
        Ok::<(), Infallible>(())
    };
    save(&network, Names::Sequential, write).unwrap();
    let mut loaded = Net::zeros();
    load(&mut loaded, &file, Names::Sequential).unwrap();
    assert_eq!(loaded.layers.0, statistics.standardize());
}

/// A constant column is reported by its name.
#[test]
fn constant_columns() {
    let directory = Directory::new();
    let path = directory.write("data.csv", "a,b,c,y\n1,5,0.1,0\n2,5,0.1,0\n");
    let data: Table<3, [f32; 1]> = Csv::new(path).read(&Values::new("y")).unwrap();
    let constant = Statistics::of(&data).unwrap().constant();
    let names: Vec<_> =
        (0..3).filter(|input| constant[*input]).filter_map(|input| data.name(input)).collect();
    assert_eq!(names, ["b", "c"]);
}
