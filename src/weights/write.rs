//! Tensors into a file.

use super::layout::{file_lengths, is_count, own_index};
use super::names::{Key, Names, inside};
use crate::dtype::Dtype;
use crate::params::Parameters;
use crate::persist::{Number, Parts, Persist};
use crate::scalar::Scalar;
use crate::schema::Field;
use crate::text::Text;

/// The lengths of numbers in bytes, in the order of the file: readers expect each number at a multiple of its length.
const SIZES: [usize; 3] = [8, 4, 1];

/// Writes a safetensors file, by calling `write` with one piece of it after the other.
///
/// `metadata` and `tensors` call the writer's methods for what is in the file. They are called several times: to measure
/// the header, to write it, and to write the numbers.
pub(crate) fn write_file<W: FnMut(&[u8]) -> Result<(), E>, E>(
    names: Names<'_>,
    write: W,
    metadata: impl Fn(&mut Writer<'_, W, E>),
    tensors: impl Fn(&mut Writer<'_, W, E>),
) -> Result<(), E> {
    let mut writer = Writer {
        names,
        write,
        prefix: Text::EMPTY,
        pass: Pass::Measure,
        size: 0,
        length: 0,
        offset: 0,
        result: Ok(()),
    };
    writer.header(&metadata, &tensors);
    // The numbers begin at a multiple of 8.
    let padding = writer.length.wrapping_neg() % 8;
    let length = writer.length.saturating_add(padding) as u64;
    writer.pass = Pass::Header;
    writer.put(&length.to_le_bytes());
    writer.header(&metadata, &tensors);
    writer.put(b"       ".get(..padding).unwrap_or_default());
    writer.pass = Pass::Numbers;
    for size in SIZES {
        writer.size = size;
        tensors(&mut writer);
    }
    writer.result
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// Only adds up the length of the header.
    Measure,
    Header,
    Numbers,
}

pub(crate) struct Writer<'n, W, E> {
    names: Names<'n>,
    write: W,
    /// The name of what the next tensors are parts of.
    prefix: Text<95>,
    pass: Pass,
    /// Tensors with numbers of another length belong to another turn.
    size: usize,
    /// The bytes so far, if they are measured.
    length: usize,
    /// The place of the next tensor's numbers.
    offset: usize,
    result: Result<(), E>,
}

impl<W: FnMut(&[u8]) -> Result<(), E>, E> Writer<'_, W, E> {
    fn put(&mut self, bytes: &[u8]) {
        if self.pass == Pass::Measure {
            self.length = bytes.len().saturating_add(self.length);
        } else if self.result.is_ok() {
            self.result = (self.write)(bytes);
        }
    }

    fn put_number(&mut self, number: usize) {
        self.put(Text::<20>::EMPTY.with_number(number as u64).as_str().as_bytes());
    }

    fn header(&mut self, metadata: &impl Fn(&mut Self), tensors: &impl Fn(&mut Self)) {
        self.offset = 0;
        self.put(b"{\"__metadata__\":{\"format\":\"pt\"");
        metadata(self);
        self.put(b"}");
        for size in SIZES {
            self.size = size;
            tensors(self);
        }
        self.put(b"}");
    }

    /// An entry of the metadata, whose text is made of these pieces.
    pub(crate) fn metadata(&mut self, name: &str, pieces: impl Iterator<Item = impl AsRef<str>>) {
        self.put(b",\"");
        self.put(name.as_bytes());
        self.put(b"\":\"");
        for piece in pieces {
            self.put(piece.as_ref().as_bytes());
        }
        self.put(b"\"");
    }

    /// The entry of a tensor in the header.
    fn entry(&mut self, key: &Key<'_>, dtype: Dtype, lengths: impl Iterator<Item = usize>) {
        self.put(b",\"");
        for piece in key.pieces() {
            self.put(piece.as_bytes());
        }
        self.put(b"\":{\"dtype\":\"");
        self.put(dtype.name().as_bytes());
        self.put(b"\",\"shape\":[");
        let (mut elements, mut separator) = (1_usize, "");
        for length in lengths {
            elements = elements.saturating_mul(length);
            self.put(separator.as_bytes());
            self.put_number(length);
            separator = ",";
        }
        self.put(b"],\"data_offsets\":[");
        self.put_number(self.offset);
        self.offset = elements.saturating_mul(dtype.bytes()).saturating_add(self.offset);
        self.put(b",");
        self.put_number(self.offset);
        self.put(b"]}");
    }

    /// The numbers of a tensor, each as the lowest bytes of a word.
    fn words(&mut self, words: impl Iterator<Item = u64>) {
        let (mut piece, mut len) = ([0; 256], 0_usize);
        for word in words {
            for (slot, byte) in piece.iter_mut().skip(len).zip(word.to_le_bytes().iter().take(self.size)) {
                *slot = *byte;
            }
            len = self.size.saturating_add(len);
            if len == piece.len() {
                self.put(&piece);
                len = 0;
            }
        }
        self.put(piece.get(..len).unwrap_or_default());
    }

    fn block<T: Scalar>(&mut self, key: &Key<'_>, field: &Field, values: &[T]) {
        let counts = is_count(field);
        let dtype = if counts { Dtype::I64 } else { Dtype::of::<T>() };
        if dtype.bytes() != self.size {
            return;
        }
        if self.pass != Pass::Numbers {
            return self.entry(key, dtype, file_lengths(field));
        }
        self.words((0..values.len()).map(|index| {
            let value = values.get(own_index(field, index)).copied().unwrap_or(T::ZERO);
            if counts { value.to_f64() as i64 as u64 } else { value.to_bits() }
        }));
    }
}

impl<W: FnMut(&[u8]) -> Result<(), E>, E> Parts<1, 0> for Writer<'_, W, E> {
    fn parameters<T: Scalar, P: Parameters<T>>(
        &mut self,
        name: &'static str,
        [part]: [&P; 1],
        []: [&mut P; 0],
    ) {
        let (prefix, mut index) = (inside(self.prefix, name), 0_usize);
        part.visit(|_, values| {
            if let Some(located) = P::SCHEMA.block(index) {
                self.block(&Key::new(prefix, self.names, &located), &located.field, values);
            }
            index = index.saturating_add(1);
        });
    }

    fn numbers<U: Number, const N: usize>(
        &mut self,
        name: &'static str,
        [part]: [&[U; N]; 1],
        []: [&mut [U; N]; 0],
    ) {
        if U::DTYPE.bytes() != self.size {
            return;
        }
        if self.pass == Pass::Numbers {
            self.words(part.iter().map(|number| number.to_word()));
        } else {
            self.entry(&Key::of_part(self.prefix, name), U::DTYPE, [N].into_iter());
        }
    }

    fn group<V: Persist>(&mut self, name: &'static str, read: [&V; 1], write: [&mut V; 0]) {
        let outer = self.prefix;
        self.prefix = inside(outer, name);
        V::walk(read, write, self);
        self.prefix = outer;
    }
}
