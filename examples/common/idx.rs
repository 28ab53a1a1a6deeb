//! The IDX format, in which the MNIST database is published: a magic number (two zeros, 8 for "unsigned bytes", the
//! number of dimensions), the size of each dimension as a big-endian `u32`, then the bytes, last dimension fastest.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::{error::Error, fmt};

use flate2::bufread::MultiGzDecoder;

/// The largest amount of data that is read, in bytes: more than five times that of MNIST's largest file. A limit is
/// needed because a header can claim any size.
pub const MOST_BYTES: usize = 1 << 28;

/// The contents of an IDX file: bytes, in `RANK` dimensions.
pub struct Idx<const RANK: usize> {
    /// The file that was read, for the caller's own error messages.
    pub path: PathBuf,
    /// The dimensions, the slowest first.
    pub sizes: [usize; RANK],
    /// The data; the length is the product of `sizes`.
    pub bytes: Vec<u8>,
}

impl<const RANK: usize> Idx<RANK> {
    /// An error for a caller that finds the format right, but the content wrong.
    pub fn error(&self, text: String) -> IdxError {
        IdxError { path: self.path.clone(), reason: Reason::Content(text) }
    }
}

/// An error about a file.
#[derive(Debug)]
pub struct IdxError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: Reason,
}

/// What is wrong with a file.
#[derive(Debug)]
pub enum Reason {
    /// It is not there.
    Missing,
    /// It is a directory, a FIFO, a device: reading it might wait for ever, or never end.
    NotRegular { directory: bool },
    /// It cannot be read or unzipped.
    Unreadable(io::Error),
    /// It ends before its header does.
    Header { found: usize, expected: usize },
    /// Its magic number is not that of an IDX file of this many dimensions.
    Magic { found: u32, expected: u32 },
    /// By its header, it has more data than [`MOST_BYTES`].
    TooLarge { sizes: Vec<usize> },
    /// It has fewer bytes after its header than the header says.
    Truncated { found: usize, expected: usize },
    /// It has more bytes after its header than the header says.
    Surplus { expected: usize },
    /// Its bytes have a shape or a value that the caller does not accept.
    Content(String),
}

impl fmt::Display for IdxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        match &self.reason {
            Reason::Missing => f.write_str("no such file, and none with .gz either"),
            Reason::NotRegular { directory: true } => f.write_str("a directory, expected a file"),
            Reason::NotRegular { directory: false } => {
                f.write_str("not a regular file (a FIFO? a device?), expected one")
            }
            Reason::Unreadable(error) if error.kind() == ErrorKind::UnexpectedEof => {
                f.write_str("truncated or damaged: the compressed data ends too early")
            }
            Reason::Unreadable(error) => write!(f, "cannot be read: {error}"),
            Reason::Header { found, expected } => {
                write!(f, "truncated: ends within the header, after {found} of {expected} bytes")
            }
            Reason::Magic { found, expected } => {
                write!(
                    f,
                    "wrong magic number {found:#010x}, expected {expected:#010x}: not the right IDX file"
                )
            }
            Reason::TooLarge { sizes } => {
                write!(f, "too large: {sizes:?} bytes by its header, expected at most {MOST_BYTES} in all")
            }
            Reason::Truncated { found, expected } => {
                write!(f, "truncated: {found} bytes of data, but the header says {expected}")
            }
            Reason::Surplus { expected } => {
                write!(f, "trailing bytes: more data than the {expected} bytes that the header says")
            }
            Reason::Content(text) => f.write_str(text),
        }
    }
}

impl Error for IdxError {}

impl From<io::Error> for Reason {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => Reason::Missing,
            _ => Reason::Unreadable(error),
        }
    }
}

/// Reads `directory/name.gz`, or `directory/name` if there is no such file. `check` gets the dimensions before the data
/// is read, and returns what is wrong with them.
pub fn read<const RANK: usize>(
    directory: &Path,
    name: &str,
    check: impl FnOnce([usize; RANK]) -> Result<(), String>,
) -> Result<Idx<RANK>, IdxError> {
    let zipped = directory.join(format!("{name}.gz"));
    let path = if zipped.exists() { zipped } else { directory.join(name) };
    match open(&path).and_then(|file| parse(file, check)) {
        Ok((sizes, bytes)) => Ok(Idx { path, sizes, bytes }),
        Err(reason) => Err(IdxError { path, reason }),
    }
}

/// The bytes of a file, unzipped as they are read.
fn open(path: &Path) -> Result<Box<dyn Read>, Reason> {
    // Checked before opening, as opening a FIFO waits for a writer.
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(Reason::NotRegular { directory: metadata.is_dir() });
    }
    let mut file = BufReader::new(File::open(path)?);
    // Recognised by its first bytes, not by its name: some browsers unzip a download and keep the name.
    let zipped = file.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    Ok(if zipped { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) })
}

/// Reads the header, then at most one byte more than the header says: a small zipped file can become a very large one.
fn parse<const RANK: usize>(
    mut file: impl Read,
    check: impl FnOnce([usize; RANK]) -> Result<(), String>,
) -> Result<([usize; RANK], Vec<u8>), Reason> {
    let mut read = |most: usize| {
        let mut bytes = vec![];
        file.by_ref().take(most as u64).read_to_end(&mut bytes).map(|_| bytes)
    };
    let length = 4 + 4 * RANK;
    let header = read(length)?;
    let (words, _) = header.as_chunks::<4>();
    let mut words = words.iter().map(|&word| u32::from_be_bytes(word));
    let mut next = || words.next().ok_or(Reason::Header { found: header.len(), expected: length });

    let (found, expected) = (next()?, 0x0800 + RANK as u32);
    if found != expected {
        return Err(Reason::Magic { found, expected });
    }
    let mut sizes = [0; RANK];
    for size in &mut sizes {
        *size = next()? as usize;
    }
    check(sizes).map_err(Reason::Content)?;

    let expected = sizes.iter().fold(1, |product: usize, &size| product.saturating_mul(size));
    if expected > MOST_BYTES {
        return Err(Reason::TooLarge { sizes: sizes.into() });
    }
    let bytes = read(expected + 1)?;
    match bytes.len() {
        found if found < expected => Err(Reason::Truncated { found, expected }),
        found if found > expected => Err(Reason::Surplus { expected }),
        _ => Ok((sizes, bytes)),
    }
}
