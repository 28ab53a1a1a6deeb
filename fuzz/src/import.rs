//! Importers: a file is refused, or its model is a whole one that is written and read again.

use stackprop::weights::SafeTensors;
use stackprop_kit::import::{Imported, onnx, safetensors};
use stackprop_kit::model::{Layer, Model, parse_type};
use stackprop_kit::{c, rust};
use syn::{Item, UseTree};

use crate::checkpoint::with_checksum;
use crate::with_peak;

/// The most bytes that an importer may allocate for each byte of a file, and for any file.
const PER_BYTE: usize = 64;
const FOR_ANY: usize = 32 << 20;

/// What must hold for any bytes as an ONNX file. Returns the imported model.
pub fn check_onnx(bytes: &[u8]) -> Option<Model> {
    // As long as the numbers of `torch_external.onnx`, which is one of the seeds.
    let external = |_: &str| Some((0_u16..128).flat_map(|x| (f32::from(x) * 0.01).to_le_bytes()).collect());
    let (imported, peak) = with_peak(|| onnx::parse(bytes, &external));
    assert!(peak <= FOR_ANY + PER_BYTE * (bytes.len() + 512), "{} bytes need {peak} bytes", bytes.len());
    let imported = imported.inspect_err(|error| drop(error.to_string())).ok()?;
    check_model(&imported);
    Some(imported.model)
}

/// What must hold for any bytes as a `state_dict`, also when the checksum of a checkpoint is right. The first line, if it is
/// short, has the activations.
pub fn check_state_dict(bytes: &[u8]) {
    let (text, file) = match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) if end < 64 => (str::from_utf8(&bytes[..end]).ok(), &bytes[end + 1..]),
        _ => (None, bytes),
    };
    let activations = text.map(|text| text.split(',').map(String::from).collect());
    let options = safetensors::Options { activations, modules: None };
    check_safetensors(file, &options);
    check_safetensors(&with_checksum(file.to_vec()), &options);
}

fn check_safetensors(file: &[u8], options: &safetensors::Options) {
    let (imported, peak) = with_peak(|| safetensors::parse(file, options));
    assert!(peak <= FOR_ANY + PER_BYTE * file.len(), "{} bytes need {peak} bytes", file.len());
    match imported {
        Ok(imported) => check_model(&imported),
        Err(error) => drop(error.to_string()),
    }
}

/// An imported model can be evaluated, and written as files that are read as the same model.
fn check_model(Imported { model, notes }: &Imported) {
    model.check().expect("an imported model is whole");
    let input: Vec<f64> = (0..model.inputs).map(|i| (i % 7) as f64 * 0.25 - 0.5).collect();
    assert_eq!(model.evaluate(&input).expect("a whole model").len(), model.outputs());
    let input: Vec<f32> = input.iter().map(|x| *x as f32).collect();
    assert_eq!(model.evaluate_f32(&input).expect("a whole model").len(), model.outputs());

    let file = rust::safetensors(model).expect("a whole model");
    SafeTensors::parse(&file).expect("a safetensors file");
    let again = safetensors::parse(&file, &safetensors::Options::default()).expect("a file of our own");
    assert_eq!(bits(&again.model), bits(model), "written and read again, the model is another");
    assert_eq!(again.model.to_string(), model.to_string());
    check_source(model, notes);
    // Parameters may be as large as they like: their outputs are then not numbers, which is refused.
    if let Err(error) = c::export(model, "net") {
        assert!(matches!(error, c::Error::Variance { .. } | c::Error::Example { .. }), "{error}");
    }
}

/// The type, and the bits of all parameters as `f32`.
fn bits(model: &Model) -> Vec<Vec<u32>> {
    let of = |values: &Vec<f64>| values.iter().map(|x| (*x as f32).to_bits()).collect();
    model
        .layers
        .iter()
        .flat_map(|layer| match layer {
            Layer::Dense { weights, biases, .. } => vec![of(weights), of(biases)],
            Layer::BatchNorm { gain, shift, mean, variance, count } => {
                vec![of(gain), of(shift), of(mean), of(variance), vec![*count as u32, (*count >> 32) as u32]]
            }
            Layer::Standardize { mean, variance, count } => {
                vec![of(mean), of(variance), vec![*count as u32, (*count >> 32) as u32]]
            }
            Layer::LayerNorm { gain, shift } => vec![of(gain), of(shift)],
            Layer::PRelu { slope } => vec![of(slope)],
        })
        .collect()
}

/// The source is Rust, and has nothing but what is generated: no name in a file can add code.
fn check_source(model: &Model, notes: &[String]) {
    let options = rust::Options { name: "Net", command: "stackprop import", notes, force: false };
    let source = rust::source(model, &options).expect("a model that was checked");
    let file = syn::parse_file(&source).expect("the generated source is Rust");
    match &file.items[..] {
        [
            Item::Use(a),
            Item::Use(b),
            Item::Type(alias),
            Item::Static(_),
            Item::Static(_),
            Item::Mod(tests),
        ] => {
            let of_stackprop =
                |tree: &UseTree| matches!(tree, UseTree::Path(path) if path.ident == "stackprop");
            assert!(of_stackprop(&a.tree) && of_stackprop(&b.tree));
            assert!(alias.ident == "Net" && tests.ident == "tests");
        }
        items => panic!("{} items in the generated source:\n{source}", items.len()),
    }
    assert!(file.attrs.iter().all(|attribute| attribute.path().is_ident("doc")), "{source}");
}

/// A text is refused, or it is a type that is written and parsed again.
pub fn check_type(text: &str) {
    const LIMIT: usize = 1 << 16;
    let (model, peak) = with_peak(|| parse_type(text, LIMIT));
    // A layer has some 100 bytes and is at least 8 bytes of text.
    assert!(peak <= 16 * LIMIT + PER_BYTE * text.len() + 1024, "{} bytes need {peak} bytes", text.len());
    let model = match model {
        Ok(model) => model,
        Err(error) => return drop(error.to_string()),
    };
    assert!(model.parameters() <= LIMIT + model.layers.len());
    // (The text of a model whose widths do not chain has the widths of the layers before.)
    if model.check().is_ok() {
        let again = parse_type(&model.to_string(), LIMIT).expect("a type of our own");
        assert_eq!(again, model);
        let outputs = model.evaluate(&vec![0.5; model.inputs]).expect("a whole model");
        assert_eq!(outputs.len(), model.outputs());
    }
}
