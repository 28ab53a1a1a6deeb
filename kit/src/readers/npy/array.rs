//! An array whose rows are read one after the other.

use std::fmt;
use std::io::{Cursor, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::dtype::{Dtype, Number};
use super::error::NpyProblem;
use super::header::Header;
use crate::readers::error::{FileError, Problem};
use crate::readers::file::{Input, open, read_up_to};

/// A .npy file whose header has been read, and whose data are in C order.
pub(super) struct NpyFile {
    path: PathBuf,
    header: Header,
    pub dtype: Dtype,
    data: Input,
    /// How many bytes the data have, by the header.
    expected: u64,
    /// How many bytes of data have been read.
    done: u64,
    /// The bytes of a row.
    row: Vec<u8>,
}

impl fmt::Debug for NpyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, header, .. } = self;
        f.debug_struct("NpyFile").field("path", path).field("header", header).finish_non_exhaustive()
    }
}

impl NpyFile {
    /// Opens an array with so many numbers in a row. If it is in Fortran order, all of it is read if `whole`, or else it
    /// is refused.
    pub fn open(path: &Path, columns: usize, whole: bool) -> Result<Self, FileError> {
        let mut data = open(path)?;
        let wrong = |problem: Problem| FileError::new(path, problem);
        let header = Header::read(&mut data).map_err(wrong)?;
        let dtype = Dtype::parse(&header.dtype).map_err(|problem| wrong(problem.into()))?;
        let expected = check_shape(&header.shape, columns, dtype).map_err(|problem| wrong(problem.into()))?;
        let row = vec![0; columns * dtype.size];
        let fortran = header.fortran_order && header.shape.len() > 1;
        let mut file = Self { path: path.into(), header, dtype, data, expected, done: 0, row };
        if fortran && !whole {
            return Err(file.error(NpyProblem::FortranOrder));
        }
        if fortran {
            file.put_in_c_order()?;
        }
        Ok(file)
    }

    /// The number of rows.
    pub fn rows(&self) -> u64 {
        self.header.shape.first().copied().unwrap_or(0)
    }

    /// The type of the elements as numpy writes it.
    pub fn dtype_text(&self) -> String {
        format!("{:?}", self.header.dtype)
    }

    pub fn error(&self, problem: impl Into<Problem>) -> FileError {
        FileError::new(&self.path, problem)
    }

    /// Reads all data, and puts them in C order.
    fn put_in_c_order(&mut self) -> Result<(), FileError> {
        let most = usize::try_from(self.expected).unwrap_or(usize::MAX).saturating_add(1);
        let bytes = read_up_to(&mut self.data, most).map_err(|problem| self.error(problem))?;
        match bytes.len() as u64 {
            found if found < self.expected => Err(self.truncated(found)),
            found if found > self.expected => {
                Err(self.error(NpyProblem::Trailing { expected: self.expected }))
            }
            _ => {
                self.data = Box::new(Cursor::new(transposed(&bytes, &self.header.shape, self.dtype.size)));
                Ok(())
            }
        }
    }

    fn truncated(&self, found: u64) -> FileError {
        self.error(NpyProblem::Truncated { found, expected: self.expected })
    }

    /// The numbers of the next row. There must be one.
    pub fn next_row(&mut self) -> Result<impl Iterator<Item = Number> + '_, FileError> {
        let mut place = 0;
        while let Some(rest) = self.row.get_mut(place..).filter(|rest| !rest.is_empty()) {
            match self.data.read(rest) {
                Ok(0) => return Err(self.truncated(self.done)),
                Ok(count) => {
                    self.done += count as u64;
                    place += count;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.error(error)),
            }
        }
        Ok(self.row.chunks(self.dtype.size).map(|bytes| self.dtype.decode(bytes)))
    }

    /// Checks that the data ends here.
    pub fn end(&mut self) -> Result<(), FileError> {
        match read_up_to(&mut self.data, 1) {
            Ok(more) if more.is_empty() => Ok(()),
            Ok(_) => Err(self.error(NpyProblem::Trailing { expected: self.expected })),
            Err(problem) => Err(self.error(problem)),
        }
    }
}

/// The number of bytes of an array, if it has rows of so many numbers.
fn check_shape(shape: &[u64], columns: usize, dtype: Dtype) -> Result<u64, NpyProblem> {
    let [_, in_row @ ..] = shape else { return Err(NpyProblem::Dimensions { shape: shape.into() }) };
    if in_row.len() > 3 {
        return Err(NpyProblem::Dimensions { shape: shape.into() });
    }
    let product =
        |start: u64, sizes: &[u64]| sizes.iter().try_fold(start, |all, size| all.checked_mul(*size));
    let too_large = || NpyProblem::TooLarge { shape: shape.into() };
    let found = product(1, in_row).ok_or_else(too_large)?;
    if found != columns as u64 {
        return Err(NpyProblem::Columns { shape: shape.into(), found, expected: columns });
    }
    product(dtype.size as u64, shape).ok_or_else(too_large)
}

/// Elements in Fortran order, put in C order.
fn transposed(bytes: &[u8], shape: &[u64], size: usize) -> Vec<u8> {
    let mut result = Vec::with_capacity(bytes.len());
    let mut index = vec![0; shape.len()];
    while result.len() < bytes.len() {
        // The first index is the fastest in the file, the last one in the result.
        let place = index.iter().zip(shape).rev().fold(0, |place: usize, (i, n)| place * *n as usize + *i);
        result.extend_from_slice(bytes.get(place * size..(place + 1) * size).unwrap_or_default());
        for (i, n) in index.iter_mut().zip(shape).rev() {
            *i += 1;
            if *i < *n as usize {
                break;
            }
            *i = 0;
        }
    }
    result
}
