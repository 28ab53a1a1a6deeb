//! Opening files.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::error::{FileError, Problem};

/// What bytes are read from.
pub(super) type Input = Box<dyn Read + Send>;

/// The bytes of a file, unzipped as they are read.
pub(super) fn open(path: &Path) -> Result<Input, FileError> {
    try_open(path).map_err(|problem| FileError::new(path, problem))
}

fn try_open(path: &Path) -> Result<Input, Problem> {
    // Checked before opening, as opening a FIFO waits for a writer.
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(Problem::Directory);
    }
    if !metadata.is_file() {
        return Err(Problem::NotRegular);
    }
    let mut file = BufReader::new(File::open(path)?);
    // Recognised by its first bytes, not by its name: some browsers unzip a download and keep the name.
    let zipped = file.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    Ok(if zipped { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) })
}

/// At most so many of the next bytes. What is allocated grows with the bytes that are there.
pub(super) fn read_up_to(file: &mut impl Read, most: usize) -> Result<Vec<u8>, Problem> {
    let mut bytes = vec![];
    file.take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
