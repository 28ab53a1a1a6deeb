//! Graphs made by hand: what each operator becomes, with outputs computed by hand, and what is refused, with the message.

use rten_onnx::onnx::{
    AttributeProto, DataLocation, DataType, Dimension, GraphProto, ModelProto, NodeProto,
    StringStringEntryProto, TensorProto, TensorShapeProto, TypeProto, TypeProtoTensor, ValueInfoProto,
};
use stackprop_kit::import::{Imported, onnx};

/// A graph with the input `x` and the output `y`, made node by node.
struct Graph(GraphProto);

fn value(name: &str, width: i64) -> ValueInfoProto {
    let dim = |dim_value| Dimension { dim_value, dim_param: None };
    let shape = Some(TensorShapeProto { dim: vec![dim(None), dim(Some(width))] });
    let tensor_type = Some(TypeProtoTensor { elem_type: Some(DataType::FLOAT), shape });
    ValueInfoProto { name: Some(name.into()), r#type: Some(TypeProto { tensor_type, sequence: None }) }
}

fn tensor(name: &str, dims: &[i64], data: &[f32]) -> TensorProto {
    TensorProto {
        name: Some(name.into()),
        dims: dims.to_vec(),
        data_type: Some(DataType::FLOAT),
        float_data: data.to_vec(),
        ..Default::default()
    }
}

fn integer(name: &str, i: i64) -> AttributeProto {
    AttributeProto { name: Some(name.into()), i: Some(i), ..Default::default() }
}

fn float(name: &str, f: f32) -> AttributeProto {
    AttributeProto { name: Some(name.into()), f: Some(f), ..Default::default() }
}

impl Graph {
    fn new(width: i64) -> Self {
        let graph =
            GraphProto { input: vec![value("x", width)], output: vec![value("y", 1)], ..Default::default() };
        Self(graph)
    }

    fn constant(mut self, name: &str, dims: &[i64], data: &[f32]) -> Self {
        self.0.initializer.push(tensor(name, dims, data));
        self
    }

    /// A node `output = op(inputs)`, named `n_output`.
    fn node(self, op: &str, inputs: &[&str], output: &str) -> Self {
        self.with(op, inputs, output, &[])
    }

    fn with(mut self, op: &str, inputs: &[&str], output: &str, attributes: &[AttributeProto]) -> Self {
        self.0.node.push(NodeProto {
            name: Some(format!("n_{output}")),
            op_type: Some(op.into()),
            input: inputs.iter().map(|name| (*name).into()).collect(),
            output: vec![output.into()],
            attribute: attributes.to_vec(),
            domain: None,
        });
        self
    }

    fn bytes(self) -> Vec<u8> {
        ModelProto { ir_version: Some(8), graph: Some(self.0), ..Default::default() }.write_buf().unwrap()
    }

    fn import(self) -> Imported {
        onnx::parse(&self.bytes(), &|_| None).unwrap()
    }

    /// Imports the graph as this type, with this output for this input.
    #[track_caller]
    fn is(self, type_text: &str, x: &[f64], expected: &[f64]) {
        let model = self.import().model;
        assert_eq!(model.to_string(), type_text);
        let y = model.evaluate(x).unwrap();
        let near = y.iter().zip(expected).all(|(y, e)| (y - e).abs() <= 1e-6 * e.abs().max(1.0)); // constants are f32
        assert!(near && y.len() == expected.len(), "{y:?} is not {expected:?}");
    }

    #[track_caller]
    fn refused(self, message: &str) {
        assert_eq!(onnx::parse(&self.bytes(), &|_| None).unwrap_err().to_string(), message);
    }
}

/// `z = x W`, with `W = [[1, 2], [3, 4]]`.
fn product() -> Graph {
    Graph::new(2).constant("w", &[2, 2], &[1.0, 2.0, 3.0, 4.0]).node("MatMul", &["x", "w"], "z")
}

// x = (1, 10): z = (31, 42).
const X: [f64; 2] = [1.0, 10.0];

#[test]
fn matmul_without_bias() {
    let graph = product().node("Identity", &["z"], "y");
    graph.is("Network<2, Chain![Dense<2, 2>]>", &X, &[31.0, 42.0]);
}

#[test]
fn a_bias_on_either_side_in_each_shape() {
    for dims in [&[2][..], &[1, 2]] {
        for inputs in [["z", "b"], ["b", "z"]] {
            let graph = product().constant("b", dims, &[0.5, -1.0]).node("Add", &inputs, "y");
            graph.is("Network<2, Chain![Dense<2, 2>]>", &X, &[31.5, 41.0]);
        }
    }
}

// 2 x W^T + 3 c = 2 (21, 43) + 3 (1, 2)
#[test]
fn gemm_with_factors() {
    Graph::new(2)
        .constant("w", &[2, 2], &[1.0, 2.0, 3.0, 4.0])
        .constant("c", &[2], &[1.0, 2.0])
        .with("Gemm", &["x", "w", "c"], "y", &[integer("transB", 1), float("alpha", 2.0), float("beta", 3.0)])
        .is("Network<2, Chain![Dense<2, 2>]>", &X, &[45.0, 92.0]);
}

#[test]
fn constants_are_transposed_and_computed() {
    Graph::new(2)
        .constant("v", &[2, 2], &[1.0, 3.0, 2.0, 4.0])
        .constant("half", &[], &[0.5])
        .node("Transpose", &["v"], "t")
        .node("Mul", &["t", "half"], "w")
        .node("MatMul", &["x", "w"], "y")
        .is("Network<2, Chain![Dense<2, 2>]>", &X, &[15.5, 21.0]);
}

// (z - 1) 10 / sqrt(3.999 + 0.001) + 2, which is 5 z - 3
#[test]
fn batch_normalization_is_folded() {
    let graph = |graph: Graph, from| {
        graph
            .constant("scale", &[2], &[10.0; 2])
            .constant("bias", &[2], &[2.0; 2])
            .constant("mean", &[2], &[1.0; 2])
            .constant("var", &[2], &[3.999; 2])
            .with(
                "BatchNormalization",
                &[from, "scale", "bias", "mean", "var"],
                "y",
                &[float("epsilon", 1e-3)],
            )
    };
    graph(product(), "z").is("Network<2, Chain![Dense<2, 2>]>", &X, &[152.0, 207.0]);
    // Above an activation, it is a layer; above that, it would be folded into the next Dense.
    let last = graph(product().node("Relu", &["z"], "r"), "r");
    last.is("Network<2, Chain![Dense<2, 2, Relu>, BatchNorm<2>]>", &X, &[152.0, 207.0]);
}

// ((x - 1) 10 = (0, 90)) W = (270, 360)
#[test]
fn a_shift_of_the_inputs_stays_a_layer() {
    let scaled = |from: &str| {
        Graph::new(2)
            .constant("w", &[2, 2], &[1.0, 2.0, 3.0, 4.0])
            .constant("one", &[], &[1.0])
            .constant("factor", &[2], &[10.0, 10.0])
            .node("Sub", &["x", "one"], "s")
            .node("Mul", &["s", "factor"], "p")
            .node("MatMul", &[from, "w"], "y")
    };
    scaled("p").is("Network<2, Chain![Standardize<2>, Dense<2, 2>]>", &X, &[270.0, 360.0]);
    // A factor of -1 is no deviation: (1 - x) = (0, -9)
    let graph = Graph::new(2)
        .constant("w", &[2, 2], &[1.0, 2.0, 3.0, 4.0])
        .constant("one", &[], &[1.0])
        .node("Sub", &["one", "x"], "s")
        .node("MatMul", &["s", "w"], "y");
    graph.is("Network<2, Chain![BatchNorm<2>, Dense<2, 2>]>", &X, &[-27.0, -36.0]);
}

// x / 2 = (0.5, 5)
#[test]
fn a_factor_of_the_inputs_is_folded() {
    Graph::new(2)
        .constant("w", &[2, 2], &[1.0, 2.0, 3.0, 4.0])
        .constant("two", &[1], &[2.0])
        .node("Div", &["x", "two"], "s")
        .node("MatMul", &["s", "w"], "y")
        .is("Network<2, Chain![Dense<2, 2>]>", &X, &[15.5, 21.0]);
}

// z = (31, 42): mean 36.5, variance 5.5^2 = 30.25. With an epsilon of 5.75, the root is 6: n = (-5.5, 5.5) / 6.
#[test]
fn the_epsilon_of_layer_normalization() {
    let graph = product().constant("gain", &[2], &[6.0, 12.0]).constant("shift", &[2], &[1.0, 0.0]).with(
        "LayerNormalization",
        &["z", "gain", "shift"],
        "y",
        &[float("epsilon", 5.75)],
    );
    graph.is("Network<2, Chain![Dense<2, 2>, LayerNorm<2>]>", &X, &[-4.5, 11.0]);
}

#[test]
fn layer_normalization_node_by_node() {
    let mean = [AttributeProto { name: Some("axes".into()), ints: vec![-1], ..Default::default() }];
    product()
        .constant("two", &[], &[2.0])
        .constant("epsilon", &[], &[5.75])
        .with("ReduceMean", &["z"], "m", &mean)
        .node("Sub", &["z", "m"], "d")
        .node("Pow", &["d", "two"], "d2")
        .with("ReduceMean", &["d2"], "v", &mean)
        .node("Add", &["v", "epsilon"], "ve")
        .node("Sqrt", &["ve"], "s")
        .node("Div", &["d", "s"], "y")
        .is("Network<2, Chain![Dense<2, 2>, LayerNorm<2>]>", &X, &[-5.5 / 6.0, 5.5 / 6.0]);
}

#[test]
fn softmax_node_by_node() {
    let axis = [AttributeProto { name: Some("axes".into()), ints: vec![-1], ..Default::default() }];
    let e = 11.0_f64.exp();
    product()
        .with("ReduceMax", &["z"], "m", &axis)
        .node("Sub", &["z", "m"], "d")
        .node("Exp", &["d"], "e")
        .with("ReduceSum", &["e"], "s", &axis)
        .node("Div", &["e", "s"], "y")
        .is("Network<2, Chain![Dense<2, 2, Softmax>]>", &X, &[1.0 / (1.0 + e), e / (1.0 + e)]);
}

#[test]
fn activations_without_a_dense_layer() {
    let norm = |graph: Graph| {
        graph.constant("gain", &[2], &[1.0; 2]).with("LayerNormalization", &["z", "gain"], "n", &[])
    };
    let n = 5.5 / (30.25_f64 + 1e-5).sqrt();
    norm(product()).node("Relu", &["n"], "y").is(
        "Network<2, Chain![Dense<2, 2>, LayerNorm<2>, PRelu<2>]>",
        &X,
        &[0.0, n],
    );
    norm(product()).node("Tanh", &["n"], "y").is(
        "Network<2, Chain![Dense<2, 2>, LayerNorm<2>, Dense<2, 2, Tanh>]>",
        &X,
        &[(-n).tanh(), n.tanh()],
    );
}

/// The activation of a graph from `z` to `y`.
fn activation(build: impl Fn(Graph) -> Graph) -> String {
    let graph = build(product().constant("one", &[], &[1.0]).constant("half", &[], &[0.5]));
    let text = graph.import().model.to_string();
    let inside =
        text.strip_prefix("Network<2, Chain![Dense<2, 2, ").and_then(|text| text.strip_suffix(">]>"));
    inside.unwrap_or(&text).into()
}

#[test]
fn forms_of_activations() {
    let root = std::f32::consts::SQRT_2;
    type Form = Box<dyn Fn(Graph) -> Graph>;
    let cases: Vec<(&str, Form)> = vec![
        ("Silu", Box::new(|g| g.node("Sigmoid", &["z"], "s").node("Mul", &["z", "s"], "y"))),
        (
            "Sigmoid",
            Box::new(|g| {
                g.node("Neg", &["z"], "m").node("Exp", &["m"], "e").node("Add", &["one", "e"], "d").node(
                    "Div",
                    &["one", "d"],
                    "y",
                )
            }),
        ),
        (
            "Gelu",
            Box::new(move |g| {
                g.constant("root", &[], &[root])
                    .node("Div", &["z", "root"], "d")
                    .node("Erf", &["d"], "e")
                    .node("Add", &["e", "one"], "p")
                    .node("Mul", &["z", "p"], "m")
                    .node("Mul", &["m", "half"], "y")
            }),
        ),
        ("Gelu", Box::new(|g| g.node("Gelu", &["z"], "y"))),
        (
            "GeluTanh",
            Box::new(|g| {
                let tanh = AttributeProto {
                    name: Some("approximate".into()),
                    s: Some("tanh".into()),
                    ..Default::default()
                };
                g.with("Gelu", &["z"], "y", &[tanh])
            }),
        ),
        (
            "Softplus",
            Box::new(|g| g.node("Exp", &["z"], "e").node("Add", &["e", "one"], "p").node("Log", &["p"], "y")),
        ),
        ("Relu", Box::new(|g| g.constant("zero", &[], &[0.0]).node("Max", &["z", "zero"], "y"))),
        ("Relu", Box::new(|g| g.constant("zero", &[], &[0.0]).node("Clip", &["z", "zero"], "y"))),
        ("HardTanh", Box::new(|g| g.with("Clip", &["z"], "y", &[float("min", -1.0), float("max", 1.0)]))),
        ("HardSigmoid", Box::new(|g| g.with("HardSigmoid", &["z"], "y", &[float("alpha", 1.0 / 6.0)]))),
        ("LeakyRelu<250>", Box::new(|g| g.with("LeakyRelu", &["z"], "y", &[float("alpha", 0.25)]))),
        ("LeakyRelu<10>", Box::new(|g| g.node("LeakyRelu", &["z"], "y"))),
        ("LeakyRelu<500>", Box::new(|g| g.node("Mul", &["z", "half"], "h").node("Max", &["z", "h"], "y"))),
        ("Elu<1000>", Box::new(|g| g.node("Celu", &["z"], "y"))),
        ("Elu<300>", Box::new(|g| g.with("Elu", &["z"], "y", &[float("alpha", 0.3)]))),
        ("Selu", Box::new(|g| g.node("Selu", &["z"], "y"))),
    ];
    for (expected, build) in cases {
        assert_eq!(activation(build), expected);
    }
}

#[test]
fn a_slope_that_is_not_in_thousandths_is_a_prelu() {
    let graph = product().with("LeakyRelu", &["z"], "y", &[float("alpha", 0.0625)]);
    // (0.0625 is exact in f32.)
    graph.is("Network<2, Chain![Dense<2, 2>, PRelu<2>]>", &[-1.0, 0.0], &[-0.0625, -0.125]);
}

// The rectifier and its mirror image: relu(z) - a relu(-z), as Keras writes PReLU.
#[test]
fn slopes_for_each_neuron() {
    let graph = product()
        .constant("a", &[2], &[0.5, 2.0])
        .node("Relu", &["z"], "r")
        .node("Neg", &["z"], "m")
        .node("Relu", &["m"], "rm")
        .node("Mul", &["a", "rm"], "s")
        .node("Sub", &["r", "s"], "y");
    graph.is("Network<2, Chain![Dense<2, 2>, PRelu<2, 2>]>", &[-1.0, 0.0], &[-0.5, -4.0]);
}

#[test]
fn scale_and_activation_and_scale() {
    // tanh(z / 2 + 1 / 2) / 2 + 1 / 2
    let graph = product()
        .constant("half", &[], &[0.5])
        .node("Mul", &["z", "half"], "a")
        .node("Add", &["a", "half"], "b")
        .node("Tanh", &["b"], "t")
        .node("Mul", &["t", "half"], "c")
        .node("Add", &["half", "c"], "y");
    let expected = [-1.0, -2.0].map(|z: f64| (0.5 * z + 0.5).tanh() / 2.0 + 0.5);
    graph.is("Network<2, Chain![Dense<2, 2, Tanh>, BatchNorm<2>]>", &[-1.0, 0.0], &expected);
}

#[test]
fn log_softmax_has_a_note() {
    let imported = product().node("LogSoftmax", &["z"], "y").import();
    assert_eq!(imported.model.to_string(), "Network<2, Chain![Dense<2, 2, Softmax>]>");
    assert_eq!(
        imported.notes,
        [
            "LogSoftmax `n_y` is a Softmax: the outputs are probabilities, those of the model were their logarithms"
        ]
    );
}

/// In the middle, the logarithms are the inputs of the next layer, or are changed.
#[test]
fn log_softmax_is_refused_in_the_middle() {
    let middle = product().node("LogSoftmax", &["z"], "a");
    for graph in [
        middle.constant("v", &[2, 1], &[1.0, 2.0]).node("MatMul", &["a", "v"], "y"),
        product().node("LogSoftmax", &["z"], "a").node("Tanh", &["a"], "y"),
        product().node("LogSoftmax", &["z"], "a").node("LogSoftmax", &["a"], "y"),
    ] {
        graph.refused("LogSoftmax `n_a` is not supported: it is imported only as the last layer");
    }
}

#[test]
fn numbers_in_another_file() {
    let entry =
        |key: &str, value: &str| StringStringEntryProto { key: Some(key.into()), value: Some(value.into()) };
    let graph = |location: &str, offset: &str| {
        let mut graph = Graph::new(2);
        graph.0.initializer.push(TensorProto {
            name: Some("w".into()),
            dims: vec![2, 1],
            data_type: Some(DataType::FLOAT),
            data_location: Some(DataLocation::EXTERNAL),
            external_data: vec![entry("location", location), entry("offset", offset), entry("length", "8")],
            ..Default::default()
        });
        graph.node("MatMul", &["x", "w"], "y").bytes()
    };
    let file = [0.0_f32, 2.0, 3.0].iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
    let external = |name: &str| (name == "below/numbers").then(|| file.clone());
    let imported = onnx::parse(&graph("below/numbers", "4"), &external).unwrap();
    assert_eq!(imported.model.evaluate(&X).unwrap(), [32.0]);
    for (location, offset, message) in [
        ("below/numbers", "8", "its numbers are bytes 8 to 16 of `below/numbers`, which has 12 bytes"),
        ("other", "0", "its numbers are in `other`, which cannot be read: put it beside the model"),
        ("../other", "0", "its numbers are in `../other`, which is not in the directory of the model"),
        ("/etc/passwd", "0", "its numbers are in `/etc/passwd`, which is not in the directory of the model"),
    ] {
        let error = onnx::parse(&graph(location, offset), &external).unwrap_err();
        assert_eq!(error.to_string(), format!("tensor `w`: {message}"));
    }
}

#[test]
fn operators_that_are_refused() {
    product().node("Conv", &["z", "w"], "y").refused(
        "Conv `n_y` is not a layer of a multi-layer perceptron: stackprop imports Gemm and MatMul with constant weights, \
         BatchNormalization, LayerNormalization, Scaler, PRelu, Softmax and elementwise functions",
    );
    product()
        .node("MatMul", &["z", "w"], "z2")
        .node("Add", &["z", "z2"], "y")
        .refused("Add `n_y` joins MatMul `n_z` and MatMul `n_z2`, but only a chain of layers from one input is imported");
    let activations = "this function is not one of stackprop's activations, which are Relu, LeakyRelu, PRelu, HardSigmoid, \
                       HardTanh, Sigmoid, Tanh, Elu, Selu, Softplus, Silu, Gelu and GeluTanh (LeakyRelu and Elu in thousandths)";
    product().node("HardSwish", &["z"], "y").refused(&format!("HardSwish `n_y`: {activations}"));
    let limits = [float("min", 0.0), float("max", 6.0)];
    product().with("Clip", &["z"], "y", &limits).refused(&format!("Clip `n_y`: {activations}"));
    product()
        .node("Softplus", &["z"], "s")
        .node("Tanh", &["s"], "t")
        .node("Abs", &["t"], "a")
        .node("Mul", &["z", "a"], "y")
        .refused(&format!("Softplus `n_s` to Mul `n_y` (4 nodes): {activations}"));
    product()
        .with("Softmax", &["z"], "y", &[integer("axis", 0)])
        .refused("Softmax `n_y` is not supported: its axis must be the last");
    product()
        .with("Cast", &["z"], "y", &[integer("to", 7)])
        .refused("Cast `n_y` is not supported: it converts to the ONNX type 7, but must convert to FLOAT (1), FLOAT16 (10), DOUBLE (11) or \
             BFLOAT16 (16)");
    product()
        .with("Gemm", &["z", "w"], "y", &[integer("transA", 1)])
        .refused("Gemm `n_y` is not supported: transA is 1, which mixes samples");
    product()
        .with("Flatten", &["z"], "y", &[integer("axis", 0)])
        .refused("Flatten `n_y` is not supported: it must leave each sample a vector of the same numbers");
    Graph::new(2)
        .constant("w", &[1, 1], &[2.0])
        .node("MatMul", &["w", "x"], "y")
        .refused("MatMul `n_y` is not supported: the constant must be its second input");
}

/// As PyTorch exports `nn.Dropout`: the third input is whether it drops.
#[test]
fn dropout_is_refused_in_training_mode() {
    let graph = |training: u8| {
        let mut graph = product().constant("p", &[], &[0.5]);
        graph.0.initializer.push(TensorProto {
            name: Some("training".into()),
            data_type: Some(DataType::BOOL),
            int32_data: vec![training.into()],
            ..Default::default()
        });
        graph.node("Dropout", &["z", "p", "training"], "y")
    };
    graph(0).is("Network<2, Chain![Dense<2, 2>]>", &X, &[31.0, 42.0]);
    graph(1).refused(
        "Dropout `n_y` is not supported: it is in training mode: export the model in inference mode (`model.eval()`)",
    );
}

#[test]
fn numbers_that_are_not_finite_are_refused() {
    let weights = [0.0, 0.0, f32::NAN, 0.0, 0.0, 0.0];
    let graph = |op: &str, inputs: &[&str]| {
        let graph = Graph::new(2).constant("w", &[2, 3], &weights).constant("v", &[2, 3], &[0.0; 6]);
        graph.constant("b", &[3], &[0.0, 0.0, f32::INFINITY]).node(op, inputs, "y")
    };
    let message = "tensor `w`: the number at [0, 2] is NaN, which is not a finite f32";
    graph("MatMul", &["x", "w"]).refused(message);
    graph("Gemm", &["x", "w", "b"]).refused(message);
    let message = "tensor `b`: the number at [2] is inf, which is not a finite f32";
    graph("Gemm", &["x", "v", "b"]).refused(message);
}

#[test]
fn inputs_that_are_constants_elsewhere() {
    let mut graph = product();
    graph.0.input.push(value("mean", 2));
    graph.node("Sub", &["x", "mean"], "c").node("MatMul", &["c", "w"], "y").refused(
        "Sub `n_c` joins input `x` and input `mean`, but only a chain of layers from one input is imported: if one of them \
         is a constant, the exporter left it out. It does so with Normalization of Keras on TensorFlow, but not on PyTorch, \
         `KERAS_BACKEND=torch`",
    );
}

#[test]
fn shapes_that_are_refused() {
    product()
        .constant("v", &[3, 1], &[1.0; 3])
        .node("MatMul", &["z", "v"], "y")
        .refused("MatMul `n_y` needs 3 numbers for each sample, but gets 2");
    product()
        .constant("b", &[3], &[1.0; 3])
        .node("Add", &["z", "b"], "y")
        .refused("Add `n_y` needs 3 numbers for each sample, but gets 2");
    product().constant("b", &[2, 2], &[1.0; 4]).node("Add", &["z", "b"], "y").refused(
        "Add `n_y` is not supported: its constant has shape [2, 2], but must have one number, or one for each neuron",
    );
    product()
        .constant("v", &[2, 1, 1], &[1.0; 2])
        .node("MatMul", &["z", "v"], "y")
        .refused("MatMul `n_y` is not supported: its weights have shape [2, 1, 1], but must be a matrix");
    product()
        .constant("v", &[2, 1], &[1.0; 3])
        .node("MatMul", &["z", "v"], "y")
        .refused("tensor `v`: its dimensions [2, 1] need 2 numbers, but the file has 3");
    product()
        .constant("v", &[-2, 1], &[1.0; 2])
        .node("MatMul", &["z", "v"], "y")
        .refused("tensor `v`: its dimensions [-2, 1] are not those of a tensor");
}

#[test]
fn numbers_that_are_refused() {
    product()
        .constant("b", &[2], &[1.0, f32::NAN])
        .node("Add", &["z", "b"], "y")
        .refused("layer 0, a Dense: number 1 of `bias` is NaN, which is not a finite f32");
    let mut graph = product();
    graph.0.initializer[0].data_type = Some(DataType::INT8);
    graph.node("Identity", &["z"], "y").refused(
        "tensor `w`: its type is INT8, but only FLOAT, DOUBLE, FLOAT16, BFLOAT16, INT32, INT64 and BOOL are read",
    );
}

#[test]
fn outputs_are_chosen() {
    let heads = || {
        let mut graph = product()
            .constant("v", &[2, 1], &[1.0; 2])
            .node("Tanh", &["z"], "trunk")
            .node("MatMul", &["trunk", "w"], "y")
            .node("MatMul", &["trunk", "v"], "value");
        graph.0.output.push(value("value", 1));
        graph
    };
    heads().refused("the outputs `y`, `value` are of different networks: choose one with `--output`");
    let bytes = heads().bytes();
    let import = |output| onnx::parse_output(&bytes, &|_| None, Some(output));
    let types = ["y", "value"].map(|output| import(output).unwrap().model.to_string());
    assert_eq!(
        types,
        [
            "Network<2, Chain![Dense<2, 2, Tanh>, Dense<2, 2>]>",
            "Network<2, Chain![Dense<2, 2, Tanh>, Dense<2, 1>]>"
        ]
    );
    let error = import("policy").unwrap_err().to_string();
    assert_eq!(error, "there is no value `policy`; the outputs are `y`, `value`");
}

#[test]
fn graphs_without_a_network() {
    Graph::new(2).node("Relu", &["x"], "y").refused("no Gemm or MatMul leads from an input to `y`");
    Graph::new(2)
        .constant("c", &[2], &[1.0; 2])
        .node("Relu", &["c"], "y")
        .refused("no Gemm or MatMul leads from an input to `y`");
    product()
        .node("Add", &["z", "missing"], "y")
        .refused("Add `n_y` uses `missing`, which is not computed before it");
    let error = onnx::parse(b"", &|_| None).unwrap_err().to_string();
    assert_eq!(error, "this is not an ONNX file: it has no graph");
    let error = onnx::parse(b"\x12\xff\x01", &|_| None).unwrap_err().to_string();
    assert_eq!(error, "this is not an ONNX file: the file ends inside of a field");
}

/// A declared width is not a reason to allocate, nor are weights that thousands of nodes share.
#[test]
fn a_small_file_does_not_make_a_large_network() {
    Graph::new(1 << 60).node("Relu", &["x"], "y").refused("no Gemm or MatMul leads from an input to `y`");
    let n = 400;
    let mut graph = Graph::new(n).constant("w", &[n, n], &vec![0.5; (n * n) as usize]);
    let names: Vec<String> = (0..=2000).map(|i| if i == 0 { "x".into() } else { format!("z{i}") }).collect();
    for pair in names.windows(2) {
        graph = graph.node("MatMul", &[&pair[0], "w"], &pair[1]);
    }
    graph.node("Identity", &["z2000"], "y").refused(
        "the network would be several times as large as its file: do its layers share their weights?",
    );
}
