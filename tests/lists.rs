//! Lists that something new must be added to: see CONTRIBUTING, "How to add a ...". A test fails if it is missing in one.

use std::fs::read_to_string;

/// A file of the project.
fn file(path: &str) -> String {
    read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The types that a module exports by `pub use gelu::{Gelu, GeluTanh};`, each with the file that defines it. Every file of
/// the module must export something, but for `helpers`.
fn exports(module: &str, helpers: &[&str]) -> Vec<(String, String)> {
    let source = file(&format!("{module}/mod.rs"));
    let (mut found, mut files) = (vec![], vec![]);
    for statement in source.split("\npub use ").skip(1) {
        let (statement, _) = statement.split_once(';').unwrap();
        if statement.starts_with("crate::") {
            continue;
        }
        let (defined_in, names) = statement.split_once("::").unwrap();
        assert!(!names.contains("::"), "{module}/mod.rs: `pub use {statement}` is not understood");
        files.push(defined_in.to_string());
        let names = names.trim_matches(['{', '}']).split(',').map(str::trim);
        let types = names.filter(|name| name.starts_with(char::is_uppercase));
        found.extend(types.map(|name| (name.to_string(), format!("{module}/{defined_in}.rs"))));
    }
    for entry in std::fs::read_dir(format!("{}/{module}", env!("CARGO_MANIFEST_DIR"))).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_string();
        let known = stem == "mod" || helpers.contains(&stem.as_str()) || files.contains(&stem);
        assert!(known, "{module}/mod.rs exports nothing of {}", path.display());
    }
    found
}

/// Whether the text has the name as a whole word.
fn names(text: &str, name: &str) -> bool {
    let part_of_a_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        !text[..at].ends_with(part_of_a_word) && !text[at + name.len()..].starts_with(part_of_a_word)
    })
}

/// `HardTanh` is `hard_tanh`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

/// Each of these files names it.
fn assert_named(name: &str, files: &[&str]) {
    for path in files {
        assert!(names(&file(path), name), "{path} does not name {name}");
    }
}

/// The part of a text between two others.
fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let (_, text) = text.split_once(start).unwrap_or_else(|| panic!("there is no `{start}`"));
    text.split_once(end).unwrap_or_else(|| panic!("there is no `{end}` after `{start}`")).0
}

#[test]
fn layers() {
    let others = [
        "AddsTo",
        "BatchNormGradient",
        "DenseCache",
        "Draws",
        "LayerPass",
        "Pass",
        "RowDraws",
        "Linear",
        "Summary",
        "SummaryRow",
    ];
    let layers = exports("src/layer", &["normalization", "pair", "scratch"])
        .into_iter()
        .filter(|(name, _)| !others.contains(&name.as_str()));
    let (table, tests, mut count) = (file("src/layer/mod.rs"), file("tests/layers.rs"), 0);
    let networks = between(&tests, "    networks! {", "\n    }");
    let weights = file("tests/weights.rs");
    let saved = between(&weights, "type Everything<T>", "\n>;");
    for (layer, path) in layers {
        count += 1;
        let row = table.lines().any(|line| {
            let cell = line.strip_prefix("//! | [`").unwrap_or_default();
            cell.strip_prefix(layer.as_str()).is_some_and(|rest| rest.starts_with(['`', '<']))
        });
        assert!(row, "{layer} has no row in the table of src/layer/mod.rs");
        assert!(names(networks, &layer), "{layer} is in no network of tests/layers.rs");
        assert!(names(saved, &layer), "{layer} is not in `Everything` of tests/weights.rs");
        assert_named(&layer, &["src/lib.rs", "README.md", "CHANGELOG.md"]);
        let source = file(&path);
        assert!(source.starts_with("//! ") && source.contains("Backward"), "{path} has no equations");
        assert!(source.contains("mod tests {"), "{path} has no case computed by hand");
    }
    assert!(count >= 11, "only {count} layers were found");
}

#[test]
fn activations() {
    let activations = exports("src/activation", &[]);
    assert!(activations.len() >= 14);
    let (gradients, readme) = (file("tests/gradients.rs"), file("README.md"));
    let checked = between(&gradients, "gradient_tests! {", "\n}");
    let (miri, pytorch) = (file("tests/miri/src/main.rs"), file("tools/golden.py"));
    let walked = between(&miri, "    activations! {", "\n    }");
    let computed = between(&pytorch, "ACTIVATIONS = {", "\n}");
    let (listed, golden) = (between(&readme, "**Activations**", "\n- **"), file("tests/golden.rs"));
    let (compared, oracle) = (between(&golden, "golden_tests! {", "\n}"), file("src/kernel/oracle.rs"));
    for (activation, path) in activations {
        assert!(
            names(checked, &activation),
            "{activation} is not in `gradient_tests!` of tests/gradients.rs"
        );
        assert!(names(listed, &activation), "the README's list lacks {activation}");
        assert!(names(compared, &activation), "tests/golden.rs compares no network with {activation}");
        assert!(names(walked, &activation), "`activations!` of tests/miri/src/main.rs lacks {activation}");
        let snake = snake_case(&activation);
        assert!(
            computed.contains(&format!("\"{snake}\":")),
            "`ACTIVATIONS` of tools/golden.py lacks {snake}"
        );
        assert_named(&activation, &["src/lib.rs", "kit/src/model/mod.rs", "kit/src/c/layers.rs"]);
        // A checkpoint tells activations apart by their names.
        let source = file(&path);
        let named =
            [format!("const NAME: &'static str = \"{activation}\";"), format!("with(\"{activation}<\")")];
        assert!(named.iter().any(|text| source.contains(text)), "{path} does not name {activation}");
        // With a body for vectors, it is compared with that for numbers.
        if file(&path).contains(&format!("Function for {activation}")) {
            assert!(names(&oracle, &activation), "`all_lanes!` of src/kernel/oracle.rs lacks {activation}");
        }
    }
}

#[test]
fn losses() {
    let others = ["ElementwiseLoss", "LinearInTarget", "Weighted"];
    let losses = exports("src/loss", &[]).into_iter().filter(|(name, _)| !others.contains(&name.as_str()));
    let (table, tests, mut count) = (file("src/loss/mod.rs"), file("tests/losses.rs"), 0);
    // A line of this list is compared with PyTorch and with differences.
    let compared = between(&tests, "\nlosses! {", "\n}");
    let miri = file("tests/miri/src/main.rs");
    let walked = between(&miri, "    losses! {", "\n    }");
    for (loss, path) in losses {
        count += 1;
        assert!(
            table.contains(&format!("//! | [`{loss}`] |")),
            "{loss} has no row in the table of src/loss/mod.rs"
        );
        assert!(names(compared, &loss), "`losses!` of tests/losses.rs lacks {loss}");
        assert!(names(walked, &loss), "`losses!` of tests/miri/src/main.rs lacks {loss}");
        assert_named(&loss, &["src/lib.rs", "README.md"]);
        assert!(file(&path).contains("mod tests {"), "{path} has no case computed by hand");
    }
    assert!(count >= 24, "only {count} losses were found");
}

#[test]
fn schedules() {
    let others = ["Anneal", "PlateauState"];
    let schedules = exports("src/schedule", &["phase"]);
    let (table, tests) = (file("src/schedule/mod.rs"), file("tests/schedules.rs"));
    let compared = [between(&tests, "\nschedules! {", "\n}"), between(&tests, "\nplateaus! {", "\n}")];
    let plateau = between(&tests, "fn plateau<", "\n}");
    let nan = between(&tests, "fn never_nan_whatever_the_settings<", "\n}");
    let mut count = 0;
    for (schedule, _) in schedules.into_iter().filter(|(name, _)| !others.contains(&name.as_str())) {
        count += 1;
        assert!(
            table.contains(&format!("//! | [`{schedule}`] |")),
            "{schedule} has no row in the table of src/schedule/mod.rs"
        );
        let line = names(compared[0], &schedule) || names(plateau, &schedule) && !compared[1].is_empty();
        assert!(line, "tests/schedules.rs compares no {schedule} with PyTorch");
        assert!(names(nan, &schedule), "`finite_settings_never_give_nan` lacks {schedule}");
    }
    assert!(count >= 12, "only {count} schedules were found");
}

#[test]
fn optimizers() {
    let optimizers = exports("src/optim", &["adjust", "norm", "state", "stored"])
        .into_iter()
        .filter(|(name, _)| !name.ends_with("State") && !name.starts_with("Adjust"));
    let mut count = 0;
    for (optimizer, path) in optimizers {
        count += 1;
        assert_named(&optimizer, &["src/lib.rs", "README.md"]);
        // Against PyTorch, and resumed; bad settings, hostile numbers.
        for (path, from) in
            [("tests/optimizers.rs", "optimizers! {"), ("tests/states.rs", "mod a_failed_step")]
        {
            let source = file(path);
            let used = source.split_once(from).unwrap().1;
            assert!(names(used, &optimizer), "{path} does not use {optimizer}");
        }
        let source = file(&path);
        // One that wraps another is compared as a whole, and has the name of the inner one.
        if !source.contains("pub optimizer: O") {
            let named = format!("const NAME: &'static str = \"{optimizer}\";");
            assert!(source.contains(&named), "{path} does not name {optimizer} for checkpoints");
            assert!(source.contains("mod tests {"), "{path} has no step computed by hand");
        }
    }
    assert!(count >= 23, "only {count} optimisers were found");
}

#[test]
fn initializers() {
    let source = file("src/init.rs");
    let scaled = between(&source, "\nscaled! {", "\n}");
    let structs = source.lines().filter_map(|line| line.strip_prefix("pub struct "));
    let from_macro = scaled.lines().filter(|line| line.contains("=>")).map(str::trim_start);
    let mut count = 0;
    for line in structs.chain(from_macro) {
        let name = line.split(|c: char| !c.is_alphanumeric()).next().unwrap();
        count += 1;
        assert!(
            source.contains(&format!("//! | [`{name}`] |")),
            "{name} has no row in the table of src/init.rs"
        );
        assert_named(name, &["README.md", "tests/properties.rs"]);
    }
    assert!(count >= 11, "only {count} initialisers were found");
}

#[test]
fn levels() {
    let source = file("src/kernel/level.rs");
    let (listed, processor) = (between(&source, "$then! { [", "]"), file("src/kernel/x86_64.rs"));
    assert_eq!(listed, "Avx512 Avx2", "the first list is that of x86-64");
    for level in listed.split(' ') {
        let name = level.to_lowercase();
        assert!(source.contains(&format!("Level::{level} => \"{name}\"")), "{level} has no name");
        for test in [format!("edges_of_{name}"), format!("{name}_is_the_oracle"), format!("more_of_{name}")] {
            assert!(names(&processor, &test), "src/kernel/x86_64.rs has no test {test}");
        }
        assert!(file("src/kernel/plain.rs").contains(&format!("mod {name} {{")), "plain.rs lacks {name}");
        assert_named(&name, &["src/kernel/mod.rs", "README.md", ".ci/run"]);
    }
}

/// `tests/metrics.rs` has a row for each answer of each metric, and for each function, in its comparison with scikit-learn.
#[test]
fn metrics() {
    let helpers =
        ["agreement", "bins", "confusion_table", "errors", "heap_sort", "moments", "probabilities", "sum"];
    let (compared, root) = (file("tests/metrics.rs"), file("src/metrics/mod.rs"));
    let listed = between(&root, "//! | metric |", "//!\n//! The average of a loss");
    for (metric, _) in exports("src/metrics", &helpers) {
        if ["BinnedScores", "Calibration", "Scores"].contains(&metric.as_str()) {
            assert_named(&metric, &["tests/metrics.rs"]); // what they lead to has rows
        } else if metric != "MetricError" {
            assert!(names(listed, &metric), "{metric} is not in the table of src/metrics/mod.rs");
            let row =
                compared.contains(&format!("\"{metric}::")) || compared.contains(&format!("\"{metric}\","));
            assert!(row, "tests/metrics.rs has no row for {metric}");
        }
    }
    // These fill a metric or lead to its answers.
    let others = ["new", "reset", "add", "add_probability", "merge", "samples", "matrix", "rank", "curve"];
    let mut answers = 0;
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics")).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_string();
        if stem == "metric" || helpers[1..].contains(&stem.as_str()) {
            continue;
        }
        let source = read_to_string(&path).unwrap();
        let (code, _) = source.split_once("mod tests {").unwrap_or((&source, ""));
        // Methods are indented once, those in a macro twice; functions not at all.
        for line in code.lines().map(str::trim_start).filter(|line| line.starts_with("pub fn ")) {
            let name =
                line["pub fn ".len()..].split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
            if !others.contains(&name) {
                answers += 1;
                let row =
                    compared.contains(&format!("::{name}\"")) || compared.contains(&format!("\"{name}\""));
                assert!(row, "tests/metrics.rs has no row for {name} of {}", path.display());
            }
        }
    }
    assert!(answers > 40, "only {answers}");
}

/// rustc writes `Layer` for the crate's trait as long as nothing else in the crate has that name: a variant of an enum with
/// it makes all messages longer.
#[test]
fn no_variant_has_the_name_of_a_type() {
    let root = file("src/lib.rs");
    let types: Vec<&str> = root
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.starts_with(char::is_uppercase) && word.len() > 1)
        .collect();
    let mut directories = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    let (mut variants, mut same) = (0, vec![]);
    while let Some(directory) = directories.pop() {
        for path in std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                directories.push(path);
                continue;
            }
            let source = read_to_string(&path).unwrap();
            for body in source.split("\npub enum ").skip(1) {
                let body = body.split("\n}").next().unwrap();
                for line in body.lines().filter(|line| line.starts_with("    ") && !line.starts_with("     "))
                {
                    let name = line.trim_start().split(|c: char| !c.is_alphanumeric()).next().unwrap();
                    if name.starts_with(char::is_uppercase) {
                        variants += 1;
                        if types.contains(&name) {
                            same.push(name.to_string());
                        }
                    }
                }
            }
        }
    }
    assert!(variants > 50, "only {variants}");
    same.sort();
    // `Fault` has the first two; `Zero` is no public enum's.
    assert_eq!(same, ["Loss", "Target", "Zero"]);
}
