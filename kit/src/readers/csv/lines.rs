//! On which line a byte is.

use std::collections::VecDeque;
use std::io::{self, Read};

/// The longest row, in bytes. Without a limit, a quote that is not closed would read the whole file into memory.
pub(super) const LONGEST_ROW: u64 = 1 << 24;

/// The message of the error for a longer row, by which it is recognised.
#[derive(Debug, thiserror::Error)]
#[error("row too long")]
pub(super) struct RowTooLong;

/// A reader that knows on which line each byte is. (The positions of the crate `csv` are off by the blank lines and the
/// comments before a row, and by one after `\r\n`.)
///
/// It adds two line ends to the file. With the first, the crate `csv` 1.4 makes no empty record of a comment in a last line that has
/// none. The second is not part of a row, unless a quote is not closed.
pub(super) struct Lines<R> {
    inner: R,
    /// How many bytes have been read.
    bytes: u64,
    /// The first byte of the row that is being read.
    row: u64,
    /// The last byte of each line from that row on.
    ends: VecDeque<u64>,
    /// The lines before these.
    lines: u64,
    after_return: bool,
    /// How many line ends are still to be added.
    to_add: u8,
}

impl<R> Lines<R> {
    pub fn new(inner: R) -> Self {
        Self { inner, bytes: 0, row: 0, ends: VecDeque::new(), lines: 0, after_return: false, to_add: 2 }
    }

    /// Ends a row before the byte at `end`, and returns the line of its last byte, from 1.
    pub fn end_row(&mut self, end: u64) -> u64 {
        while self.ends.front().is_some_and(|line| line.saturating_add(1) < end) {
            self.ends.pop_front();
            self.lines += 1;
        }
        self.row = end;
        self.lines + 1
    }

    /// Whether nothing comes after the byte before `end`.
    pub fn is_all(&self, end: u64) -> bool {
        self.to_add == 0 && end == self.bytes
    }

    /// The line on which the row starts that is being read.
    pub fn line_of_row(&self) -> u64 {
        let before = self.ends.iter().take_while(|line| **line <= self.row).count();
        self.lines + before as u64 + 1
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.bytes - self.row > LONGEST_ROW {
            return Err(io::Error::other(RowTooLong));
        }
        let mut count = self.inner.read(buffer)?;
        if let (0, Some(first), 1..) = (count, buffer.first_mut(), self.to_add) {
            *first = b'\n';
            count = 1;
            self.to_add -= 1;
        }
        for (&byte, place) in buffer.iter().take(count).zip(self.bytes..) {
            // A line ends with `\n`, `\r\n`, or a `\r` alone.
            if self.after_return && byte != b'\n' {
                self.ends.push_back(place - 1);
            }
            if byte == b'\n' {
                self.ends.push_back(place);
            }
            self.after_return = byte == b'\r';
        }
        self.bytes += count as u64;
        Ok(count)
    }
}

/// How many lines end within these bytes. A `\r` at their end counts.
pub(super) fn line_ends(bytes: &[u8]) -> u64 {
    let mut next = bytes.iter().skip(1).map(Some).chain([None]);
    let ends = bytes.iter().filter(|byte| {
        let next = next.next().flatten();
        **byte == b'\n' || **byte == b'\r' && next != Some(&b'\n')
    });
    ends.count() as u64
}
