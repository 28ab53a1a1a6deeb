//! The compiler's exact message for each mistake: `tests/ui` has one file for each, with the message beside it.
//!
//! The snapshots are of one release of the compiler, because other releases word their messages differently. With
//! another release the test says so and compares nothing. CONTRIBUTING says how to update the snapshots.

/// The release of the compiler that made the snapshots.
const SNAPSHOTS: &str = "rustc 1.95.0";

#[test]
fn mistakes() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = std::process::Command::new(rustc).arg("--version").output().expect("rustc runs");
    let version = String::from_utf8_lossy(&output.stdout);
    if version.starts_with(SNAPSHOTS) {
        trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
        // These errors appear only when code is generated. trybuild builds all of them because one program is
        // expected to run.
        let built = trybuild::TestCases::new();
        built.pass("tests/ui/built/activations_that_exist.rs");
        built.compile_fail("tests/ui/built/*_0.rs");
        built.compile_fail("tests/ui/built/*_in_a_variable.rs");
        if cfg!(feature = "checkpoint") {
            built.compile_fail("tests/ui/checkpoint/*.rs");
        }
        if cfg!(feature = "alloc") {
            // The messages list implementations, one of which is for `Vec`.
            built.compile_fail("tests/ui/alloc/*.rs");
            built.compile_fail("tests/ui/built/*_on_the_heap.rs");
        }
    } else {
        println!("not compared: the snapshots are of {SNAPSHOTS}, this is {version}");
    }
}
