//! State that can be saved and restored exactly.

use core::array;

use crate::array::map;
use crate::dtype::Dtype;
use crate::params::Parameters;
use crate::scalar::Scalar;

/// State that a checkpoint saves and restores exactly: a trainer, an optimiser's state, values of your own.
///
/// Numbers, arrays of numbers, networks, `()` and tuples of up to four have an implementation. For a struct, visit each
/// field:
///
/// ```
/// use stackprop::{Parts, Persist};
///
/// struct Search {
///     best_loss: f32,
///     seed: [u8; 32],
/// }
///
/// impl Persist for Search {
///     fn walk<const R: usize, const W: usize>(
///         read: [&Self; R],
///         mut write: [&mut Self; W],
///         parts: &mut impl Parts<R, W>,
///     ) {
///         parts.number("best_loss", read.map(|s| &s.best_loss), write.each_mut().map(|s| &mut s.best_loss));
///         parts.numbers("seed", read.map(|s| &s.seed), write.each_mut().map(|s| &mut s.seed));
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be saved in a checkpoint",
    note = "numbers, arrays of numbers, networks, `()` and tuples can; a struct implements `Persist`"
)]
pub trait Persist {
    /// The name that a checkpoint has to have: for a trainer, that of the optimiser.
    const NAME: &'static str = "";

    /// Visits each part in a fixed order: those of the `R` values that are only read and of the `W` values that may be
    /// written, in lockstep. Without values, it visits only names and types.
    fn walk<const R: usize, const W: usize>(
        read: [&Self; R],
        write: [&mut Self; W],
        parts: &mut impl Parts<R, W>,
    );
}

/// A visitor of the parts of a [`Persist`].
pub trait Parts<const R: usize, const W: usize> {
    /// Visits all parameters of a network, or what has the shape of trained parameters.
    fn parameters<T: Scalar, P: Parameters<T>>(
        &mut self,
        name: &'static str,
        read: [&P; R],
        write: [&mut P; W],
    );

    /// Visits an array of numbers.
    fn numbers<U: Number, const N: usize>(
        &mut self,
        name: &'static str,
        read: [&[U; N]; R],
        write: [&mut [U; N]; W],
    );

    /// Visits the parts of a value inside of this one.
    fn group<V: Persist>(&mut self, name: &'static str, read: [&V; R], write: [&mut V; W]);

    /// Visits one number.
    fn number<U: Number>(&mut self, name: &'static str, read: [&U; R], write: [&mut U; W]) {
        self.numbers(name, map(read, array::from_ref), map(write, array::from_mut));
    }
}

mod sealed {
    pub trait Sealed {}
}

/// A number that a checkpoint can hold: `u8`, `u32`, `u64`, `f32` or `f64`. Sealed.
pub trait Number: sealed::Sealed + Copy + Persist {
    /// The type in a file.
    const DTYPE: Dtype;

    /// The bits, in the lowest bytes.
    fn to_word(self) -> u64;

    /// The number with these bits.
    fn from_word(word: u64) -> Self;
}

macro_rules! numbers {
    ($($t:ident: $dtype:ident, $value:ident => $to:expr, $word:ident => $from:expr;)*) => {$(
        impl sealed::Sealed for $t {}

        impl Number for $t {
            const DTYPE: Dtype = Dtype::$dtype;

            #[inline]
            fn to_word(self) -> u64 {
                let $value = self;
                $to
            }

            #[inline]
            fn from_word($word: u64) -> Self {
                $from
            }
        }

        impl Persist for $t {
            fn walk<const R: usize, const W: usize>(
                read: [&Self; R],
                write: [&mut Self; W],
                parts: &mut impl Parts<R, W>,
            ) {
                parts.number("", read, write);
            }
        }
    )*};
}

numbers! {
    u8: U8, x => u64::from(x), word => word as u8;
    u32: U32, x => u64::from(x), word => word as u32;
    u64: U64, x => x, word => word;
    f32: F32, x => u64::from(x.to_bits()), word => f32::from_bits(word as u32);
    f64: F64, x => x.to_bits(), word => f64::from_bits(word);
}

impl<U: Number, const N: usize> Persist for [U; N] {
    fn walk<const R: usize, const W: usize>(
        read: [&Self; R],
        write: [&mut Self; W],
        parts: &mut impl Parts<R, W>,
    ) {
        parts.numbers("", read, write);
    }
}

macro_rules! tuples {
    ($(($($name:literal $index:tt $V:ident),*))*) => {$(
        impl<$($V: Persist),*> Persist for ($($V,)*) {
            #[allow(unused_variables, unused_mut)]
            fn walk<const R: usize, const W: usize>(
                read: [&Self; R],
                mut write: [&mut Self; W],
                parts: &mut impl Parts<R, W>,
            ) {
                $(parts.group($name, map(read, |v| &v.$index), map(write.each_mut(), |v| &mut v.$index));)*
            }
        }
    )*};
}

tuples! {
    ()
    ("0" 0 A, "1" 1 B)
    ("0" 0 A, "1" 1 B, "2" 2 C)
    ("0" 0 A, "1" 1 B, "2" 2 C, "3" 3 D)
}

/// Implements [`Persist`] for a struct of this crate, from the list of its fields, each by the method of [`Parts`] that
/// visits it.
macro_rules! persist {
    ([$($generics:tt)*] $name:ty $(, named $value:expr)?; $($method:ident $field:ident),* $(,)?) => {
        impl<$($generics)*> $crate::persist::Persist for $name {
            $(const NAME: &'static str = $value;)?

            fn walk<const READ: usize, const WRITE: usize>(
                read: [&Self; READ],
                mut write: [&mut Self; WRITE],
                parts: &mut impl $crate::persist::Parts<READ, WRITE>,
            ) {
                $(parts.$method(
                    stringify!($field),
                    $crate::map_array(read, |value| &value.$field),
                    $crate::map_array(write.each_mut(), |value| &mut value.$field),
                );)*
            }
        }
    };
}
pub(crate) use persist;
