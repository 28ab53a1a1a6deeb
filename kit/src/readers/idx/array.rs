//! The format: a magic number (two zeros, 8 for "unsigned bytes", the number of dimensions), the size of each dimension as a
//! big-endian `u32`, then the bytes, last dimension fastest.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::error::IdxProblem;
use crate::readers::error::{FileError, Problem};
use crate::readers::file::{Input, open, read_up_to};

/// The largest amount of data that is read into memory, in bytes: more than five times that of MNIST's largest file. A limit
/// is needed because a small zipped file can become a very large one.
pub(super) const MOST_BYTES: u64 = 1 << 28;

/// The contents of an IDX file: bytes, in `RANK` dimensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdxArray<const RANK: usize> {
    /// The dimensions, the slowest first.
    pub sizes: [usize; RANK],
    /// The bytes; the length is the product of the dimensions.
    pub bytes: Vec<u8>,
}

impl<const RANK: usize> IdxArray<RANK> {
    /// Reads a file, zipped by gzip or not.
    ///
    /// # Errors
    ///
    /// [`FileError`] if the file cannot be read, is of another format or number of dimensions, has not the length that its
    /// header says, or has more than 256 MiB of data.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        IdxFile::open(path)?.read_all()
    }
}

/// An IDX file whose header has been read.
pub(super) struct IdxFile<const RANK: usize> {
    pub path: PathBuf,
    pub sizes: [usize; RANK],
    data: Input,
    /// How many bytes of data have been read.
    done: u64,
}

impl<const RANK: usize> fmt::Debug for IdxFile<RANK> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdxFile")
            .field("path", &self.path)
            .field("sizes", &self.sizes)
            .finish_non_exhaustive()
    }
}

impl<const RANK: usize> IdxFile<RANK> {
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let mut data = open(path)?;
        match header(&mut data) {
            Ok(sizes) => Ok(Self { path: path.into(), sizes, data, done: 0 }),
            Err(problem) => Err(FileError::new(path, problem)),
        }
    }

    pub fn error(&self, problem: impl Into<Problem>) -> FileError {
        FileError::new(&self.path, problem)
    }

    /// The number of bytes that the header says, or the largest `u64` if there are more.
    fn expected(&self) -> u64 {
        self.sizes.iter().fold(1, |product, size| product.saturating_mul(*size as u64))
    }

    /// Reads the next bytes of data; an error if there are fewer.
    pub fn fill(&mut self, mut buffer: &mut [u8]) -> Result<(), FileError> {
        while !buffer.is_empty() {
            match self.data.read(buffer) {
                Ok(0) => {
                    let (found, expected) = (self.done, self.expected());
                    return Err(self.error(IdxProblem::Truncated { found, expected }));
                }
                Ok(count) => {
                    self.done += count as u64;
                    buffer = &mut buffer[count..];
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.error(error)),
            }
        }
        Ok(())
    }

    /// Checks that the data ends here.
    pub fn end(&mut self) -> Result<(), FileError> {
        match read_up_to(&mut self.data, 1) {
            Ok(more) if more.is_empty() => Ok(()),
            Ok(_) => Err(self.error(IdxProblem::Trailing { expected: self.expected() })),
            Err(problem) => Err(self.error(problem)),
        }
    }

    /// Reads all data, and at most one byte more than the header says.
    pub fn read_all(mut self) -> Result<IdxArray<RANK>, FileError> {
        let expected = self.expected();
        if expected > MOST_BYTES {
            return Err(self.error(IdxProblem::TooLarge { sizes: self.sizes.into() }));
        }
        let bytes =
            read_up_to(&mut self.data, expected as usize + 1).map_err(|problem| self.error(problem))?;
        match bytes.len() as u64 {
            found if found < expected => Err(self.error(IdxProblem::Truncated { found, expected })),
            found if found > expected => Err(self.error(IdxProblem::Trailing { expected })),
            _ => Ok(IdxArray { sizes: self.sizes, bytes }),
        }
    }
}

fn header<const RANK: usize>(data: &mut impl Read) -> Result<[usize; RANK], Problem> {
    let expected = 4 + 4 * RANK;
    let header = read_up_to(data, expected)?;
    let mut words = header.as_chunks::<4>().0.iter().map(|word| u32::from_be_bytes(*word));
    let mut next = || words.next().ok_or(IdxProblem::Header { found: header.len(), expected });
    let (found, expected) = (next()?, 0x0800 + RANK as u32);
    if found != expected {
        return Err(IdxProblem::Magic { found, expected }.into());
    }
    let mut sizes = [0; RANK];
    for size in &mut sizes {
        *size = next()? as usize;
    }
    Ok(sizes)
}
