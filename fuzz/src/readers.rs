//! Files of data: what is accepted is what a second reader reads.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use stackprop::{Dataset, StepError};
use stackprop_kit::readers::{Csv, FileError, Idx, IdxArray, Npy, NpyValues, Source, Stream, Table, Values};

use crate::with_peak;

/// Files in memory, if there is such a file system.
static DIRECTORY: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { memory } else { std::env::temp_dir() }
});

/// Calls a function with the path of a file of these bytes.
fn with_file<A>(kind: &str, bytes: &[u8], function: impl FnOnce(&Path) -> A) -> A {
    let path = DIRECTORY.join(format!("stackprop-fuzz-{kind}-{}", std::process::id()));
    fs::write(&path, bytes).expect("a file can be written");
    let result = function(&path);
    fs::remove_file(&path).expect("it is there");
    result
}

/// An error has a message that begins with the path.
fn check_error(error: &FileError, path: &Path) {
    let text = error.to_string();
    assert!(text.strip_prefix(&path.display().to_string()).is_some_and(|rest| rest.len() > 2), "{text}");
}

fn is_zipped(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// The first two bytes choose the settings, the others are the file.
pub fn csv(bytes: &[u8]) {
    let Some(([choice, delimiter], bytes)) = bytes.split_first_chunk::<2>() else { return };
    let (header, trim, comment) = (choice & 1 == 0, choice & 2 != 0, choice & 4 != 0);
    let delimiter = if delimiter.is_ascii_graphic() { *delimiter } else { b',' };
    with_file("csv", bytes, |path| {
        let mut csv = Csv::new(path).delimiter(delimiter).inputs([0, 1]);
        if !header {
            csv = csv.without_header();
        }
        if trim {
            csv = csv.trim();
        }
        if comment {
            csv = csv.comment(b'#');
        }
        let target = Values::<1>::new(2);
        let read = csv.read::<2, f64, _>(&target);
        check_stream(&read, &csv.stream(&target, 3));
        match read {
            Err(error) => check_error(&error, path),
            Ok(table) if !is_zipped(bytes) => {
                let rows = plain_csv(bytes, delimiter, header, trim, comment);
                assert_eq!(table.inputs().len(), rows.len());
                assert_eq!(table.targets().len(), rows.len());
                for ((input, target), row) in table.inputs().iter().zip(table.targets()).zip(rows) {
                    let numbers = [input[0], input[1], target[0]];
                    assert!(numbers.iter().all(|x| x.is_finite()));
                    assert_eq!(numbers.map(f64::to_bits), row.map(f64::to_bits));
                }
            }
            Ok(_) => {}
        }
    });
}

/// The first three columns, as the crate `csv` alone reads them.
fn plain_csv(bytes: &[u8], delimiter: u8, header: bool, trim: bool, comment: bool) -> Vec<[f64; 3]> {
    // A comment in a last line without an end is no row.
    let bytes = [bytes, b"\n"].concat();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(header)
        .comment(comment.then_some(b'#'))
        .trim(if trim { csv::Trim::All } else { csv::Trim::None })
        .from_reader(&bytes[..]);
    let row = |record: Result<csv::ByteRecord, csv::Error>| {
        let record = record.expect("accepted, but refused by the crate csv");
        [0, 1, 2].map(|column| {
            let text = std::str::from_utf8(&record[column]).expect("accepted, but not UTF-8");
            text.parse().expect("accepted, but not a number")
        })
    };
    reader.byte_records().map(row).collect()
}

/// A stream gives the rows of the table, or the same error.
fn check_stream<S: Source<2, Scalar = f64, Target = [f64; 1]>>(
    read: &Result<Table<2, [f64; 1], f64>, FileError>,
    stream: &Stream<S, 2>,
) {
    let mut rows = (vec![], vec![]);
    let streamed = stream.in_order().map_err(|error| error.to_string()).and_then(|batches| {
        let run = batches.run(|batches| {
            for batch in batches {
                rows.0.extend_from_slice(batch.table().inputs());
                rows.1.extend_from_slice(batch.table().targets());
            }
            Ok::<_, StepError>(())
        });
        run.map_err(|error| error.to_string())
    });
    match (read, streamed) {
        (Ok(table), Ok(())) => assert_eq!((table.inputs(), table.targets()), (&rows.0[..], &rows.1[..])),
        (Err(error), Err(streamed)) => assert_eq!(error.to_string(), streamed),
        (read, streamed) => panic!("read: {:?}, streamed: {streamed:?}", read.as_ref().map(|_| ())),
    }
}

/// Any bytes as an IDX file, zipped or not.
pub fn idx(bytes: &[u8]) {
    with_file("idx", bytes, |path| {
        check_array::<1>(path, bytes);
        check_array::<3>(path, bytes);
        check_images(path, bytes);
    });
}

/// A plain file is read if it is the magic number, the sizes, and as many bytes as they say.
fn check_array<const RANK: usize>(path: &Path, bytes: &[u8]) {
    let read = IdxArray::<RANK>::read(path);
    match &read {
        Ok(array) => assert_eq!(array.sizes.iter().product::<usize>(), array.bytes.len()),
        Err(error) => check_error(error, path),
    }
    if !is_zipped(bytes) {
        assert_eq!(read.ok().map(|array| array.bytes), plain_idx::<RANK>(bytes).map(<[u8]>::to_vec));
    }
}

/// The data of a plain file.
fn plain_idx<const RANK: usize>(bytes: &[u8]) -> Option<&[u8]> {
    let (magic, mut rest) = bytes.split_first_chunk::<4>()?;
    let mut product = 1_u128;
    for _ in 0..RANK {
        let (size, others) = rest.split_first_chunk::<4>()?;
        product *= u128::from(u32::from_be_bytes(*size));
        rest = others;
    }
    (*magic == [0, 0, 8, RANK as u8] && product == rest.len() as u128).then_some(rest)
}

/// Images of four pixels, with as many labels as the file says that it has images.
fn check_images(path: &Path, bytes: &[u8]) {
    let images = match bytes.get(4..8) {
        Some(size) => size.iter().fold(0, |n: usize, byte| n << 8 | usize::from(*byte)).min(1 << 16),
        None => 0,
    };
    let labels = [&[0, 0, 8, 1][..], &(images as u32).to_be_bytes(), &vec![1; images]].concat();
    with_file("labels", &labels, |labels| {
        let idx = Idx::<4, 2>::new(path, labels);
        match idx.read() {
            Err(error) => assert!(!error.to_string().is_empty()),
            Ok(images) => {
                assert!(
                    images.len() == images.pixels().len() && images.labels().iter().all(|k| k.index() == 1)
                );
                let batches = idx.stream(3).in_order().expect("read, but not opened");
                let streamed: Vec<_> = batches.flat_map(|batch| batch.table().inputs().to_vec()).collect();
                assert_eq!(streamed.len(), images.len());
                for (input, pixels) in streamed.iter().zip(images.pixels()) {
                    assert_eq!(*input, pixels.map(|pixel| (f64::from(pixel) / 255.0) as f32));
                }
            }
        }
    });
}

/// Any bytes as a .npy file, zipped or not, which is both the inputs and the targets.
pub fn npy(bytes: &[u8]) {
    with_file("npy", bytes, |path| {
        let npy = Npy::new(path, path);
        let (read, peak) = with_peak(|| npy.read::<2, f64, _>(&NpyValues::<2>));
        if !is_zipped(bytes) {
            assert!(peak <= (1 << 17) + 64 * bytes.len(), "{} bytes need {peak} bytes", bytes.len());
        }
        match read {
            Err(error) => check_error(&error, path),
            Ok(table) => {
                assert_eq!(table.inputs(), table.targets());
                assert!(table.inputs().as_flattened().iter().all(|x| x.is_finite()));
                let bits = |row: &[f64; 2]| row.map(f64::to_bits);
                if let Some(rows) = plain_doubles(bytes) {
                    assert!(table.inputs().iter().map(bits).eq(rows));
                }
                // In Fortran order, it cannot be streamed.
                if let Ok(batches) = npy.stream::<2, f64, _>(&NpyValues::<2>, 3).in_order() {
                    let streamed = batches.flat_map(|batch| batch.table().inputs().to_vec());
                    assert!(streamed.map(|row| bits(&row)).eq(table.inputs().iter().map(bits)));
                }
            }
        }
    });
}

/// The rows of a file with the header that numpy writes for `float64` in C order and two columns.
fn plain_doubles(bytes: &[u8]) -> Option<Vec<[u64; 2]>> {
    let (length, rest) = bytes.strip_prefix(b"\x93NUMPY\x01\x00")?.split_first_chunk::<2>()?;
    let (header, data) = rest.split_at_checked(u16::from_le_bytes(*length).into())?;
    header.strip_prefix(b"{'descr': '<f8', 'fortran_order': False, 'shape': (")?;
    let words = data.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
    Some(words.collect::<Vec<_>>().as_chunks::<2>().0.to_vec())
}
