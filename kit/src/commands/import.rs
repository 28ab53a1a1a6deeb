//! `stackprop import`

use std::error::Error;
use std::path::{Path, PathBuf};

use clap::Args;
use stackprop_kit::import::{Imported, onnx, safetensors};
use stackprop_kit::model::Model;
use stackprop_kit::rust;

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
    /// An ONNX file, also with its numbers in another file, or a safetensors file.
    model: PathBuf,

    /// The directory for model.rs and model.safetensors.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// The name of the type. The static has the same name in upper case.
    #[arg(long, default_value = "Model")]
    name: String,

    /// ONNX: import what leads to this output of the graph, if it has several.
    #[arg(long, value_name = "NAME")]
    output: Option<String>,

    /// safetensors: the activation of each linear layer but the last, such as `relu,tanh`, or also of the last. `prelu` if the
    /// file has its slopes, `leaky_relu<200>` with the slope in thousandths.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    activations: Option<Vec<String>>,

    /// safetensors: the modules from the first to the last, such as `encoder.0,encoder.2,head`, if they are not in the order of
    /// their names, or not all are wanted.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    modules: Option<Vec<String>>,

    /// Replace DIR/model.rs even if it was not generated.
    #[arg(long)]
    force: bool,
}

impl Arguments {
    pub fn run(self) -> Result<(), Box<dyn Error>> {
        let Imported { model, notes } = self.import()?;
        let command = command();
        let options = rust::Options { name: &self.name, command: &command, notes: &notes, force: self.force };
        rust::write(&model, &self.out, &options)?;
        print(&model, &notes);
        println!("\nWrote {} and {}.", self.out.join(rust::SOURCE).display(), rust::WEIGHTS);
        Ok(())
    }

    fn import(&self) -> Result<Imported, Box<dyn Error>> {
        let conflict = |option: &str, format: &str| Err(format!("{option} is for {format} files").into());
        match extension(&self.model) {
            "onnx" if self.activations.is_some() => conflict("--activations", "safetensors"),
            "onnx" if self.modules.is_some() => conflict("--modules", "safetensors"),
            "onnx" => Ok(onnx::read(&self.model, self.output.as_deref())?),
            "safetensors" if self.output.is_some() => conflict("--output", "ONNX"),
            "safetensors" => {
                let (activations, modules) = (self.activations.clone(), self.modules.clone());
                Ok(safetensors::read(&self.model, &safetensors::Options { activations, modules })?)
            }
            _ => Err(format!("{}: {}", self.model.display(), advice(extension(&self.model))).into()),
        }
    }
}

fn extension(path: &Path) -> &str {
    path.extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}

/// How a model of another format is imported.
fn advice(extension: &str) -> &'static str {
    match extension {
        "tflite" => {
            "TensorFlow Lite files are not imported: export the Keras model as ONNX, `model.export(\"model.onnx\", format=\"onnx\")`"
        }
        "keras" | "h5" => "export the Keras model as ONNX, `model.export(\"model.onnx\", format=\"onnx\")`",
        "pt" | "pth" | "bin" => {
            "save the state_dict as safetensors, `safetensors.torch.save_file(model.state_dict(), \"model.safetensors\")`"
        }
        "pkl" | "joblib" => "export the scikit-learn model as ONNX by skl2onnx",
        _ => "only files that end with .onnx and .safetensors are imported",
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
