//! Compilers, and the programs that they make.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use stackprop_kit::c;
use stackprop_kit::model::Model;

/// An empty directory of this test.
pub fn directory(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("c").join(name);
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

/// The sources of a test program.
pub fn harness(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c").join(name)
}

/// Writes `NAME.h` and `NAME.c`.
pub fn export(directory: &Path, model: &Model, name: &str) {
    let files = c::export(model, name).unwrap_or_else(|error| panic!("{name}: {error}"));
    std::fs::write(directory.join(format!("{name}.h")), files.header).unwrap();
    std::fs::write(directory.join(format!("{name}.c")), files.source).unwrap();
}

/// Whether a program is installed. If not, says that the test was skipped, past the test's capture of output.
pub fn installed(program: &str) -> bool {
    let found =
        Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !found {
        let _ = writeln!(std::io::stderr(), "SKIPPED exported C: there is no {program} here");
    }
    found
}

/// Whether typed networks fuse multiply-adds here, as exported ones do everywhere.
pub fn is_fused() -> bool {
    let fused = stackprop::numerics() == stackprop::Numerics::Fused;
    if !fused {
        let _ =
            writeln!(std::io::stderr(), "SKIPPED exported C: typed networks round multiply-adds twice here");
    }
    fused
}

/// No warning is accepted.
pub const STRICT: [&str; 5] = ["-pedantic", "-Wall", "-Wextra", "-Werror", "-Wconversion"];

/// The output of a command that must succeed.
pub fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Compiles with no warnings, and returns the program.
pub fn compile(directory: &Path, command: &[&str], sources: &[PathBuf]) -> PathBuf {
    let program = directory.join("program");
    let [compiler, flags @ ..] = command else { panic!("no compiler") };
    output(
        Command::new(compiler)
            .args(STRICT)
            .args(flags)
            .arg("-I")
            .arg(directory)
            .args(sources)
            .args(["-x", "none", "-lm", "-o"])
            .arg(&program),
    );
    program
}

/// What the program prints for this input.
pub fn run(runner: &[&str], program: &Path, input: Vec<u8>) -> Vec<u8> {
    let mut command = match runner {
        [] => Command::new(program),
        [runner, arguments @ ..] => {
            let mut command = Command::new(runner);
            command.args(arguments).arg(program);
            command
        }
    };
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}: {}", program.display(), output.status);
    writer.join().unwrap().unwrap();
    output.stdout
}

pub fn numbers(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_ne_bytes(*bytes)).collect()
}

pub fn same(a: f32, b: f32) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}
