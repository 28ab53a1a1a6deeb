//! Tells the crate where its fused multiply-add and its square root come from, for each scalar, and what its portable
//! kernel is.
//!
//! Stable Rust has no `cfg` for the floating-point units of Arm and RISC-V, so they are told by the target's name.
//! `src/kernel/arithmetic` has a file for each source that is named here.

use std::env::var;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(portable, values(\"plain\", \"neon\", \"sse2\", \"vfp\"))");
    let target = Target::of_this_build();
    println!("cargo::rustc-cfg=portable=\"{}\"", target.portable());
    println!("cargo::rustc-check-cfg=cfg(blocked)");
    if target.has_vectors() {
        println!("cargo::rustc-cfg=blocked");
    }
    for (scalar, bits) in [("f32", 32), ("f64", 64)] {
        println!(
            "cargo::rustc-check-cfg=cfg(fma_{scalar}, values(\"std\", \"x86_64\", \"aarch64\", \"vfp\", \"riscv\", \"libm\", \"none\"))"
        );
        println!(
            "cargo::rustc-check-cfg=cfg(sqrt_{scalar}, values(\"std\", \"x86_64\", \"aarch64\", \"vfp\", \"riscv\", \"software\"))"
        );
        println!("cargo::rustc-cfg=fma_{scalar}=\"{}\"", target.fma(bits));
        println!("cargo::rustc-cfg=sqrt_{scalar}=\"{}\"", target.sqrt(bits));
    }
}

struct Target {
    arch: String,
    /// Features of the processor that rustc shows.
    features: String,
    /// The widest float, in bits, that the floating-point unit of an Arm or RISC-V microcontroller multiplies
    /// and adds at once; 0 for none.
    fpu: u32,
    std: bool,
    exact: bool,
}

impl Target {
    fn of_this_build() -> Self {
        let name = var("TARGET").unwrap_or_default();
        let isa = name.split('-').next().unwrap_or_default();
        let fpu = if let Some(extensions) = isa.strip_prefix("riscv32").or(isa.strip_prefix("riscv64")) {
            match extensions {
                e if e.contains(['g', 'd']) => 64,
                e if e.contains('f') => 32,
                _ => 0,
            }
        } else if (isa == "thumbv7em" || isa == "thumbv8m.main") && name.ends_with("eabihf") {
            32 // FPv4-SP or FPv5; that some also have double precision is not in the target's name
        } else {
            0
        };
        Target {
            arch: var("CARGO_CFG_TARGET_ARCH").unwrap_or_default(),
            features: var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default(),
            fpu,
            std: var("CARGO_FEATURE_STD").is_ok(),
            exact: var("CARGO_FEATURE_EXACT").is_ok(),
        }
    }

    /// The unit of a microcontroller, if it computes floats of so many bits.
    fn fpu(&self, bits: u32) -> Option<&'static str> {
        (bits <= self.fpu).then_some(if self.arch == "arm" { "vfp" } else { "riscv" })
    }

    fn fma(&self, bits: u32) -> &'static str {
        match (self.arch.as_str(), self.fpu(bits)) {
            // One instruction inside the kernels, which ask the processor; a correctly rounded call elsewhere.
            ("x86_64" | "aarch64", _) if self.std => "std",
            _ if self.has_neon() => "aarch64",
            ("x86_64", _) if self.has("fma") => "x86_64",
            (_, Some(fpu)) => fpu,
            _ if self.exact => "libm",
            _ => "none",
        }
    }

    /// What the portable level is: plain Rust, or something better that every processor of the target has.
    fn portable(&self) -> &'static str {
        match self.fma(32) {
            "vfp" => "vfp",
            _ if self.has_neon() => "neon",
            // A fused multiply-add would be a call on a processor without the instruction.
            "std" if self.arch == "x86_64" && !self.has("fma") && !self.exact => "sse2",
            _ => "plain",
        }
    }

    /// Whether a level has vectors of its own, for which the products are blocked.
    fn has_vectors(&self) -> bool {
        self.arch == "x86_64" && self.std || self.has_neon()
    }

    /// Whether every processor of the target has NEON: aarch64, unless floats are in software there.
    fn has_neon(&self) -> bool {
        self.arch == "aarch64" && self.has("neon")
    }

    /// Whether every processor of the target has this feature.
    fn has(&self, feature: &str) -> bool {
        self.features.split(',').any(|f| f == feature)
    }

    fn sqrt(&self, bits: u32) -> &'static str {
        match (self.arch.as_str(), self.fpu(bits)) {
            _ if self.std => "std",
            ("x86_64", _) => "x86_64",
            _ if self.has_neon() => "aarch64",
            (_, Some(fpu)) => fpu,
            _ => "software",
        }
    }
}
