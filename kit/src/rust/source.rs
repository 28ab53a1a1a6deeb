//! The text of `model.rs`.

use std::fmt::Write;

use super::{HEADER, Options, RustError, WEIGHTS, example_input};
use crate::model::{Activation, Layer, Model};

/// All names that a generated file may import.
pub const IMPORTED: [&str; 20] = [
    "Example",
    "BatchNorm",
    "Chain",
    "Dense",
    "Elu",
    "Gelu",
    "GeluTanh",
    "HardSigmoid",
    "HardTanh",
    "LayerNorm",
    "LeakyRelu",
    "Network",
    "PRelu",
    "Relu",
    "Selu",
    "Sigmoid",
    "Silu",
    "Softmax",
    "Softplus",
    "Standardize",
];

pub fn text(model: &Model, options: &Options<'_>) -> Result<String, RustError> {
    let Options { name, command, notes, .. } = options;
    let command = one_line(command);
    let constant = upper_case(name);
    let mut text = format!(
        "{HEADER}, which replaces this file. The command:\n//!\n//! ```text\n//! {command}\n//! ```\n"
    );
    if !notes.is_empty() {
        text.push_str("//!\n//! What it did to the model:\n//!\n");
        notes.iter().for_each(|note| push(&mut text, format_args!("//! - {}\n", one_line(note))));
    }
    push(
        &mut text,
        format_args!("\nuse stackprop::weights::Example;\nuse stackprop::{{{}}};\n\n", imports(model)),
    );
    push(&mut text, format_args!("/// {}.\n", summary(model)));
    push(&mut text, format_args!("pub type {name} = {};\n\n", type_text(model, name)));
    push(&mut text, format_args!("/// The network, with the parameters of `{WEIGHTS}`.\n"));
    push(&mut text, format_args!("pub static {constant}: {name} = weights!({WEIGHTS:?});\n\n"));
    text.push_str("/// An input and the bits of its outputs, for a self-test by `verify`.\n");
    let (inputs, outputs) = (model.inputs, model.outputs());
    let example = format!("pub static {constant}_EXAMPLE: Example<[f32; {inputs}], [f32; {outputs}]> =");
    let value = format!("example!({WEIGHTS:?});");
    let separator = if example.len() + 1 + value.len() <= LINE { " " } else { "\n    " };
    push(&mut text, format_args!("{example}{separator}{value}\n\n"));
    text.push_str(&test(model, &constant)?);
    Ok(text)
}

/// (Writing to a `String` does not fail.)
fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(arguments);
}

/// A text for a comment, which ends at the end of its line. Names in a file may have any characters.
fn one_line(text: &str) -> String {
    let escaped =
        |c: char| if matches!(c, '"' | '\'' | '\\') { c.to_string() } else { c.escape_debug().to_string() };
    text.chars().map(escaped).collect()
}

/// `ImageClassifier` as `IMAGE_CLASSIFIER`.
fn upper_case(name: &str) -> String {
    let mut upper = String::new();
    let mut before_is_lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && before_is_lower {
            upper.push('_');
        }
        before_is_lower = !c.is_ascii_uppercase();
        upper.push(c.to_ascii_uppercase());
    }
    upper
}

/// The names of the types, sorted, and of the macros.
fn imports(model: &Model) -> String {
    let mut names = vec!["Chain", "Network"];
    for layer in &model.layers {
        names.push(layer.kind());
        if let Layer::Dense { activation, .. } = layer
            && *activation != Activation::Identity
        {
            names.push(activation.name());
        }
    }
    names.sort_unstable();
    names.dedup();
    names.extend(["example", "weights"]);
    let line = names.join(", ");
    if line.len() + "use stackprop::{};".len() < LINE { line } else { lines(names, 4, true) }
}

fn summary(model: &Model) -> String {
    let counted = |n: usize, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
    format!(
        "{}, {}, {}",
        counted(model.inputs, "input"),
        counted(model.outputs(), "output"),
        counted(model.parameters(), "parameter")
    )
}

/// The type, on one line if it fits.
fn type_text(model: &Model, name: &str) -> String {
    let line = model.to_string();
    if line.len() + "pub type  = ;".len() + name.len() <= LINE {
        return line;
    }
    let mut text = format!("Network<\n    {},\n    Chain![\n", model.inputs);
    let mut width = model.inputs;
    for layer in &model.layers {
        push(&mut text, format_args!("        {},\n", layer.type_text(width)));
        width = layer.outputs(width);
    }
    text.push_str("    ],\n>");
    text
}

fn test(model: &Model, constant: &str) -> Result<String, RustError> {
    let input = example_input(model);
    let exact = model.evaluate(&input.iter().map(|x| f64::from(*x)).collect::<Vec<f64>>())?;
    let rounded = model.evaluate_f32(&input)?;
    let largest = exact.iter().fold(0.0_f64, |largest, y| largest.max(y.abs()));
    let rounding =
        rounded.iter().zip(&exact).fold(0.0_f64, |most, (y, e)| most.max((f64::from(*y) - e).abs()));
    let tolerance = (1e-5 * largest).max(4.0 * rounding);
    let (length, numbers) = (exact.len(), list(exact.iter().map(|y| format!("{y:?}"))));
    Ok(format!(
        "#[cfg(test)]
mod tests {{
    use super::{{{constant}, {constant}_EXAMPLE}};

    /// The outputs that the importer computed in `f64`. Those of `f32` differ from them by {rounding:.1e} on
    /// targets with a fused multiply-add; the tolerance is 1e-5 of the largest output, or four times that
    /// difference if it is more.
    #[test]
    fn outputs_are_those_of_the_importer() {{
        let expected: [f64; {length}] = [{numbers}];
        let outputs = {constant}.predict(&{constant}_EXAMPLE.input);
        for (y, expected) in outputs.into_iter().zip(expected) {{
            assert!(
                (f64::from(y) - expected).abs() <= {tolerance:.1e},
                \"{{y}} is not {{expected}}\"
            );
        }}
    }}

    /// The bits are those that the importer computed, in builds with a fused multiply-add.
    #[test]
    fn self_test() {{
        if stackprop::numerics() == stackprop::Numerics::Fused {{
            assert_eq!({constant}.verify(&{constant}_EXAMPLE), Ok(()));
        }}
    }}
}}
"
    ))
}

/// How long rustfmt makes lines.
const LINE: usize = 100;

/// Numbers as rustfmt breaks them: one line if they fit, several numbers a line if all are short, otherwise one.
fn list(numbers: impl Iterator<Item = String>) -> String {
    let numbers: Vec<String> = numbers.collect();
    let line = numbers.join(", ");
    if line.len() <= 60 {
        return line;
    }
    let short = numbers.iter().all(|number| number.len() <= 10);
    lines(numbers.iter().map(String::as_str), 12, short)
}

/// Items on lines of their own, several a line or one, indented inside of brackets.
fn lines<'i>(items: impl IntoIterator<Item = &'i str>, indent: usize, several: bool) -> String {
    let (mut text, mut column) = (String::new(), LINE);
    for item in items {
        if several && column + " ,".len() + item.len() <= LINE {
            text.push(' ');
            column += 1;
        } else {
            push(&mut text, format_args!("\n{:indent$}", ""));
            column = indent;
        }
        push(&mut text, format_args!("{item},"));
        column += item.len() + 1;
    }
    push(&mut text, format_args!("\n{:1$}", "", indent.saturating_sub(4)));
    text
}
