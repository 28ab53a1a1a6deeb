//! `stackprop inspect`

use std::error::Error;
use std::path::PathBuf;

use clap::Args;
use stackprop_kit::inspect::{self, Statistics};

use super::{shape, table};

/// Show what is in a safetensors or ONNX file: metadata, tensors and their numbers, nodes.
#[derive(Args)]
pub struct Arguments {
    /// A safetensors or an ONNX file.
    file: PathBuf,
}

impl Arguments {
    pub fn run(self) -> Result<(), Box<dyn Error>> {
        let content = inspect::read(&self.file)?;
        let bytes: usize = content.tensors.iter().map(|tensor| tensor.bytes).sum();
        println!(
            "{}: {}, {} tensors, {bytes} bytes",
            self.file.display(),
            content.format,
            content.tensors.len()
        );
        if !content.metadata.is_empty() {
            let mut metadata = table(&["metadata", "value"]);
            metadata.add_rows(content.metadata.iter().map(|(key, value)| [key, value]));
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
            row.extend(numbers(tensor.statistics));
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

fn numbers(statistics: Option<Statistics>) -> [String; 4] {
    match statistics {
        Some(Statistics { least, largest, mean, not_finite }) => {
            let number = |x: f64| if x.is_nan() { String::new() } else { format!("{x:.5}") };
            [number(least), number(largest), number(mean), not_finite.to_string()]
        }
        None => Default::default(),
    }
}
