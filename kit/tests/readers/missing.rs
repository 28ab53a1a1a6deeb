//! Missing inputs.

use stackprop_kit::readers::csv::FillError;
use stackprop_kit::readers::{Csv, Incomplete, Table, Values};

use super::{Directory, message};

// Training part: rows 0 to 3. Column a: 1, 2, 6: mean 3, median 2. Column b: 1, 3, 5, 11: mean 5, median 4.
const ROWS: &str = "a,b,y\n1,1,0\n?,3,0\n2,5,0\n6,11,0\n100,,0\n";

fn incomplete(directory: &Directory) -> (Csv, Incomplete<2, [f32; 1]>) {
    let csv = Csv::new(directory.write("data.csv", ROWS)).missing(["?"]);
    let rows = csv.read_incomplete(&Values::new("y")).unwrap();
    (csv, rows)
}

#[test]
fn filled_by_the_training_part() {
    let directory = Directory::new();
    let (csv, rows) = incomplete(&directory);
    assert_eq!(rows.gaps().collect::<Vec<_>>(), [(1, 0), (4, 1)]);
    assert_eq!(rows.targets(), [[0.0]; 5]);
    assert_eq!(rows.means(0..4), Ok([3.0, 5.0]));
    assert_eq!(rows.medians(0..4), Ok([2.0, 4.0]));
    assert_eq!(rows.medians([0, 2, 3]), Ok([2.0, 5.0]));
    // Not those of all rows.
    assert_eq!(rows.means(0..5), Ok([27.25, 5.0]));

    let filled = rows.clone().fill(&rows.medians(0..4).unwrap()).unwrap();
    let expected = [[1.0, 1.0], [2.0, 3.0], [2.0, 5.0], [6.0, 11.0], [100.0, 4.0]];
    assert_eq!(filled.inputs(), expected);
    // The same while the file is read.
    let read: Table<2, [f32; 1]> = csv.clone().fill([2.0, 4.0]).read(&Values::new("y")).unwrap();
    assert_eq!(read, filled);
    let stream = csv.fill([2.0, 4.0]).stream::<2, f32, _>(&Values::<1>::new("y"), 5);
    assert_eq!(stream.in_order().unwrap().next().unwrap().table().inputs(), expected);
}

#[test]
fn what_cannot_be_filled() {
    let directory = Directory::new();
    let (csv, rows) = incomplete(&directory);
    let message_of = |error: FillError| error.to_string();
    assert_eq!(
        message_of(rows.means([1]).unwrap_err()),
        "input 0 (\"a\") is missing in all rows of the training part"
    );
    assert_eq!(
        message_of(rows.medians([]).unwrap_err()),
        "input 0 (\"a\") is missing in all rows of the training part"
    );
    assert_eq!(message_of(rows.means(3..6).unwrap_err()), "there is no row 5: the file has 5");
    assert_eq!(
        message_of(rows.fill(&[0.0, f32::NAN]).unwrap_err()),
        "the number to fill the gaps of input 1 with is not finite"
    );
    let refused = |fill: Vec<f64>| {
        let error = csv.clone().fill(fill).read::<2, f32, _>(&Values::<1>::new("y")).unwrap_err();
        message(&error.path, &error)
    };
    assert_eq!(
        refused(vec![1.0]),
        "data.csv: 1 numbers to fill missing values with, but the network has 2 inputs"
    );
    let not_finite = "data.csv: the number to fill missing values of input 1 with is not a finite f32";
    assert_eq!(refused(vec![1.0, f64::INFINITY]), not_finite);
    assert_eq!(refused(vec![1.0, 1e39]), not_finite);

    // A target is never filled.
    let csv = Csv::new(directory.write("target.csv", "a,y\n1,\n")).fill([0.0]);
    let error = csv.read::<1, f32, _>(&Values::<1>::new("y")).unwrap_err();
    assert_eq!(message(&error.path, &error), "target.csv, line 2, column 2 (\"y\"): the value is missing");
}

/// 3e38 + 3e38 is infinite in `f32`, not in `f64`; 1e308 + 1e308 + 1e308 in both.
#[test]
fn large_numbers() {
    let directory = Directory::new();
    let csv = Csv::new(directory.write("data.csv", "a,y\n3e38,0\n3e38,0\n"));
    let rows = csv.read_incomplete::<1, f32, _>(&Values::<1>::new("y")).unwrap();
    assert_eq!((rows.means(0..2), rows.medians(0..2)), (Ok([3e38]), Ok([3e38])));
    let csv = Csv::new(directory.write("data.csv", "a,y\n1e308,0\n1e308,0\n1e308,0\n1e308,0\n"));
    let rows = csv.read_incomplete::<1, f64, _>(&Values::<1>::new("y")).unwrap();
    assert_eq!(rows.medians(0..4), Ok([1e308]));
    assert_eq!(
        rows.means(0..4).unwrap_err().to_string(),
        "the mean of input 0 (\"a\") is too large for a number"
    );
}
