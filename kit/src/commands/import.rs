//! `stackprop import`

use std::error::Error;
use std::path::PathBuf;

use clap::Args;
use stackprop_kit::import::Imported;
use stackprop_kit::model::Model;
use stackprop_kit::rust;

use super::source::Source;
use super::{shape, table};

/// Import a model of another framework as a type, its weights and a test.
///
/// Takes multi-layer perceptrons as ONNX files of PyTorch, scikit-learn and Keras, and safetensors files with a `state_dict` of
/// PyTorch. Writes DIR/model.safetensors and DIR/model.rs, a module for your crate:
///
///     mod model;
///     let outputs = model::MODEL.predict(&inputs);
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub struct Arguments {
    #[command(flatten)]
    source: Source,

    /// The directory for model.rs and model.safetensors.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// The name of the type. The static has the same name in upper case.
    #[arg(long, default_value = "Model")]
    name: String,

    /// Replace DIR/model.rs and DIR/model.safetensors even if `stackprop import` did not write them.
    #[arg(long)]
    force: bool,
}

impl Arguments {
    pub fn run(self) -> Result<(), Box<dyn Error>> {
        let Imported { model, notes } = self.source.import()?;
        [rust::SOURCE, rust::WEIGHTS].iter().try_for_each(|file| self.source.spare(&self.out.join(file)))?;
        let command = command();
        let options = rust::Options { name: &self.name, command: &command, notes: &notes, force: self.force };
        rust::write(&model, &self.out, &options)?;
        print(&model, &notes);
        println!("\nWrote {} and {}.", self.out.join(rust::SOURCE).display(), rust::WEIGHTS);
        Ok(())
    }
}

/// The command line.
fn command() -> String {
    let quoted = |argument: String| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./,=".contains(c);
        if argument.chars().all(plain) {
            argument
        } else {
            format!("'{}'", argument.replace(['\'', '\n'], "?"))
        }
    };
    let arguments =
        std::env::args_os().skip(1).map(|argument| quoted(argument.to_string_lossy().into_owned()));
    ["stackprop".to_owned()].into_iter().chain(arguments).collect::<Vec<_>>().join(" ")
}

fn print(model: &Model, notes: &[String]) {
    let mut layers = table(&["layer", "type", "output", "parameters "]);
    let mut width = model.inputs;
    for (number, layer) in model.layers.iter().enumerate() {
        let text = layer.type_text(width);
        width = layer.outputs(width);
        layers.add_row([number.to_string(), text, shape(&[width]), layer.parameters().to_string()]);
    }
    layers.add_row(["", "", "", &model.parameters().to_string()]);
    println!("{layers}");
    if !notes.is_empty() {
        println!();
    }
    notes.iter().for_each(|note| println!("note: {note}"));
}
