//! IDX files.

use std::io::Write;

use stackprop::Dataset;
use stackprop_kit::readers::{FileError, Idx, IdxArray};

use super::{Directory, Random, message};

/// Zeros, 8, the number of dimensions, and their sizes; then data.
fn file(sizes: &[u32], data: &[u8]) -> Vec<u8> {
    let sizes: Vec<u8> = sizes.iter().flat_map(|size| size.to_be_bytes()).collect();
    [&[0, 0, 8, (sizes.len() / 4) as u8], &sizes[..], data].concat()
}

fn zip(bytes: &[u8]) -> Vec<u8> {
    let mut zip = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    zip.write_all(bytes).unwrap();
    zip.finish().unwrap()
}

#[test]
fn pixels_and_labels() {
    let directory = Directory::new();
    let images = file(&[2, 2, 1], &[0, 255, 51, 1]);
    for images in [zip(&images), images] {
        let idx = Idx::<2, 3>::new(directory.write("x", images), directory.write("y", file(&[2], &[2, 0])));
        let mut data = idx.read().unwrap();
        assert_eq!(data.pixels(), [[0, 255], [51, 1]]);
        let read = |index| {
            let mut input = [7.0; 2];
            data.sample(index, &mut input).map(|class| (input, class.index()))
        };
        assert_eq!(read(0), Some(([0.0, 1.0], 2)));
        assert_eq!(read(1), Some(([0.2, (1.0_f64 / 255.0) as f32], 0)));
        assert_eq!(read(2), None);
        let mut batches = idx.stream(2).in_order().unwrap();
        let batch = batches.next().unwrap();
        assert_eq!(batch.table().inputs(), [[0.0, 1.0], [0.2, 1.0 / 255.0]]);
        assert_eq!(batch.table().targets(), data.labels());
        assert!(batches.next().is_none());
        data.truncate(1);
        assert_eq!((data.len(), data.pixels().len()), (1, 1));
    }
}

/// Each pixel is the nearest `f32` to p / 255: the division in `f64`, rounded, is the same.
#[test]
fn scaling() {
    let directory = Directory::new();
    let pixels: Vec<u8> = (0..=255).collect();
    let x = directory.write("x", file(&[1, 16, 16], &pixels));
    let data = Idx::<256, 2>::new(x, directory.write("y", file(&[1], &[1]))).read().unwrap();
    let mut input = [0.0; 256];
    data.sample(0, &mut input).unwrap();
    for (x, pixel) in input.iter().zip(0..) {
        assert_eq!(*x, (f64::from(pixel) / 255.0) as f32);
    }
}

/// The messages of reading and of streaming, which must be the same unless two are given.
#[track_caller]
fn refused(x: &[u8], y: &[u8], read: &str, streamed: &str) {
    let directory = Directory::new();
    let idx = Idx::<4, 3>::new(directory.write("x", x), directory.write("y", y));
    let text = |error: &FileError| message(&error.path, error);
    assert_eq!(text(&idx.read().unwrap_err()), read);
    let error = match idx.stream(1).in_order() {
        Err(error) => error,
        Ok(batches) => batches
            .run(|batches| {
                let _ = batches.last();
                Err::<(), _>("the last mini-batch")
            })
            .map_err(|error| match error {
                stackprop_kit::readers::StreamError::Read(error) => error,
                other => panic!("{other}"),
            })
            .unwrap_err(),
    };
    assert_eq!(text(&error), if streamed.is_empty() { read } else { streamed });
}

#[test]
fn messages() {
    let (x, y) = (file(&[2, 2, 2], &[1; 8]), file(&[2], &[0, 2]));
    refused(&[], &y, "x: truncated: ends within the header, after 0 of 16 bytes", "");
    refused(&x[..15], &y, "x: truncated: ends within the header, after 15 of 16 bytes", "");
    refused(&x, &y[..7], "y: truncated: ends within the header, after 7 of 8 bytes", "");
    let magic = "x: wrong magic number 0x00000801, expected 0x00000803: not the right IDX file";
    refused(&[&y[..], &[0; 8]].concat(), &y, magic, "");
    let magic = "y: wrong magic number 0x00000803, expected 0x00000801: not the right IDX file";
    refused(&x, &x, magic, "");
    let float = [&[0, 0, 13, 3], &x[4..]].concat();
    refused(&float, &y, "x: wrong magic number 0x00000d03, expected 0x00000803: not the right IDX file", "");
    refused(&file(&[2, 2, 3], &[1; 12]), &y, "x: images of 2x3 pixels, but the network has 4 inputs", "");
    // The product is 4 modulo 2^32.
    refused(
        &file(&[2, 0x8000_0001, 4], &[1; 8]),
        &y,
        "x: images of 2147483649x4 pixels, but the network has 4 inputs",
        "",
    );
    refused(&file(&[0, 2, 2], &[]), &file(&[0], &[]), "x: it has no rows, expected at least one", "");
    refused(&x, &file(&[3], &[0; 3]), "y: 3 targets, expected 2, one for each row of x", "");
    refused(&x[..20], &y, "x: truncated: 4 bytes of data, but the header says 8", "");
    refused(&x[..19], &y, "x: truncated: 3 bytes of data, but the header says 8", "");
    refused(&x, &y[..9], "y: truncated: 1 bytes of data, but the header says 2", "");
    let more = [&x[..], &[0]].concat();
    refused(&more, &y, "x: trailing bytes: more data than the 8 bytes that the header says", "");
    let more = [&y[..], &[0]].concat();
    refused(&x, &more, "y: trailing bytes: more data than the 2 bytes that the header says", "");
    refused(&x, &file(&[2], &[0, 3]), "y: label 1 is 3, expected 0 to 2", "");
    let zipped = zip(&x);
    let end = "x: truncated or damaged: the compressed data ends too early";
    refused(&zipped[..12], &y, end, "");
    refused(&zipped[..zipped.len() - 1], &y, end, "");
    // Streaming needs no limit: it stops where the data end.
    let n = 1 << 27;
    refused(
        &file(&[n, 2, 2], &[1; 8]),
        &file(&[n], &[0; 2]),
        "x: too large: [134217728, 2, 2] bytes by its header, expected at most 268435456 in all",
        "x: truncated: 8 bytes of data, but the header says 536870912",
    );
}

/// Against a plain reader: magic number, sizes, and as many bytes as they say.
#[test]
fn arrays_are_read_as_they_were_written() {
    let directory = Directory::new();
    let mut random = Random(1);
    for _ in 0..200 {
        let sizes = [0; 2].map(|_| random.below(5) as u32);
        let length = (sizes[0] * sizes[1]) as usize;
        let given = (length + random.below(3)).saturating_sub(1);
        let data: Vec<u8> = (0..given).map(|_| random.word() as u8).collect();
        let path = directory.write("a", file(&sizes, &data));
        match IdxArray::<2>::read(&path) {
            Ok(array) => {
                assert_eq!((array.sizes, &array.bytes), (sizes.map(|size| size as usize), &data));
                assert_eq!(given, length);
            }
            Err(_) => assert_ne!(given, length),
        }
    }
}
