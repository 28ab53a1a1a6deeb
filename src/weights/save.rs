//! Parameters into a file.

use core::fmt;

use super::load::LoadError;
use super::names::{Names, same_name};
use super::write::{Writer, write_file};
use crate::params::Parameters;
use crate::persist::Parts;
use crate::scalar::Scalar;

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
    write: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), SaveError<E>> {
    save_with(parameters, names, write, |_| ())
}

/// The same with more metadata.
pub(super) fn save_with<T: Scalar, P: Parameters<T>, W: FnMut(&[u8]) -> Result<(), E>, E>(
    parameters: &P,
    names: Names<'_>,
    write: W,
    metadata: impl Fn(&mut Writer<'_, W, E>),
) -> Result<(), SaveError<E>> {
    if let Names::Given(given) = names {
        if given.len() != P::SCHEMA.named() {
            return Err(SaveError::Names { given: given.len(), needed: P::SCHEMA.named() });
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
    write_file(names, write, metadata, |writer| writer.parameters::<T, P>("", [parameters], []))
        .map_err(SaveError::Write)
}
