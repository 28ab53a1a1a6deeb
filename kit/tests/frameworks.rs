//! Models that other frameworks exported: the imported network has the framework's outputs.
//!
//! `tests/data/*.json` have the inputs, and the outputs that the framework itself gave, or onnxruntime for its files.
//! `cargo test --test frameworks -- --nocapture` prints the table.

use std::fs;
use std::path::{Path, PathBuf};

use comfy_table::Table;
use serde_json::Value;
use stackprop_kit::import::{Imported, onnx, safetensors};

/// The largest difference, relative to the largest output. Both sides compute in `f32`, in different orders: rounding
/// errors of 6e-8 grow with the square root of the number of terms and with each layer.
const TOLERANCE: f64 = 1e-5;

/// A model and its outputs.
struct Case {
    path: PathBuf,
    json: Value,
}

impl Case {
    fn text(&self, key: &str) -> Option<&str> {
        self.json[key].as_str()
    }

    fn rows(&self, key: &str) -> Vec<Vec<f64>> {
        let rows = self.json[key].as_array().unwrap().iter();
        rows.map(|row| row.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()).collect()
    }

    fn import(&self) -> Result<Imported, String> {
        if self.path.extension().is_some_and(|extension| extension == "onnx") {
            return onnx::read(&self.path, self.text("onnx_output")).map_err(|error| error.to_string());
        }
        let names = |key: &str| {
            let names = self.json[key].as_array()?.iter();
            Some(names.map(|name| name.as_str().unwrap().into()).collect())
        };
        let options = safetensors::Options { activations: names("activations"), modules: names("modules") };
        safetensors::read(&self.path, &options).map_err(|error| error.to_string())
    }

    /// The largest difference to the framework's outputs, relative to the largest of them.
    fn difference(&self, imported: &Imported) -> f64 {
        let (outputs, logarithms) = (self.rows("outputs"), self.text("output") == Some("log-probabilities"));
        let largest = outputs.iter().flatten().fold(0.0_f64, |largest, y| largest.max(y.abs()));
        let mut difference = 0.0_f64;
        for (x, expected) in self.rows("inputs").iter().zip(&outputs) {
            let x: Vec<f32> = x.iter().map(|x| *x as f32).collect();
            let y = imported.model.evaluate_f32(&x).unwrap();
            assert_eq!(y.len(), expected.len(), "{}", self.path.display());
            for (y, expected) in y.into_iter().map(f64::from).zip(expected) {
                let y = if logarithms { y.ln() } else { y };
                difference = difference.max((y - expected).abs() / largest);
            }
        }
        difference
    }
}

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

fn cases() -> Vec<Case> {
    let mut paths: Vec<PathBuf> = fs::read_dir(data()).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let case = |path: &PathBuf| {
        let json: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        Case { path: data().join(json["model"].as_str().unwrap()), json }
    };
    paths.iter().map(case).collect()
}

#[test]
fn outputs_are_those_of_the_framework() {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::ASCII_MARKDOWN);
    table.set_header(["framework", "exporter", "layers", "imported as", "largest difference"]);
    let mut wrong = vec![];
    for case in cases() {
        let name = case.path.file_name().unwrap().to_string_lossy().into_owned();
        let imported = case.import();
        let (kind, result) = match (&imported, case.text("refused")) {
            (Ok(imported), None) => {
                let difference = case.difference(imported);
                if difference.is_nan() || difference > TOLERANCE {
                    wrong.push(format!("{name}: {difference:e}\n  {}", imported.model));
                }
                (imported.model.to_string(), format!("{difference:.1e}"))
            }
            (Err(error), Some(reason)) => (format!("refused ({reason})"), error.clone()),
            (Err(error), None) => {
                wrong.push(error.clone());
                continue;
            }
            (Ok(imported), Some(reason)) => {
                wrong.push(format!("{name} was imported as {}, although {reason}", imported.model));
                continue;
            }
        };
        let text = |key| case.text(key).unwrap_or_default().to_owned();
        table.add_row([text("framework"), text("exporter"), text("layers"), kind, result]);
    }
    println!("{table}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
