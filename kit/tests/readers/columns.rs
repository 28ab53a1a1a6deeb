//! The choice of columns.

use stackprop_kit::readers::csv::Columns;
use stackprop_kit::readers::{Csv, Table, Values};

use super::{Directory, message};

const ROWS: &str = "a,b,c,d\n1,2,3,4\n5,6,7,8\n";

#[track_caller]
fn inputs<const IN: usize>(columns: impl Into<Columns>, expected: [[f32; IN]; 2]) {
    let directory = Directory::new();
    let csv = Csv::new(directory.write("data.csv", ROWS)).inputs(columns);
    let table: Table<IN, [f32; 1]> = csv.read(&Values::new("d")).unwrap();
    assert_eq!(table.inputs(), expected);
}

#[test]
fn by_name_by_index_and_by_range() {
    inputs(["b"], [[2.0], [6.0]]);
    inputs("b", [[2.0], [6.0]]);
    inputs(1, [[2.0], [6.0]]);
    inputs(["c", "a"], [[3.0, 1.0], [7.0, 5.0]]);
    inputs([2, 0], [[3.0, 1.0], [7.0, 5.0]]);
    inputs(vec![String::from("c")], [[3.0], [7.0]]);
    inputs(0..2, [[1.0, 2.0], [5.0, 6.0]]);
    inputs(0..=2, [[1.0, 2.0, 3.0], [5.0, 6.0, 7.0]]);
    inputs(Columns::Others, [[1.0, 2.0, 3.0], [5.0, 6.0, 7.0]]);
}

#[test]
fn several_targets_and_all_others_as_targets() {
    let directory = Directory::new();
    let csv = Csv::new(directory.write("data.csv", ROWS));
    let table: Table<2, [f32; 2]> = csv.read(&Values::new(["d", "b"])).unwrap();
    assert_eq!(
        (table.inputs(), table.targets()),
        (&[[1.0, 3.0], [5.0, 7.0]][..], &[[4.0, 2.0], [8.0, 6.0]][..])
    );
    let table: Table<3, [f32; 1]> = csv.clone().inputs(0..3).read(&Values::new(Columns::Others)).unwrap();
    assert_eq!(table.targets(), [[4.0], [8.0]]);

    let plain = Csv::new(directory.write("plain.csv", "1,2,3\n4,5,6\n")).without_header();
    let table: Table<2, [f32; 1]> = plain.read(&Values::new(1)).unwrap();
    assert_eq!((table.inputs(), table.targets()), (&[[1.0, 3.0], [4.0, 6.0]][..], &[[2.0], [5.0]][..]));
    assert_eq!(table.name(0), None);
}

#[track_caller]
fn refused<const IN: usize, const OUT: usize>(
    rows: &str,
    settings: impl Fn(Csv) -> Csv,
    targets: impl Into<Columns>,
    expected: &str,
) {
    let directory = Directory::new();
    let csv = settings(Csv::new(directory.write("data.csv", rows)));
    let error = csv.read::<IN, f32, _>(&Values::<OUT>::new(targets)).unwrap_err();
    assert_eq!(message(&error.path, &error), expected);
}

#[test]
fn what_cannot_be_chosen() {
    let same = |csv| csv;
    refused::<3, 1>(
        ROWS,
        same,
        "e",
        r#"data.csv: there is no column "e": the columns are "a", "b", "c", "d""#,
    );
    refused::<3, 1>(
        ROWS,
        same,
        4,
        "data.csv: there is no column with index 4: the file has 4 columns, from index 0",
    );
    refused::<3, 1>(
        ROWS,
        Csv::without_header,
        "d",
        r#"data.csv: the column "d" is chosen by name, but by its settings the file has no header: choose by index"#,
    );
    refused::<2, 1>(
        "a,x,x\n1,2,3\n",
        same,
        "x",
        r#"data.csv: the name "x" is that of column 2 and of column 3: choose by index"#,
    );
    // The other columns may be ambiguous.
    let directory = Directory::new();
    let csv = Csv::new(directory.write("data.csv", "a,x,x\n1,2,3\n"));
    assert_eq!(csv.read::<2, f32, _>(&Values::<1>::new("a")).unwrap().inputs(), [[2.0, 3.0]]);

    let twice = r#"data.csv: column 2 ("b") is chosen twice: as an input or target it can be chosen once"#;
    refused::<2, 1>(ROWS, |csv| csv.inputs(["b", "b"]), "d", twice);
    refused::<2, 1>(ROWS, |csv| csv.inputs([0, 1]), "b", twice);
    refused::<2, 2>(ROWS, same, ["b", "b"], twice);
    refused::<4, 1>(
        ROWS,
        same,
        "d",
        r#"data.csv: 3 input columns ("a", "b", "c"), but the network has 4 inputs"#,
    );
    refused::<1, 1>(
        "1,2,3\n",
        Csv::without_header,
        2,
        r#"data.csv: 2 input columns ("column 1", "column 2"), but the network has 1 inputs"#,
    );
    refused::<2, 1>(
        ROWS,
        same,
        ["c", "d"],
        r#"data.csv: 2 target columns ("c", "d"), but the target has 1 numbers"#,
    );
    let wide: String = (0..15).map(|column| format!("c{column},")).collect();
    refused::<3, 1>(
        &format!("{wide}y\n"),
        same,
        "y",
        "data.csv: 15 input columns (\"c0\", \"c1\", \"c2\", \"c3\", \"c4\", \"c5\", \"c6\", \"c7\", \"c8\", \"c9\", \"c10\", \
         \"c11\" and 3 more), but the network has 3 inputs",
    );
}
