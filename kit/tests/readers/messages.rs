//! Every message about the content of a CSV file.

use std::io::Write;
use std::process::Command;

use stackprop_kit::readers::{Csv, FileError, LabelOrder, Labels, Values};

use super::{Directory, message};

#[track_caller]
fn refused(content: impl AsRef<[u8]>, expected: &str) {
    let directory = Directory::new();
    let csv = Csv::new(directory.write("iris.csv", content));
    let error = csv.read::<2, f32, _>(&Values::<1>::new("y")).unwrap_err();
    assert_eq!(message(&error.path, &error), expected);
}

#[test]
fn fields_that_are_not_numbers() {
    let rows = |field: &str| format!("a,petal_length,y\n1,2,3\n\n1,{field},3\n");
    let at = r#"iris.csv, line 4, column 2 ("petal_length")"#;
    refused(rows("abc"), &format!(r#"{at}: "abc" is not a number"#));
    refused(rows("0x10"), &format!(r#"{at}: "0x10" is not a number"#));
    refused(rows(" 2"), &format!(r#"{at}: " 2" is not a number"#));
    refused(rows("\"2,5\""), &format!(r#"{at}: "2,5" is not a number"#));
    refused(rows("1_000"), &format!(r#"{at}: "1_000" is not a number"#));
    refused(rows(&"9x".repeat(50)), &format!(r#"{at}: "{}..." is not a number"#, "9x".repeat(30)));
    for text in ["nan", "NaN", "inf", "-inf", "Infinity"] {
        refused(rows(text), &format!(r#"{at}: "{text}" is not a finite number"#));
    }
    refused(rows("1e39"), &format!("{at}: 1e39 is too large for an f32"));
    refused(rows("-3.5e38"), &format!("{at}: -3.5e38 is too large for an f32"));
    refused(rows(""), &format!("{at}: the value is missing"));
    refused(rows("NA"), &format!(r#"{at}: "NA" is not a number"#));
    refused("a,b,y\n1,2,x\n", r#"iris.csv, line 2, column 3 ("y"): "x" is not a number"#);
    refused("a,b,y\n1,2,\n", r#"iris.csv, line 2, column 3 ("y"): the value is missing"#);
    refused(b"a,b,y\n1,\xff,2\n", r#"iris.csv, line 2, column 2 ("b"): not UTF-8 text"#);
    refused(b"a,\xff,y\n1,2,3\n", "iris.csv, line 1, column 2: not UTF-8 text");
}

/// A quote that is not closed, in a file that was cut off.
#[test]
fn the_end_of_a_cut_file() {
    let cut =
        "iris.csv, line 3: the file ends within a quoted field: it was cut off, or a quote is not closed";
    for end in ["\"", "\"3", "\"3\n", "\"3\r\n\n", "\"3\n\n4,5,6\n", "\"3\"\""] {
        refused(format!("a,b,y\n1,2,3\n1,2,{end}"), cut);
    }
}

#[test]
fn rows_of_another_length() {
    refused("a,b,y\n1,2,3\n4,5\n", "iris.csv, line 3: 2 fields, expected 3 as in line 1");
    refused("\n\na,b,y\n1,2,3,\n", "iris.csv, line 4: 4 fields, expected 3 as in line 3");
    refused("a,b,y\n1,2,3\n  \n", "iris.csv, line 3: 1 field, expected 3 as in line 1");
    refused("", "iris.csv: it has no rows, expected at least one");
    refused("\u{feff}", "iris.csv: it has no rows, expected at least one");
    refused("\n\n", "iris.csv: it has no rows, expected at least one");
    refused("a,b,y\n", "iris.csv: it has no rows, expected at least one");
}

/// A quote that is not closed does not read a large file into memory.
#[test]
fn a_row_that_does_not_end() {
    let start = "a,b,y\n1,2,3\n1,\"2,3\n";
    let text = start.to_owned() + &"1,2,3\n".repeat((17 << 20) / 6);
    refused(text, "iris.csv, line 3: a row of more than 16777216 bytes (a quote that is not closed?)");
}

#[track_caller]
fn labels_refused(content: &str, expected: &str) {
    let directory = Directory::new();
    let csv = Csv::new(directory.write("iris.csv", content)).missing(["?"]);
    let error = csv.labels::<2>("y", LabelOrder::Sorted).unwrap_err();
    assert_eq!(message(&error.path, &error), expected);
}

#[test]
fn labels() {
    labels_refused(
        "x,y\n1,b\n2,b\n",
        r#"iris.csv: column 2 ("y") has only 1 labels ("b"), but there are 2 classes: if others are possible, list them all by `Labels::new`"#,
    );
    labels_refused(
        "x,y\n1,b\n2,c\n3,a\n3,d\n",
        r#"iris.csv: column 2 ("y") has at least 3 labels ("a", "b", "c"), but there are 2 classes"#,
    );
    labels_refused("x,y\n1,b\n2,?\n", r#"iris.csv, line 3, column 2 ("y"): the value is missing"#);
    labels_refused("x,y\n1,b\n2,\n", r#"iris.csv, line 3, column 2 ("y"): the value is missing"#);
    labels_refused("x,z\n1,b\n", r#"iris.csv: there is no column "y": the columns are "x", "z""#);

    let directory = Directory::new();
    let csv = Csv::new(directory.write("iris.csv", "x,y\n1,a\n2,c\n"));
    let error = csv.read::<1, f32, _>(&Labels::<2>::new("y", ["a", "b"]).unwrap()).unwrap_err();
    let expected = r#"iris.csv, line 3, column 2 ("y"): "c" is not one of the labels "a", "b""#;
    assert_eq!(message(&error.path, &error), expected);
}

fn error_of(directory: &Directory, name: &str) -> FileError {
    Csv::new(directory.path(name)).read::<2, f32, _>(&Values::<1>::new("y")).unwrap_err()
}

#[test]
fn files() {
    let directory = Directory::new();
    let message = |name| {
        let error = error_of(&directory, name);
        message(&error.path, &error)
    };
    assert_eq!(message("none.csv"), "none.csv: no such file");
    std::fs::create_dir(directory.path("dir.csv")).unwrap();
    assert_eq!(message("dir.csv"), "dir.csv: a directory, expected a file");
    if cfg!(unix) {
        assert!(Command::new("mkfifo").arg(directory.path("fifo.csv")).status().unwrap().success());
        assert_eq!(message("fifo.csv"), "fifo.csv: not a regular file (a FIFO? a device?), expected one");
    }

    let mut zip = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    zip.write_all("a,b,y\n1,2,3\n".repeat(100).as_bytes()).unwrap();
    let mut zipped = zip.finish().unwrap();
    directory.write("cut.csv", &zipped[..zipped.len() / 2]);
    assert_eq!(message("cut.csv"), "cut.csv: truncated or damaged: the compressed data ends too early");
    // The checksum, behind 100 headers that are no numbers: a stream notices these first.
    let end = zipped.len() - 5;
    zipped[end] ^= 1;
    directory.write("sum.csv", &zipped);
    assert_eq!(message("sum.csv"), "sum.csv, line 3, column 1 (\"a\"): \"a\" is not a number");
    let mut zip = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    zip.write_all(b"a,b,y\n1,2,3\n").unwrap();
    let mut zipped = zip.finish().unwrap();
    let end = zipped.len() - 5;
    zipped[end] ^= 1;
    directory.write("sum.csv", &zipped);
    assert_eq!(
        message("sum.csv"),
        "sum.csv: cannot be read: corrupt gzip stream does not have a matching checksum"
    );
}
