//! The header: a magic number, the version, the length of a text, and the text, a Python dictionary such as
//! `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
//!
//! The format is that of `numpy.lib.format`. The parser takes these three keys in any order. (The crates `npyz` and `ndarray-npy`
//! allocate what the header says, and `npyz` panics for a shape whose product overflows.)

use std::io::Read;

use super::error::NpyProblem;
use crate::readers::error::Problem;
use crate::readers::file::read_up_to;

/// The longest header that is read, in bytes, which is the longest of version 1.0.
pub(super) const LONGEST_HEADER: usize = 0xffff;

/// What the header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub dtype: String,
    pub fortran_order: bool,
    pub shape: Vec<u64>,
}

impl Header {
    pub fn read(file: &mut impl Read) -> Result<Self, Problem> {
        let start = read_up_to(file, 8)?;
        let Some((b"\x93NUMPY", version)) = start.split_first_chunk::<6>() else {
            return Err(NpyProblem::Magic.into());
        };
        let digits = match version {
            [1, 0] => 2,
            [2 | 3, 0] => 4,
            [major, minor] => return Err(NpyProblem::Version { major: *major, minor: *minor }.into()),
            _ => return Err(NpyProblem::HeaderTruncated.into()),
        };
        let length = read_up_to(file, digits)?;
        if length.len() < digits {
            return Err(NpyProblem::HeaderTruncated.into());
        }
        let length = length.iter().rev().fold(0, |length, byte| length << 8 | u64::from(*byte));
        if length > LONGEST_HEADER as u64 {
            return Err(NpyProblem::HeaderTooLong { length }.into());
        }
        let text = read_up_to(file, length as usize)?;
        if (text.len() as u64) < length {
            return Err(NpyProblem::HeaderTruncated.into());
        }
        Ok(Text { text: &text, at: 0 }.dictionary()?)
    }
}

/// The text of a header, and how far it has been read.
struct Text<'t> {
    text: &'t [u8],
    at: usize,
}

type Parsed<A> = Result<A, NpyProblem>;

impl<'t> Text<'t> {
    fn dictionary(mut self) -> Parsed<Header> {
        let (mut dtype, mut fortran_order, mut shape) = (None, None, None);
        self.expect(b'{', "{")?;
        while !self.skip(b'}') {
            let (key, start) = (self.string("a key in quotes")?, self.at);
            self.expect(b':', ":")?;
            let new = match key {
                b"descr" => dtype.replace(self.dtype()?).is_none(),
                b"fortran_order" => fortran_order.replace(self.bool()?).is_none(),
                b"shape" => shape.replace(self.tuple()?).is_none(),
                _ => false,
            };
            if !new {
                self.at = start;
                return self.wrong("'descr', 'fortran_order' and 'shape', each once");
            }
            if !self.skip(b',') {
                self.expect(b'}', ", or }")?;
                break;
            }
        }
        self.spaces();
        if self.at < self.text.len() {
            return self.wrong("nothing more");
        }
        match (dtype, fortran_order, shape) {
            (Some(dtype), Some(fortran_order), Some(shape)) => Ok(Header { dtype, fortran_order, shape }),
            _ => self.wrong("'descr', 'fortran_order' and 'shape', each once"),
        }
    }

    fn wrong<A>(&self, expected: &'static str) -> Parsed<A> {
        Err(NpyProblem::Header { at: self.at, expected })
    }

    fn spaces(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    /// Skips spaces, and this byte if it is next.
    fn skip(&mut self, byte: u8) -> bool {
        self.spaces();
        let found = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, expected: &'static str) -> Parsed<()> {
        if self.skip(byte) { Ok(()) } else { self.wrong(expected) }
    }

    /// The bytes for which the condition holds.
    fn take_while(&mut self, condition: impl Fn(&u8) -> bool) -> &'t [u8] {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest.iter().position(|byte| !condition(byte)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn string(&mut self, expected: &'static str) -> Parsed<&'t [u8]> {
        let quote = if self.skip(b'\'') {
            b'\''
        } else if self.skip(b'"') {
            b'"'
        } else {
            return self.wrong(expected);
        };
        let string = self.take_while(|byte| *byte != quote && *byte != b'\\');
        self.expect(quote, "a closing quote")?;
        Ok(string)
    }

    /// A type: a string, or a list of fields, which is returned as the text that it is.
    fn dtype(&mut self) -> Parsed<String> {
        self.spaces();
        if self.text.get(self.at) == Some(&b'[') {
            const EXCERPT: usize = 60;
            let fields: Vec<u8> =
                self.text.get(self.at..).unwrap_or_default().iter().copied().take(EXCERPT).collect();
            return Err(NpyProblem::Dtype { dtype: String::from_utf8_lossy(&fields).into_owned() });
        }
        let dtype = self.string("the type in quotes")?;
        Ok(String::from_utf8_lossy(dtype).into_owned())
    }

    fn bool(&mut self) -> Parsed<bool> {
        self.spaces();
        match self.take_while(u8::is_ascii_alphabetic) {
            b"True" => Ok(true),
            b"False" => Ok(false),
            _ => self.wrong("True or False"),
        }
    }

    fn tuple(&mut self) -> Parsed<Vec<u64>> {
        let mut shape = vec![];
        self.expect(b'(', "the shape in brackets")?;
        while !self.skip(b')') {
            let digits = self.take_while(u8::is_ascii_digit);
            match std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()) {
                Some(size) => shape.push(size),
                None => return self.wrong("an integer from 0 to 2^64 - 1"),
            }
            self.skip(b'L'); // of a `long` of Python 2
            if !self.skip(b',') {
                self.expect(b')', ", or )")?;
                break;
            }
        }
        Ok(shape)
    }
}
