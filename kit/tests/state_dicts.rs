//! `state_dict`s made by hand: what each module becomes, where activations stand, and what is refused.

use std::convert::Infallible;

use safetensors::Dtype;
use safetensors::tensor::{TensorView, serialize};
use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
use stackprop::{
    BatchNorm, Chain, Dense, Dropout, LayerNorm, LeakyRelu, Linear, Network, PRelu, Parameters, Residual,
    RmsNorm, Standardize, Tanh, checkpoint, init,
};
use stackprop_kit::import::Imported;
use stackprop_kit::import::safetensors::{Options, SafetensorsError, parse};

/// A name, a shape, and numbers.
type Tensor<'a> = (&'a str, &'a [usize], &'a [f32]);

/// A file of F32 tensors.
fn file(tensors: &[Tensor<'_>]) -> Vec<u8> {
    let bytes: Vec<Vec<u8>> =
        tensors.iter().map(|(_, _, data)| data.iter().flat_map(|x| x.to_le_bytes()).collect()).collect();
    let view = |((name, shape, _), bytes): (&(&str, &[usize], _), &'_ [u8])| {
        ((*name).to_owned(), TensorView::new(Dtype::F32, shape.to_vec(), leak(bytes)).unwrap())
    };
    serialize(tensors.iter().zip(bytes.iter().map(Vec::as_slice)).map(view), None).unwrap()
}

/// (A view borrows its bytes; a test's few may stay.)
fn leak(bytes: &[u8]) -> &'static [u8] {
    Box::leak(bytes.to_vec().into_boxed_slice())
}

fn import(tensors: &[Tensor<'_>], activations: &[&str]) -> Result<Imported, SafetensorsError> {
    let activations = Some(activations.iter().map(|name| (*name).to_owned()).collect());
    parse(&file(tensors), &Options { activations, modules: None })
}

const IDENTITY: &[f32] = &[1.0, 0.0, 0.0, 1.0];

#[track_caller]
fn is(imported: &Imported, type_text: &str, x: &[f64], expected: &[f64]) {
    assert_eq!(imported.model.to_string(), type_text);
    let y = imported.model.evaluate(x).unwrap();
    let near = y.iter().zip(expected).all(|(y, e)| (y - e).abs() <= 1e-6); // 1e-5 and 3.99999 are rounded to f32
    assert!(near && y.len() == expected.len(), "{y:?} is not {expected:?}");
}

/// `nn.Linear(2, 2, bias=False)`, `nn.BatchNorm1d(2, affine=False)`, with statistics by which it is `(z - 1) / 2`.
fn with_batch_norm(norm: &'static str, last: &'static str) -> [Tensor<'static>; 4] {
    let field = |module: &str, field: &str| &*Box::leak(format!("{module}.{field}").into_boxed_str());
    [
        ("0.weight", &[2, 2], IDENTITY),
        (field(norm, "running_mean"), &[2], &[1.0, 1.0]),
        (field(norm, "running_var"), &[2], &[3.99999, 3.99999]),
        (field(last, "weight"), &[2, 2], IDENTITY),
    ]
}

// Linear, BatchNorm, ReLU, Linear: relu((5 - 1) / 2), relu((-1 - 1) / 2). The number 2 is missing: the ReLU.
#[test]
fn an_activation_stands_where_a_number_is_missing() {
    let imported = import(&with_batch_norm("1", "3"), &["relu"]).unwrap();
    is(&imported, "Network<2, Chain![Dense<2, 2, Relu>, Dense<2, 2>]>", &[5.0, -1.0], &[2.0, 0.0]);
    // Linear, ReLU, BatchNorm, Linear: (relu(5) - 1) / 2, (relu(-1) - 1) / 2.
    let imported = import(&with_batch_norm("2", "3"), &["relu"]).unwrap();
    is(&imported, "Network<2, Chain![Dense<2, 2, Relu>, Dense<2, 2>]>", &[5.0, -1.0], &[2.0, -0.5]);
    assert!(imported.notes.contains(&"folded module `2` into layer 1".into()), "{:?}", imported.notes);
}

#[test]
fn an_assumed_place_has_a_note() {
    let tensors = with_batch_norm("1_norm", "2_last");
    let imported = import(&tensors, &["relu"]).unwrap();
    let note = "the activation of `0` was put after `1_norm`; the file does not say where it is";
    assert!(imported.notes.contains(&note.into()), "{:?}", imported.notes);
}

// z = (2, -2): mean 0, variance 4, n = (1, -1) / sqrt(1.0000025); then slopes.
#[test]
fn layer_norm_and_slopes() {
    let tensors: [Tensor<'_>; 5] = [
        ("0.weight", &[2, 2], IDENTITY),
        ("0.bias", &[2], &[0.0, 0.0]),
        ("1.weight", &[2], &[1.0, 1.0]),
        ("1.bias", &[2], &[0.0, 0.0]),
        ("2.weight", &[2], &[7.0, 0.5]),
    ];
    let imported = import(&tensors, &["prelu"]).unwrap();
    let n = 1.0 / 1.000_002_5_f64.sqrt();
    is(&imported, "Network<2, Chain![Dense<2, 2>, LayerNorm<2>, PRelu<2, 2>]>", &[2.0, -2.0], &[n, -0.5 * n]);
}

#[test]
fn numbers_in_names_are_compared_by_value() {
    let names: Vec<String> = (0..12).map(|i| format!("net.{i}.weight")).collect();
    let shapes: Vec<[usize; 2]> = (0..12).map(|i| [i + 2, i + 1]).collect();
    let data: Vec<Vec<f32>> = shapes.iter().map(|[outputs, inputs]| vec![0.5; outputs * inputs]).collect();
    let tensors: Vec<Tensor<'_>> =
        (0..12).map(|i| (names[i].as_str(), &shapes[i][..], &data[i][..])).collect();
    let imported = import(&tensors, &["tanh"; 11]).unwrap();
    assert_eq!((imported.model.inputs, imported.model.outputs()), (1, 13));
}

#[test]
fn a_single_linear_layer_needs_no_options() {
    let tensors: [Tensor<'_>; 2] = [("weight", &[1, 2], &[2.0, 3.0]), ("bias", &[1], &[0.5])];
    let imported = parse(&file(&tensors), &Options::default()).unwrap();
    is(&imported, "Network<2, Chain![Dense<2, 1>]>", &[1.0, 10.0], &[32.5]);
}

// In the order of their names, x is multiplied by [[0, 1], [0, 0]] and then by [[1, 0], [0, 0]], not the other way round.
#[test]
fn an_order_of_names_has_a_note() {
    let tensors: [Tensor<'_>; 2] =
        [("b.weight", &[2, 2], &[1.0, 0.0, 0.0, 0.0]), ("a.weight", &[2, 2], &[0.0, 1.0, 0.0, 0.0])];
    let imported = import(&tensors, &["identity"]).unwrap();
    is(&imported, "Network<2, Chain![Dense<2, 2>, Dense<2, 2>]>", &[2.0, 3.0], &[3.0, 0.0]);
    assert_eq!(imported.notes, ["took the modules in the order `a`, `b`: `--modules` gives another"]);

    let modules = Some(vec!["b".into(), "a".into()]);
    let options = Options { activations: Some(vec!["identity".into()]), modules };
    let imported = parse(&file(&tensors), &options).unwrap();
    is(&imported, "Network<2, Chain![Dense<2, 2>, Dense<2, 2>]>", &[2.0, 3.0], &[0.0, 0.0]);
    assert!(imported.notes.is_empty(), "{:?}", imported.notes);
}

#[test]
fn a_tensor_without_a_module_is_left_out_by_its_name() {
    let tensors: [Tensor<'_>; 3] = [
        ("0.weight", &[2, 2], IDENTITY),
        ("log_std", &[1, 2], &[0.0; 2]),
        ("value.weight", &[1, 2], &[1.0; 2]),
    ];
    let options = Options { activations: None, modules: Some(vec!["0".into()]) };
    let imported = parse(&file(&tensors), &options).unwrap();
    assert_eq!(imported.notes, ["left out the modules `log_std`, `value`"]);
}

#[test]
fn what_is_refused() {
    let weight: Tensor<'_> = ("0.weight", &[2, 2], IDENTITY);
    type Case<'a> = (&'a [Tensor<'a>], &'a [&'a str], &'a str);
    let cases: &[Case<'_>] = &[
        (
            &[("conv.weight", &[1, 1, 2, 2], IDENTITY)],
            &[],
            "module `conv` with `weight` [1, 1, 2, 2] is not a linear layer, BatchNorm1d, LayerNorm, PReLU or Standardize",
        ),
        (
            &[("0.weight", &[2, 2], IDENTITY), ("log_std", &[1, 2], &[0.0; 2])],
            &[],
            "tensor `log_std` [1, 2] is not a linear layer, BatchNorm1d, LayerNorm, PReLU or Standardize",
        ),
        (
            &[("0.weight", &[2, 3], &[0.0, 0.0, 0.0, 0.0, f32::NAN, 0.0])],
            &[],
            "tensor `0.weight`: the number at [1, 1] is NaN, which is not a finite f32",
        ),
        (&[weight, ("0.bias", &[3], &[0.0; 3])], &[], "tensor `0.bias` has shape [3], but needs [2]"),
        (
            &[weight, ("1.weight", &[3], &[0.0; 3])],
            &["prelu"],
            "tensor `1.weight` has shape [3], but needs [2]",
        ),
        (
            &[weight, ("1.weight", &[1, 3], &[0.0; 3])],
            &["relu"],
            "module `1` takes 3 numbers, but gets 2 from the one before it: give the order of the modules `0`, `1` with \
             `--modules`",
        ),
        (
            &[("0.weight", &[2], &[1.0; 2]), ("0.bias", &[2], &[1.0; 2])],
            &[],
            "the file has no linear layer, which would be a two-dimensional tensor `weight`",
        ),
        (
            &[weight, ("0.bias", &[2], &[0.0, f32::INFINITY])],
            &[],
            "tensor `0.bias`: the number at [1] is inf, which is not a finite f32",
        ),
        (
            &[("0.weight", &[1, 2], &[1.0, 2.0])],
            &["softmax"],
            "layer 0: the softmax of one output is always 1",
        ),
        (
            &[weight],
            &["relu", "relu"],
            "2 activations were given, but the file has 1 linear layer: give 0 with `--activations`, or 1 if the last \
             layer has one, too",
        ),
    ];
    for (tensors, activations, message) in cases {
        assert_eq!(import(tensors, activations).unwrap_err().to_string(), *message);
    }
    let whole = file(&[weight]);
    let error = parse(&whole[..whole.len() - 3], &Options::default()).unwrap_err();
    let message = format!("the file is cut off: it needs {} bytes, but has {}", whole.len(), whole.len() - 3);
    assert_eq!(error.to_string(), message);
    let error = parse(b"no file", &Options::default()).unwrap_err();
    assert_eq!(error.to_string(), "this is not a safetensors file: header too small");
}

#[test]
fn prelu_is_given_where_the_slopes_are() {
    let [first, slopes, last]: [Tensor<'_>; 3] =
        [("0.weight", &[2, 2], IDENTITY), ("1.weight", &[1], &[0.25]), ("2.weight", &[2, 2], IDENTITY)];
    let imported = import(&[first, slopes, last], &["prelu"]).unwrap();
    let expected = "Network<2, Chain![Dense<2, 2>, PRelu<2>, Dense<2, 2>]>";
    is(&imported, expected, &[2.0, -2.0], &[2.0, -0.5]);

    let error =
        |tensors: &[Tensor<'_>], activations: &[&str]| import(tensors, activations).unwrap_err().to_string();
    let message = "`prelu` is given for `0`, but no module after it has slopes";
    assert_eq!(error(&[first, last], &["prelu"]), message);
    let message = "`prelu` is given for `2`, but no module after it has slopes";
    assert_eq!(error(&[first, slopes, last], &["prelu", "prelu"]), message);
    assert_eq!(error(&[first, last], &["relu", "prelu"]), message);
    let message = "`prelu` is given for `weight`, but no module after it has slopes";
    assert_eq!(error(&[("weight", &[2, 2], IDENTITY)], &["prelu"]), message);
    let message = "module `1` has the slopes of a PReLU, but `Relu` is given for `0` before it: give `prelu`";
    assert_eq!(error(&[first, slopes, last], &["relu", "prelu"]), message);
}

/// A tensor without numbers may claim any other dimension.
#[test]
fn an_empty_tensor_does_not_allocate() {
    let huge = 1 << 60;
    for shape in [[0, huge], [huge, 0]] {
        assert!(import(&[("0.weight", &shape, &[])], &[]).is_err());
    }
}

/// A checkpoint of a network.
fn checkpoint<N: Parameters<f32>>(network: &N) -> Vec<u8> {
    let mut file = vec![];
    let write = |bytes: &[u8]| {
        file.extend_from_slice(bytes);
        Ok::<(), Infallible>(())
    };
    checkpoint::save(network, &(), &[7_u32, 8], write).unwrap();
    file
}

/// The network of a checkpoint has the outputs of the network that was saved.
#[test]
fn checkpoints() {
    type Net = Network<
        3,
        Chain![
            Standardize<3>,
            Dense<3, 4, LeakyRelu<200>>,
            Dropout<20>,
            BatchNorm<4>,
            Dense<4, 4>,
            PRelu<4, 4>,
            PRelu<4>,
            LayerNorm<4>,
            Dense<4, 2, Tanh>
        ],
    >;
    let mut network = Net::zeros();
    network.init(&init::KaimingUniform, &mut Xoshiro128PlusPlus::seed_from_u64(2));
    let imported = parse(&checkpoint(&network), &Options::default()).unwrap();
    let [x, y] = [[0.5, -1.25, 2.0], [-3.0, 0.25, 1.0]];
    for x in [x, y] {
        assert_eq!(imported.model.evaluate_f32(&x).unwrap(), network.predict(&x));
    }
    assert_eq!(
        imported.model.to_string(),
        "Network<3, Chain![Standardize<3>, Dense<3, 4, LeakyRelu<200>>, BatchNorm<4>, Dense<4, 4>, PRelu<4, 4>, PRelu<4>, \
         LayerNorm<4>, Dense<4, 2, Tanh>]>"
    );
    assert_eq!(imported.notes, ["left out module 3, a Dropout, which does not change a vector"]);

    let single = Network::<2, Linear<2, 1>>::zeros();
    let imported = parse(&checkpoint(&single), &Options::default()).unwrap();
    is(&imported, "Network<2, Chain![Dense<2, 1>]>", &[1.0, 2.0], &[0.0]);
}

#[test]
fn checkpoints_of_other_networks_are_refused() {
    let error = |file: &[u8]| parse(file, &Options::default()).unwrap_err().to_string();
    assert_eq!(
        error(&checkpoint(&Network::<2, Chain![Linear<2, 2>, Residual<Linear<2, 2>>]>::zeros())),
        "the network of this checkpoint has `inner Dense [2, 2] [2] Identity`, but only a chain of Dense with stackprop's \
         activations, BatchNorm, Standardize, LayerNorm, PRelu, Dropout and Flatten is imported, without Residual and Parallel"
    );
    // A layer without parameters, too.
    assert!(
        error(&checkpoint(&Network::<2, Chain![Linear<2, 2>, Residual<Dropout<20>>]>::zeros()))
            .starts_with("the network of this checkpoint has `inner Dropout`, but only")
    );
    assert_eq!(
        error(&checkpoint(&Network::<2, Chain![Linear<2, 2>, RmsNorm<2>]>::zeros())),
        "the network of this checkpoint has `RmsNorm [2]`, but only a chain of Dense with stackprop's activations, \
         BatchNorm, Standardize, LayerNorm, PRelu, Dropout and Flatten is imported, without Residual and Parallel"
    );
}

#[test]
fn a_negative_number_of_samples_is_refused() {
    let (one, count) = (1_f32.to_le_bytes(), (-5_i64).to_le_bytes());
    let number = |name| (name, TensorView::new(Dtype::F32, vec![1], &one).unwrap());
    let tensors = [
        number("0.mean"),
        number("0.variance"),
        ("1.weight", TensorView::new(Dtype::F32, vec![1, 1], &one).unwrap()),
        ("0.num_batches_tracked", TensorView::new(Dtype::I64, vec![], &count).unwrap()),
    ];
    let options = Options { activations: Some(vec![]), modules: None };
    let error = parse(&serialize(tensors, None).unwrap(), &options).unwrap_err();
    assert_eq!(error.to_string(), "tensor `0.num_batches_tracked` is -5, but it is a number of samples");
}
