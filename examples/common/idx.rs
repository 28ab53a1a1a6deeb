//! The IDX format, in which the MNIST database is published: a magic number (two zeros, 8 for "unsigned bytes", the
//! number of dimensions), the size of each dimension as a big-endian `u32`, then the bytes, last dimension fastest.

use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

/// What an IDX file holds: bytes, in `RANK` dimensions.
pub struct Idx<const RANK: usize> {
    /// The file that was read, for the caller's own error messages.
    pub path: PathBuf,
    /// The dimensions, the slowest first.
    pub sizes: [usize; RANK],
    /// As many as the product of `sizes`.
    pub bytes: Vec<u8>,
}

impl<const RANK: usize> Idx<RANK> {
    /// For the caller, who finds that the format is right, but not the content.
    pub fn error(&self, text: String) -> IdxError {
        IdxError { path: self.path.clone(), reason: Reason::Content(text) }
    }
}

/// A file that is not what it should be.
#[derive(Debug)]
pub struct IdxError {
    /// Which file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: Reason,
}

/// What is wrong with a file.
#[derive(Debug)]
pub enum Reason {
    /// It is not there, or cannot be read or unzipped.
    Unreadable(io::Error),
    /// It does not begin as an IDX file of this many dimensions does.
    Magic { found: u32, expected: u32 },
    /// It ends before its header does.
    Header { length: usize },
    /// It has fewer or more bytes after its header than the header says.
    Length { found: usize, expected: usize },
    /// Its bytes have a shape or a value that the caller has no use for.
    Content(String),
}

impl fmt::Display for IdxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        match &self.reason {
            Reason::Unreadable(error) if error.kind() == ErrorKind::NotFound => {
                f.write_str("no such file, and none with .gz either")
            }
            Reason::Unreadable(error) if error.kind() == ErrorKind::UnexpectedEof => {
                f.write_str("truncated or damaged: the compressed data ends too early")
            }
            Reason::Unreadable(error) => write!(f, "cannot be read: {error}"),
            Reason::Magic { found, expected } => {
                write!(f, "wrong magic number {found:#010x}, expected {expected:#010x}")
            }
            Reason::Header { length } => {
                write!(f, "truncated: ends within the header, after {length} bytes")
            }
            Reason::Length { found, expected } if found < expected => {
                write!(f, "truncated: {found} bytes of data, but the header says {expected}")
            }
            Reason::Length { found, expected } => {
                write!(f, "trailing bytes: {found} of data, but the header says {expected}")
            }
            Reason::Content(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for IdxError {}

impl From<io::Error> for Reason {
    fn from(error: io::Error) -> Self {
        Reason::Unreadable(error)
    }
}

/// Reads `directory/name.gz`, or `directory/name` if there is no such file.
pub fn read<const RANK: usize>(directory: &Path, name: &str) -> Result<Idx<RANK>, IdxError> {
    let zipped = directory.join(format!("{name}.gz"));
    let path = if zipped.exists() { zipped } else { directory.join(name) };
    match bytes(&path).and_then(parse) {
        Ok((sizes, bytes)) => Ok(Idx { path, sizes, bytes }),
        Err(reason) => Err(IdxError { path, reason }),
    }
}

/// The bytes of a file, unzipped.
fn bytes(path: &Path) -> Result<Vec<u8>, Reason> {
    let mut data = vec![];
    let mut file = File::open(path)?;
    if path.extension().is_some_and(|extension| extension == "gz") {
        MultiGzDecoder::new(file).read_to_end(&mut data)?;
    } else {
        file.read_to_end(&mut data)?;
    }
    Ok(data)
}

fn parse<const RANK: usize>(mut data: Vec<u8>) -> Result<([usize; RANK], Vec<u8>), Reason> {
    let (words, _) = data.as_chunks::<4>();
    let mut words = words.iter().map(|&word| u32::from_be_bytes(word));
    let length = data.len();
    let mut next = || words.next().ok_or(Reason::Header { length });

    let (found, expected) = (next()?, 0x0800 + RANK as u32);
    if found != expected {
        return Err(Reason::Magic { found, expected });
    }
    let mut sizes = [0; RANK];
    for size in &mut sizes {
        *size = next()? as usize;
    }
    data.drain(..4 + 4 * RANK);
    let expected = sizes.iter().fold(1, |product: usize, &size| product.saturating_mul(size));
    if data.len() != expected {
        return Err(Reason::Length { found: data.len(), expected });
    }
    Ok((sizes, data))
}
