//! An input and its outputs in a file of weights, for a self-test.

use core::fmt;
use core::iter::once;

use super::compiled::set_element;
use super::names::Names;
use super::safetensors::{FormatError, SafeTensors};
use super::save::{SaveError, save_with};
use crate::params::Parameters;
use crate::scalar::Scalar;
use crate::text::Text;
use crate::vector::Vector;

/// The names of the metadata.
const INPUT: &str = "stackprop.example.input";
const OUTPUT: &str = "stackprop.example.output";
const PARAMETERS: &str = "stackprop.example.parameters";

/// An input, the outputs that the network had for it when the file was saved, and the checksum of its parameters.
///
/// A program can compute both again when it starts ([`Network::verify`](crate::Network::verify)). An equal checksum shows
/// that no parameter has changed, which the outputs alone do not: a neuron that is off hides its weights. Equal bits of
/// the outputs show that the code and the processor's arithmetic are as they were.
///
/// In the file, it is in the metadata, `stackprop.example.input`, `stackprop.example.output` and
/// `stackprop.example.parameters`: the bits of each number, 8 hexadecimal digits for an `f32` and 16 for an `f64`, and the
/// 16 digits of [`Parameters::checksum`]. Other programs pass over it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Example<X, Y> {
    /// The input.
    pub input: X,
    /// The outputs.
    pub output: Y,
    /// [`Parameters::checksum`] of the network.
    pub parameters: u64,
}

/// Why a file has no example for a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExampleError {
    /// The bytes are not a safetensors file.
    Format(FormatError),
    /// The file has no example.
    Missing,
    /// The example is for another number of inputs or outputs, or for another scalar.
    Length {
        /// What is meant: `input`, `output`, or `parameters`.
        of: &'static str,
        /// The digits in the file.
        found: usize,
        /// The digits that are needed.
        needed: usize,
    },
    /// There is something else than hexadecimal digits.
    Digit,
}

impl ExampleError {
    /// The message, for [`Display`](fmt::Display) and for the compiler.
    pub(super) const fn text(&self) -> Text<255> {
        let text = Text::EMPTY;
        match self {
            ExampleError::Format(error) => error.text(),
            ExampleError::Missing => text.with("the file has no example"),
            ExampleError::Length { of, found, needed } => text
                .with("the example's ")
                .with(of)
                .with(" has ")
                .with_number(*found as u64)
                .with(" hexadecimal digits, but its type needs ")
                .with_number(*needed as u64),
            ExampleError::Digit => text.with("the example has something else than hexadecimal digits"),
        }
    }
}

impl fmt::Display for ExampleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

impl core::error::Error for ExampleError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            ExampleError::Format(error) => Some(error),
            _ => None,
        }
    }
}

/// A self-test failed.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Mismatch<T> {
    /// The parameters are not those for which the example was made.
    Checksum {
        /// The example's checksum.
        expected: u64,
        /// The network's checksum.
        found: u64,
    },
    /// An output has other bits.
    ///
    /// In a build whose [`numerics`](crate::numerics()) are not [`Fused`](crate::Numerics::Fused), outputs differ by
    /// rounding; feature `exact` gives them the same bits.
    Output {
        /// The index of the first such output.
        index: usize,
        /// The example's output.
        expected: T,
        /// The network's output.
        found: T,
    },
}

impl<T: Scalar> fmt::Display for Mismatch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mismatch::Checksum { expected, found } => write!(
                f,
                "the checksum of the parameters is {found:016x}, but the example is for {expected:016x}"
            ),
            Mismatch::Output { index, expected, found } => {
                let (digits, bits) = (digits_of::<T>(), [found.to_bits(), expected.to_bits()]);
                let [found_bits, expected_bits] = bits;
                write!(
                    f,
                    "output {index} is {found} (bits {found_bits:0digits$x}), but the example has {expected} \
                     (bits {expected_bits:0digits$x})"
                )
            }
        }
    }
}

impl<T: Scalar> core::error::Error for Mismatch<T> {}

impl<X: Vector, Y: Vector> Example<X, Y> {
    /// The example of a safetensors file.
    ///
    /// # Errors
    ///
    /// [`ExampleError`] if it has none of this type.
    pub const fn read(file: &[u8]) -> Result<Self, ExampleError> {
        let file = match SafeTensors::parse(file) {
            Ok(file) => file,
            Err(error) => return Err(ExampleError::Format(error)),
        };
        let input = vector(file.metadata(INPUT), "input");
        let output = vector(file.metadata(OUTPUT), "output");
        let parameters = match digits(file.metadata(PARAMETERS), 16, "parameters") {
            Ok(digits) => next_word(digits, 16),
            Err(error) => Err(error),
        };
        match (input, output, parameters) {
            (Ok(input), Ok(output), Ok((parameters, _))) => Ok(Self { input, output, parameters }),
            (Err(error), ..) | (_, Err(error), _) | (.., Err(error)) => Err(error),
        }
    }

    /// [`read`](Example::read), for [`example!`](crate::example).
    #[doc(hidden)]
    #[must_use]
    #[track_caller]
    pub const fn compiled(file: &[u8]) -> Self {
        match Self::read(file) {
            Ok(example) => example,
            Err(error) => panic!("{}", error.text().as_str()),
        }
    }
}

/// So many digits, and no others.
const fn digits<'f>(
    text: Option<&'f str>,
    needed: usize,
    of: &'static str,
) -> Result<&'f [u8], ExampleError> {
    let Some(text) = text else { return Err(ExampleError::Missing) };
    let found = text.len();
    if found == needed { Ok(text.as_bytes()) } else { Err(ExampleError::Length { of, found, needed }) }
}

/// The vector of these digits.
const fn vector<V: Vector>(text: Option<&str>, of: &'static str) -> Result<V, ExampleError> {
    let digits_of_one = digits_of::<V::Scalar>();
    let mut digits = match digits(text, V::LEN.saturating_mul(digits_of_one), of) {
        Ok(digits) => digits,
        Err(error) => return Err(error),
    };
    let (mut vector, mut index) = (V::ZERO, 0);
    while index < V::LEN {
        match next_word(digits, digits_of_one) {
            Ok((word, others)) => {
                set_element(&mut vector, index, word);
                digits = others;
            }
            Err(error) => return Err(error),
        }
        index = index.saturating_add(1);
    }
    Ok(vector)
}

/// The number of the first so many digits, and the digits after them.
const fn next_word(digits: &[u8], mut left: usize) -> Result<(u64, &[u8]), ExampleError> {
    let (mut word, mut rest) = (0_u64, digits);
    while left > 0 {
        let [digit, others @ ..] = rest else { return Err(ExampleError::Digit) };
        let value = match *digit {
            digit @ b'0'..=b'9' => digit.wrapping_sub(b'0'),
            digit @ b'a'..=b'f' => digit.wrapping_sub(b'a').wrapping_add(10),
            _ => return Err(ExampleError::Digit),
        };
        word = word << 4 | value as u64;
        (rest, left) = (others, left.saturating_sub(1));
    }
    Ok((word, rest))
}

/// The pieces of the metadata's text.
fn text_of<T: Scalar>(numbers: &[T]) -> impl Iterator<Item = Text<16>> {
    numbers.iter().map(|number| Text::EMPTY.with_hex(number.to_bits(), digits_of::<T>()))
}

const fn digits_of<T>() -> usize {
    size_of::<T>().saturating_mul(2)
}

/// Saves all parameters of a network, with an example.
///
/// # Errors
///
/// As by [`save`](super::save).
pub(crate) fn save_with_example<T: Scalar, P: Parameters<T>, E>(
    parameters: &P,
    names: Names<'_>,
    input: &[T],
    output: &[T],
    write: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), SaveError<E>> {
    save_with(parameters, names, write, |writer| {
        writer.metadata(INPUT, text_of(input));
        writer.metadata(OUTPUT, text_of(output));
        writer.metadata(PARAMETERS, once(Text::<16>::EMPTY.with_hex(parameters.checksum(), 16)));
    })
}

/// The example of a file of weights, read when the program is compiled: see [`Example`].
///
/// ```
/// use stackprop::weights::Example;
/// use stackprop::{Chain, Dense, Network, Relu, example, weights};
///
/// type Net = Network<4, Chain![Dense<4, 8, Relu>, Dense<8, 3>]>;
///
/// static NETWORK: Net = weights!("../../tests/data/example.safetensors");
/// static EXAMPLE: Example<[f32; 4], [f32; 3]> = example!("../../tests/data/example.safetensors");
///
/// assert_eq!(NETWORK.verify(&EXAMPLE), Ok(()));
/// ```
#[macro_export]
macro_rules! example {
    ($path:literal $(,)?) => {
        const { $crate::weights::Example::compiled(include_bytes!($path)) }
    };
}
