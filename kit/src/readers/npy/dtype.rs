//! The types of elements.

use half::f16;

use super::error::NpyProblem;
use crate::readers::float::Float;

/// The type of the elements, and the order of their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dtype {
    kind: Kind,
    /// The bytes of an element.
    pub size: usize,
    big_endian: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Float,
    Signed,
    /// Unsigned integers, and bools.
    Unsigned,
}

/// An element, exactly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Float(f64),
    Signed(i64),
    Unsigned(u64),
}

impl Dtype {
    /// Parses a type as numpy writes it, such as `<f4` or `|u1`.
    pub fn parse(text: &str) -> Result<Self, NpyProblem> {
        let unknown = || NpyProblem::Dtype { dtype: format!("{text:?}") };
        let mut rest = text.chars();
        let order = rest.next().ok_or_else(unknown)?;
        let (kind, size) = match rest.as_str() {
            "b1" | "u1" => (Kind::Unsigned, 1),
            "u2" => (Kind::Unsigned, 2),
            "u4" => (Kind::Unsigned, 4),
            "u8" => (Kind::Unsigned, 8),
            "i1" => (Kind::Signed, 1),
            "i2" => (Kind::Signed, 2),
            "i4" => (Kind::Signed, 4),
            "i8" => (Kind::Signed, 8),
            "f2" => (Kind::Float, 2),
            "f4" => (Kind::Float, 4),
            "f8" => (Kind::Float, 8),
            _ => return Err(unknown()),
        };
        match order {
            '<' | '>' => Ok(Self { kind, size, big_endian: order == '>' }),
            '|' if size == 1 => Ok(Self { kind, size, big_endian: false }),
            _ => Err(unknown()),
        }
    }

    /// Whether the elements are integers.
    pub fn is_integer(self) -> bool {
        self.kind != Kind::Float
    }

    /// The number of which these are the bytes.
    pub fn decode(self, bytes: &[u8]) -> Number {
        let mut bits = 0;
        for (index, byte) in bytes.iter().take(8).enumerate() {
            let place = if self.big_endian { self.size - 1 - index } else { index };
            bits |= u64::from(*byte) << (8 * place);
        }
        match (self.kind, self.size) {
            (Kind::Float, 2) => Number::Float(f16::from_bits(bits as u16).to_f64()),
            (Kind::Float, 4) => Number::Float(f32::from_bits(bits as u32).into()),
            (Kind::Float, _) => Number::Float(f64::from_bits(bits)),
            (Kind::Signed, size) => {
                // Extends the sign.
                let unused = 64 - 8 * size as u32;
                Number::Signed((bits << unused).cast_signed() >> unused)
            }
            (Kind::Unsigned, _) => Number::Unsigned(bits),
        }
    }
}

impl Number {
    /// The nearest value of `T`.
    pub fn nearest<T: Float>(self) -> T {
        match self {
            Number::Float(x) => T::from_f64(x),
            Number::Signed(n) => T::from_i64(n),
            Number::Unsigned(n) => T::from_u64(n),
        }
    }

    /// The value as `f64`, for messages.
    pub fn to_f64(self) -> f64 {
        self.nearest()
    }

    /// The value of an integer; 0 for others.
    pub fn integer(self) -> i128 {
        match self {
            Number::Float(_) => 0,
            Number::Signed(n) => n.into(),
            Number::Unsigned(n) => n.into(),
        }
    }
}
