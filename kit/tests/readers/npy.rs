//! .npy files.

use std::path::Path;

use serde_json::Value;
use stackprop::{Class, StepError};
use stackprop_kit::readers::{FileError, Npy, NpyClasses, NpyTarget, NpyValues, StreamError, Table};

use super::{Directory, message};

/// A file of version 1.0.
fn file(header: &str, data: &[u8]) -> Vec<u8> {
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
}

fn array(dtype: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    file(&format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}   \n"), data)
}

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|index| u8::from_str_radix(&hex[2 * index..2 * index + 2], 16).unwrap()).collect()
}

fn rows_of(bits: &Value) -> Vec<Vec<u64>> {
    let row = |row: &Value| row.as_array().unwrap().iter().map(|x| x.as_u64().unwrap()).collect();
    bits.as_array().unwrap().iter().map(row).collect()
}

/// Reads the same file as inputs and as targets.
fn check<const IN: usize>(path: &Path, name: &str, single: &[Vec<u64>], double: &[Vec<u64>]) {
    let npy = Npy::new(path, path);
    let table: Table<IN, [f32; IN]> = npy.read(&NpyValues).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(table.inputs(), table.targets());
    let bits = |row: &[f32; IN]| row.iter().map(|x| x.to_bits().into()).collect::<Vec<u64>>();
    assert_eq!(table.inputs().iter().map(bits).collect::<Vec<_>>(), single, "{name}");
    let table: Table<IN, [f64; IN], f64> = npy.read(&NpyValues).unwrap();
    let bits = |row: &[f64; IN]| row.iter().map(|x| x.to_bits()).collect::<Vec<u64>>();
    assert_eq!(table.inputs().iter().map(bits).collect::<Vec<_>>(), double, "{name}");

    // Streamed, if it is in C order.
    let stream = npy.stream::<IN, f64, _>(&NpyValues::<IN>, 2);
    match stream.in_order() {
        Ok(batches) => {
            let inputs: Vec<_> = batches.flat_map(|batch| batch.table().inputs().to_vec()).collect();
            assert_eq!(inputs.iter().map(bits).collect::<Vec<_>>(), double, "{name}");
            assert!(!name.starts_with("Fortran") || name.ends_with("(6,)"), "{name}");
        }
        Err(error) => {
            let expected =
                "it is in Fortran order, which cannot be streamed: save `numpy.ascontiguousarray(array)`";
            assert_eq!(error.problem.to_string(), expected, "{name}");
            assert!(name.starts_with("Fortran"));
        }
    }
}

/// What numpy has saved, with the bits that numpy converts it to.
#[test]
fn arrays_of_numpy() {
    let text = include_str!("npy.json");
    let golden: Value = serde_json::from_str(text).unwrap();
    let directory = Directory::new();
    let cases = golden["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 32);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let path = directory.write("a.npy", bytes_of(case["npy"].as_str().unwrap()));
        let (single, double) = (rows_of(&case["f32"]), rows_of(&case["f64"]));
        match single[0].len() {
            1 => check::<1>(&path, name, &single, &double),
            2 => check::<2>(&path, name, &single, &double),
            3 => check::<3>(&path, name, &single, &double),
            8 => check::<8>(&path, name, &single, &double),
            60 => check::<60>(&path, name, &single, &double),
            other => panic!("{name}: {other}"),
        }
    }
}

/// A header may have its keys in any order, either kind of quotes, other spaces, and what Python 2 wrote.
#[test]
fn headers() {
    let directory = Directory::new();
    for header in [
        "{'descr':'|u1','fortran_order':False,'shape':(1,2)}",
        "{\"shape\": (1L, 2L), \"descr\": \"|u1\",\t\"fortran_order\" : True}\n",
        " { 'fortran_order' : False , 'shape' : ( 1 , 2 , ) , 'descr' : '<u1' , } ",
    ] {
        let path = directory.write("a.npy", file(header, &[3, 4]));
        let table: Table<2, [f32; 2]> = Npy::new(&path, &path).read(&NpyValues).unwrap();
        assert_eq!(table.inputs(), [[3.0, 4.0]]);
    }
}

#[test]
fn classes() {
    let directory = Directory::new();
    let x = directory.write("x.npy", array("|u1", "(2, 1)", &[5, 6]));
    for (dtype, shape, bytes) in [
        ("<i8", "(2,)", &[2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0][..]),
        (">i2", "(2, 1)", &[0, 2, 0, 1]),
        ("|u1", "(2,)", &[2, 1]),
    ] {
        let y = directory.write("y.npy", array(dtype, shape, bytes));
        let table: Table<1, Class<3>> = Npy::new(&x, y).read(&NpyClasses).unwrap();
        assert_eq!(table.targets().iter().map(|class| class.index()).collect::<Vec<_>>(), [2, 1]);
    }
}

/// The messages of reading and streaming, which are the same.
#[track_caller]
fn refused_for(target: &impl NpyTarget<f32>, x: &[u8], y: &[u8], expected: &str) {
    let directory = Directory::new();
    let npy = Npy::new(directory.write("x.npy", x), directory.write("y.npy", y));
    let text = |error: FileError| message(&error.path, &error);
    assert_eq!(text(npy.read::<2, f32, _>(target).unwrap_err()), expected);
    let stream = npy.stream::<2, f32, _>(target, 1);
    let run = stream
        .in_order()
        .map_err(StreamError::Read)
        .and_then(|batches| batches.run(|batches| Ok::<_, StepError>(batches.count())));
    match run.unwrap_err() {
        StreamError::Read(error) => assert_eq!(text(error), expected),
        StreamError::Run(error) => panic!("{error}"),
    }
}

fn good() -> Vec<u8> {
    array("|u1", "(2, 2)", &[1, 2, 3, 4])
}

#[track_caller]
fn refused(x: &[u8], expected: &str) {
    refused_for(&NpyClasses::<3>, x, &array("|u1", "(2,)", &[0, 2]), expected);
}

#[test]
fn formats() {
    refused(b"", "x.npy: not a .npy file: it does not begin with \\x93NUMPY");
    refused(b"1,2\n3,4\n", "x.npy: not a .npy file: it does not begin with \\x93NUMPY");
    refused(b"\x93NUMPY\x01", "x.npy: truncated: it ends within the header");
    refused(b"\x93NUMPY\x01\x00\x10", "x.npy: truncated: it ends within the header");
    refused(&good()[..40], "x.npy: truncated: it ends within the header");
    refused(b"\x93NUMPY\x04\x00", "x.npy: version 4.0 of the format, expected 1.0, 2.0 or 3.0");
    refused(b"\x93NUMPY\x01\x01", "x.npy: version 1.1 of the format, expected 1.0, 2.0 or 3.0");
    refused(
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff",
        "x.npy: a header of 4294967295 bytes, expected at most 65535",
    );
    refused(&array("<c8", "(2, 2)", &[]), dtype("\"<c8\""));
    refused(&array("|f4", "(2, 2)", &[]), dtype("\"|f4\""));
    refused(&array("", "(2, 2)", &[]), dtype("\"\""));
    refused(
        &file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", &[]),
        dtype("[('a', '<f4')], 'fortran_order': False, 'shape': (2,), }"),
    );
}

fn dtype(dtype: &str) -> &'static str {
    format!("x.npy: elements of type {dtype}, expected float16, float32, float64, a bool or an integer")
        .leak()
}

#[test]
fn damaged_headers() {
    let keys = "'descr', 'fortran_order' and 'shape', each once";
    for (header, at, expected) in [
        ("", 0, "{"),
        ("{'descr' '|u1'}", 9, ":"),
        ("{descr: '|u1'}", 1, "a key in quotes"),
        ("{'descr: |u1}", 13, "a closing quote"),
        ("{'descr': 1}", 10, "the type in quotes"),
        ("{'fortran_order': 0}", 18, "True or False"),
        ("{'fortran_order': Yes}", 21, "True or False"),
        ("{'shape': 3}", 10, "the shape in brackets"),
        ("{'shape': (-1,)}", 11, "an integer from 0 to 2^64 - 1"),
        ("{'shape': (18446744073709551616,)}", 31, "an integer from 0 to 2^64 - 1"),
        ("{'shape': (1 2)}", 13, ", or )"),
        ("{'descr': '|u1' 'shape': (1,)}", 16, ", or }"),
        ("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2)} x", 58, "nothing more"),
        ("{'descr': '|u1', 'fortran_order': False}", 40, keys),
        ("{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (2, 2)}", 24, keys),
        ("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), 'more': 1}", 64, keys),
        ("{'shape': ((((", 11, "an integer from 0 to 2^64 - 1"),
    ] {
        let message = format!("x.npy: the header is damaged, at byte {at} of its text: expected {expected}");
        refused(&file(header, &[1, 2, 3, 4]), &message);
    }
}

#[test]
fn shapes_and_lengths() {
    let dimensions = |shape: &str| {
        format!(
            "x.npy: an array of shape {shape}, expected 1 to 4 dimensions, of which the first is the samples"
        )
    };
    refused(&array("|u1", "()", &[1]), &dimensions("()"));
    refused(&array("|u1", "(2, 2, 1, 1, 1)", &[1; 4]), &dimensions("(2, 2, 1, 1, 1)"));
    refused(
        &array("|u1", "(2,)", &[1; 2]),
        "x.npy: an array of shape (2,) has 1 numbers in a row, expected 2",
    );
    refused(
        &array("|u1", "(2, 2, 3)", &[1; 12]),
        "x.npy: an array of shape (2, 2, 3) has 6 numbers in a row, expected 2",
    );
    // The product of the row is 2 modulo 2^64.
    refused(
        &array("|u1", "(1, 9223372036854775809, 2)", &[]),
        "x.npy: an array of shape (1, 9223372036854775809, 2) is too large",
    );
    refused(
        &array("<f8", "(18446744073709551615, 2)", &[]),
        "x.npy: an array of shape (18446744073709551615, 2) is too large",
    );
    refused(&array("|u1", "(0, 2)", &[]), "y.npy: 2 targets, expected 0, one for each row of x.npy");
    refused_for(
        &NpyClasses::<3>,
        &array("|u1", "(0, 2)", &[]),
        &array("|u1", "(0,)", &[]),
        "x.npy: it has no rows, expected at least one",
    );
    let good = good();
    refused(&good[..good.len() - 1], "x.npy: truncated: 3 bytes of data, but the header says 4");
    refused(
        &[&good[..], &[0]].concat(),
        "x.npy: trailing bytes: more data than the 4 bytes that the header says",
    );
    let y = array("|u1", "(2,)", &[1]);
    refused_for(&NpyClasses::<3>, &good, &y, "y.npy: truncated: 1 bytes of data, but the header says 2");
}

/// In Fortran order, all of the file is read at once.
#[test]
fn lengths_in_fortran_order() {
    let directory = Directory::new();
    let header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 2), }";
    let refused = |data: &[u8]| {
        let path = directory.write("x.npy", file(header, data));
        let error = Npy::new(&path, &path).read::<2, f32, _>(&NpyValues::<2>).unwrap_err();
        message(&path, &error)
    };
    assert_eq!(refused(&[1; 3]), "x.npy: truncated: 3 bytes of data, but the header says 4");
    assert_eq!(refused(&[1; 5]), "x.npy: trailing bytes: more data than the 4 bytes that the header says");
}

#[test]
fn numbers() {
    let floats = |numbers: [f32; 4]| array("<f4", "(2, 2)", &numbers.map(f32::to_le_bytes).concat());
    let doubles = |numbers: [f64; 4]| array("<f8", "(2, 2)", &numbers.map(f64::to_le_bytes).concat());
    let nan = "x.npy: number 0 of row 1 is NaN, expected a finite number";
    refused(&floats([1.0, 2.0, f32::NAN, 4.0]), nan);
    let infinite = "x.npy: number 1 of row 0 is -inf, expected a finite number";
    refused(&doubles([1.0, -f64::INFINITY, 3.0, 4.0]), infinite);
    let large = "x.npy: number 1 of row 1 is 1e39, which is too large for an f32";
    refused(&doubles([1.0, 2.0, 3.0, 1e39]), large);
    let y = floats([1.0, 2.0, 3.0, f32::NAN]);
    refused_for(&NpyValues::<2>, &good(), &y, "y.npy: number 1 of row 1 is NaN, expected a finite number");

    let classes = |dtype, bytes: &[u8]| array(dtype, "(2,)", bytes);
    let refused = |y: &[u8], expected| refused_for(&NpyClasses::<3>, &good(), y, expected);
    refused(&classes("|u1", &[0, 3]), "y.npy: the class of row 1 is 3, expected 0 to 2");
    refused(&classes("|i1", &[255, 0]), "y.npy: the class of row 0 is -1, expected 0 to 2");
    refused(&classes("<f4", &[0; 8]), "y.npy: the classes are of type \"<f4\", expected integers");
    refused(
        &array("|u1", "(2, 2)", &[0; 4]),
        "y.npy: an array of shape (2, 2) has 2 numbers in a row, expected 1",
    );
}
