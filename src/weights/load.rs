//! Parameters from a file.

use core::fmt;

use super::layout::{file_index, file_shape, is_count};
use super::names::{Key, Names, same_name};
use super::safetensors::{FormatError, SafeTensors, Shape, Tensor, is_made_of};
use crate::dtype::Dtype;
use crate::params::Parameters;
use crate::scalar::Scalar;
use crate::schema::{Field, Located, Schema};
use crate::slices::first;
use crate::text::{Label, Text};

/// Why a file was not loaded. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum LoadError {
    /// The bytes are not a safetensors file.
    Format(FormatError),
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
    /// The file does not have a tensor that the network needs.
    Missing {
        /// The tensor.
        tensor: Label,
        /// The number of the layer.
        layer: usize,
    },
    /// The file has a tensor for which the network has no place.
    Surplus {
        /// The first such tensor.
        tensor: Label,
    },
    /// A tensor has another shape than the network's parameters.
    Shape {
        /// The tensor.
        tensor: Label,
        /// The number of the layer.
        layer: usize,
        /// The shape in the file.
        found: Shape,
        /// The shape that the layer needs.
        needed: Shape,
    },
    /// The numbers of a tensor are of a type that cannot be loaded.
    Dtype {
        /// The tensor.
        tensor: Label,
        /// The number of the layer.
        layer: usize,
        /// The type in the file.
        found: Dtype,
    },
    /// A number of samples is negative.
    Count {
        /// The tensor.
        tensor: Label,
        /// The number of the layer.
        layer: usize,
        /// The number in the file.
        found: i64,
    },
    /// A field of the layer has more dimensions than the format's reader takes.
    Rank {
        /// The number of the layer.
        layer: usize,
    },
}

impl From<FormatError> for LoadError {
    fn from(error: FormatError) -> Self {
        LoadError::Format(error)
    }
}

impl LoadError {
    /// The message, for [`Display`](fmt::Display) and for the compiler.
    pub(super) const fn text(&self) -> Text<255> {
        let text = Text::EMPTY;
        match self {
            LoadError::Format(error) => error.text(),
            LoadError::Names { given, needed } => text
                .with_number(*given as u64)
                .with(" names were given, but the network has ")
                .with_number(*needed as u64)
                .with(" layers with parameters"),
            LoadError::SameName { first } => {
                text.with("name ").with_number(*first as u64).with(" is given twice")
            }
            LoadError::Missing { tensor, layer } => text
                .with("the file has no ")
                .with_tensor(tensor)
                .with(", which layer ")
                .with_number(*layer as u64)
                .with(" needs"),
            LoadError::Surplus { tensor } => {
                text.with("the file has a ").with_tensor(tensor).with(", for which the network has no place")
            }
            LoadError::Shape { tensor, layer, found, needed } => text
                .with_tensor(tensor)
                .with(" has shape ")
                .with_shape(found)
                .with(", but layer ")
                .with_number(*layer as u64)
                .with(" needs ")
                .with_shape(needed),
            LoadError::Dtype { tensor, layer, found } => text
                .with_tensor(tensor)
                .with(" is of ")
                .with_dtype(*found)
                .with(", which layer ")
                .with_number(*layer as u64)
                .with(" cannot take"),
            LoadError::Count { tensor, layer, found } => text
                .with_tensor(tensor)
                .with(" is -")
                .with_number(found.unsigned_abs())
                .with(", but layer ")
                .with_number(*layer as u64)
                .with(" needs a number of samples"),
            LoadError::Rank { layer } => text
                .with("layer ")
                .with_number(*layer as u64)
                .with(" has parameters of more than ")
                .with_number(Shape::MAX_RANK as u64)
                .with(" dimensions"),
        }
    }
}

impl Text<255> {
    const fn with_tensor(self, tensor: &Label) -> Self {
        self.with("tensor `").with(tensor.as_str()).with("`")
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

impl core::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            LoadError::Format(error) => Some(error),
            _ => None,
        }
    }
}

/// The tensor for a block, if it is as the layer needs it.
pub(crate) const fn tensor_for<'a>(
    file: &SafeTensors<'a>,
    key: &Key<'_>,
    located: &Located,
) -> Result<Tensor<'a>, LoadError> {
    let layer = located.layer;
    let Some(tensor) = file.find(&key.pieces()) else {
        return Err(LoadError::Missing { tensor: key.name(), layer });
    };
    let Some(needed) = file_shape(&located.field) else { return Err(LoadError::Rank { layer }) };
    if !tensor.shape.equals(&needed) {
        return Err(LoadError::Shape { tensor: key.name(), layer, found: tensor.shape, needed });
    }
    match (tensor.dtype, is_count(&located.field)) {
        (Dtype::F64 | Dtype::F32 | Dtype::F16 | Dtype::BF16, false) => Ok(tensor),
        (Dtype::I64, true) => match tensor.data.first_chunk() {
            // One before 0 would make a layer divide by 0.
            Some(bytes) if i64::from_le_bytes(*bytes) < 0 => {
                Err(LoadError::Count { tensor: key.name(), layer, found: i64::from_le_bytes(*bytes) })
            }
            _ => Ok(tensor),
        },
        (found, _) => Err(LoadError::Dtype { tensor: key.name(), layer, found }),
    }
}

/// Whether the file fits parameters of this structure.
pub(super) const fn check<'a>(
    schema: &Schema,
    bytes: &'a [u8],
    names: Names<'_>,
) -> Result<SafeTensors<'a>, LoadError> {
    let file = match SafeTensors::parse(bytes) {
        Ok(file) => file,
        Err(error) => return Err(LoadError::Format(error)),
    };
    if let Names::Given(given) = names {
        if given.len() != schema.named() {
            return Err(LoadError::Names { given: given.len(), needed: schema.named() });
        }
        if let Some(first) = same_name(given) {
            return Err(LoadError::SameName { first });
        }
    }
    let mut index = 0_usize;
    while let Some(located) = schema.block(index) {
        if let Err(error) = tensor_for(&file, &Key::new(Text::EMPTY, names, &located), &located) {
            return Err(error);
        }
        index = index.saturating_add(1);
    }
    match surplus(&file, schema, names) {
        Some(tensor) => Err(LoadError::Surplus { tensor: Label::of(tensor.name) }),
        None => Ok(file),
    }
}

/// The first tensor of the file that belongs to no block.
const fn surplus<'a>(file: &SafeTensors<'a>, schema: &Schema, names: Names<'_>) -> Option<Tensor<'a>> {
    let mut entries = file.entries();
    while let Ok(Some(tensor)) = entries.next() {
        let (mut index, mut has_place) = (0_usize, false);
        while let Some(located) = schema.block(index) {
            has_place |= is_made_of(tensor.name.as_bytes(), &Key::new(Text::EMPTY, names, &located).pieces());
            index = index.saturating_add(1);
        }
        if !has_place {
            return Some(tensor);
        }
    }
    None
}

/// Loads all parameters of a network from a safetensors file.
///
/// # Errors
///
/// [`LoadError`] if the file does not have exactly the network's tensors, with its names and shapes. Nothing is changed
/// then.
pub fn load<T: Scalar, P: Parameters<T>>(
    parameters: &mut P,
    file: &[u8],
    names: Names<'_>,
) -> Result<(), LoadError> {
    let file = check(&P::SCHEMA, file, names)?;
    let mut index = 0_usize;
    parameters.visit_mut(|_, values| {
        // Both are there: `check` has asked for each.
        if let Some(located) = P::SCHEMA.block(index)
            && let Ok(tensor) = tensor_for(&file, &Key::new(Text::EMPTY, names, &located), &located)
        {
            fill(values, &located.field, &tensor);
        }
        index = index.saturating_add(1);
    });
    Ok(())
}

pub(crate) fn fill<T: Scalar>(values: &mut [T], field: &Field, tensor: &Tensor<'_>) {
    let number = |bytes: &[u8]| -> Option<f64> {
        Some(match tensor.dtype {
            Dtype::F64 => f64::from_le_bytes(*bytes.first_chunk()?),
            Dtype::F32 => f64::from(f32::from_le_bytes(*bytes.first_chunk()?)),
            Dtype::F16 => f64_from_f16(u16::from_le_bytes(*bytes.first_chunk()?)),
            Dtype::BF16 => {
                f64::from(f32::from_bits(u32::from(u16::from_le_bytes(*bytes.first_chunk()?)) << 16))
            }
            Dtype::I64 => i64::from_le_bytes(*bytes.first_chunk()?) as f64,
            Dtype::U64 | Dtype::U32 | Dtype::U8 | Dtype::Other(_) => return None,
        })
    };
    let size = tensor.dtype.bytes();
    // A number of the network's own type keeps its bits, also if it is a NaN.
    let own = tensor.dtype.is_of::<T>();
    // (`enumerate` has a panic path where overflow is checked.)
    for (index, value) in (0..values.len()).zip(values.iter_mut()) {
        let bytes = tensor.data.get(file_index(field, index).saturating_mul(size)..);
        let Some(bytes) = bytes else { continue };
        if own {
            *value = T::from_bits(word(first(bytes, size)));
        } else if let Some(x) = number(bytes) {
            *value = T::from_f64(x);
        }
    }
}

/// Little-endian bytes as the lowest of a word.
pub(crate) fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// The number of an IEEE half, exactly.
const fn f64_from_f16(bits: u16) -> f64 {
    let (sign, exponent, fraction) = ((bits >> 15) as u64, (bits >> 10 & 31) as u64, (bits & 1023) as u64);
    let magnitude = match exponent {
        // Multiples of 2^-24.
        0 => fraction as f64 * f64::from_bits((1023 - 24) << 52),
        31 => f64::from_bits(0x7ff << 52 | fraction << 42),
        _ => f64::from_bits(exponent.wrapping_add(1023 - 15) << 52 | fraction << 42),
    };
    if sign == 1 { -magnitude } else { magnitude }
}
