//! Every file that the documents and the module docs name exists.

use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

/// The beginnings of paths in the repository.
const PLACES: [&str; 10] =
    ["src/", "tests/", "tools/", "firmware/", "examples/", "benches/", ".ci/", "kit/", "docs/", "fuzz/"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Rust files below a directory.
fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The name and text of each document, and of the docs of each module.
fn texts() -> Vec<(String, String)> {
    let documents = [
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "README.md",
        "docs/c.md",
        "docs/microcontroller.md",
        "docs/policies.md",
        "docs/staticlib.md",
        "src/kernel/TRIED.md",
    ];
    let mut texts: Vec<(String, String)> = documents
        .iter()
        .map(|name| (name.to_string(), read_to_string(root().join(name)).expect("a document")))
        .collect();
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    for file in files {
        let code = read_to_string(&file).expect("a source file");
        let docs = code.lines().filter_map(|line| line.trim_start().strip_prefix("//!"));
        let name = file.strip_prefix(root()).expect("below the root").display().to_string();
        texts.push((name, docs.collect::<Vec<_>>().join("\n")));
    }
    texts
}

/// The paths among the words between backticks, outside of code blocks.
fn paths(text: &str) -> Vec<&str> {
    let mut in_block = false;
    let mut paths = Vec::new();
    let lines = text.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```");
        in_block ^= is_fence;
        !is_fence && !in_block
    });
    for line in lines {
        for words in line.split('`').skip(1).step_by(2) {
            let words = words.split([' ', '"', '(', ')']).map(|word| word.trim_end_matches([',', ';', ':']));
            paths.extend(words.filter(|word| PLACES.iter().any(|place| word.starts_with(place))));
        }
    }
    paths
}

/// Whether the file or directory exists; `*` in a name matches any characters.
fn exists(path: &str) -> bool {
    let Some((before, after)) = path.split_once('*') else {
        return root().join(path).exists();
    };
    let (directory, begin) = before.rsplit_once('/').expect("a place");
    let Ok(entries) = read_dir(root().join(directory)) else { return false };
    entries.filter_map(Result::ok).any(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        name.strip_prefix(begin).is_some_and(|rest| rest.ends_with(after))
    })
}

#[test]
fn files_that_are_named_exist() {
    let mut missing = Vec::new();
    let mut found = 0;
    for (place, text) in texts() {
        for path in paths(&text) {
            // In the pages for users, it is a file of their own.
            if place.starts_with("docs/") && path.starts_with("src/") {
                continue;
            }
            // (Some directories are not in the package.)
            let (directory, _) = path.split_once('/').expect("a path has a slash");
            let is_there = exists(path) || !root().join(directory).exists();
            found += usize::from(is_there);
            if !is_there {
                missing.push(format!("{place} names `{path}`"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(found > 60, "only {found} paths found: are they still looked for in the right places?");
}

#[test]
fn paths_are_found_in_text() {
    let text = "one `src/a.rs`, `python3 tools/b.py --bits` and tests/c.rs, `x / y`\n```text\n`src/d.rs`\n```\n`tests/data/e*`";
    assert_eq!(paths(text), ["src/a.rs", "tools/b.py", "tests/data/e*"]);
    assert!(exists("tests/paths.rs") && exists("tests/pat*.rs") && exists("tests/data/golden*"));
    assert!(!exists("tests/paths.py") && !exists("tests/pat*.py") && !exists("nowhere/x*"));
}
