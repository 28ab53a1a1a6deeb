//! What the compiler says to each mistake, word by word: one file a mistake in `tests/ui`, its message beside it.
//!
//! The snapshots are those of one release of the compiler, as others word their messages differently; with another
//! release the test says so and compares nothing. How to take new snapshots stands in CONTRIBUTING.

/// The release that the snapshots were taken with.
const SNAPSHOTS: &str = "rustc 1.95.0";

#[test]
fn mistakes() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = std::process::Command::new(rustc).arg("--version").output().expect("rustc runs");
    let version = String::from_utf8_lossy(&output.stdout);
    if version.starts_with(SNAPSHOTS) {
        trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
        // Found only where code is generated. A program that is expected to run makes trybuild build them all.
        let built = trybuild::TestCases::new();
        built.pass("tests/ui/built/activations_that_exist.rs");
        built.compile_fail("tests/ui/built/*_0.rs");
        built.compile_fail("tests/ui/built/*_in_a_variable.rs");
        if cfg!(feature = "alloc") {
            // The compiler lists implementations, of which one is for `Vec`.
            built.compile_fail("tests/ui/alloc/*.rs");
            built.compile_fail("tests/ui/built/*_on_the_heap.rs");
        }
    } else {
        println!("not compared: the snapshots are of {SNAPSHOTS}, this is {version}");
    }
}
