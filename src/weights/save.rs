//! Parameters into a file.

use core::fmt;

use super::layout::{file_lengths, is_count, own_index};
use super::load::LoadError;
use super::names::{Key, Names, same_name};
use crate::params::Parameters;
use crate::scalar::Scalar;
use crate::schema::{Field, Schema};
use crate::text::Text;

/// Why parameters were not saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SaveError<E> {
    /// There are not as many names as layers with parameters.
    Names {
        /// How many names were given.
        given: usize,
        /// How many the network needs.
        needed: usize,
    },
    /// Two layers have the same name.
    SameName {
        /// The number of the first such name.
        first: usize,
    },
    /// A name has a quote, a backslash or a control character.
    Name {
        /// The number of the name.
        index: usize,
    },
    /// The error of the destination.
    Write(E),
}

impl<E: fmt::Display> fmt::Display for SaveError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            SaveError::Names { given, needed } => LoadError::Names { given, needed }.fmt(f),
            SaveError::SameName { first } => LoadError::SameName { first }.fmt(f),
            SaveError::Name { index } => {
                write!(f, "name {index} has a quote, a backslash or a control character")
            }
            SaveError::Write(ref error) => error.fmt(f),
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for SaveError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            SaveError::Write(error) => Some(error),
            _ => None,
        }
    }
}

/// Saves all parameters as a safetensors file: calls `write` with one piece of it after the other.
///
/// # Errors
///
/// [`SaveError::Write`] if `write` fails; the others before anything is written.
pub fn save<T: Scalar, P: Parameters<T>, E>(
    parameters: &P,
    names: Names<'_>,
    mut write: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), SaveError<E>> {
    let schema = &P::SCHEMA;
    if let Names::Given(given) = names {
        if given.len() != schema.named() {
            return Err(SaveError::Names { given: given.len(), needed: schema.named() });
        }
        if let Some(first) = same_name(given) {
            return Err(SaveError::SameName { first });
        }
        let escaped = |c: char| c < ' ' || c == '"' || c == '\\';
        let mut indices = (0..given.len()).zip(given);
        if let Some((index, _)) = indices.find(|(_, name)| name.contains(escaped)) {
            return Err(SaveError::Name { index });
        }
    }
    write_file(parameters, schema, names, &mut write).map_err(SaveError::Write)
}

fn write_file<T: Scalar, P: Parameters<T>, E>(
    parameters: &P,
    schema: &Schema,
    names: Names<'_>,
    write: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut length = 0_usize;
    let counted = write_header::<T, core::convert::Infallible>(schema, names, &mut |piece| {
        length = piece.len().saturating_add(length);
        Ok(())
    });
    let Ok(()) = counted;
    // The numbers begin at a multiple of 8.
    let padding = length.wrapping_neg() % 8;
    write(&(length.saturating_add(padding) as u64).to_le_bytes())?;
    write_header::<T, E>(schema, names, write)?;
    write(b"       ".get(..padding).unwrap_or_default())?;
    for counts in [true, false] {
        let (mut result, mut index) = (Ok(()), 0_usize);
        parameters.visit(|_, values| {
            if let Some(located) = schema.block(index)
                && is_count(&located.field) == counts
                && result.is_ok()
            {
                result = write_numbers(&located.field, values, write);
            }
            index = index.saturating_add(1);
        });
        result?;
    }
    Ok(())
}

/// Counts come first, because readers expect numbers of 8 bytes at multiples of 8.
fn write_header<T: Scalar, E>(
    schema: &Schema,
    names: Names<'_>,
    write: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut offset = 0_usize;
    write(b"{\"__metadata__\":{\"format\":\"pt\"}")?;
    for counts in [true, false] {
        for located in (0..schema.blocks()).filter_map(|index| schema.block(index)) {
            let field = &located.field;
            if is_count(field) != counts {
                continue;
            }
            let (dtype, bytes) = match (counts, size_of::<T>()) {
                (true, _) => ("I64", 8),
                (false, 4) => ("F32", 4),
                (false, _) => ("F64", 8),
            };
            write(b",\"")?;
            for piece in Key::new(names, &located).pieces() {
                write(piece.as_bytes())?;
            }
            write(b"\":{\"dtype\":\"")?;
            write(dtype.as_bytes())?;
            write(b"\",\"shape\":[")?;
            let mut elements = 1_usize;
            for (place, length) in (0..field.shape.len()).zip(file_lengths(field)) {
                elements = elements.saturating_mul(length);
                if place > 0 {
                    write(b",")?;
                }
                write(Text::<20>::EMPTY.with_number(length as u64).as_str().as_bytes())?;
            }
            write(b"],\"data_offsets\":[")?;
            write(Text::<20>::EMPTY.with_number(offset as u64).as_str().as_bytes())?;
            offset = elements.saturating_mul(bytes).saturating_add(offset);
            write(b",")?;
            write(Text::<20>::EMPTY.with_number(offset as u64).as_str().as_bytes())?;
            write(b"]}")?;
        }
    }
    write(b"}")
}

/// The numbers of a block in the order of the file, in pieces.
fn write_numbers<T: Scalar, E>(
    field: &Field,
    values: &[T],
    write: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let (mut piece, mut len) = ([0; 256], 0_usize);
    for index in 0..values.len() {
        let value = values.get(own_index(field, index)).copied().unwrap_or(T::ZERO);
        let (bytes, size) = if is_count(field) {
            ((value.to_f64() as i64).to_le_bytes(), 8)
        } else {
            (value.to_bits().to_le_bytes(), size_of::<T>())
        };
        for (slot, byte) in piece.iter_mut().skip(len).zip(bytes.iter().take(size)) {
            *slot = *byte;
        }
        len = size.saturating_add(len);
        if len == piece.len() {
            write(&piece)?;
            len = 0;
        }
    }
    write(piece.get(..len).unwrap_or_default())
}
