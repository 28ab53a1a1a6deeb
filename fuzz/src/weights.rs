//! Files of weights: the crate `safetensors` is the oracle.

use std::convert::Infallible;

use safetensors::SafeTensors as Oracle;
use safetensors::tensor::{Dtype, TensorView};
use stackprop::weights::{Example, FormatError, Names, SafeTensors, load, save};
use stackprop::{BatchNorm, Chain, Dense, Linear, Network, Parameters, Relu, Scalar};

use crate::bits;

/// Layers with parameters of every role: weights, biases, gains, statistics, a count.
pub type Net<T> = Network<
    2,
    Chain![
        Dense<2, 3, Relu, T>,
        BatchNorm<3, 1000, T>,
        Linear<3, 1, T>
    ],
    T,
>;

/// The names of the tensors, and their shapes in a file, by hand: an `nn.Sequential` in which `Relu` is module 1.
pub const KEYS: [(&str, &[usize]); 9] = [
    ("0.weight", &[3, 2]),
    ("0.bias", &[3]),
    ("2.weight", &[3]),
    ("2.bias", &[3]),
    ("2.running_mean", &[3]),
    ("2.running_var", &[3]),
    ("2.num_batches_tracked", &[]),
    ("3.weight", &[1, 3]),
    ("3.bias", &[1]),
];

/// A network with numbers that differ from each other.
pub fn numbered<T: Scalar>() -> Net<T>
where
    Net<T>: Parameters<T>,
{
    let (mut network, mut next) = (Net::<T>::zeros(), 0);
    network.visit_mut(|_, values| {
        for value in values {
            next += 1;
            *value = T::from_usize(next);
        }
    });
    network
}

/// The file that a network is saved as.
pub fn saved<T: Scalar>(network: &impl Parameters<T>) -> Vec<u8> {
    let mut file = vec![];
    let result = save(network, Names::Sequential, |bytes| {
        file.extend_from_slice(bytes);
        Ok::<(), Infallible>(())
    });
    result.expect("PyTorch's names can be written");
    file
}

/// What must hold for any bytes that are read as a file of weights.
pub fn check(bytes: &[u8]) {
    agrees_with_the_oracle(bytes);
    loads_what_the_file_says::<f32>(bytes, |x| x as f32);
    loads_what_the_file_says::<f64>(bytes, |x| x);
    reads_the_example_that_is_there(bytes);
}

/// What this crate accepts, the oracle accepts, with the same tensors and metadata.
fn agrees_with_the_oracle(bytes: &[u8]) {
    let theirs = Oracle::deserialize(bytes);
    let ours = match SafeTensors::parse(bytes) {
        Ok(ours) => ours,
        Err(error) => {
            let format = matches!(
                error,
                FormatError::NoHeader
                    | FormatError::HeaderLength { .. }
                    | FormatError::Text
                    | FormatError::Range { .. }
                    | FormatError::Surplus { .. }
            );
            assert!(!format || theirs.is_err(), "refused as {error}, but the oracle reads it");
            return;
        }
    };
    // Texts with JSON's escapes are passed over and never decoded, so they are not compared.
    if header(bytes).contains(&b'\\') {
        return;
    }
    let theirs = theirs.expect("accepted, but refused by the oracle");
    assert_eq!(ours.len(), theirs.len());
    for tensor in ours.iter() {
        let expected = theirs.tensor(tensor.name).expect("a tensor that the oracle does not have");
        let lengths: Vec<usize> = tensor.shape.lengths().iter().map(|n| *n as usize).collect();
        assert_eq!((&lengths[..], tensor.data), (expected.shape(), expected.data()), "{}", tensor.name);
        let known = !tensor.dtype.to_string().starts_with("another");
        assert!(!known || tensor.dtype.to_string() == expected.dtype().to_string(), "{}", tensor.name);
    }
    let (_, metadata) = Oracle::read_metadata(bytes).expect("the oracle has read it before");
    for (name, value) in metadata.metadata().iter().flatten() {
        assert_eq!(ours.metadata(name), Some(value.as_str()), "metadata {name}");
    }
}

/// The text of the header.
fn header(bytes: &[u8]) -> &[u8] {
    let length = bytes.first_chunk().map_or(0, |length| u64::from_le_bytes(*length) as usize);
    bytes.get(8..).and_then(|rest| rest.get(..length)).unwrap_or_default()
}

/// Either nothing is changed, or all parameters are those of the file, and saved again they are the same.
fn loads_what_the_file_says<T: Scalar>(bytes: &[u8], narrow: impl Fn(f64) -> T)
where
    Net<T>: Parameters<T>,
{
    let mut network = numbered::<T>();
    if load(&mut network, bytes, Names::Sequential).is_err() {
        assert_eq!(bits(&network), bits(&numbered::<T>()), "an error has changed the network");
        return;
    }
    let file = Oracle::deserialize(bytes).expect("loaded, but refused by the oracle");
    assert_eq!(file.len(), KEYS.len());
    let mut keys = KEYS.iter();
    network.visit(|_, values| {
        let (key, shape) = keys.next().expect("as many tensors as blocks");
        let tensor = file.tensor(key).expect("loaded, but not there");
        assert_eq!(tensor.shape(), *shape, "{key}");
        for (index, value) in values.iter().enumerate() {
            // PyTorch's [out, in] against [IN][OUT].
            let place = match **shape {
                [outputs, inputs] => index % outputs * inputs + index / outputs,
                _ => index,
            };
            let (number, own_bits) = number(&tensor, place);
            let expected = narrow(number);
            let own = tensor.dtype().bitsize() == 8 * size_of::<T>() && own_bits.is_some();
            match own_bits {
                Some(bits) if own => assert_eq!(value.to_bits(), bits, "{key}"),
                _ if number.is_nan() => assert!(value.to_f64().is_nan(), "{key}"),
                _ => assert_eq!(value.to_bits(), expected.to_bits(), "{key}"),
            }
        }
    });
    let mut again = Net::<T>::zeros();
    load(&mut again, &saved(&network), Names::Sequential).expect("a file of our own");
    assert_eq!(bits(&again), bits(&network), "saved and loaded again, numbers differ");
}

/// A number of a tensor, and its bits if it is an `f32` or `f64`.
fn number(tensor: &TensorView<'_>, place: usize) -> (f64, Option<u64>) {
    fn read<const N: usize>(tensor: &TensorView<'_>, place: usize) -> [u8; N] {
        *tensor.data()[place * N..].first_chunk().expect("as many numbers as its shape says")
    }
    match tensor.dtype() {
        Dtype::F64 => {
            let x = f64::from_le_bytes(read(tensor, place));
            (x, Some(x.to_bits()))
        }
        Dtype::F32 => {
            let x = f32::from_le_bytes(read(tensor, place));
            (x.into(), Some(x.to_bits().into()))
        }
        Dtype::F16 => (half::f16::from_le_bytes(read(tensor, place)).into(), None),
        Dtype::BF16 => (half::bf16::from_le_bytes(read(tensor, place)).into(), None),
        Dtype::I64 => (i64::from_le_bytes(read(tensor, place)) as f64, None),
        other => panic!("loaded from numbers of type {other}"),
    }
}

/// An example is the hexadecimal digits in the metadata.
fn reads_the_example_that_is_there(bytes: &[u8]) {
    let Ok(example) = Example::<[f32; 2], [f32; 3]>::read(bytes) else { return };
    if header(bytes).contains(&b'\\') {
        return;
    }
    let (_, metadata) = Oracle::read_metadata(bytes).expect("read, but refused by the oracle");
    let text = |numbers: &[f32]| numbers.iter().map(|x| format!("{:08x}", x.to_bits())).collect::<String>();
    let there = |name: &str| metadata.metadata().as_ref().and_then(|entries| entries.get(name)).cloned();
    assert_eq!(there("stackprop.example.input"), Some(text(&example.input)));
    assert_eq!(there("stackprop.example.output"), Some(text(&example.output)));
    assert_eq!(there("stackprop.example.parameters"), Some(format!("{:016x}", example.parameters)));
}
