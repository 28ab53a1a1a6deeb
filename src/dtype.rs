//! The types of numbers in files.

use core::fmt;

use crate::scalar::Scalar;
use crate::text::Text;

/// The type of a tensor's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dtype {
    /// 64-bit floating point.
    F64,
    /// 32-bit floating point.
    F32,
    /// 16-bit floating point, with 5 bits of exponent.
    F16,
    /// 16-bit floating point, with 8 bits of exponent.
    BF16,
    /// 64-bit integer.
    I64,
    /// 64-bit unsigned integer.
    U64,
    /// 32-bit unsigned integer.
    U32,
    /// 8-bit unsigned integer.
    U8,
    /// Another type, of which this crate reads nothing, with numbers of so many bytes.
    Other(u8),
}

impl Dtype {
    /// The bytes of a number.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Dtype::F64 | Dtype::I64 | Dtype::U64 => 8,
            Dtype::F32 | Dtype::U32 => 4,
            Dtype::F16 | Dtype::BF16 => 2,
            Dtype::U8 => 1,
            Dtype::Other(bytes) => bytes as usize,
        }
    }

    /// The name in a file; nothing, if it is another type.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Dtype::F64 => "F64",
            Dtype::F32 => "F32",
            Dtype::F16 => "F16",
            Dtype::BF16 => "BF16",
            Dtype::I64 => "I64",
            Dtype::U64 => "U64",
            Dtype::U32 => "U32",
            Dtype::U8 => "U8",
            Dtype::Other(_) => "",
        }
    }

    /// The type of parameters of type `T`.
    pub(crate) const fn of<T: Scalar>() -> Self {
        if size_of::<T>() == 4 { Dtype::F32 } else { Dtype::F64 }
    }

    /// Whether the numbers are of type `T`.
    pub(crate) const fn is_of<T: Scalar>(self) -> bool {
        matches!((self, size_of::<T>()), (Dtype::F32, 4) | (Dtype::F64, 8))
    }

    pub(crate) const fn from_name(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"F64" => Dtype::F64,
            b"F32" => Dtype::F32,
            b"F16" => Dtype::F16,
            b"BF16" => Dtype::BF16,
            b"I64" => Dtype::I64,
            b"U64" => Dtype::U64,
            b"U32" => Dtype::U32,
            b"U8" => Dtype::U8,
            b"C64" => Dtype::Other(8),
            b"I32" => Dtype::Other(4),
            b"I16" | b"U16" => Dtype::Other(2),
            b"I8" | b"BOOL" | b"F8_E4M3" | b"F8_E5M2" | b"F8_E8M0" => Dtype::Other(1),
            _ => return None,
        })
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Text::<31>::EMPTY.with_dtype(*self).as_str())
    }
}

impl<const N: usize> Text<N> {
    pub(crate) const fn with_dtype(self, dtype: Dtype) -> Self {
        match dtype {
            Dtype::Other(bytes) => self.with("another type, of ").with_number(bytes as u64).with(" bytes"),
            known => self.with(known.name()),
        }
    }
}
