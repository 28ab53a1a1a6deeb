//! The constants of an ONNX file, as `f64`.

use std::collections::HashMap;
use std::path::{Component, Path};
use std::rc::Rc;

use half::{bf16, f16};
use rten_onnx::onnx::{DataLocation, DataType, TensorProto};

/// A constant: a tensor whose numbers are known.
#[derive(Clone, Debug)]
pub struct Constant {
    pub dims: Vec<usize>,
    /// In row-major order, as many as the product of `dims`.
    pub data: Rc<[f64]>,
}

impl Constant {
    pub fn vector(data: Vec<f64>) -> Self {
        Self { dims: vec![data.len()], data: data.into() }
    }
}

/// Why a tensor was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TensorError {
    /// Numbers of this type are not read.
    #[error("its type is {found}, but only FLOAT, DOUBLE, FLOAT16, BFLOAT16, INT32, INT64 and BOOL are read")]
    Type {
        /// The type's name in ONNX.
        found: String,
    },
    /// A dimension is negative, or the number of elements overflows.
    #[error("its dimensions {dims:?} are not those of a tensor")]
    Dimensions {
        /// The dimensions.
        dims: Vec<i64>,
    },
    /// There are more or fewer numbers than the dimensions say.
    #[error("its dimensions {dims:?} need {needed} numbers, but the file has {found}")]
    Length {
        /// The dimensions.
        dims: Vec<i64>,
        /// Their product.
        needed: usize,
        /// The number of elements that the file has.
        found: usize,
    },
    /// The numbers are in another file, whose path is not one below the directory of the model.
    #[error("its numbers are in `{location}`, which is not in the directory of the model")]
    Outside {
        /// The path.
        location: String,
    },
    /// The numbers are in another file, which cannot be read.
    #[error("its numbers are in `{location}`, which cannot be read: put it beside the model")]
    Unreadable {
        /// The path.
        location: String,
    },
    /// The numbers are in another file, which ends before them.
    #[error("its numbers are bytes {offset} to {end} of `{location}`, which has {found} bytes")]
    Cut {
        /// The path.
        location: String,
        /// Where they begin.
        offset: u64,
        /// Where they end.
        end: u64,
        /// The length of that file.
        found: usize,
    },
}

/// Reads tensors, also from other files, each of which is read once.
pub struct Tensors<'f> {
    read: &'f dyn Fn(&str) -> Option<Vec<u8>>,
    files: HashMap<String, Rc<Vec<u8>>>,
}

impl<'f> Tensors<'f> {
    pub fn new(read: &'f dyn Fn(&str) -> Option<Vec<u8>>) -> Self {
        Self { read, files: HashMap::new() }
    }

    /// The number of bytes of the other files that were read.
    pub fn external_bytes(&self) -> usize {
        self.files.values().map(|file| file.len()).sum()
    }

    pub fn constant(&mut self, tensor: &TensorProto) -> Result<Constant, TensorError> {
        let dims = || tensor.dims.clone();
        let lengths: Result<Vec<usize>, _> = tensor.dims.iter().map(|d| usize::try_from(*d)).collect();
        let (lengths, needed) = lengths
            .ok()
            .and_then(|lengths| {
                let product = lengths.iter().try_fold(1_usize, |product, d| product.checked_mul(*d))?;
                Some((lengths, product))
            })
            .ok_or_else(|| TensorError::Dimensions { dims: dims() })?;
        let data = self.numbers(tensor)?;
        if data.len() != needed {
            return Err(TensorError::Length { dims: dims(), needed, found: data.len() });
        }
        Ok(Constant { dims: lengths, data: data.into() })
    }

    fn numbers(&mut self, tensor: &TensorProto) -> Result<Vec<f64>, TensorError> {
        let kind = tensor.data_type.unwrap_or(DataType(0));
        if tensor.data_location == Some(DataLocation::EXTERNAL) {
            return self.external(tensor, kind);
        }
        match &tensor.raw_data {
            Some(raw) => from_bytes(kind, &raw.borrow()),
            None => from_lists(kind, tensor),
        }
    }

    fn external(&mut self, tensor: &TensorProto, kind: DataType) -> Result<Vec<f64>, TensorError> {
        let entry = |key: &str| {
            let found = tensor.external_data.iter().find(|entry| entry.key.as_deref() == Some(key))?;
            found.value.clone()
        };
        let location = entry("location").unwrap_or_default();
        let inside = Path::new(&location).components().all(|part| matches!(part, Component::Normal(_)));
        if location.is_empty() || !inside {
            return Err(TensorError::Outside { location });
        }
        let file = match self.files.get(&location) {
            Some(file) => Rc::clone(file),
            None => {
                let bytes = (self.read)(&location);
                let bytes = bytes.ok_or_else(|| TensorError::Unreadable { location: location.clone() })?;
                let file = Rc::new(bytes);
                self.files.insert(location.clone(), Rc::clone(&file));
                file
            }
        };
        let number = |key: &str| entry(key).and_then(|value| value.parse::<u64>().ok());
        let offset = number("offset").unwrap_or(0);
        let end = match number("length") {
            Some(length) => offset.saturating_add(length),
            None => file.len() as u64,
        };
        let range = usize::try_from(offset).unwrap_or(usize::MAX)..usize::try_from(end).unwrap_or(usize::MAX);
        match file.get(range) {
            Some(bytes) => from_bytes(kind, bytes),
            None => Err(TensorError::Cut { location, offset, end, found: file.len() }),
        }
    }
}

/// Little-endian numbers. A last number that is cut off is left out: the length is then wrong.
fn from_bytes(kind: DataType, bytes: &[u8]) -> Result<Vec<f64>, TensorError> {
    fn each<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f64) -> Vec<f64> {
        bytes.as_chunks().0.iter().map(|chunk| number(*chunk)).collect()
    }
    Ok(match kind {
        DataType::FLOAT => each(bytes, |b| f32::from_le_bytes(b).into()),
        DataType::DOUBLE => each(bytes, f64::from_le_bytes),
        DataType::FLOAT16 => each(bytes, |b| f16::from_le_bytes(b).into()),
        DataType::BFLOAT16 => each(bytes, |b| bf16::from_le_bytes(b).into()),
        DataType::INT32 => each(bytes, |b| i32::from_le_bytes(b).into()),
        DataType::INT64 => each(bytes, |b| i64::from_le_bytes(b) as f64),
        DataType::BOOL => each(bytes, |[b]| f64::from(u8::from(b != 0))),
        _ => return Err(TensorError::Type { found: kind.to_string() }),
    })
}

/// The lists of a `TensorProto`, one for each kind of numbers. Halves are the bits of integers.
fn from_lists(kind: DataType, tensor: &TensorProto) -> Result<Vec<f64>, TensorError> {
    let integers = tensor.int32_data.iter();
    Ok(match kind {
        DataType::FLOAT => tensor.float_data.iter().map(|x| f64::from(*x)).collect(),
        DataType::DOUBLE => tensor.double_data.clone(),
        DataType::FLOAT16 => integers.map(|bits| f16::from_bits(*bits as u16).into()).collect(),
        DataType::BFLOAT16 => integers.map(|bits| bf16::from_bits(*bits as u16).into()).collect(),
        DataType::INT32 | DataType::BOOL => integers.map(|x| f64::from(*x)).collect(),
        DataType::INT64 => tensor.int64_data.iter().map(|x| *x as f64).collect(),
        _ => return Err(TensorError::Type { found: kind.to_string() }),
    })
}
