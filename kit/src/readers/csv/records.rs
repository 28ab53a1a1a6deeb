//! The records of a CSV file, each with its line.

use std::path::PathBuf;

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder};

use super::columns::Header;
use super::error::CsvProblem;
use super::lines::{Lines, RowTooLong, line_ends};
use super::settings::Csv;
use crate::readers::error::{FileError, Place, Problem};
use crate::readers::file::{Input, open};

pub(super) struct Records {
    path: PathBuf,
    reader: Reader<Lines<Input>>,
    record: ByteRecord,
    /// The line on which the record starts.
    line: u64,
    pub header: Header,
    /// Whether the record has been read to learn the number of columns, and is the first row.
    pending: bool,
    trim: bool,
}

impl Records {
    /// Opens a file and reads its header.
    pub fn open(csv: &Csv) -> Result<Self, FileError> {
        let reader = ReaderBuilder::new()
            .delimiter(csv.delimiter)
            .comment(csv.comment)
            // Both are checked here, so that the messages have the right line.
            .has_headers(false)
            .flexible(true)
            .from_reader(Lines::new(open(&csv.path)?));
        let header = Header { width: 0, names: None, line: 1 };
        let (path, record, trim) = (csv.path.clone(), ByteRecord::new(), csv.trim);
        let mut records = Self { path, reader, record, line: 1, header, pending: false, trim };
        if !records.read()? {
            return Err(records.error_of(Problem::Empty));
        }
        records.header = Header { width: records.record.len(), names: None, line: records.line };
        if csv.header {
            let names = (0..records.header.width).map(|column| records.cell(column).map(String::from));
            records.header.names = Some(names.collect::<Result<_, _>>()?);
        }
        records.pending = !csv.header;
        Ok(records)
    }

    /// Reads the next row; returns whether there was one.
    pub fn advance(&mut self) -> Result<bool, FileError> {
        if self.pending {
            self.pending = false;
            return Ok(true);
        }
        if !self.read()? {
            return Ok(false);
        }
        let Header { width: expected, line: first, .. } = self.header;
        match self.record.len() {
            found if found == expected => Ok(true),
            found => Err(self.error(None, CsvProblem::Fields { found, expected, first })),
        }
    }

    fn read(&mut self) -> Result<bool, FileError> {
        let read = self.reader.read_byte_record(&mut self.record).map_err(|error| self.reading(error))?;
        if read {
            let end = self.reader.position().byte();
            let last = self.reader.get_mut().end_row(end);
            self.line = last.saturating_sub(self.record.iter().map(line_ends).sum());
            if self.reader.get_ref().is_all(end) {
                self.line += 1; // the end of the last line is in the field
                return Err(self.error(None, CsvProblem::Quote));
            }
        }
        Ok(read)
    }

    /// An error of the crate `csv`, which for byte records that may differ in length is one of reading.
    fn reading(&mut self, error: csv::Error) -> FileError {
        match error.into_kind() {
            ErrorKind::Io(error) if error.get_ref().is_some_and(|inner| inner.is::<RowTooLong>()) => {
                self.line = self.reader.get_ref().line_of_row();
                self.error(None, CsvProblem::RowTooLong)
            }
            ErrorKind::Io(error) => self.error_of(error.into()),
            other => self.error_of(Problem::Io(std::io::Error::other(format!("{other:?}")))),
        }
    }

    /// A field of the row.
    pub fn cell(&self, column: usize) -> Result<&str, FileError> {
        let bytes = self.record.get(column).unwrap_or_default();
        let bytes = if self.trim { bytes.trim_ascii() } else { bytes };
        std::str::from_utf8(bytes).map_err(|_| self.error(Some(column), CsvProblem::Encoding))
    }

    /// An error in this row.
    pub fn error(&self, column: Option<usize>, problem: CsvProblem) -> FileError {
        let column = column.map(|column| self.header.name(column));
        FileError { place: Some(Place { line: self.line, column }), ..self.error_of(problem.into()) }
    }

    /// An error of the whole file.
    pub fn error_of(&self, problem: Problem) -> FileError {
        FileError::new(&self.path, problem)
    }
}
