//! ONNX files made of operators with a meaning, and what they compute by the definitions of ONNX.

use arbitrary::Arbitrary;

use crate::import::check_onnx;
use proto::{bytes, float, integer, joined, text};

/// The encoding of protobuf.
mod proto {
    fn varint(mut value: u64) -> Vec<u8> {
        let mut bytes = vec![];
        while value >= 0x80 {
            bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        bytes.push(value as u8);
        bytes
    }

    pub fn integer(field: u64, value: i64) -> Vec<u8> {
        [varint(field << 3), varint(value as u64)].concat()
    }

    pub fn float(field: u64, value: f32) -> Vec<u8> {
        [varint(field << 3 | 5), value.to_le_bytes().to_vec()].concat()
    }

    pub fn bytes(field: u64, content: &[u8]) -> Vec<u8> {
        [varint(field << 3 | 2), varint(content.len() as u64), content.to_vec()].concat()
    }

    pub fn text(field: u64, content: &str) -> Vec<u8> {
        bytes(field, content.as_bytes())
    }

    /// A message of these fields.
    pub fn joined(field: u64, fields: &[Vec<u8>]) -> Vec<u8> {
        bytes(field, &fields.concat())
    }
}

/// How many inputs the network is evaluated for.
const SAMPLES: usize = 4;

/// A graph whose nodes follow one another, mostly.
#[derive(Arbitrary, Debug)]
pub struct Graph {
    inputs: u8,
    nodes: Vec<Node>,
    /// Single bytes of the file.
    damage: Vec<(u16, u8)>,
}

#[derive(Arbitrary, Debug)]
struct Node {
    operator: Operator,
    /// How many values before the last one its input is.
    back: Option<u8>,
    name: Option<String>,
}

#[derive(Arbitrary, Debug)]
enum Operator {
    Gemm { outputs: u8, weights: Numbers, transposed: bool, bias: Option<Numbers>, alpha: i8, beta: i8 },
    MatMul { outputs: u8, weights: Numbers },
    Binary { function: Binary, other: Other, reversed: bool },
    Unary(Unary),
    LeakyRelu { permille: u16 },
    Elu { permille: u16 },
    HardSigmoid { alpha: i8, beta: i8 },
    Clip { low: i8, high: i8 },
    PRelu { slope: Other },
    Softmax { logarithm: bool },
    BatchNormalization { gain: Numbers, shift: Numbers, mean: Numbers, variance: Numbers },
    LayerNormalization { gain: Numbers, shift: Option<Numbers> },
    Scaler { offset: Numbers, scale: Numbers },
    Reduce { function: Reduce },
    Reshape { rows: i8 },
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Max,
    Min,
    Pow,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Unary {
    Relu,
    Sigmoid,
    Tanh,
    Softplus,
    Selu,
    Softsign,
    Neg,
    Abs,
    Exp,
    Log,
    Sqrt,
    Reciprocal,
    Identity,
    Dropout,
    Flatten,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Reduce {
    Mean,
    Sum,
    Max,
}

/// The other operand of a node.
#[derive(Arbitrary, Debug)]
enum Other {
    One(i16),
    Each(Numbers),
    /// `[1, n]` in place of `[n]`.
    Row(Numbers),
    /// An earlier value.
    Value(u8),
}

/// Sixteenths, which are repeated.
#[derive(Arbitrary, Debug)]
struct Numbers(Vec<i8>);

impl Numbers {
    fn take(&self, count: usize) -> Vec<f64> {
        let numbers = self.0.iter().map(|x| f64::from(*x) / 16.0).chain([0.25]);
        numbers.cycle().take(count).collect()
    }
}

/// A value of the graph: its width, and the numbers for each sample.
#[derive(Clone)]
struct Value {
    name: String,
    width: usize,
    samples: [Vec<f64>; SAMPLES],
}

/// A file that is being made.
struct Builder {
    nodes: Vec<Vec<u8>>,
    initializers: Vec<Vec<u8>>,
    values: Vec<Value>,
    /// The largest number so far: what rounding errors are relative to.
    largest: f64,
    /// Whether the last node takes logarithms, which the importer leaves out with a note.
    logarithm: bool,
}

impl Graph {
    /// The importer refuses the graph, or computes what it says.
    pub fn check(&self) {
        let width = usize::from(self.inputs % 4) + 1;
        let mut builder = Builder::new(width);
        for node in self.nodes.iter().take(16) {
            builder.add(node);
        }
        let (mut file, output) = (builder.file(width), builder.last().clone());
        for (place, byte) in &self.damage {
            let place = usize::from(*place) % file.len();
            file[place] = *byte;
        }
        let Some(model) = check_onnx(&file).filter(|_| self.damage.is_empty()) else { return };
        assert_eq!((model.inputs, model.outputs()), (width, output.width), "{model}");
        // Far out, functions are compared with activations at a few points only; and infinite numbers are not compared.
        if builder.largest > 64.0 || builder.largest.is_nan() {
            return;
        }
        for (number, expected) in output.samples.iter().enumerate() {
            let found = model.evaluate(&input(number, width)).expect("a whole model");
            for (y, expected) in found.iter().zip(expected) {
                let expected = if builder.logarithm { expected.exp() } else { *expected };
                let tolerance = 1e-4 * builder.largest.max(1.0);
                assert!((y - expected).abs() <= tolerance, "{y} is not {expected}: {self:?} is {model}");
            }
        }
    }
}

/// Sample `number`.
fn input(number: usize, width: usize) -> Vec<f64> {
    (0..width).map(|i| ((number * 7 + i * 3) % 11) as f64 * 0.37 - 1.9).collect()
}

impl Builder {
    fn new(width: usize) -> Self {
        let samples = std::array::from_fn(|number| input(number, width));
        let values = vec![Value { name: "x".into(), width, samples }];
        Self { nodes: vec![], initializers: vec![], values, largest: 0.0, logarithm: false }
    }

    fn last(&self) -> &Value {
        self.values.last().expect("the input is a value")
    }

    fn value(&self, back: u8) -> &Value {
        let count = self.values.len();
        &self.values[count - 1 - usize::from(back) % count]
    }

    /// An initializer of `f32`.
    fn constant(&mut self, dims: &[usize], numbers: &[f64]) -> String {
        let name = format!("c{}", self.initializers.len());
        let mut fields: Vec<_> = dims.iter().map(|d| integer(1, *d as i64)).collect();
        fields.push(integer(2, 1));
        fields.push(text(8, &name));
        fields.push(bytes(9, &numbers.iter().flat_map(|x| (*x as f32).to_le_bytes()).collect::<Vec<_>>()));
        self.initializers.push(joined(5, &fields));
        name
    }

    /// An initializer of `i64`.
    fn integers(&mut self, numbers: &[i64]) -> String {
        let name = format!("c{}", self.initializers.len());
        let raw: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        let fields = [integer(1, numbers.len() as i64), integer(2, 7), text(8, &name), bytes(9, &raw)];
        self.initializers.push(joined(5, &fields));
        name
    }

    /// Adds a node, and the value that it computes.
    fn push(&mut self, node: &Node, operator: &str, inputs: &[&str], attributes: &[Vec<u8>], value: Value) {
        let mut fields: Vec<_> = inputs.iter().map(|input| text(1, input)).collect();
        fields.push(text(2, &value.name));
        fields.extend(node.name.as_deref().map(|name| text(3, name)));
        fields.push(text(4, operator));
        fields.extend(attributes.iter().map(|attribute| bytes(5, attribute)));
        if operator == "Scaler" {
            fields.push(text(7, "ai.onnx.ml"));
        }
        self.nodes.push(joined(1, &fields));
        for y in value.samples.iter().flatten() {
            // (`max` would pass over a NaN.)
            self.largest = if y.is_nan() {
                f64::NAN
            } else if self.largest.is_nan() {
                self.largest
            } else {
                self.largest.max(y.abs())
            };
        }
        self.logarithm = operator == "LogSoftmax";
        self.values.push(value);
    }

    fn add(&mut self, node: &Node) {
        let x = self.value(node.back.unwrap_or(0)).clone();
        let (from, width) = (x.name.clone(), x.width);
        let name = format!("v{}", self.values.len());
        let each = |function: &dyn Fn(f64) -> f64| Value {
            name: name.clone(),
            width,
            samples: x.samples.clone().map(|row| row.into_iter().map(function).collect()),
        };
        let rows = |width: usize, function: &dyn Fn(&[f64]) -> Vec<f64>| Value {
            name: name.clone(),
            width,
            samples: x.samples.clone().map(|row| function(&row)),
        };
        match &node.operator {
            Operator::Gemm { outputs, weights, transposed, bias, alpha, beta } => {
                let outputs = usize::from(outputs % 4) + 1;
                let numbers = weights.take(width * outputs);
                let dims = if *transposed { [outputs, width] } else { [width, outputs] };
                let (alpha, beta) = (f64::from(*alpha) / 16.0, f64::from(*beta) / 16.0);
                let bias = bias.as_ref().map(|bias| bias.take(outputs));
                let value = rows(outputs, &|row| {
                    let weight = |i: usize, o: usize| {
                        if *transposed { numbers[o * width + i] } else { numbers[i * outputs + o] }
                    };
                    let sum = |o: usize| (0..width).map(|i| row[i] * weight(i, o)).sum::<f64>();
                    let bias = |o: usize| bias.as_ref().map_or(0.0, |bias| bias[o]);
                    (0..outputs).map(|o| alpha * sum(o) + beta * bias(o)).collect()
                });
                let weights = self.constant(&dims, &numbers);
                let bias = bias.map(|bias| self.constant(&[outputs], &bias));
                let inputs: Vec<&str> =
                    [&from, &weights].into_iter().chain(&bias).map(String::as_str).collect();
                let attributes = [
                    attribute("alpha", float(2, alpha as f32)),
                    attribute("beta", float(2, beta as f32)),
                    attribute("transB", integer(3, i64::from(*transposed))),
                ];
                self.push(node, "Gemm", &inputs, &attributes, value);
            }
            Operator::MatMul { outputs, weights } => {
                let outputs = usize::from(outputs % 4) + 1;
                let numbers = weights.take(width * outputs);
                let value = rows(outputs, &|row| {
                    (0..outputs)
                        .map(|o| (0..width).map(|i| row[i] * numbers[i * outputs + o]).sum())
                        .collect()
                });
                let weights = self.constant(&[width, outputs], &numbers);
                self.push(node, "MatMul", &[&from, &weights], &[], value);
            }
            Operator::Binary { function, other, reversed } => {
                let Some((other, samples)) = self.other(other, width) else { return };
                let value = Value {
                    name,
                    width,
                    samples: std::array::from_fn(|number| {
                        let pairs = x.samples[number].iter().zip(&samples[number]);
                        pairs
                            .map(|(a, b)| if *reversed { function.of(*b, *a) } else { function.of(*a, *b) })
                            .collect()
                    }),
                };
                let inputs: [&str; 2] = if *reversed { [&other, &from] } else { [&from, &other] };
                self.push(node, &format!("{function:?}"), &inputs, &[], value);
            }
            Operator::Unary(function) => {
                self.push(node, &format!("{function:?}"), &[&from], &[], each(&|x| function.of(x)));
            }
            Operator::LeakyRelu { permille } => {
                let alpha = f64::from(*permille) / 1000.0;
                let value = each(&|x| if x < 0.0 { alpha * x } else { x });
                self.push(node, "LeakyRelu", &[&from], &[attribute("alpha", float(2, alpha as f32))], value);
            }
            Operator::Elu { permille } => {
                let alpha = f64::from(*permille) / 1000.0;
                let value = each(&|x| if x < 0.0 { alpha * (x.exp() - 1.0) } else { x });
                self.push(node, "Elu", &[&from], &[attribute("alpha", float(2, alpha as f32))], value);
            }
            Operator::HardSigmoid { alpha, beta } => {
                let (alpha, beta) = (f64::from(*alpha) / 16.0, f64::from(*beta) / 16.0);
                let value = each(&|x| (alpha * x + beta).min(1.0).max(0.0));
                let attributes =
                    [attribute("alpha", float(2, alpha as f32)), attribute("beta", float(2, beta as f32))];
                self.push(node, "HardSigmoid", &[&from], &attributes, value);
            }
            Operator::Clip { low, high } => {
                let (low, high) = (f64::from(*low) / 16.0, f64::from(*high) / 16.0);
                let value = each(&|x| x.max(low).min(high));
                let (low, high) = (self.constant(&[], &[low]), self.constant(&[], &[high]));
                self.push(node, "Clip", &[&from, &low, &high], &[], value);
            }
            Operator::PRelu { slope } => {
                let Some((other, samples)) = self.other(slope, width) else { return };
                let samples = std::array::from_fn(|number| {
                    let pairs = x.samples[number].iter().zip(&samples[number]);
                    pairs.map(|(x, slope)| if *x < 0.0 { slope * x } else { *x }).collect()
                });
                self.push(node, "PRelu", &[&from, &other], &[], Value { name, width, samples });
            }
            Operator::Softmax { logarithm } => {
                let value = rows(width, &|row| softmax(row, *logarithm));
                let operator = if *logarithm { "LogSoftmax" } else { "Softmax" };
                self.push(node, operator, &[&from], &[attribute("axis", integer(3, -1))], value);
            }
            Operator::BatchNormalization { gain, shift, mean, variance } => {
                let [gain, shift, mean] = [gain, shift, mean].map(|numbers| numbers.take(width));
                let variance: Vec<f64> = variance.take(width).iter().map(|x| x.abs() + 0.125).collect();
                let value = rows(width, &|row| {
                    let one =
                        |i: usize| gain[i] * (row[i] - mean[i]) / (variance[i] + 1e-5).sqrt() + shift[i];
                    (0..width).map(one).collect()
                });
                let constants =
                    [gain, shift, mean, variance].map(|numbers| self.constant(&[width], &numbers));
                let inputs: Vec<&str> = [&from].into_iter().chain(&constants).map(String::as_str).collect();
                self.push(node, "BatchNormalization", &inputs, &[], value);
            }
            Operator::LayerNormalization { gain, shift } => {
                let gain = gain.take(width);
                let shift = shift.as_ref().map(|shift| shift.take(width));
                let value = rows(width, &|row| {
                    let mean = row.iter().sum::<f64>() / width as f64;
                    let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / width as f64;
                    let shift = |i: usize| shift.as_ref().map_or(0.0, |shift| shift[i]);
                    (0..width)
                        .map(|i| gain[i] * (row[i] - mean) / (variance + 1e-5).sqrt() + shift(i))
                        .collect()
                });
                let gain = self.constant(&[width], &gain);
                let shift = shift.map(|shift| self.constant(&[width], &shift));
                let inputs: Vec<&str> =
                    [&from, &gain].into_iter().chain(&shift).map(String::as_str).collect();
                self.push(node, "LayerNormalization", &inputs, &[], value);
            }
            Operator::Scaler { offset, scale } => {
                let (offset, scale) = (offset.take(width), scale.take(width));
                let value = rows(width, &|row| (0..width).map(|i| (row[i] - offset[i]) * scale[i]).collect());
                let floats = |numbers: &[f64]| {
                    numbers.iter().map(|x| float(7, *x as f32)).collect::<Vec<_>>().concat()
                };
                let attributes = [attribute("offset", floats(&offset)), attribute("scale", floats(&scale))];
                self.push(node, "Scaler", &[&from], &attributes, value);
            }
            Operator::Reduce { function } => {
                let value = rows(1, &|row| {
                    let sum = row.iter().sum::<f64>();
                    vec![match function {
                        Reduce::Sum => sum,
                        Reduce::Mean => sum / width as f64,
                        Reduce::Max => row.iter().copied().fold(f64::NEG_INFINITY, f64::max),
                    }]
                });
                let attributes =
                    [attribute("axes", [integer(8, -1)].concat()), attribute("keepdims", integer(3, 1))];
                self.push(node, &format!("Reduce{function:?}"), &[&from], &attributes, value);
            }
            Operator::Reshape { rows } => {
                let shape = self.integers(&[i64::from(*rows % 2), width as i64]);
                self.push(node, "Reshape", &[&from, &shape], &[], each(&|x| x));
            }
        }
    }

    /// The name of the other operand, and its numbers for each sample; `None` if it is of another width.
    fn other(&mut self, other: &Other, width: usize) -> Option<(String, [Vec<f64>; SAMPLES])> {
        let same = |numbers: Vec<f64>| std::array::from_fn(|_| numbers.clone());
        Some(match other {
            Other::One(x) => {
                let x = f64::from(*x) / 16.0;
                (self.constant(&[], &[x]), same(vec![x; width]))
            }
            Other::Each(numbers) => {
                let numbers = numbers.take(width);
                (self.constant(&[width], &numbers), same(numbers))
            }
            Other::Row(numbers) => {
                let numbers = numbers.take(width);
                (self.constant(&[1, width], &numbers), same(numbers))
            }
            Other::Value(back) => {
                let value = self.value(*back);
                if value.width == width {
                    (value.name.clone(), value.samples.clone())
                } else if value.width == 1 {
                    let repeated = value.samples.clone().map(|row| vec![row[0]; width]);
                    (value.name.clone(), repeated)
                } else {
                    return None;
                }
            }
        })
    }

    fn file(&self, width: usize) -> Vec<u8> {
        let mut graph = self.nodes.clone();
        graph.push(text(2, "graph"));
        graph.extend(self.initializers.iter().cloned());
        graph.push(declared(11, "x", width));
        graph.push(declared(12, &self.last().name, self.last().width));
        let opset = [text(1, ""), integer(2, 17)];
        [integer(1, 8), text(2, "pytorch"), joined(7, &graph), joined(8, &opset)].concat()
    }
}

/// An attribute of a node.
fn attribute(name: &str, value: Vec<u8>) -> Vec<u8> {
    [text(1, name), value].concat()
}

/// An input or output of so many numbers for each sample.
fn declared(field: u64, name: &str, width: usize) -> Vec<u8> {
    let shape = [joined(1, &[text(2, "batch")]), joined(1, &[integer(1, width as i64)])];
    let tensor = [integer(1, 1), joined(2, &shape)];
    joined(field, &[text(1, name), joined(2, &[joined(1, &tensor)])])
}

impl Binary {
    fn of(self, a: f64, b: f64) -> f64 {
        match self {
            Binary::Add => a + b,
            Binary::Sub => a - b,
            Binary::Mul => a * b,
            Binary::Div => a / b,
            Binary::Max => a.max(b),
            Binary::Min => a.min(b),
            Binary::Pow => a.powf(b),
        }
    }
}

impl Unary {
    fn of(self, x: f64) -> f64 {
        match self {
            Unary::Relu => x.max(0.0),
            Unary::Sigmoid => 1.0 / (1.0 + (-x).exp()),
            Unary::Tanh => x.tanh(),
            Unary::Softplus => (1.0 + x.exp()).ln(),
            Unary::Selu => 1.050_700_987 * if x < 0.0 { 1.673_263_242 * (x.exp() - 1.0) } else { x },
            Unary::Softsign => x / (1.0 + x.abs()),
            Unary::Neg => -x,
            Unary::Abs => x.abs(),
            Unary::Exp => x.exp(),
            Unary::Log => x.ln(),
            Unary::Sqrt => x.sqrt(),
            Unary::Reciprocal => 1.0 / x,
            Unary::Identity | Unary::Dropout | Unary::Flatten => x,
        }
    }
}

fn softmax(row: &[f64], logarithm: bool) -> Vec<f64> {
    let sum: f64 = row.iter().map(|x| x.exp()).sum();
    row.iter().map(|x| if logarithm { x - sum.ln() } else { x.exp() / sum }).collect()
}
