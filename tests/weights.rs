//! Files of weights: the crate `safetensors` is the oracle, and a file that PyTorch wrote is loaded.

mod tolerances;

use std::convert::Infallible;

use safetensors::SafeTensors as Oracle;
use safetensors::tensor::{Dtype as OracleDtype, TensorView, serialize};
use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::weights::{
    Dtype, Example, ExampleError, FormatError, LoadError, Mismatch, Names, SafeTensors, SaveError, load, save,
};
use stackprop::{
    BatchNorm, Chain, Dense, Dropout, Flatten, Frozen, Gelu, Joined, LayerNorm, Linear, Model, Network,
    PRelu, Parallel, Parameters, Relu, Residual, RmsNorm, Role, Scalar, Standardize, Tanh, Zero, example,
    init, weights,
};

fn saved<T: Scalar>(network: &impl Parameters<T>, names: Names<'_>) -> Vec<u8> {
    let mut file = vec![];
    save(network, names, |bytes| {
        file.extend_from_slice(bytes);
        Ok::<(), Infallible>(())
    })
    .unwrap();
    file
}

/// Parameters that differ from each other; numbers of samples are integers.
fn random<N: Model>(seed: u64) -> N {
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(seed);
    let mut network = N::ZERO;
    network.visit_mut(|block, values| {
        for value in values {
            let x: N::Scalar = Scalar::random(&mut rng);
            *value = match block.role {
                Role::Count => N::Scalar::from_usize((x.to_f64() * 1000.0) as usize),
                _ => x - N::Scalar::from_f64(0.5),
            };
        }
    });
    network
}

/// Every layer that there is. `T` is the scalar.
type Everything<T> = Network<
    4,
    Chain![
        Standardize<4, T>,
        Dense<4, 6, Tanh, T>,
        LayerNorm<6, T>,
        Dropout<20>,
        Residual<Chain![Dense<6, 5, Relu, T>, Linear<5, 6, T>]>,
        Frozen<Linear<6, 6, T>>,
        BatchNorm<6, 1000, T>,
        PRelu<6, 6, T>,
        Parallel<Linear<6, 2, T>, Chain![Dense<6, 3, Tanh, T>, RmsNorm<3, T>]>,
        Flatten<5>,
        Linear<5, 2, T>
    ],
    T,
>;

/// By hand: an `nn.Sequential` of these modules, in which `Tanh` and `Relu` are modules of their own.
const KEYS: &[(&str, &[usize])] = &[
    ("0.mean", &[4]),
    ("0.variance", &[4]),
    ("0.num_batches_tracked", &[]),
    ("1.weight", &[6, 4]), // 2 is Tanh
    ("1.bias", &[6]),
    ("3.weight", &[6]), // 4 is Dropout
    ("3.bias", &[6]),
    ("5.0.weight", &[5, 6]), // 5.1 is Relu
    ("5.0.bias", &[5]),
    ("5.2.weight", &[6, 5]),
    ("5.2.bias", &[6]),
    ("6.weight", &[6, 6]),
    ("6.bias", &[6]),
    ("7.weight", &[6]),
    ("7.bias", &[6]),
    ("7.running_mean", &[6]),
    ("7.running_var", &[6]),
    ("7.num_batches_tracked", &[]),
    ("8.weight", &[6]),
    ("9.0.weight", &[2, 6]), // a branch that is one module
    ("9.0.bias", &[2]),
    ("9.1.0.weight", &[3, 6]), // and one that is an nn.Sequential
    ("9.1.0.bias", &[3]),
    ("9.1.2.weight", &[3]),
    ("11.weight", &[2, 5]), // 10 is Flatten
    ("11.bias", &[2]),
];

fn round_trip<N: Model + PartialEq + std::fmt::Debug>(names: Names<'_>) -> Vec<u8> {
    let network: N = random(1);
    let file = saved(&network, names);
    let mut loaded = N::ZERO;
    load(&mut loaded, &file, names).unwrap();
    assert_eq!(loaded.checksum(), network.checksum());
    // As aligned as PyTorch's reader wants it.
    let header = u64::from_le_bytes(*file.first_chunk().unwrap());
    assert_eq!(header % 8, 0);
    file
}

const NAMES: Names<'static> = Names::Given(&[
    "input",
    "embed",
    "norm",
    "block.up",
    "block.down",
    "mix",
    "bn",
    "act",
    "a",
    "b",
    "c",
    "head",
]);

#[test]
fn every_layer_goes_out_and_in() {
    for names in [Names::Sequential, NAMES] {
        round_trip::<Everything<f32>>(names);
        round_trip::<Everything<f64>>(names);
    }
}

#[test]
fn the_oracle_reads_what_is_written() {
    fn check<T: Scalar>(dtype: OracleDtype)
    where
        Everything<T>: Model<Scalar = T> + PartialEq + std::fmt::Debug,
    {
        let network: Everything<T> = random(1);
        let file = round_trip::<Everything<T>>(Names::Sequential);
        let oracle = Oracle::deserialize(&file).unwrap();
        assert_eq!(oracle.len(), KEYS.len());
        let mut blocks = vec![];
        network.visit(|block, values| blocks.push((block, values.to_vec())));
        for (&(key, shape), (block, values)) in KEYS.iter().zip(&blocks) {
            let tensor = oracle.tensor(key).unwrap();
            assert_eq!(tensor.shape(), shape, "{key}");
            let data = tensor.data();
            if block.role == Role::Count {
                assert_eq!(tensor.dtype(), OracleDtype::I64);
                let count = i64::from_le_bytes(data.try_into().unwrap());
                assert_eq!(count as f64, values[0].to_f64());
                continue;
            }
            assert_eq!(tensor.dtype(), dtype);
            let numbers: Vec<u64> = data
                .chunks(size_of::<T>())
                .map(|bytes| bytes.iter().rev().fold(0, |bits, byte| bits << 8 | u64::from(*byte)))
                .collect();
            // PyTorch's [out, in] against [IN][OUT].
            let expected: Vec<u64> = match *shape {
                [out, inputs] => {
                    (0..out * inputs).map(|k| values[k % inputs * out + k / inputs].to_bits()).collect()
                }
                _ => values.iter().map(|value| value.to_bits()).collect(),
            };
            assert_eq!(numbers, expected, "{key}");
        }
        // The reader of this crate finds the same tensors.
        let own = SafeTensors::parse(&file).unwrap();
        assert_eq!(own.len(), oracle.len());
        for tensor in own.iter() {
            let expected = oracle.tensor(tensor.name).unwrap();
            let lengths: Vec<_> = tensor.shape.lengths().iter().map(|&length| length as usize).collect();
            assert_eq!((&lengths[..], tensor.data), (expected.shape(), expected.data()));
        }
    }
    check::<f32>(OracleDtype::F32);
    check::<f64>(OracleDtype::F64);
}

/// `nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))`, by `safetensors.torch.save_file`.
#[test]
fn a_file_that_pytorch_wrote() {
    type Net<T> = Network<4, Chain![Dense<4, 8, Relu, T>, Linear<8, 3, T>], T>;
    let file = include_bytes!("data/pytorch.safetensors");
    let oracle = Oracle::deserialize(file).unwrap();
    let numbers = |key: &str| -> Vec<f32> {
        let data = oracle.tensor(key).unwrap().data();
        data.chunks(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect()
    };
    let mut network = Net::<f32>::zeros();
    load(&mut network, file, Names::Sequential).unwrap();
    let (first, second) = &network.layers;
    for (key, of_network) in [
        ("0.weight", (0..32).map(|k| first.weight[k % 4][k / 4]).collect::<Vec<_>>()),
        ("0.bias", first.bias.to_vec()),
        ("2.weight", (0..24).map(|k| second.weight[k % 8][k / 8]).collect()),
        ("2.bias", second.bias.to_vec()),
    ] {
        assert_eq!(of_network, numbers(key), "{key}");
    }
    let mut precise = Net::<f64>::zeros();
    load(&mut precise, file, Names::Given(&["0", "2"])).unwrap();
    assert_eq!(precise.layers.0.weight[3][7], f64::from(numbers("0.weight")[7 * 4 + 3]));

    let fault =
        load(&mut Network::<4, Chain![Dense<4, 8, Relu>, Dense<8, 2>]>::zeros(), file, Names::Sequential);
    let text = fault.unwrap_err().to_string();
    assert_eq!(text, "tensor `2.weight` has shape [3, 8], but layer 1 needs [2, 8]");
    let fault = load(&mut Network::<4, Chain![Dense<4, 8>, Dense<8, 3>]>::zeros(), file, Names::Sequential);
    assert_eq!(fault.unwrap_err().to_string(), "the file has no tensor `1.weight`, which layer 1 needs");
    let fault = load(&mut Network::<4, Dense<4, 8, Relu>>::zeros(), file, Names::Sequential);
    let text = fault.unwrap_err().to_string();
    assert_eq!(text, "the file has a tensor `2.bias`, for which the network has no place");
}

/// A model with every layer that PyTorch has, by `tools/golden_weights.py`: its outputs are PyTorch's.
#[test]
fn a_model_of_pytorch_predicts_the_same() {
    type Net<T> = Network<
        4,
        Chain![
            Dense<4, 6, Tanh, T>,
            LayerNorm<6, T>,
            Dropout<20>,
            Dense<6, 6, Gelu, T>,
            BatchNorm<6, 1000, T>,
            PRelu<6, 6, T>,
            RmsNorm<6, T>,
            Linear<6, 3, T>
        ],
        T,
    >;
    let file = include_bytes!("data/pytorch_model.safetensors");
    let (mut network, mut single) = (Net::<f64>::zeros(), Net::<f32>::zeros());
    network.load(file, Names::Sequential).unwrap();
    single.load(file, Names::Sequential).unwrap();
    let mut samples = 0;
    for line in include_str!("data/pytorch_model.txt").lines().filter(|line| !line.starts_with('#')) {
        let numbers: Vec<f64> = line.split(' ').map(|x| x.parse().unwrap()).collect();
        let (inputs, expected) = numbers.split_first_chunk::<4>().unwrap();
        let expected: &[f64; 3] = expected.try_into().unwrap();
        approx::assert_abs_diff_eq!(
            network.predict(inputs)[..],
            expected[..],
            epsilon = tolerances::PYTORCH_F64
        );
        let found = single.predict(&inputs.map(|x| x as f32)).map(f64::from);
        approx::assert_abs_diff_eq!(found[..], expected[..], epsilon = tolerances::PYTORCH_F32);
        samples += 1;
    }
    assert_eq!(samples, 5);

    // The same, made by the compiler.
    static COMPILED: Net<f32> = stackprop::weights!("data/pytorch_model.safetensors");
    assert_eq!(COMPILED.checksum(), single.checksum());

    // Back to PyTorch: `tools/golden_weights.py` loads this file.
    let written = saved(&single, Names::Sequential);
    if let Some(path) = std::env::var_os("WEIGHTS_OUT") {
        std::fs::write(path, &written).unwrap();
    }
    let (theirs, ours) = (Oracle::deserialize(file).unwrap(), Oracle::deserialize(&written).unwrap());
    assert_eq!(theirs.len(), ours.len());
    for (key, tensor) in theirs.tensors() {
        let own = ours.tensor(&key).unwrap();
        assert_eq!(
            (tensor.dtype(), tensor.shape(), tensor.data()),
            (own.dtype(), own.shape(), own.data()),
            "{key}"
        );
    }
}

/// A file of one layer, `Dense<1, 2>`, with numbers of this type.
fn of_type(dtype: OracleDtype, weight: &[u8], bias: &[u8]) -> Vec<u8> {
    let tensors = [
        ("weight", TensorView::new(dtype, vec![2, 1], weight).unwrap()),
        ("bias", TensorView::new(dtype, vec![2], bias).unwrap()),
    ];
    serialize(tensors, None).unwrap()
}

/// Halves and their kin, from their definitions: the numbers 1 + 2^-10, the least subnormal half, -2, infinity.
#[test]
fn numbers_of_each_type() {
    type Net<T> = Network<1, Linear<1, 2, T>, T>;
    fn loaded<T: Scalar>(file: &[u8]) -> ([f64; 2], [f64; 2])
    where
        Net<T>: Parameters<T>,
    {
        let mut network = Net::<T>::zeros();
        load(&mut network, file, Names::Given(&[""])).unwrap();
        (network.layers.weight[0].map(T::to_f64), network.layers.bias.map(T::to_f64))
    }
    let bytes = |words: [u16; 2]| words.map(u16::to_le_bytes).concat();
    let half = of_type(OracleDtype::F16, &bytes([0x3c01, 0x0001]), &bytes([0xc000, 0x7c00]));
    let expected = ([1.0 + 2_f64.powi(-10), 2_f64.powi(-24)], [-2.0, f64::INFINITY]);
    assert_eq!(loaded::<f32>(&half), expected);
    assert_eq!(loaded::<f64>(&half), expected);
    let half = of_type(OracleDtype::F16, &bytes([0x7bff, 0x03ff]), &bytes([0x8000, 0x7e00]));
    let (weight, bias) = loaded::<f32>(&half);
    assert_eq!(weight, [65504.0, 1023.0 * 2_f64.powi(-24)]);
    assert!(bias[0] == 0.0 && bias[0].is_sign_negative() && bias[1].is_nan());

    // The upper half of an f32.
    let brain = of_type(OracleDtype::BF16, &bytes([0x3f81, 0x0001]), &bytes([0xc000, 0x7f80]));
    assert_eq!(loaded::<f64>(&brain), ([1.0078125, 2_f64.powi(-133)], [-2.0, f64::INFINITY]));

    let double = |x: [f64; 2]| x.map(f64::to_le_bytes).concat();
    let file = of_type(OracleDtype::F64, &double([0.1, 1.0 + 2_f64.powi(-24)]), &double([1e300, -1e-320]));
    assert_eq!(loaded::<f64>(&file), ([0.1, 1.0 + 2_f64.powi(-24)], [1e300, -1e-320]));
    // Rounded to nearest, ties to even.
    assert_eq!(loaded::<f32>(&file), ([f64::from(0.1_f32), 1.0], [f64::INFINITY, 0.0]));
}

#[test]
fn a_type_that_is_no_number_is_refused() {
    let file = of_type(OracleDtype::I32, &[0; 8], &[0; 8]);
    let mut network = Network::<1, Dense<1, 2>>::zeros();
    let error = load(&mut network, &file, Names::Given(&[""])).unwrap_err();
    assert!(matches!(error, LoadError::Dtype { layer: 0, found: Dtype::Other(4), .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        "tensor `weight` is of another type, of 4 bytes, which layer 0 cannot take"
    );
    // Integers are counts, not weights.
    let file = of_type(OracleDtype::I64, &[0; 16], &[0; 16]);
    let error = load(&mut network, &file, Names::Given(&[""])).unwrap_err();
    assert!(matches!(error, LoadError::Dtype { found: Dtype::I64, .. }), "{error:?}");
}

/// A number of samples of another type was loaded and saved as another number; after -1, a layer divided by 0.
#[test]
fn a_number_of_samples_is_one() {
    type Layer = Network<1, BatchNorm<1>>;
    let file = |dtype, count: [u8; 8]| {
        let one = 1_f32.to_le_bytes();
        let numbers = ["weight", "bias", "running_mean", "running_var"]
            .map(|name| (name, TensorView::new(OracleDtype::F32, vec![1], &one).unwrap()));
        let count = TensorView::new(dtype, vec![], &count[..dtype.bitsize() / 8]).unwrap();
        serialize(numbers.into_iter().chain([("num_batches_tracked", count)]), None).unwrap()
    };
    let loaded = |file: &[u8]| {
        let mut network = Layer::zeros();
        load(&mut network, file, Names::Given(&[""])).map(|()| network.layers.count[0])
    };
    assert_eq!(loaded(&file(OracleDtype::I64, 7_i64.to_le_bytes())), Ok(7.0));
    assert_eq!(loaded(&file(OracleDtype::I64, i64::MAX.to_le_bytes())), Ok(2_f32.powi(63)));
    let error = loaded(&file(OracleDtype::I64, (-5_i64).to_le_bytes())).unwrap_err();
    assert!(matches!(error, LoadError::Count { layer: 0, found: -5, .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        "tensor `num_batches_tracked` is -5, but layer 0 needs a number of samples"
    );
    for (dtype, count) in
        [(OracleDtype::F64, 1.5_f64.to_bits()), (OracleDtype::F32, 1.5_f32.to_bits().into())]
    {
        let error = loaded(&file(dtype, count.to_le_bytes())).unwrap_err();
        assert!(matches!(error, LoadError::Dtype { .. }), "{error:?}");
    }
}

#[test]
fn names_are_counted() {
    type Net = Network<1, Chain![Dense<1, 2>, Dropout<10>, Dense<2, 1>]>;
    let mut network: Net = random(3);
    let file = saved(&network, Names::Given(&["a", "b"]));
    let copy = network.clone();
    for (names, error) in [
        (&["a"][..], LoadError::Names { given: 1, needed: 2 }),
        (&["a", "b", "c"], LoadError::Names { given: 3, needed: 2 }),
        (&["a", "a"], LoadError::SameName { first: 0 }),
    ] {
        assert_eq!(load(&mut network, &file, Names::Given(names)), Err(error));
        let write = |_: &[u8]| -> Result<(), Infallible> { panic!("nothing is written") };
        assert!(save(&network, Names::Given(names), write).is_err());
    }
    assert!(matches!(
        load(&mut network, &file, Names::Given(&["a", "c"])),
        Err(LoadError::Missing { layer: 2, .. })
    ));
    assert_eq!(network, copy);
    for name in ["a\"b", "a\\b", "a\nb"] {
        let error = save(&network, Names::Given(&[name, "b"]), |_| Ok::<(), Infallible>(())).unwrap_err();
        assert_eq!(error, SaveError::Name { index: 0 });
    }
    // Also those that are not ASCII, and long ones, of which an error shows the beginning.
    let long = "schicht_ä".repeat(20);
    let file = saved(&network, Names::Given(&["größe", &long]));
    load(&mut network, &file, Names::Given(&["größe", &long])).unwrap();
    let Err(LoadError::Missing { tensor, .. }) =
        load(&mut network, &file, Names::Given(&["größe", &long[1..]]))
    else {
        panic!("another name")
    };
    assert!(tensor.as_str().len() <= 47 && long[1..].starts_with(tensor.as_str()), "{tensor}");
}

#[test]
fn the_error_of_the_destination_is_passed_on() {
    let network = Network::<1, Dense<1, 2>>::zeros();
    let whole = saved(&network, Names::Sequential).len();
    for room in 0..whole {
        let mut left = room;
        let write = |bytes: &[u8]| {
            left = left.checked_sub(bytes.len()).ok_or("full")?;
            Ok(())
        };
        assert_eq!(save(&network, Names::Sequential, write), Err(SaveError::Write("full")));
    }
}

/// A file with this header and so many bytes of data.
fn with_header(header: &str, data: usize) -> Vec<u8> {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend_from_slice(header.as_bytes());
    file.resize(file.len() + data, 0);
    file
}

#[test]
fn each_fault_of_the_format_has_a_variant() {
    let parse = |header: &str, data| SafeTensors::parse(&with_header(header, data)).map(|file| file.len());
    let entry = |name: &str, start: usize, end: usize| {
        let shape = (end - start) / 4;
        format!(r#""{name}":{{"dtype":"F32","shape":[{shape}],"data_offsets":[{start},{end}]}}"#)
    };
    assert_eq!(parse("{}", 0), Ok(0));
    assert_eq!(parse("{}   ", 0), Ok(0));
    assert_eq!(parse(r#"{"__metadata__":{"a":"b","c":"d\"e"}}"#, 0), Ok(0));
    assert_eq!(parse(r#"{"__metadata__":{"a":"\u00e9\ud83d\uDE00"}}"#, 0), Ok(0));
    assert_eq!(parse(&format!("{{{} ,\n\t{}}}", entry("a", 0, 4), entry("b", 4, 12)), 12), Ok(2));
    assert_eq!(parse(&format!("{{{},{}}}", entry("a", 8, 12), entry("b", 0, 8)), 12), Ok(2));
    for end in [0, 8] {
        assert_eq!(parse(&format!("{{{},{}}}", entry("a", end, end), entry("b", 0, 8)), 8), Ok(2)); // empty
    }

    // As other readers of JSON have it.
    let twice = with_header(r#"{"__metadata__":{"a":"b","c":"d","a":"e"}}"#, 0);
    assert_eq!(SafeTensors::parse(&twice).unwrap().metadata("a"), Some("e"));

    for length in 0..8 {
        assert_eq!(SafeTensors::parse(&vec![0; length]).map(|_| ()), Err(FormatError::NoHeader));
    }
    for length in [1, 1 << 31, 1 << 63, u64::MAX] {
        let file = length.to_le_bytes();
        assert_eq!(SafeTensors::parse(&file).map(|_| ()), Err(FormatError::HeaderLength { length }));
    }
    let mut file = with_header("{\"a\":1}", 0);
    file[10] = 0xff;
    assert_eq!(SafeTensors::parse(&file).map(|_| ()), Err(FormatError::Text));
    for text in [
        "",
        " {}",
        "[]",
        "{",
        "{}}",
        "{},",
        "{\"a\"}",
        "{\"a\":1}",
        "{\"a\":{}}",
        "{\"a",
        "{\"a\\",
        r#"{"__metadata__":{},"__metadata__":{}}"#,
        r#"{"__metadata__":{"a":"\x41"}}"#,
        r#"{"__metadata__":{"a":"\u00g0"}}"#,
        // Surrogates that are not a pair.
        r#"{"__metadata__":{"a":"\ud800"}}"#,
        r#"{"__metadata__":{"a":"\ud800\n"}}"#,
        r#"{"__metadata__":{"a":"\ud800\u0041"}}"#,
        r#"{"__metadata__":{"a":"\udc00\ud800"}}"#,
        "{,}",
        "{}\0",
        "{\"__metadata__\":{\"a\":1}}",
        "{\"__metadata__\":{\"a\":\"b\",}}",
        "{\"a\":{\"dtype\":5}}",
        "{\"a\n\":{}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"b\":1}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[01],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}}",
    ] {
        assert!(matches!(parse(text, 4), Err(FormatError::Json { .. })), "{text}: {:?}", parse(text, 4));
    }
    let one = |dtype: &str, shape: &str, place: &str, data| {
        parse(&format!(r#"{{"a":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{place}}}}}"#), data)
    };
    assert_eq!(one("F32", "[]", "[0,4]", 4), Ok(1));
    assert!(matches!(one("F33", "[]", "[0,4]", 4), Err(FormatError::Dtype { .. })));
    assert_eq!(one("F32", "[1,1,1,1,1,1]", "[0,4]", 4), Ok(1));
    assert!(matches!(one("F32", "[1,1,1,1,1,1,1]", "[0,4]", 4), Err(FormatError::Rank { .. })));
    for (shape, place) in [("[2]", "[0,4]"), ("[1]", "[0,3]"), ("[0]", "[0,4]"), ("[1]", "[4,4]")] {
        assert!(matches!(one("F32", shape, place, 4), Err(FormatError::Length { .. })), "{shape} {place}");
    }
    // A product of lengths that overflows, with the 8 bytes of a number and without; and a length of 2^32.
    for shape in ["[4294967295,536870913]", "[4294967295,4294967295,2]"] {
        assert!(matches!(one("F64", shape, "[0,0]", 0), Err(FormatError::Length { .. })), "{shape}");
    }
    assert!(matches!(one("F32", "[4294967296]", "[0,0]", 0), Err(FormatError::Rank { .. })));
    for place in ["[0,8]", "[4,0]", "[18446744073709551615,4]", "[4,18446744073709551615]"] {
        assert!(matches!(one("F32", "[1]", place, 4), Err(FormatError::Range { .. })), "{place}");
    }
    for place in ["[0]", "[0,4,4]", "[]", "[0,]", "0,4"] {
        assert!(matches!(one("F32", "[1]", place, 4), Err(FormatError::Json { .. })), "{place}");
    }
    let twice = "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
    assert!(matches!(parse(twice, 4), Err(FormatError::Incomplete { .. })));
    let nothing = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}";
    assert!(matches!(parse(nothing, 4), Err(FormatError::Incomplete { .. })));
    let duplicate = format!("{{{},{}}}", entry("a", 0, 4), entry("a", 4, 8));
    assert!(matches!(parse(&duplicate, 8), Err(FormatError::Duplicate { .. })));
    for (start, end) in [(0, 8), (4, 12), (4, 8), (4, 4)] {
        let overlap = format!("{{{},{}}}", entry("a", 0, 8), entry("b", start, end));
        assert!(matches!(parse(&overlap, 12), Err(FormatError::Overlap { .. })), "{start} {end}");
    }
    assert_eq!(parse(&format!("{{{}}}", entry("a", 0, 4)), 7), Err(FormatError::Surplus { bytes: 3 }));
    assert_eq!(parse(&format!("{{{}}}", entry("a", 4, 8)), 8), Err(FormatError::Surplus { bytes: 4 }));
}

type Small = Network<2, Chain![Dense<2, 3, Relu>, BatchNorm<3>]>;

/// A damaged file is refused and changes nothing, or it is another file, which says other numbers, and these are loaded.
fn is_refused_or_loaded(file: &[u8], start: &Small) {
    let mut network = start.clone();
    match load(&mut network, file, Names::Sequential) {
        Err(_) => assert_eq!(network.checksum(), start.checksum()),
        Ok(()) => {
            let oracle = Oracle::deserialize(file).unwrap();
            let mut expected = vec![];
            for key in ["0.weight", "0.bias", "2.weight", "2.bias", "2.running_mean", "2.running_var"] {
                let tensor = oracle.tensor(key).unwrap();
                let read = |bytes: &[u8]| f32::from_le_bytes(bytes.try_into().unwrap());
                let numbers: Vec<f32> = tensor.data().chunks(4).map(read).collect();
                match *tensor.shape() {
                    [3, 2] => expected.extend((0..6).map(|k| numbers[k % 3 * 2 + k / 3])),
                    _ => expected.extend(numbers),
                }
            }
            let count = oracle.tensor("2.num_batches_tracked").unwrap();
            let bytes = count.data().try_into().unwrap();
            let number = i64::from_le_bytes(bytes);
            assert!(count.dtype() == OracleDtype::I64 && number >= 0);
            expected.push(number as f64 as f32);
            let mut found = vec![];
            network.visit(|_, values| found.extend_from_slice(values));
            assert!(found.iter().map(|x| x.to_bits()).eq(expected.iter().map(|x| x.to_bits())));
            assert_eq!(oracle.len(), 7);
        }
    }
}

#[test]
fn a_damaged_file_is_refused_or_is_another() {
    let (start, other): (Small, Small) = (random(5), random(6));
    let file = saved(&other, Names::Sequential);
    for length in 0..file.len() {
        is_refused_or_loaded(&file[..length], &start);
        assert!(load(&mut start.clone(), &file[..length], Names::Sequential).is_err(), "cut to {length}");
    }
    let mut longer = file.clone();
    longer.push(0);
    assert!(load(&mut start.clone(), &longer, Names::Sequential).is_err());
    for place in 0..file.len() {
        let mut damaged = file.clone();
        // Every bit alone, and the bytes that JSON is made of.
        let bits = (0..8).map(|bit| file[place] ^ 1 << bit);
        for byte in bits.chain(*b"{}[]\",:0 9\\\n\0\xff") {
            damaged[place] = byte;
            is_refused_or_loaded(&damaged, &start);
        }
    }
}

/// As [`a_damaged_file_is_refused_or_is_another`], with every byte at every place.
#[test]
#[ignore = "some seconds in release"]
fn every_damaged_byte() {
    let (start, other): (Small, Small) = (random(5), random(6));
    let file = saved(&other, Names::Sequential);
    for place in 0..file.len() {
        let mut damaged = file.clone();
        for byte in 0..=255 {
            damaged[place] = byte;
            is_refused_or_loaded(&damaged, &start);
        }
    }
}

/// Initialised, saved and loaded, a network predicts the same.
#[test]
fn a_loaded_network_predicts_the_same() {
    type Net = Network<4, Chain![Dense<4, 8, Tanh>, Dense<8, 3>]>;
    let mut network = Net::zeros();
    network.init(&init::XavierUniform, &mut Xoshiro128PlusPlus::seed_from_u64(2));
    let mut loaded = Net::ZERO;
    load(&mut loaded, &saved(&network, Names::Sequential), Names::Sequential).unwrap();
    assert_eq!(loaded.predict(&[0.5, -1.0, 2.0, 0.0]), network.predict(&[0.5, -1.0, 2.0, 0.0]));
}

/// The file has an example whose outputs were computed with fractions.
#[test]
fn a_file_carries_a_self_test() {
    let bytes = include_bytes!("data/example.safetensors");
    type Net = Network<4, Chain![Dense<4, 8, Relu>, Linear<8, 3>]>;
    let mut network = Net::zeros();
    network.load(bytes, Names::Sequential).unwrap();
    let example = Example::<[f32; 4], [f32; 3]>::read(bytes).unwrap();
    assert_eq!(example.input, [1.0, -0.5, 0.375, 2.0]);
    assert_eq!(network.verify(&example), Ok(()));

    // The same network is a constant.
    static COMPILED: Net = weights!("data/example.safetensors");
    static EXAMPLE: Example<[f32; 4], [f32; 3]> = example!("data/example.safetensors");
    assert_eq!((EXAMPLE, COMPILED.verify(&EXAMPLE)), (example, Ok(())));

    // Each parameter counts, also where a neuron is off.
    let expected = network.checksum();
    for index in 0..Net::PARAMETERS {
        let (mut changed, mut place) = (network.clone(), 0);
        changed.visit_mut(|_, values| {
            if let Some(value) = index.checked_sub(place).and_then(|at| values.get_mut(at)) {
                *value = value.next_up();
            }
            place += values.len();
        });
        let found = changed.checksum();
        assert_eq!(
            changed.verify(&example),
            Err(Mismatch::Checksum { expected, found }),
            "parameter {index}"
        );
    }

    // Other arithmetic: the last output is one unit in the last place off.
    let [_, _, last] = example.output;
    let other = Example { output: [example.output[0], example.output[1], last.next_up()], ..example };
    let mismatch = Mismatch::Output { index: 2, expected: last.next_up(), found: last };
    assert_eq!(network.verify(&other), Err(mismatch));
    assert_eq!(
        Mismatch::Output { index: 1, expected: 0.5_f32, found: -1.0 }.to_string(),
        "output 1 is -1 (bits bf800000), but the example has 0.5 (bits 3f000000)"
    );
    assert_eq!(
        Mismatch::<f32>::Checksum { expected: 0xab, found: 1 }.to_string(),
        "the checksum of the parameters is 0000000000000001, but the example is for 00000000000000ab"
    );
    // Any NaN is equal to any other.
    network.layers.1.bias[0] = f32::NAN;
    let nan =
        Example { output: [-f32::NAN, example.output[1], last], parameters: network.checksum(), ..example };
    assert_eq!(network.verify(&nan), Ok(()));
}

#[test]
fn examples_are_saved_for_every_scalar_and_output() {
    type Two = Network<3, Parallel<Linear<3, 2, f64>, Dense<3, 1, Tanh, f64>>, f64>;
    let network = random::<Two>(8);
    let (input, mut file) = ([0.1, -0.2, 1e-300], vec![]);
    network
        .save_with_example(Names::Sequential, &input, |bytes| {
            file.extend_from_slice(bytes);
            Ok::<(), Infallible>(())
        })
        .unwrap();
    // As another reader sees it: the tensors of `save`, and the bits of an `f64` in 16 digits.
    let (_, metadata) = Oracle::read_metadata(&file).unwrap();
    let metadata = metadata.metadata().as_ref().unwrap();
    assert_eq!(metadata["stackprop.example.input"], input.map(|x| format!("{:016x}", x.to_bits())).concat());
    assert_eq!(Oracle::deserialize(&file).unwrap().len(), 4);
    let example = Example::<[f64; 3], Joined<[f64; 2], [f64; 1]>>::read(&file).unwrap();
    let parameters = network.checksum();
    assert_eq!(example, Example { input, output: network.predict(&input), parameters });
    assert_eq!(network.verify(&example), Ok(()));
    assert_eq!(SafeTensors::parse(&file).unwrap().metadata("format"), Some("pt"));
}

#[test]
fn a_bad_example_is_refused() {
    let with = |input: &str, output: &str, parameters: &str| {
        let entries = [("input", input), ("output", output), ("parameters", parameters)];
        let entries =
            entries.map(|(name, digits)| format!(r#","stackprop.example.{name}":"{digits}""#)).concat();
        let header = format!(r#"{{"__metadata__":{{"a":"b"{entries}}}}}"#);
        let mut file = Vec::from((header.len() as u64).to_le_bytes());
        file.extend(header.as_bytes());
        file
    };
    let file = |input, output| with(input, output, "00000000000000ff");
    let read = |file: &[u8]| Example::<[f32; 1], [f32; 2]>::read(file);
    assert_eq!(
        read(&file("3f800000", "c0000000ffc00000")).map(|e| (
            e.input,
            e.output.map(f32::to_bits),
            e.parameters
        )),
        Ok(([1.0], [0xc000_0000, 0xffc0_0000], 255))
    );
    assert_eq!(read(&file("3f80000g", "c000000000000000")), Err(ExampleError::Digit));
    assert_eq!(read(&file("3F800000", "c000000000000000")), Err(ExampleError::Digit));
    assert_eq!(
        read(&file("3f800000", "c0000000")),
        Err(ExampleError::Length { of: "output", found: 8, needed: 16 })
    );
    assert_eq!(read(&file("", "")), Err(ExampleError::Length { of: "input", found: 0, needed: 8 }));
    assert_eq!(
        read(&file("", "")).unwrap_err().to_string(),
        "the example's input has 0 hexadecimal digits, but its type needs 8"
    );
    assert_eq!(
        read(&with("3f800000", "c000000000000000", "ff")),
        Err(ExampleError::Length { of: "parameters", found: 2, needed: 16 })
    );
    assert_eq!(read(include_bytes!("data/pytorch.safetensors")), Err(ExampleError::Missing));
    assert_eq!(read(&[]), Err(ExampleError::Format(FormatError::NoHeader)));
}
