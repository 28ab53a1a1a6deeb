//! The program as users run it: what it prints, the files that it writes, and a crate that uses them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use safetensors::Dtype;
use safetensors::tensor::{TensorView, serialize};
use serde_json::Value;
use stackprop::{Chain, Dense, Network, Relu};
use stackprop_kit::checkpoints::Checkpoints;

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn data(name: &str) -> PathBuf {
    package().join("tests/data").join(name)
}

fn stackprop(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stackprop")).args(arguments).output().unwrap()
}

/// Imports a model, and returns what is printed.
#[track_caller]
fn import(model: &Path, out: &Path, options: &[&str]) -> String {
    let output =
        stackprop(&[&["import", model.to_str().unwrap(), "--out", out.to_str().unwrap()], options].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The error of an import that fails.
#[track_caller]
fn error(model: &Path, out: &Path, options: &[&str]) -> String {
    let output =
        stackprop(&[&["import", model.to_str().unwrap(), "--out", out.to_str().unwrap()], options].concat());
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

/// What `inspect` prints of a file.
#[track_caller]
fn inspect(file: &Path) -> String {
    let output = stackprop(&["inspect", file.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn import_prints_the_layers_and_what_it_did() {
    let out = tempfile::tempdir().unwrap();
    let printed = import(&data("sklearn_scaled_classes.onnx"), out.path(), &["--name", "ThreeFlowers"]);
    for line in [
        "| 0     | Standardize<4>       | [4]    |          9 |",
        "| 1     | Dense<4, 8, Relu>    | [8]    |         40 |",
        "| 2     | Dense<8, 3, Softmax> | [3]    |         27 |",
        "note: kept Scaler `Scaler` as layer 0, a Standardize; if you call `observe`, its statistics count as one sample",
        "note: cut off ZipMap `ZipMap`: it makes a table of the outputs with the labels [0, 1, 2]",
    ] {
        assert!(printed.contains(line), "{printed}");
    }
    let source = fs::read_to_string(out.path().join("model.rs")).unwrap();
    for line in [
        "use stackprop::{Chain, Dense, Network, Relu, Softmax, Standardize, example, weights};",
        "pub type ThreeFlowers = Network<4, Chain![Standardize<4>, Dense<4, 8, Relu>, Dense<8, 3, Softmax>]>;",
        "pub static THREE_FLOWERS: ThreeFlowers = weights!(\"model.safetensors\");",
        "pub static THREE_FLOWERS_EXAMPLE: Example<[f32; 4], [f32; 3]> = example!(\"model.safetensors\");",
    ] {
        assert!(source.contains(line), "{source}");
    }
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 2);
}

/// One output, `p`: its largest is always number 0.
#[test]
fn the_class_of_one_output_is_by_its_half() {
    let out = tempfile::tempdir().unwrap();
    for name in ["skl_bin.onnx", "sklearn_binary.onnx", "sklearn_binary_no_zipmap.onnx"] {
        let printed = import(&data(name), out.path(), &[]);
        let note = "note: cut off ArgMax `ArgMax`: the class is 1 if the output is above 0.5\n";
        assert!(printed.contains(note), "{printed}");
        assert!(!printed.contains("argmax`"), "{printed}");
    }
}

#[test]
fn a_file_that_was_written_is_imported_again() {
    let [first, second] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    for name in ["torch_prelu_dynamo.onnx", "torch_layer_norm_dynamo.onnx", "keras_torch_normalization.onnx"]
    {
        import(&data(name), first.path(), &[]);
        let written = first.path().join("model.safetensors");
        import(&written, second.path(), &[]);
        assert_eq!(fs::read(&written).unwrap(), fs::read(second.path().join("model.safetensors")).unwrap());
        // The header has another command, and the test the outputs of the rounded parameters.
        let items = |directory: &Path| {
            let source = fs::read_to_string(directory.join("model.rs")).unwrap();
            let (items, _) = source.split_once("#[cfg(test)]").unwrap();
            items.split_once("use stackprop").unwrap().1.to_owned()
        };
        assert_eq!(items(first.path()), items(second.path()));
    }
}

/// A checkpoint needs no options, and is found by its metadata.
#[test]
fn checkpoints_are_imported_and_exported() {
    type Net = Network<2, Chain![Dense<2, 3, Relu>, Dense<3, 1>]>;
    let out = tempfile::tempdir().unwrap();
    let path = Checkpoints::open(out.path()).unwrap().save(&Net::zeros(), &(), &(), None).unwrap();
    let printed = import(&path, out.path(), &[]);
    for row in [
        "| 0     | Dense<2, 3, Relu> | [3]    |          9 |",
        "| 1     | Dense<3, 1>       | [1]    |          4 |",
    ] {
        assert!(printed.contains(row), "{printed}");
    }
    let arguments = ["export", path.to_str().unwrap(), "--name", "net", "--c", out.path().to_str().unwrap()];
    assert!(stackprop(&arguments).status.success());
    assert!(out.path().join("net.c").exists());

    assert!(!inspect(&path).contains("warning"));
    let mut damaged = fs::read(&path).unwrap();
    // In the last parameter: after it are the four bytes of the checksum.
    let place = damaged.len() - 5;
    damaged[place] ^= 0x40;
    fs::write(&path, damaged).unwrap();
    let message = error(&path, out.path(), &[]);
    assert!(message.contains(".safetensors: the checkpoint is damaged: its checksum is "), "{message}");
    assert!(inspect(&path).contains("\nwarning: the checkpoint is damaged: its checksum is "));
}

#[test]
fn modules_are_chosen() {
    let out = tempfile::tempdir().unwrap();
    let model = data("torch_functional.safetensors");
    let printed = import(&model, out.path(), &["--modules", "fc1,fc2", "--activations", "silu"]);
    assert!(printed.contains("| 1     | Dense<8, 6>       | [6]    |"), "{printed}");
    assert!(printed.contains("note: left out the modules `out`"), "{printed}");
}

#[test]
fn names_of_activations_are_trimmed() {
    let out = tempfile::tempdir().unwrap();
    let printed = import(&data("tor.safetensors"), out.path(), &["--activations", "relu, tanh"]);
    assert!(printed.contains("| Dense<8, 3, Tanh> |"), "{printed}");
    let message = error(&data("tor.safetensors"), out.path(), &["--activations", ""]);
    assert!(message.contains("0 activations were given, but the file has 2 linear layers"), "{message}");
}

#[test]
fn errors() {
    let out = tempfile::tempdir().unwrap();
    let tflite = out.path().join("model.tflite");
    fs::write(&tflite, b"TFL3").unwrap();
    let cases: &[(&Path, &[&str], &str)] = &[
        (
            &tflite,
            &[],
            "TensorFlow Lite files are not imported: export the Keras model as ONNX, `model.export(\"model.onnx\", format=\"onnx\")`",
        ),
        (
            &data("tor.safetensors"),
            &[],
            "0 activations were given, but the file has 2 linear layers: give 1 with `--activations`, or 2 if the last layer \
             has one, too",
        ),
        (
            &data("tor.safetensors"),
            &["--activations", "swish"],
            "`swish` is not an activation: stackprop has Identity, Relu, HardSigmoid, HardTanh, Sigmoid, Tanh, Selu, Softplus, \
             Silu, Gelu, GeluTanh, Softmax, LeakyRelu<10>, Elu<1000>, PRelu",
        ),
        (
            &data("tor.safetensors"),
            &["--activations", "relu", "--modules", "2,0"],
            "module `0` takes 4 numbers, but gets 3 from the one before it: give the order of the modules `2`, `0` with \
             `--modules`",
        ),
        (
            &data("tor.safetensors"),
            &["--activations", "relu", "--modules", "0,3"],
            "there is no module `3`; the modules are `0`, `2`",
        ),
        (
            &data("sb3_pendulum_normalised.safetensors"),
            &["--activations", "relu,relu"],
            "the activation of linear layer 0 is Tanh in the file, but `relu` was given",
        ),
        (&data("t_old.onnx"), &["--activations", "relu"], "--activations is for safetensors files"),
        (
            &data("t_old.onnx"),
            &["--name", "3x"],
            "`3x` is not a name for the type, such as `Classifier`: a name has letters and digits, and starts with a capital letter",
        ),
        (&data("missing.onnx"), &[], "missing.onnx: No such file"),
    ];
    for (model, options, message) in cases {
        let error = error(model, &out.path().join("out"), options);
        assert!(error.contains(message), "{error}");
    }
    assert!(!out.path().join("out").exists());
}

#[test]
fn a_file_of_the_user_is_not_replaced() {
    for name in ["model.rs", "model.safetensors"] {
        let out = tempfile::tempdir().unwrap();
        let file = out.path().join(name);
        // A state_dict, which is not replaced in either place.
        let mine = fs::read(data("tor.safetensors")).unwrap();
        fs::write(&file, &mine).unwrap();
        let message = error(&data("t_old.onnx"), out.path(), &[]);
        let expected = format!(
            "{name} is there, and was not written by `stackprop import`: it is replaced only with `--force`"
        );
        assert!(message.contains(&expected), "{message}");
        assert_eq!(fs::read(&file).unwrap(), mine);
        assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1);
        import(&data("t_old.onnx"), out.path(), &["--force"]);
        import(&data("t_old.onnx"), out.path(), &[]);
    }
}

#[test]
fn a_model_does_not_replace_itself() {
    let out = tempfile::tempdir().unwrap();
    let model = out.path().join("model.safetensors");
    for (name, options) in
        [("tor.safetensors", &["--activations", "relu"][..]), ("sb3_pendulum_normalised.safetensors", &[])]
    {
        fs::copy(data(name), &model).unwrap();
        for force in [&[][..], &["--force"]] {
            let message = error(&model, out.path(), &[options, force].concat());
            assert!(
                message.contains("model.safetensors is the model itself: choose another directory"),
                "{message}"
            );
            assert_eq!(fs::read(&model).unwrap(), fs::read(data(name)).unwrap());
        }
    }
    assert!(!out.path().join("model.rs").exists());
}

#[test]
fn export_does_not_replace_a_file_of_the_user() {
    let out = tempfile::tempdir().unwrap();
    let (model, file) = (data("t_old.onnx"), out.path().join("t_old.c"));
    let export = |options: &[&str]| {
        let arguments = ["export", model.to_str().unwrap(), "--c", out.path().to_str().unwrap()];
        stackprop(&[&arguments, options].concat())
    };
    fs::write(&file, "int mine;").unwrap();
    let output = export(&[]);
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    let expected =
        "t_old.c is there, and was not written by `stackprop export`: it is replaced only with `--force`";
    assert!(message.contains(expected), "{message}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "int mine;");
    assert!(!out.path().join("t_old.h").exists());
    for options in [&["--force"][..], &[]] {
        assert!(export(options).status.success());
    }
    assert!(fs::read_to_string(&file).unwrap().starts_with("/* Generated by stackprop-kit "));

    let message = String::from_utf8(export(&["--name", "3_d"]).stderr).unwrap();
    let expected = "`3_d` is not a name in C, which is a letter and then letters, digits and underscores: give one with `--name`";
    assert!(message.contains(expected), "{message}");
}

#[test]
fn inspect_shows_tensors_and_nodes() {
    let printed = inspect(&data("sb3_pendulum_normalised.safetensors"));
    for text in [
        "| stackprop.type | Network<3, Chain![Standardize<3>, ",
        "| 0.num_batches_tracked | I64  | []       |     8 |",
    ] {
        assert!(printed.contains(text), "{printed}");
    }
    let printed = inspect(&data("torch_external.onnx"));
    for text in ["torch_external.onnx: ONNX, 4 tensors", "| Gemm | ", "| inputs "] {
        assert!(printed.contains(text), "{printed}");
    }
}

#[test]
fn inspect_shows_integers_and_shortens_metadata() {
    let printed = inspect(&data("sb3_pendulum_normalised.safetensors"));
    let row =
        "| 0.num_batches_tracked | I64  | []       |     8 |    60420 |         |          |            |";
    assert!(printed.contains(row), "{printed}");
    // The first 80 characters.
    let text = "| Network<3, Chain![Standardize<3>, Dense<3, 32, Tanh>, Dense<32, 32, Tanh>, Dense... |";
    assert!(printed.contains(text), "{printed}");

    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("numbers.safetensors");
    let tensors = [
        ("epoch", TensorView::new(Dtype::U32, vec![1], &[0, 0, 0, 0x80]).unwrap()),
        ("sign", TensorView::new(Dtype::I8, vec![], &[0xff]).unwrap()),
        ("two", TensorView::new(Dtype::U8, vec![2], &[1, 2]).unwrap()),
    ];
    fs::write(&file, serialize(tensors, None).unwrap()).unwrap();
    let printed = inspect(&file);
    for row in [
        "| epoch  | U32  | [1]   |     4 | 2147483648 |         |      |            |",
        "| sign   | I8   | []    |     1 |         -1 |         |      |            |",
        "| two    | U8   | [2]   |     2 |            |         |      |            |",
    ] {
        assert!(printed.contains(row), "{printed}");
    }
}

/// 16 rows of 8 `f32` are 512 bytes.
#[test]
fn inspect_reads_numbers_of_another_file() {
    let printed = inspect(&data("torch_external.onnx"));
    assert!(printed.contains("| 0.weight | FLOAT, in another file | [16, 8] |   512 | -0."), "{printed}");

    let out = tempfile::tempdir().unwrap();
    let alone = out.path().join("torch_external.onnx");
    fs::copy(data("torch_external.onnx"), &alone).unwrap();
    let printed = inspect(&alone);
    let row = "| 0.weight | FLOAT, in another file | [16, 8] |     0 |          |";
    assert!(printed.contains(row), "{printed}");
    let message = error(&alone, &out.path().join("out"), &[]);
    let expected =
        "its numbers are in `torch_external.onnx.data`, which cannot be read: put it beside the model";
    assert!(message.contains(expected), "{message}");
}

#[test]
fn inspect_refuses_other_files() {
    let out = tempfile::tempdir().unwrap();
    let error = |name: &str, content: &[u8]| {
        let file = out.path().join(name);
        fs::write(&file, content).unwrap();
        let output = stackprop(&["inspect", file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let whole = fs::read(data("tor.safetensors")).unwrap();
    let (needed, found) = (whole.len(), whole.len() - 100);
    for (name, content, expected) in [
        (
            "empty.onnx",
            &[][..],
            "empty.onnx is neither a safetensors nor an ONNX file: it is empty".to_owned(),
        ),
        ("text.onnx", b"{\"inputs\": 4}", "text.onnx is neither a safetensors nor an ONNX file".into()),
        ("net.pt", b"PK\x03\x04", "net.pt: save the state_dict as safetensors, `safetensors.torch".into()),
        ("net.keras", b"PK\x03\x04", "net.keras: export the Keras model as ONNX".into()),
        (
            "cut.safetensors",
            &whole[..found],
            format!("cut.safetensors is cut off: it needs {needed} bytes, but has {found}"),
        ),
    ] {
        let message = error(name, content);
        assert!(message.contains(&expected), "{message}");
    }
}

/// The rows of a JSON file, as an array of slices in Rust. (Integers in JSON are floats there.)
fn rows(json: &Value) -> String {
    let row = |row: &Value| {
        let numbers = row.as_array().unwrap().iter().map(|x| format!("{:?}", x.as_f64().unwrap()));
        format!("&[{}]", numbers.collect::<Vec<_>>().join(", "))
    };
    format!("[{}]", json.as_array().unwrap().iter().map(row).collect::<Vec<_>>().join(", "))
}

/// A test that the outputs of `predict` are the framework's: at most 1e-5 of the largest output off, as in `frameworks.rs`.
fn framework_test(module: &str, case: &Value) -> String {
    let (inputs, outputs) = (rows(&case["inputs"]), rows(&case["outputs"]));
    let logarithm = if case["output"] == "log-probabilities" { ".ln()" } else { "" };
    format!(
        r#"
#[test]
fn {module}_is_as_in_the_framework() {{
    let (inputs, outputs): (&[&[f64]], &[&[f64]]) = (&{inputs}, &{outputs});
    let largest = outputs.iter().copied().flatten().fold(0.0_f64, |largest, y| largest.max(y.abs()));
    for (x, expected) in inputs.iter().zip(outputs) {{
        let x: std::vec::Vec<f32> = x.iter().map(|x| *x as f32).collect();
        let outputs = {module}::MODEL.predict(x.as_slice().try_into().unwrap());
        assert_eq!(outputs.len(), expected.len());
        for (y, expected) in outputs.into_iter().zip(*expected) {{
            assert!((f64::from(y){logarithm} - expected).abs() <= 1e-5 * largest, "{{y}} is not {{expected}}");
        }}
    }}
}}
"#
    )
}

/// The models of the next test: from each framework, by each exporter.
const MODELS: [&str; 12] = [
    "cleanrl_pendulum",
    "keras_converted",
    "keras_tensorflow_leaky_relu",
    "keras_torch_gelu_batch_norm",
    "sb3_cartpole",
    "sb3_pendulum_normalised",
    "skl_bin",
    "sklearn_scaled_classes",
    "sklearn_scaled_regressor",
    "t_old",
    "tor",
    "torch_layer_norm_dynamo",
];

/// A crate with these models as modules: `weights!` takes the files, the generated tests pass, and `predict` of each static
/// has the framework's outputs. With the environment variable `ALL_MODELS`, all models, which takes minutes.
#[test]
#[ignore = "builds stackprop once more"]
fn a_crate_with_imported_models() {
    let is_chosen = |stem: Option<&str>| {
        std::env::var_os("ALL_MODELS").is_some() || stem.is_some_and(|stem| MODELS.contains(&stem))
    };
    let directory = tempfile::tempdir().unwrap();
    let (root, source) = (package().parent().unwrap(), directory.path().join("src"));
    let mut lib = String::from("//! Imported models.\n#![no_std]\n#![deny(missing_docs, warnings)]\n");
    let mut tests = String::from("#[cfg(test)]\nextern crate std;\n");
    let mut models = 0;
    let mut paths: Vec<_> = fs::read_dir(data("")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort_by_key(|path| path.file_stem().map(OsStr::to_os_string)); // as rustfmt sorts modules
    for path in paths {
        let stem = path.file_stem().and_then(OsStr::to_str);
        if path.extension().is_none_or(|extension| extension != "json") || !is_chosen(stem) {
            continue;
        }
        let case: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        if case["refused"].is_string() {
            continue;
        }
        let module = path.file_stem().unwrap().to_str().unwrap();
        let mut options = vec!["--name".to_string(), "Model".into()];
        for key in ["activations", "modules"] {
            if let Some(names) = case[key].as_array().filter(|names| !names.is_empty()) {
                let names: Vec<_> = names.iter().map(|name| name.as_str().unwrap()).collect();
                options.extend([format!("--{key}"), names.join(",")]);
            }
        }
        if let Some(output) = case["onnx_output"].as_str() {
            options.extend(["--output".into(), output.into()]);
        }
        let options: Vec<_> = options.iter().map(String::as_str).collect();
        import(&data(case["model"].as_str().unwrap()), &source.join(module), &options);
        lib += &format!("#[path = \"{module}/model.rs\"]\npub mod {module};\n");
        tests += &framework_test(module, &case);
        models += 1;
    }
    fs::write(source.join("lib.rs"), lib).unwrap();
    let manifest = format!(
        "[package]\nname = \"imported\"\nedition = \"2024\"\n[dependencies.stackprop]\ndefault-features = false\nfeatures = [\"exact\"]\npath = {:?}\n[workspace]\n",
        root.display().to_string()
    );
    fs::write(directory.path().join("Cargo.toml"), manifest).unwrap();
    fs::copy(root.join("Cargo.lock"), directory.path().join("Cargo.lock")).unwrap();
    let cargo = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(directory.path())
            .env("CARGO_TARGET_DIR", directory.path().join("target"))
            .output()
            .unwrap();
        let [printed, errors] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert!(output.status.success(), "{printed}{errors}");
        printed
    };
    cargo(&["fmt", "--check"]);
    let lib = source.join("lib.rs");
    fs::write(&lib, fs::read_to_string(&lib).unwrap() + &tests).unwrap();
    let printed = cargo(&["test", "--offline"]);
    // Two generated tests of each, and the one above.
    assert!(printed.contains(&format!("{} passed", 3 * models)), "{printed}");
    println!("{models} models as statics, with their frameworks' outputs");
}
