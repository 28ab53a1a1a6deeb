//! The file format safetensors: 8 bytes with the length of the header, little-endian; the header, a JSON object with
//! data type, shape and place of each tensor; the tensors' numbers.
//!
//! The reader is `const`, so that the same code reads files when a program is compiled and when it runs. It takes no
//! memory: it reads the header again for each question.

use core::fmt;

use crate::dtype::Dtype;
use crate::slices::{at, at_mut, first};
use crate::text::Text;

/// The lengths of a tensor's dimensions: `[64, 784]`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    lengths: [u32; Shape::MAX_RANK],
    rank: u8,
}

impl Shape {
    /// The most dimensions that the reader takes.
    pub const MAX_RANK: usize = 6;

    const SCALAR: Self = Self { lengths: [0; Self::MAX_RANK], rank: 0 };

    /// The lengths, the outermost first.
    #[must_use]
    pub const fn lengths(&self) -> &[u32] {
        first(&self.lengths, self.rank as usize)
    }

    /// The same with one more dimension; `None` if that is too many, or too long for 32 bits.
    pub(super) const fn with(mut self, length: usize) -> Option<Self> {
        let Some(slot) = at_mut(&mut self.lengths, self.rank as usize) else { return None };
        if length as u64 > u32::MAX as u64 {
            return None;
        }
        *slot = length as u32;
        self.rank = self.rank.saturating_add(1);
        Some(self)
    }

    pub(crate) const fn of(lengths: &[usize]) -> Option<Self> {
        let (mut shape, mut rest) = (Self::SCALAR, lengths);
        while let [length, others @ ..] = rest {
            shape = match shape.with(*length) {
                Some(longer) => longer,
                None => return None,
            };
            rest = others;
        }
        Some(shape)
    }

    pub(super) const fn equals(&self, other: &Self) -> bool {
        let (mut a, mut b) = (self.lengths(), other.lengths());
        while let ([x, xs @ ..], [y, ys @ ..]) = (a, b) {
            if *x != *y {
                return false;
            }
            (a, b) = (xs, ys);
        }
        a.is_empty() && b.is_empty()
    }

    /// The number of elements, unless it overflows.
    const fn elements(&self) -> Option<usize> {
        let (mut elements, mut rest) = (1_usize, self.lengths());
        while let [length, others @ ..] = rest {
            elements = match elements.checked_mul(*length as usize) {
                Some(elements) => elements,
                None => return None,
            };
            rest = others;
        }
        Some(elements)
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lengths().fmt(f)
    }
}

/// Why bytes are not a safetensors file. Each number is a place in the file, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FormatError {
    /// The file has less than 8 bytes.
    NoHeader,
    /// The header is longer than the file.
    HeaderLength {
        /// The length that the file gives.
        length: u64,
    },
    /// The header is not UTF-8.
    Text,
    /// The header is not JSON as the format demands, from here on.
    Json {
        /// The place.
        at: usize,
    },
    /// A data type that the format does not have.
    Dtype {
        /// The place after its name.
        at: usize,
    },
    /// A tensor has more than [`Shape::MAX_RANK`] dimensions, or one of 2^32 and more.
    Rank {
        /// The place after the tensor's entry.
        at: usize,
    },
    /// A tensor has no data type, no shape or no place, or one of them twice.
    Incomplete {
        /// The place after the tensor's entry.
        at: usize,
    },
    /// A tensor is not as many bytes long as its shape and type say.
    Length {
        /// The place after the tensor's entry.
        at: usize,
    },
    /// A tensor is not inside of the file.
    Range {
        /// The place after the tensor's entry.
        at: usize,
    },
    /// Two tensors have the same name.
    Duplicate {
        /// The place after the second's entry.
        at: usize,
    },
    /// Two tensors overlap.
    Overlap {
        /// The place after the second's entry.
        at: usize,
    },
    /// There are bytes that belong to no tensor.
    Surplus {
        /// How many.
        bytes: usize,
    },
}

impl FormatError {
    /// The message, for [`Display`](fmt::Display) and for the compiler.
    pub(super) const fn text(&self) -> Text<255> {
        let text = Text::EMPTY.with("not a safetensors file, or a damaged one: ");
        match *self {
            FormatError::NoHeader => text.with("less than 8 bytes"),
            FormatError::HeaderLength { length } => {
                text.with("a header of ").with_number(length).with(" bytes is longer than the file")
            }
            FormatError::Text => text.with("the header is not UTF-8"),
            FormatError::Json { at } => {
                text.with("the header is not as the format has it, at byte ").with_number(at as u64)
            }
            FormatError::Dtype { at } => {
                text.with("an unknown data type before byte ").with_number(at as u64)
            }
            FormatError::Rank { at } => text
                .with("a tensor of more than ")
                .with_number(Shape::MAX_RANK as u64)
                .with(" dimensions, or a longer one than 2^32, before byte ")
                .with_number(at as u64),
            FormatError::Incomplete { at } => {
                text.with_tensor_before(at).with(" does not have one type, one shape and one place")
            }
            FormatError::Length { at } => {
                text.with_tensor_before(at).with(" is not as long as its shape and type say")
            }
            FormatError::Range { at } => text.with_tensor_before(at).with(" is not inside of the file"),
            FormatError::Duplicate { at } => {
                text.with("the name of ").with_tensor_before(at).with(" is there twice")
            }
            FormatError::Overlap { at } => text.with_tensor_before(at).with(" overlaps another"),
            FormatError::Surplus { bytes } => {
                text.with_number(bytes as u64).with(" bytes belong to no tensor")
            }
        }
    }
}

impl Text<255> {
    const fn with_tensor_before(self, at: usize) -> Self {
        self.with("the tensor before byte ").with_number(at as u64)
    }
}

impl<const N: usize> Text<N> {
    /// A shape, as by its [`Debug`](fmt::Debug).
    pub(crate) const fn with_shape(self, shape: &Shape) -> Self {
        let (mut text, mut rest) = (self.with("["), shape.lengths());
        while let [length, others @ ..] = rest {
            text = text.with_number(*length as u64);
            if !others.is_empty() {
                text = text.with(", ");
            }
            rest = others;
        }
        text.with("]")
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

impl core::error::Error for FormatError {}

/// A tensor in a file.
#[derive(Clone, Copy, Debug)]
pub struct Tensor<'a> {
    /// The name, as in the header: with JSON's escapes, if it has any.
    pub name: &'a str,
    /// The type of its numbers.
    pub dtype: Dtype,
    /// The lengths of its dimensions.
    pub shape: Shape,
    /// Its numbers, little-endian, the last dimension contiguous.
    pub data: &'a [u8],
    /// Where its entry ends.
    at: usize,
    /// Where its numbers begin.
    start: usize,
}

impl Tensor<'_> {
    const fn end(&self) -> usize {
        self.start.saturating_add(self.data.len())
    }

    /// An empty tensor overlaps what it is in the middle of: the format demands that each begins where another ends.
    const fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end() && other.start < self.end()
    }
}

/// A file that was checked: each tensor is inside of it, no two overlap or have the same name, and no byte is left over.
#[derive(Clone, Copy, Debug)]
pub struct SafeTensors<'a> {
    header: &'a [u8],
    data: &'a [u8],
    len: usize,
}

impl<'a> SafeTensors<'a> {
    /// A file without tensors.
    pub(super) const EMPTY: Self = Self { header: b"{}", data: &[], len: 0 };

    /// Checks a file.
    ///
    /// ```
    /// use stackprop::weights::SafeTensors;
    ///
    /// let header = br#"{"0.bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;
    /// let mut file = Vec::from((header.len() as u64).to_le_bytes());
    /// file.extend(header);
    /// file.extend(1.5_f32.to_le_bytes());
    ///
    /// let tensors = SafeTensors::parse(&file)?;
    /// assert_eq!(tensors.len(), 1);
    /// assert_eq!(tensors.iter().map(|tensor| tensor.name).collect::<Vec<_>>(), ["0.bias"]);
    /// # Ok::<(), stackprop::weights::FormatError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FormatError`] if the bytes are not such a file, or not all of it.
    pub const fn parse(bytes: &'a [u8]) -> Result<Self, FormatError> {
        let Some((length, rest)) = bytes.split_first_chunk::<8>() else { return Err(FormatError::NoHeader) };
        let length = u64::from_le_bytes(*length);
        if length > rest.len() as u64 {
            return Err(FormatError::HeaderLength { length }); // before it is cut to a `usize`
        }
        let Some((header, data)) = rest.split_at_checked(length as usize) else {
            return Err(FormatError::HeaderLength { length });
        };
        if core::str::from_utf8(header).is_err() {
            return Err(FormatError::Text);
        }
        let mut file = Self { header, data, len: 0 };
        let (mut entries, mut used) = (file.entries(), 0);
        loop {
            let tensor = match entries.next() {
                Ok(Some(tensor)) => tensor,
                Ok(None) => break,
                Err(error) => return Err(error),
            };
            let mut earlier = file.entries();
            let mut n = 0_usize;
            while n < file.len {
                if let Ok(Some(other)) = earlier.next() {
                    if equal(tensor.name.as_bytes(), other.name.as_bytes()) {
                        return Err(FormatError::Duplicate { at: tensor.at });
                    }
                    if tensor.overlaps(&other) {
                        return Err(FormatError::Overlap { at: tensor.at });
                    }
                }
                n = n.saturating_add(1);
            }
            used = tensor.data.len().saturating_add(used);
            file.len = file.len.saturating_add(1);
        }
        // No two overlap, so the sum of their lengths is what they cover.
        if used == data.len() {
            Ok(file)
        } else {
            Err(FormatError::Surplus { bytes: data.len().saturating_sub(used) })
        }
    }

    /// The number of tensors.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The tensor of this name.
    #[must_use]
    pub const fn get(&self, name: &str) -> Option<Tensor<'a>> {
        self.find(&[name])
    }

    /// The tensor whose name is made of these pieces.
    pub(crate) const fn find(&self, pieces: &[&str]) -> Option<Tensor<'a>> {
        let mut entries = self.entries();
        while let Ok(Some(tensor)) = entries.next() {
            if is_made_of(tensor.name.as_bytes(), pieces) {
                return Some(tensor);
            }
        }
        None
    }

    /// The tensors, in the order of the header.
    pub fn iter(&self) -> impl Iterator<Item = Tensor<'a>> + use<'a> {
        let mut entries = self.entries();
        core::iter::from_fn(move || entries.next().ok().flatten())
    }

    /// The text of this name in the file's metadata: with JSON's escapes, if it has any. The last one, if
    /// there are several.
    #[must_use]
    pub const fn metadata(&self, name: &str) -> Option<&'a str> {
        let mut entries = self.entries();
        while let Ok(Some(_)) = entries.next() {}
        if entries.metadata == 0 {
            return None;
        }
        let mut json = Json { text: self.header, at: entries.metadata };
        if !json.take(b'{') {
            return None;
        }
        let mut found = None;
        while let Some(key) = json.string() {
            json.take(b':');
            let value = json.string();
            if equal(key.as_bytes(), name.as_bytes()) {
                found = value;
            }
            if !json.take(b',') {
                break;
            }
        }
        found
    }

    pub(super) const fn entries(&self) -> Entries<'a> {
        Entries { json: Json { text: self.header, at: 0 }, data: self.data, begun: false, metadata: 0 }
    }
}

pub(super) const fn equal(a: &[u8], b: &[u8]) -> bool {
    let (mut a, mut b) = (a, b);
    while let ([x, xs @ ..], [y, ys @ ..]) = (a, b) {
        if *x != *y {
            return false;
        }
        (a, b) = (xs, ys);
    }
    a.is_empty() && b.is_empty()
}

pub(super) const fn is_made_of(mut name: &[u8], pieces: &[&str]) -> bool {
    let mut pieces = pieces;
    while let [piece, others @ ..] = pieces {
        let Some((start, rest)) = name.split_at_checked(piece.len()) else { return false };
        if !equal(start, piece.as_bytes()) {
            return false;
        }
        (name, pieces) = (rest, others);
    }
    name.is_empty()
}

/// The bytes from `start` to `end`; none, if there are not so many.
const fn part(bytes: &[u8], start: usize, end: usize) -> &[u8] {
    match first(bytes, end).split_at_checked(start) {
        Some((_, part)) => part,
        None => &[],
    }
}

/// The entries of a header, one after the other.
pub(super) struct Entries<'a> {
    json: Json<'a>,
    data: &'a [u8],
    begun: bool,
    /// Where the object of metadata begins; 0 before one was passed.
    metadata: usize,
}

impl<'a> Entries<'a> {
    /// The next tensor; metadata are passed over.
    pub const fn next(&mut self) -> Result<Option<Tensor<'a>>, FormatError> {
        loop {
            if self.begun {
                if !self.json.take(b',') {
                    return self.finish();
                }
            } else {
                self.begun = true;
                // Not after white space: the format demands it.
                let [b'{', ..] = self.json.text else { return Err(self.json.error()) };
                self.json.at = 1;
                if self.json.peek() == b'}' {
                    return self.finish();
                }
            }
            let Some(name) = self.json.string() else { return Err(self.json.error()) };
            if !self.json.take(b':') {
                return Err(self.json.error());
            }
            if equal(name.as_bytes(), b"__metadata__") {
                let twice = self.metadata != 0;
                self.metadata = self.json.at;
                if twice || !self.json.skip_strings() {
                    return Err(self.json.error());
                }
            } else {
                return match self.tensor(name) {
                    Ok(tensor) => Ok(Some(tensor)),
                    Err(error) => Err(error),
                };
            }
        }
    }

    /// The end of the object, and nothing but spaces after it.
    const fn finish(&mut self) -> Result<Option<Tensor<'a>>, FormatError> {
        if !self.json.take(b'}') {
            return Err(self.json.error());
        }
        self.json.peek();
        if self.json.at == self.json.text.len() { Ok(None) } else { Err(self.json.error()) }
    }

    const fn tensor(&mut self, name: &'a str) -> Result<Tensor<'a>, FormatError> {
        let (mut dtype, mut shape, mut place) = (None, None, None);
        if !self.json.take(b'{') {
            return Err(self.json.error());
        }
        loop {
            let Some(key) = self.json.string() else { return Err(self.json.error()) };
            if !self.json.take(b':') {
                return Err(self.json.error());
            }
            let twice = match key.as_bytes() {
                b"dtype" => {
                    let Some(text) = self.json.string() else { return Err(self.json.error()) };
                    let Some(known) = Dtype::from_name(text.as_bytes()) else {
                        return Err(FormatError::Dtype { at: self.json.place() });
                    };
                    dtype.replace(known).is_some()
                }
                b"shape" => match self.json.shape() {
                    Ok(numbers) => shape.replace(numbers).is_some(),
                    Err(error) => return Err(error),
                },
                b"data_offsets" => match self.json.two_numbers() {
                    Some(numbers) => place.replace(numbers).is_some(),
                    None => return Err(self.json.error()),
                },
                _ => return Err(self.json.error()),
            };
            if twice {
                return Err(FormatError::Incomplete { at: self.json.place() });
            }
            if !self.json.take(b',') {
                break;
            }
        }
        if !self.json.take(b'}') {
            return Err(self.json.error());
        }
        let at = self.json.place();
        let (Some(dtype), Some(shape), Some(place)) = (dtype, shape, place) else {
            return Err(FormatError::Incomplete { at });
        };
        let (start, end) = place;
        if start > end || end > self.data.len() {
            return Err(FormatError::Range { at });
        }
        let bytes = match shape.elements() {
            Some(elements) => elements.checked_mul(dtype.bytes()),
            None => None,
        };
        match bytes {
            Some(bytes) if bytes == end.saturating_sub(start) => {
                let data = part(self.data, start, end);
                Ok(Tensor { name, dtype, shape, data, at, start })
            }
            _ => Err(FormatError::Length { at }),
        }
    }
}

/// JSON, as much of it as the header of such a file has. The text is UTF-8.
struct Json<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Json<'a> {
    /// The place in the file.
    const fn place(&self) -> usize {
        self.at.saturating_add(8)
    }

    const fn error(&self) -> FormatError {
        FormatError::Json { at: self.place() }
    }

    /// The next byte, or 0 at the end.
    const fn byte(&self) -> u8 {
        match at(self.text, self.at) {
            Some(byte) => byte,
            None => 0,
        }
    }

    const fn advance(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }

    /// The next byte after white space, or 0 at the end.
    const fn peek(&mut self) -> u8 {
        while matches!(self.byte(), b' ' | b'\t' | b'\n' | b'\r') {
            self.advance(1);
        }
        self.byte()
    }

    const fn take(&mut self, byte: u8) -> bool {
        let hit = self.peek() == byte;
        if hit {
            self.advance(1);
        }
        hit
    }

    /// What is between the quotes.
    const fn string(&mut self) -> Option<&'a str> {
        if !self.take(b'"') {
            return None;
        }
        let start = self.at;
        loop {
            match self.byte() {
                b'"' => break,
                b'\\' => {
                    if !self.escape() {
                        return None;
                    }
                }
                0..b' ' => return None, // also at the end
                _ => self.advance(1),
            }
        }
        let text = part(self.text, start, self.at);
        self.advance(1);
        match core::str::from_utf8(text) {
            Ok(text) => Some(text),
            Err(_) => None,
        }
    }

    /// Passes over an escape sequence, if it is one of JSON's. Two surrogates are one character.
    const fn escape(&mut self) -> bool {
        let bytes = match part(self.text, self.at.saturating_add(1), self.text.len()) {
            [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => 2,
            [b'u', a, b, c, d, rest @ ..] => match (code_unit([*a, *b, *c, *d]), rest) {
                (Some(0xd800..0xdc00), [b'\\', b'u', a, b, c, d, ..]) => match code_unit([*a, *b, *c, *d]) {
                    Some(0xdc00..0xe000) => 12,
                    _ => return false,
                },
                (None | Some(0xd800..0xe000), _) => return false,
                _ => 6,
            },
            _ => return false,
        };
        self.advance(bytes);
        true
    }

    /// An object whose values are strings.
    const fn skip_strings(&mut self) -> bool {
        if !self.take(b'{') {
            return false;
        }
        if self.take(b'}') {
            return true;
        }
        loop {
            if self.string().is_none() || !self.take(b':') || self.string().is_none() {
                return false;
            }
            if !self.take(b',') {
                return self.take(b'}');
            }
        }
    }

    const fn number(&mut self) -> Option<usize> {
        self.peek();
        let start = self.at;
        let mut number = 0_usize;
        while self.byte().is_ascii_digit() {
            let digit = self.byte().wrapping_sub(b'0') as usize;
            number = match number.checked_mul(10) {
                Some(tens) => match tens.checked_add(digit) {
                    Some(number) => number,
                    None => return None,
                },
                None => return None,
            };
            self.advance(1);
        }
        let digits = part(self.text, start, self.at);
        // JSON has no numbers such as 007.
        if matches!(digits, [] | [b'0', _, ..]) { None } else { Some(number) }
    }

    /// `[0, 4]`
    const fn two_numbers(&mut self) -> Option<(usize, usize)> {
        if !self.take(b'[') {
            return None;
        }
        let Some(first) = self.number() else { return None };
        if !self.take(b',') {
            return None;
        }
        let Some(second) = self.number() else { return None };
        if self.take(b']') { Some((first, second)) } else { None }
    }

    const fn shape(&mut self) -> Result<Shape, FormatError> {
        if !self.take(b'[') {
            return Err(self.error());
        }
        let mut list = Shape::SCALAR;
        if self.take(b']') {
            return Ok(list);
        }
        loop {
            let Some(number) = self.number() else { return Err(self.error()) };
            list = match list.with(number) {
                Some(list) => list,
                None => return Err(FormatError::Rank { at: self.place() }),
            };
            if !self.take(b',') {
                return if self.take(b']') { Ok(list) } else { Err(self.error()) };
            }
        }
    }
}

/// The number of four hexadecimal digits.
const fn code_unit(digits: [u8; 4]) -> Option<u32> {
    let (mut unit, mut rest) = (0, digits.as_slice());
    while let [digit, others @ ..] = rest {
        unit = match (*digit as char).to_digit(16) {
            Some(digit) => unit << 4 | digit,
            None => return None,
        };
        rest = others;
    }
    Some(unit)
}
