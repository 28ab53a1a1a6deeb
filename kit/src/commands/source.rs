//! The model that a command reads.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use stackprop_kit::import::{Imported, onnx, safetensors};

/// A file, and how it is read.
#[derive(Args)]
pub struct Source {
    /// An ONNX file, also with its numbers in another file, or a safetensors file.
    pub model: PathBuf,

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
}

impl Source {
    /// Reads the model.
    pub fn import(&self) -> Result<Imported, Box<dyn Error>> {
        let conflict = |option: &str, format: &str| Err(format!("{option} is for {format} files").into());
        match extension(&self.model) {
            "onnx" if self.activations.is_some() => conflict("--activations", "safetensors"),
            "onnx" if self.modules.is_some() => conflict("--modules", "safetensors"),
            "onnx" => Ok(onnx::read(&self.model, self.output.as_deref())?),
            "safetensors" if self.output.is_some() => conflict("--output", "ONNX"),
            "safetensors" => {
                let (activations, modules) = (names(&self.activations), names(&self.modules));
                Ok(safetensors::read(&self.model, &safetensors::Options { activations, modules })?)
            }
            _ => {
                let advice = advice(&self.model)
                    .unwrap_or("only files that end with .onnx and .safetensors are imported");
                Err(format!("{}: {advice}", self.model.display()).into())
            }
        }
    }

    /// Refuses to write to the model itself.
    pub fn spare(&self, path: &Path) -> Result<(), String> {
        match (fs::canonicalize(&self.model), fs::canonicalize(path)) {
            (Ok(model), Ok(file)) if model == file => {
                Err(format!("{} is the model itself: choose another directory", path.display()))
            }
            _ => Ok(()),
        }
    }
}

fn extension(path: &Path) -> &str {
    path.extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}

/// The names of an option without the spaces around them; none for an empty text.
fn names(option: &Option<Vec<String>>) -> Option<Vec<String>> {
    let names: Vec<String> = option.as_ref()?.iter().map(|name| name.trim().into()).collect();
    Some(if names == [""] { vec![] } else { names })
}

/// How a model of another format is imported, by the end of its name.
pub fn advice(path: &Path) -> Option<&'static str> {
    Some(match extension(path) {
        "tflite" => {
            "TensorFlow Lite files are not imported: export the Keras model as ONNX, `model.export(\"model.onnx\", format=\"onnx\")`"
        }
        "keras" | "h5" => "export the Keras model as ONNX, `model.export(\"model.onnx\", format=\"onnx\")`",
        "pt" | "pth" | "bin" => {
            "save the state_dict as safetensors, `safetensors.torch.save_file(model.state_dict(), \"model.safetensors\")`"
        }
        "pkl" | "joblib" => "export the scikit-learn model as ONNX by skl2onnx",
        _ => return None,
    })
}
