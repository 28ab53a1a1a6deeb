//! What is read from CSV files.

use std::io::Write;

use stackprop::Class;
use stackprop_kit::readers::{Csv, FileError, LabelOrder, Labels, Table, Values};

use super::{Directory, Random, message};

type Pair = Table<2, [f32; 1]>;

fn read(content: impl AsRef<[u8]>, settings: impl Fn(Csv) -> Csv) -> Result<Pair, FileError> {
    let directory = Directory::new();
    settings(Csv::new(directory.write("data.csv", content))).read(&Values::new(["y"]))
}

fn same(csv: Csv) -> Csv {
    csv
}

#[track_caller]
fn is_one_to_six(table: Result<Pair, FileError>) {
    let table = table.unwrap();
    assert_eq!(table.inputs(), [[1.0, 2.0], [4.0, 5.0]]);
    assert_eq!(table.targets(), [[3.0], [6.0]]);
    assert_eq!([0, 1, 2].map(|input| table.name(input)), [Some("a"), Some("b"), None]);
}

#[test]
fn forms_of_the_same_table() {
    is_one_to_six(read("a,b,y\n1,2,3\n4,5,6\n", same));
    is_one_to_six(read("a,b,y\n1,2,3\n4,5,6", same));
    is_one_to_six(read("a,b,y\r\n1,2,3\r\n4,5,6\r\n", same));
    is_one_to_six(read("a,b,y\r1,2,3\r4,5,6\r", same));
    is_one_to_six(read("\u{feff}a,b,y\n1,2,3\n4,5,6\n", same));
    is_one_to_six(read("\n\na,b,y\n\n1,2,3\n4,5,6\n\n", same));
    is_one_to_six(read("\"a\",\"b\",\"y\"\n\"1\",\"2\",3\n4,5,\"6\"\n", same));
    is_one_to_six(read("a;b;y\n1;2;3\n4;5;6\n", |csv| csv.delimiter(b';')));
    is_one_to_six(read("a\tb\ty\n1\t2\t3\n4\t5\t6\n", |csv| csv.delimiter(b'\t')));
    is_one_to_six(read("# made by hand\na,b,y\n#0,0,0\n1,2,3\n4,5,6\n", |csv| csv.comment(b'#')));
    is_one_to_six(read("a,b,y\n1,2,3\n4,5,6\n# the end", |csv| csv.comment(b'#')));
    is_one_to_six(read("a, b , y\n 1, 2,\t3\n4 ,5 ,6\n", Csv::trim));
    is_one_to_six(read("y,a,b\n3,1,2\n6,4,5\n", same));
}

#[test]
fn zipped() {
    let mut zip = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    zip.write_all(b"a,b,y\n1,2,3\n4,5,6\n").unwrap();
    is_one_to_six(read(zip.finish().unwrap(), same));
}

/// Numbers have the bits that Rust parses, for both types.
#[test]
fn numbers_are_those_of_rust() {
    let texts = [
        "0.1",
        "-0",
        "+1.5",
        "1e-3",
        "1E5",
        ".5",
        "5.",
        "16777217",
        "0.30000000000000004",
        "1e-45",
        "1e-60",
        "3.4028235e38",
        "123456789012345678901234567890",
    ];
    let rows: String = texts.iter().map(|text| format!("{text},{text},1\n")).collect();
    let directory = Directory::new();
    let csv = Csv::new(directory.write("data.csv", format!("a,b,y\n{rows}")));
    let single: Table<2, [f32; 1]> = csv.read(&Values::new(["y"])).unwrap();
    let double: Table<2, [f64; 1], f64> = csv.read(&Values::new(["y"])).unwrap();
    for ((text, single), double) in texts.iter().zip(single.inputs()).zip(double.inputs()) {
        assert_eq!(single[0].to_bits(), text.parse::<f32>().unwrap().to_bits(), "{text}");
        assert_eq!(double[1].to_bits(), text.parse::<f64>().unwrap().to_bits(), "{text}");
    }
}

fn labels_of(rows: &str, order: LabelOrder) -> Vec<String> {
    let directory = Directory::new();
    let csv = Csv::new(directory.write("data.csv", format!("x,y\n{rows}")));
    csv.labels::<3>("y", order).unwrap().names().to_vec()
}

#[test]
fn orders_of_labels() {
    let rows = "1,b\n1,c\n1,a\n1,c\n";
    assert_eq!(labels_of(rows, LabelOrder::Sorted), ["a", "b", "c"]);
    assert_eq!(labels_of(rows, LabelOrder::FirstAppearance), ["b", "c", "a"]);
    // Integers by value, also negative ones; but not if one label is no integer.
    assert_eq!(labels_of("1,10\n1,2\n1,-1\n", LabelOrder::Sorted), ["-1", "2", "10"]);
    assert_eq!(labels_of("1,10\n1,2\n1,x\n", LabelOrder::Sorted), ["10", "2", "x"]);
    assert_eq!(labels_of("1,10\n1,2\n1,2.0\n", LabelOrder::Sorted), ["10", "2", "2.0"]);
    // Text by code points: capitals first, and no two labels are the same, whatever their value.
    assert_eq!(labels_of("1,é\n1,b\n1,B\n", LabelOrder::Sorted), ["B", "b", "é"]);
    assert_eq!(labels_of("1,1\n1,01\n1,0\n", LabelOrder::Sorted), ["0", "01", "1"]);
    assert_eq!(
        labels_of("1,\"a,b\"\n1,\"a\"\"b\"\n1,\"a\nb\"\n", LabelOrder::Sorted),
        ["a\nb", "a\"b", "a,b"]
    );
}

#[test]
fn classes_of_labels() {
    let directory = Directory::new();
    let csv = Csv::new(directory.write("data.csv", "x,y\n1,no\n2,yes\n3,no\n"));
    let labels = Labels::<3>::new("y", ["yes", "no", "perhaps"]).unwrap();
    let table: Table<1, Class<3>> = csv.read(&labels).unwrap();
    assert_eq!(table.targets().iter().map(|class| class.index()).collect::<Vec<_>>(), [1, 0, 1]);
    assert_eq!(
        table.targets().iter().map(|class| labels.name(*class)).collect::<Vec<_>>(),
        ["no", "yes", "no"]
    );
    assert_eq!(labels.class("perhaps").map(Class::index), Some(2));
    assert_eq!(labels.class("maybe"), None);

    let error = |labels: &[&str]| Labels::<2>::new("y", labels.iter().copied()).unwrap_err().to_string();
    assert_eq!(error(&["a"]), "1 labels, but there are 2 classes");
    assert_eq!(error(&["a", "b", "c"]), "3 labels, but there are 2 classes");
    assert_eq!(error(&["a", "a"]), "the label \"a\" is there twice");
}

/// A random table in random notation: its text, its numbers, and the line of each row.
struct Written {
    text: String,
    numbers: Vec<[f64; 2]>,
    lines: Vec<usize>,
}

/// Writes a header and rows of a number, a quoted text of up to three lines, and another number. The other number of the row
/// `bad` is `1,5`.
fn write(seed: u64, bad: Option<usize>) -> Written {
    let mut random = Random(seed);
    let end = ["\n", "\r\n", "\r"][random.below(3)];
    let mut text = String::from(["", "\u{feff}"][random.below(2)]);
    let (mut numbers, mut lines, mut line) = (vec![], vec![], 1);
    for row in 0..2 + random.below(20) {
        while random.below(4) == 0 {
            // A comment ends with `\n`.
            let kinds = if end == "\r" { 1 } else { 3 };
            text += ["", "#", "# a comment, with \"a quote"][random.below(kinds)];
            text += end;
            line += 1;
        }
        let pair = [0, 1].map(|_| f64::from_bits(random.word())).map(|x| if x.is_finite() { x } else { 0.5 });
        let mut fields = pair.map(|x| format!("{x:e}"));
        if row == 0 {
            fields = ["a", "b"].map(String::from);
        } else {
            numbers.push(pair);
            lines.push(line);
        }
        let [first, mut second] = fields.map(|field| match random.below(2) {
            0 => field,
            _ => format!("\"{field}\""),
        });
        if bad.is_some_and(|bad| row == bad + 1) {
            second = "\"1,5\"".into();
        }
        let more_lines = random.below(3);
        text += &format!("{first},\"say \"\"x\"\", {}\",{second}{end}", end.repeat(more_lines));
        line += 1 + more_lines;
    }
    Written { text, numbers, lines }
}

/// Random tables are read as they were written. If one field is spoiled, the error has its line and column.
#[test]
fn random_tables() {
    let (directory, target) = (Directory::new(), Values::<1>::new(2));
    let csv = |text: &str| Csv::new(directory.write("data.csv", text)).comment(b'#').inputs([0]);
    for seed in 0..200 {
        let Written { text, numbers, lines } = write(seed, None);
        let table: Table<1, [f64; 1], f64> = csv(&text).read(&target).unwrap();
        let read: Vec<[f64; 2]> =
            table.inputs().iter().zip(table.targets()).map(|(x, y)| [x[0], y[0]]).collect();
        assert_eq!(read, numbers, "seed {seed}");

        let bad = seed as usize % lines.len();
        let error = csv(&write(seed, Some(bad)).text).read::<1, f64, _>(&target).unwrap_err();
        let expected = format!("data.csv, line {}, column 3 (\"b\"): \"1,5\" is not a number", lines[bad]);
        assert_eq!(message(&error.path, &error), expected, "seed {seed}");
    }
}
