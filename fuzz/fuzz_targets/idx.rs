//! Any bytes as an IDX file, zipped or not.
#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

/// The reader of the examples.
#[path = "../../examples/common/idx.rs"]
#[allow(dead_code)]
mod idx;

/// A file in memory, if there is such a file system.
static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = PathBuf::from("/dev/shm");
    let directory = if memory.is_dir() { memory } else { std::env::temp_dir() };
    directory.join(format!("stackprop-fuzz-idx-{}", std::process::id()))
});

fuzz_target!(|bytes: &[u8]| {
    fs::write(&*FILE, bytes).expect("a file can be written");
    check::<1>(bytes);
    check::<3>(bytes);
    fs::remove_file(&*FILE).expect("it is there");
});

/// A plain file is read if it is the magic number, the sizes, and as many bytes as they say.
fn check<const RANK: usize>(bytes: &[u8]) {
    let directory = FILE.parent().expect("a file is in a directory");
    let name = FILE.file_name().and_then(|name| name.to_str()).expect("a plain name");
    let read = idx::read::<RANK>(directory, name, |_| Ok(()));
    if let Ok(file) = &read {
        assert_eq!(file.sizes.iter().product::<usize>(), file.bytes.len());
    } else if let Err(error) = &read {
        assert!(!error.to_string().is_empty());
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return;
    }
    assert_eq!(read.ok().map(|file| file.bytes), plain::<RANK>(bytes).map(<[u8]>::to_vec));
}

/// The data of a plain file.
fn plain<const RANK: usize>(bytes: &[u8]) -> Option<&[u8]> {
    let (magic, mut rest) = bytes.split_first_chunk::<4>()?;
    let mut product = 1_u128;
    for _ in 0..RANK {
        let (size, others) = rest.split_first_chunk::<4>()?;
        product *= u128::from(u32::from_be_bytes(*size));
        rest = others;
    }
    (*magic == [0, 0, 8, RANK as u8] && product == rest.len() as u128).then_some(rest)
}
