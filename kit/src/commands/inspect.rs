//! `stackprop inspect`

use std::error::Error;
use std::path::PathBuf;

use clap::Args;
use stackprop_kit::inspect::{self, InspectError, Statistics, Tensor};

use super::source::advice;
use super::{shape, table};

/// Show what is in a safetensors or ONNX file: metadata, tensors and their numbers, nodes.
#[derive(Args)]
pub struct Arguments {
    /// A safetensors or an ONNX file.
    file: PathBuf,
}

impl Arguments {
    pub fn run(self) -> Result<(), Box<dyn Error>> {
        let content = inspect::read(&self.file).map_err(|error| match (&error, advice(&self.file)) {
            (InspectError::Format { path, .. }, Some(advice)) => format!("{}: {advice}", path.display()),
            _ => error.to_string(),
        })?;
        let bytes: usize = content.tensors.iter().map(|tensor| tensor.bytes).sum();
        println!(
            "{}: {}, {} tensors, {bytes} bytes",
            self.file.display(),
            content.format,
            content.tensors.len()
        );
        if let Some(damage) = content.damage {
            println!("warning: {damage}");
        }
        if !content.metadata.is_empty() {
            let mut metadata = table(&["metadata", "value"]);
            metadata.add_rows(content.metadata.iter().map(|(key, value)| [key.clone(), shortened(value)]));
            println!("\n{metadata}");
        }
        let columns = ["tensor", "type", "shape", "bytes ", "least ", "largest ", "mean ", "not finite "];
        let mut tensors = table(&columns);
        for tensor in &content.tensors {
            let mut row = vec![
                tensor.name.clone(),
                tensor.dtype.clone(),
                shape(&tensor.shape),
                tensor.bytes.to_string(),
            ];
            row.extend(numbers(tensor));
            tensors.add_row(row);
        }
        println!("\n{tensors}");
        if !content.nodes.is_empty() {
            let mut nodes = table(&["node", "name", "inputs", "outputs"]);
            nodes.add_rows(&content.nodes);
            println!("\n{nodes}");
        }
        Ok(())
    }
}

/// A text of at most some 80 characters.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.into(),
    }
}

/// The last columns. A single integer is in the first of them.
fn numbers(tensor: &Tensor) -> [String; 4] {
    match (tensor.integer, tensor.statistics) {
        (Some(integer), _) => [integer.to_string(), String::new(), String::new(), String::new()],
        (None, Some(Statistics { least, largest, mean, not_finite })) => {
            let number = |x: f64| if x.is_nan() { String::new() } else { format!("{x:.5}") };
            [number(least), number(largest), number(mean), not_finite.to_string()]
        }
        (None, None) => Default::default(),
    }
}
