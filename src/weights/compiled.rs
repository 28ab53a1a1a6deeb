//! Parameters from a file when a program is compiled: [`weights!`](crate::weights!).
//!
//! A network is made by constants of its layers ([`FromFile`]), each of which reads its blocks of parameters. A block is
//! read at once, as an array: reading number by number takes the compiler five times as long.
#![allow(unsafe_code)]

use core::marker::PhantomData;

use super::load::{LoadError, check, tensor_for};
use super::names::{Key, Names};
use super::safetensors::SafeTensors;
use crate::dtype::Dtype;
use crate::params::{Numbers, Parameters};
use crate::scalar::Scalar;
use crate::schema::Schema;
use crate::text::Text;
use crate::vector::Vector;
use crate::zero::Zero;

/// A file that is a part of the program.
#[doc(hidden)]
pub trait File {
    const BYTES: &'static [u8];
    const NAMES: Names<'static>;
}

/// Where a layer's parameters are read from.
#[doc(hidden)]
pub trait Source {
    /// The file, or an empty one if it does not fit.
    const FILE: SafeTensors<'static>;
    const NAMES: Names<'static>;
    /// The structure of the whole network.
    const SCHEMA: Schema;
    /// The first block of the layer.
    const FIRST: usize;
}

/// The whole of a network.
#[doc(hidden)]
pub struct Whole<F, N, T>(PhantomData<(F, N, T)>);

impl<F: File, N: Parameters<T>, T: Scalar> Whole<F, N, T> {
    /// A constant, so that the file is checked once.
    const CHECKED: Result<SafeTensors<'static>, LoadError> = check(&N::SCHEMA, F::BYTES, F::NAMES);
}

impl<F: File, N: Parameters<T>, T: Scalar> Source for Whole<F, N, T> {
    const FILE: SafeTensors<'static> = match Self::CHECKED {
        Ok(file) => file,
        Err(_) => SafeTensors::EMPTY,
    };
    const NAMES: Names<'static> = F::NAMES;
    const SCHEMA: Schema = N::SCHEMA;
    const FIRST: usize = 0;
}

/// What comes after a layer `L`.
#[doc(hidden)]
pub struct After<S, L, T>(PhantomData<(S, L, T)>);

impl<S: Source, L: Parameters<T>, T: Scalar> Source for After<S, L, T> {
    const FILE: SafeTensors<'static> = S::FILE;
    const NAMES: Names<'static> = S::NAMES;
    const SCHEMA: Schema = S::SCHEMA;
    const FIRST: usize = S::FIRST + L::SCHEMA.blocks();
}

/// A layer, or layers, that can be made from a file when a program is compiled. [`parameters!`](crate::parameters!) makes it one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be made from a file when a program is compiled",
    note = "`parameters! {{ ... }}` implements what `weights!` needs"
)]
pub trait FromFile<S: Source, T: Scalar>: Parameters<T> + Sized {
    /// The parameters of the file; zero if the file does not fit, which [`compiled`] reports.
    #[doc(hidden)]
    const LOADED: Self;
}

impl<S, L, M, T> FromFile<S, T> for (L, M)
where
    S: Source,
    T: Scalar,
    L: FromFile<S, T>,
    M: FromFile<After<S, L, T>, T>,
{
    const LOADED: Self = (L::LOADED, M::LOADED);
}

/// The network of a file.
///
/// # Panics
///
/// If the file does not fit: in a `static` or a `const`, that is an error of the compiler.
#[doc(hidden)]
#[must_use]
#[track_caller]
pub const fn compiled<F: File, N, T: Scalar>() -> N
where
    N: FromFile<Whole<F, N, T>, T>,
{
    match Whole::<F, N, T>::CHECKED {
        Ok(file) => {
            if let Some(error) = another_type::<T>(&N::SCHEMA, &file, F::NAMES) {
                panic!("{}", error.as_str());
            }
        }
        Err(error) => panic!("{}", error.text().as_str()),
    }
    N::LOADED
}

/// The first tensor whose numbers are of another type than the network's.
const fn another_type<T: Scalar>(
    schema: &Schema,
    file: &SafeTensors<'_>,
    names: Names<'_>,
) -> Option<Text<255>> {
    let mut index = 0;
    while let Some(located) = schema.block(index) {
        if let Ok(tensor) = tensor_for(file, &Key::new(Text::EMPTY, names, &located), &located)
            && !(tensor.dtype.is_of::<T>() || matches!(tensor.dtype, Dtype::I64))
        {
            let text =
                Text::EMPTY.with("tensor `").with(tensor.name).with("` is of ").with_dtype(tensor.dtype);
            let needed = if size_of::<T>() == 4 { "F32" } else { "F64" };
            return Some(text.with(", but `weights!` needs ").with(needed).with(" for this network"));
        }
        index += 1;
    }
    None
}

/// Block `block` of a layer as an array, or zero if the file does not fit.
#[doc(hidden)]
#[must_use]
pub const fn read<S: Source, T: Scalar, A: Numbers<T> + Zero + Copy>(block: usize) -> A {
    let Some(located) = S::SCHEMA.block(block) else { return A::ZERO };
    let Ok(tensor) = tensor_for(&S::FILE, &Key::new(Text::EMPTY, S::NAMES, &located), &located) else {
        return A::ZERO;
    };
    if matches!(tensor.dtype, Dtype::I64) && tensor.data.len() == 8 && A::LEN == 1 {
        let Some(bytes) = tensor.data.first_chunk::<8>() else { return A::ZERO };
        return number(i64::from_le_bytes(*bytes));
    }
    if !tensor.dtype.is_of::<T>() || tensor.data.len() != size_of::<A>() {
        return A::ZERO;
    }
    // SAFETY: an array of as many bytes, made of `f32`s or `f64`s (`Numbers` is sealed), for which any bits are valid.
    let mut array = unsafe { tensor.data.as_ptr().cast::<A>().read_unaligned() };
    if cfg!(target_endian = "big") {
        swap_bytes::<T, A>(&mut array);
    }
    array
}

/// An array of this one number.
const fn number<T: Scalar, A: Numbers<T> + Zero + Copy>(n: i64) -> A {
    // As `load` rounds it: not from the integer to `f32` at once.
    let (single, double) = (n as f64 as f32, n as f64);
    let pointer =
        if size_of::<T>() == 4 { (&raw const single).cast::<A>() } else { (&raw const double).cast::<A>() };
    // SAFETY: by the caller, `A` has one element; it is an `f32` or an `f64`, by its size, as what is pointed to.
    unsafe { pointer.read_unaligned() }
}

/// Sets an element of a vector to the number with these bits; an `f32` has them in the lower half.
pub(super) const fn set_element<V: Vector>(vector: &mut V, index: usize, bits: u64) {
    if index >= V::LEN {
        return;
    }
    // SAFETY: a `Vector` is `LEN` scalars and nothing else. The element is inside of it. It is an `f32` or an `f64`, by its
    // size, with the size and alignment of the integer, and any bits are valid for it.
    unsafe {
        let element = (&raw mut *vector).cast::<V::Scalar>().add(index);
        if size_of::<V::Scalar>() == 4 {
            element.cast::<u32>().write(bits as u32);
        } else {
            element.cast::<u64>().write(bits);
        }
    }
}

/// From little-endian numbers to those of this target.
const fn swap_bytes<T: Scalar, A: Numbers<T>>(array: &mut A) {
    let pointer = (&raw mut *array).cast::<u8>();
    let size = size_of::<T>();
    let mut element = 0;
    while element < A::LEN {
        let mut byte = 0;
        while byte < size / 2 {
            // SAFETY: both places are inside of element `element`, of `A::LEN` elements of `size` bytes.
            unsafe {
                let (low, high) =
                    (pointer.add(element * size + byte), pointer.add(element * size + size - 1 - byte));
                let kept = low.read();
                low.write(high.read());
                high.write(kept);
            }
            byte += 1;
        }
        element += 1;
    }
}

/// A network whose parameters are those of a safetensors file, made when the program is compiled. A `static` of it lies in
/// flash.
///
/// ```
/// use stackprop::{Chain, Dense, Network, Relu, weights};
///
/// type Net = Network<4, Chain![Dense<4, 8, Relu>, Dense<8, 3>]>;
///
/// static NETWORK: Net = weights!("../../tests/data/pytorch.safetensors");
/// // With names, one for each layer with parameters:
/// static SAME: Net = weights!("../../tests/data/pytorch.safetensors", ["0", "2"]);
///
/// assert_eq!(NETWORK.predict(&[1.0, 0.0, -1.0, 0.5]), SAME.predict(&[1.0, 0.0, -1.0, 0.5]));
/// ```
///
/// The path is relative to the source file, as for [`include_bytes!`]. Names and layout are those of the
/// [module](mod@crate::weights). The numbers must be of the network's own type. A file that does not fit is an error of
/// the compiler, at this line, that names the tensor and both shapes:
///
/// ```text
/// tensor `2.weight` has shape [3, 8], but layer 1 needs [2, 8]
/// ```
#[macro_export]
macro_rules! weights {
    ($path:literal $(,)?) => {
        $crate::weights!(@ $path, $crate::weights::Names::Sequential)
    };
    ($path:literal, [$($name:literal),* $(,)?] $(,)?) => {
        $crate::weights!(@ $path, $crate::weights::Names::Given(&[$($name),*]))
    };
    (@ $path:literal, $names:expr) => {{
        struct File;
        impl $crate::weights::compiled::File for File {
            const BYTES: &'static [u8] = include_bytes!($path);
            const NAMES: $crate::weights::Names<'static> = $names;
        }
        const { $crate::weights::compiled::compiled::<File, _, _>() }
    }};
}
