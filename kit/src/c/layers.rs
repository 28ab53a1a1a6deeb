//! Each layer as a C function, with its constants.

use super::functions::{self, Functions};
use super::literal::literal;
use crate::model::{Activation, Layer};

/// Numbers in a line of an array.
const COLUMNS: usize = 6;

/// The constants of a layer of `width` inputs, and its function `layer_NUMBER(x, y)`. If it [can work in place](in_place), `y`
/// may be `x`.
pub(super) fn text(number: usize, layer: &Layer, width: usize, functions: &mut Functions) -> String {
    let (name, outputs) = (format!("layer_{number}"), layer.outputs(width));
    let constants: String = constants(layer)
        .into_iter()
        .map(|(field, values)| match field {
            "weights" => matrix(&format!("{name}_{field}"), &values, outputs),
            _ => vector(&format!("{name}_{field}"), &values),
        })
        .collect();
    let body = match layer {
        Layer::Dense { activation, .. } => {
            products(&name, width, outputs) + &activate(*activation, outputs, functions)
        }
        Layer::BatchNorm { .. } => {
            let n = format!("(x[j] - {name}_mean[j]) * {name}_scale[j]");
            each(width, &format!("y[j] = {name}_gain[j] * ({n}) + {name}_shift[j];"))
        }
        Layer::Standardize { .. } => {
            each(width, &format!("y[j] = (x[j] - {name}_mean[j]) * {name}_scale[j];"))
        }
        Layer::LayerNorm { .. } => {
            functions.add(&functions::NORMALIZE);
            format!("    normalize(x, y, {width});\n")
                + &each(width, &format!("y[j] = {name}_gain[j] * y[j] + {name}_shift[j];"))
        }
        Layer::PRelu { slope } => {
            let place = if slope.len() == 1 { "0" } else { "j" };
            each(width, &format!("y[j] = x[j] > 0.0f ? x[j] : {name}_slope[{place}] * x[j];"))
        }
    };
    format!(
        "/* Layer {number}: {} */\n{constants}
static void {name}(const float x[{width}], float y[{outputs}])
{{
{body}}}

",
        layer.type_text(width)
    )
}

/// Whether the function of a layer may write its outputs over its inputs.
pub(super) fn in_place(layer: &Layer) -> bool {
    !matches!(layer, Layer::Dense { .. })
}

/// The constants of a layer, each with its name.
fn constants(layer: &Layer) -> Vec<(&'static str, Vec<f32>)> {
    let singles = |values: &[f64]| values.iter().map(|x| *x as f32).collect();
    // What stackprop's layers compute from the variance for each sample. The square root is correctly rounded, too.
    let scales = |variances: &[f64], epsilon: f32| {
        variances.iter().map(|v| 1.0 / (*v as f32 + epsilon).sqrt()).collect()
    };
    match layer {
        Layer::Dense { weights, biases, .. } => {
            vec![("weights", singles(weights)), ("biases", singles(biases))]
        }
        Layer::BatchNorm { gain, shift, mean, variance, .. } => vec![
            ("mean", singles(mean)),
            ("scale", scales(variance, 1e-5)),
            ("gain", singles(gain)),
            ("shift", singles(shift)),
        ],
        Layer::Standardize { mean, variance, .. } => {
            vec![("mean", singles(mean)), ("scale", scales(variance, 1e-8))]
        }
        Layer::LayerNorm { gain, shift } => vec![("gain", singles(gain)), ("shift", singles(shift))],
        Layer::PRelu { slope } => vec![("slope", singles(slope))],
    }
}

/// `y = b + x W`: each output is one chain of multiply-adds in ascending order of the inputs, which starts from the bias, or
/// the sum of four: see [`stackprop::chains`].
fn products(name: &str, inputs: usize, outputs: usize) -> String {
    if stackprop::chains(inputs, outputs) == 1 {
        // The inner loop runs over the outputs, so that compilers make it vector instructions without a change of any
        // chain.
        return each(outputs, &format!("y[j] = {name}_biases[j];"))
            + &format!(
                "    for (size_t i = 0; i < {inputs}; i++) {{
        const float xi = x[i];
        for (size_t j = 0; j < {outputs}; j++) {{
            y[j] = fused(xi, {name}_weights[i][j], y[j]);
        }}
    }}
"
            );
    }
    // The chains of one output at a time, which are in registers.
    let step = |input: &str, q: usize| format!("c{q} = fused(x[{input}], {name}_weights[{input}][j], c{q});");
    let fours: String = (0..4)
        .map(|q| {
            let input = if q == 0 { "i".into() } else { format!("i + {q}") };
            format!("            {}\n", step(&input, q))
        })
        .collect();
    let rest: String = (0..inputs % 4)
        .map(|q| format!("        {}\n", step(&(inputs - inputs % 4 + q).to_string(), q)))
        .collect();
    format!(
        "    for (size_t j = 0; j < {outputs}; j++) {{
        float c0 = {name}_biases[j], c1 = 0.0f, c2 = 0.0f, c3 = 0.0f;
        for (size_t i = 0; i < {}; i += 4) {{
{fours}        }}
{rest}        y[j] = (c0 + c1) + (c2 + c3);
    }}
",
        inputs - inputs % 4
    )
}

/// Turns the weighted inputs in `y` into activations.
fn activate(activation: Activation, width: usize, functions: &mut Functions) -> String {
    use functions::{ELU, GELU, GELU_TANH, HARD_SIGMOID, HARD_TANH, LEAKY_RELU, RELU, SELU};
    use functions::{SIGMOID, SILU, SOFTMAX, SOFTPLUS, TANH};
    let thousandths = |permille: u32| literal((f64::from(permille) / 1000.0) as f32);
    let (function, value) = match activation {
        Activation::Identity => return String::new(),
        Activation::Softmax => {
            functions.add(&SOFTMAX);
            return format!("    softmax(y, {width});\n");
        }
        Activation::Relu => (&RELU, "relu(y[j])".into()),
        Activation::LeakyRelu { permille } => {
            (&LEAKY_RELU, format!("leaky_relu(y[j], {})", thousandths(permille)))
        }
        Activation::HardSigmoid => (&HARD_SIGMOID, "hard_sigmoid(y[j])".into()),
        Activation::HardTanh => (&HARD_TANH, "hard_tanh(y[j])".into()),
        Activation::Sigmoid => (&SIGMOID, "sigmoid_f32(y[j])".into()),
        Activation::Tanh => (&TANH, "tanh_f32(y[j])".into()),
        Activation::Elu { permille } => (&ELU, format!("elu(y[j], {})", thousandths(permille))),
        Activation::Selu => (&SELU, "selu(y[j])".into()),
        Activation::Softplus => (&SOFTPLUS, "softplus(y[j])".into()),
        Activation::Silu => (&SILU, "silu(y[j])".into()),
        Activation::Gelu => (&GELU, "gelu_f32(y[j])".into()),
        Activation::GeluTanh => (&GELU_TANH, "gelu_tanh(y[j])".into()),
    };
    functions.add(function);
    each(width, &format!("y[j] = {value};"))
}

/// A loop over the `width` numbers of a layer.
fn each(width: usize, statement: &str) -> String {
    format!("    for (size_t j = 0; j < {width}; j++) {{\n        {statement}\n    }}\n")
}

/// An array of constants.
fn vector(name: &str, values: &[f32]) -> String {
    format!("static const float {name}[{}] = {};\n", values.len(), braces(values, "    "))
}

/// An array of rows of constants.
fn matrix(name: &str, values: &[f32], columns: usize) -> String {
    let rows: String = values.chunks(columns).map(|row| format!("    {},\n", braces(row, "     "))).collect();
    format!("static const float {name}[{}][{columns}] = {{\n{rows}}};\n", values.len() / columns)
}

/// `{a, b, c}`, in lines that begin with the indent, but for the first.
pub(super) fn braces(values: &[f32], indent: &str) -> String {
    let line = |values: &[f32]| values.iter().map(|x| literal(*x)).collect::<Vec<_>>().join(", ");
    let lines: Vec<String> = values.chunks(COLUMNS).map(line).collect();
    format!("{{{}}}", lines.join(&format!(",\n{indent}")))
}
