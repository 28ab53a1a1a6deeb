//! Selects the linker script, which says where the memory is.

use std::env;

fn main() {
    // Absent only if Cargo does not run this program.
    let directory = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    println!("cargo::rustc-link-search={directory}"); // `link.x` of cortex-m-rt includes `memory.x` from there
    let script = match env::var("CARGO_CFG_TARGET_ARCH").as_deref() {
        Ok("riscv32") => "riscv.x",
        _ => "link.x",
    };
    println!("cargo::rustc-link-arg-bins=-T{script}");
    println!("cargo::rerun-if-changed=memory.x");
    println!("cargo::rerun-if-changed=riscv.x");
}
