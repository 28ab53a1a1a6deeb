//! Tells the crate where its fused multiply-add and its square root come from, for each scalar, and what its portable
//! kernel is. Refuses targets whose operations do not round to their type.
//!
//! Stable Rust has no `cfg` for the floating-point units of Arm and RISC-V, so the target's name decides.
//! `src/arithmetic` has a file for each source that is named here.

use std::env::var;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(portable, values(\"plain\", \"neon\", \"sse2\", \"vfp\"))");
    let target = Target::of_this_build();
    if let Some(why) = target.does_not_round() {
        // (With `cargo::error`, cargo prints only this message, and builds nothing that depends on the crate.)
        println!("cargo::error={why}");
        return;
    }
    println!("cargo::rustc-cfg=portable=\"{}\"", target.portable());
    // Whether loops are written out that the compiler does not unroll. (At "z", programs are to be small at any price.)
    println!("cargo::rustc-check-cfg=cfg(written_out)");
    if matches!(var("OPT_LEVEL").as_deref(), Ok("2" | "s")) {
        println!("cargo::rustc-cfg=written_out");
    }
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
    /// The processor features that rustc reports.
    features: String,
    /// The target's name, for messages.
    name: String,
    /// The widest float, in bits, for which the floating-point unit of an Arm or RISC-V microcontroller has a
    /// multiply-add; 0 for none.
    fpu: u32,
    std: bool,
    exact: bool,
}

impl Target {
    fn of_this_build() -> Self {
        let of = |name| var(name).unwrap_or_default();
        let has = |feature| var(feature).is_ok();
        let (arch, features) = (of("CARGO_CFG_TARGET_ARCH"), of("CARGO_CFG_TARGET_FEATURE"));
        Self::new(of("TARGET"), arch, features, has("CARGO_FEATURE_STD"), has("CARGO_FEATURE_EXACT"))
    }

    fn new(name: String, arch: String, features: String, std: bool, exact: bool) -> Self {
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
        Target { name, arch, features, fpu, std, exact }
    }

    /// Why the target is refused, if its floating-point unit keeps results in more digits than their type has. Such
    /// a result is rounded a second time, or not at all until it is stored, so that `x + ROUND - ROUND` is not the
    /// nearest integer and `tanh(0)` is not 0.
    fn does_not_round(&self) -> Option<String> {
        let name = &self.name;
        match self.arch.as_str() {
            // (UEFI programs compute floats in software.)
            "x86" if !self.has("sse2") && !name.ends_with("-uefi") => Some(format!(
                "stackprop cannot be built for {name}: without SSE2, x86 computes in the 80-bit registers of the x87, whose \
                 results are not those of f32 and f64. Build for a target with SSE2, as i686-unknown-linux-gnu is, or, if the \
                 processor has it, with RUSTFLAGS=\"-C target-feature=+sse2\"."
            )),
            // The 68881 and 68882, and the units of the 68040 and 68060; ColdFire's rounds to `f64`.
            "m68k" => Some(format!(
                "stackprop cannot be built for {name}: the floating-point unit of the 68000 family computes in registers of \
                 80 bits, whose results are not those of f32 and f64. There is no other target for this processor."
            )),
            _ => None,
        }
    }

    /// The unit of a microcontroller, if it computes floats of this many bits.
    fn fpu(&self, bits: u32) -> Option<&'static str> {
        (bits <= self.fpu).then_some(if self.arch == "arm" { "vfp" } else { "riscv" })
    }

    fn fma(&self, bits: u32) -> &'static str {
        match (self.arch.as_str(), self.fpu(bits)) {
            // One instruction inside the kernels, which detect the processor; a correctly rounded call elsewhere.
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

    /// Whether every processor of the target has NEON: aarch64, unless its floats are in software.
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
            // (Operating-system kernels and UEFI programs are built without SSE2: their floats are in software.)
            ("x86_64", _) if self.has("sse2") => "x86_64",
            _ if self.has_neon() => "aarch64",
            (_, Some(fpu)) => fpu,
            _ => "software",
        }
    }
}

// `tests/targets.rs` runs them.
#[cfg(test)]
mod tests {
    use super::*;

    fn target(name: &str, arch: &str, features: &str, std: bool, exact: bool) -> Target {
        Target::new(name.into(), arch.into(), features.into(), std, exact)
    }

    // The rows of the tables in `src/arithmetic` and `src/kernel/level.rs`.
    #[test]
    fn sources_of_the_operations() {
        let sources = |t: Target| [t.portable(), t.fma(32), t.fma(64), t.sqrt(32), t.sqrt(64)];
        let x86 = |features, std, exact| target("x86_64-unknown-linux-gnu", "x86_64", features, std, exact);
        assert_eq!(sources(x86("fxsr,sse,sse2", true, false)), ["sse2", "std", "std", "std", "std"]);
        assert_eq!(sources(x86("fxsr,sse,sse2", true, true)), ["plain", "std", "std", "std", "std"]);
        assert_eq!(sources(x86("sse2", false, false)), ["plain", "none", "none", "x86_64", "x86_64"]);
        assert_eq!(sources(x86("sse2", false, true)), ["plain", "libm", "libm", "x86_64", "x86_64"]);
        assert_eq!(sources(x86("fma,sse2", false, false)), ["plain", "x86_64", "x86_64", "x86_64", "x86_64"]);
        let kernel = target("x86_64-unknown-none", "x86_64", "fxsr", false, false);
        assert_eq!(sources(kernel), ["plain", "none", "none", "software", "software"]);

        let arm = |features, std| target("aarch64-unknown-linux-gnu", "aarch64", features, std, false);
        assert_eq!(sources(arm("neon", true)), ["neon", "std", "std", "std", "std"]);
        assert_eq!(sources(arm("neon", false)), ["neon", "aarch64", "aarch64", "aarch64", "aarch64"]);
        assert_eq!(sources(arm("", false)), ["plain", "none", "none", "software", "software"]);

        let bare = |name, arch, exact| sources(target(name, arch, "", false, exact));
        assert_eq!(bare("thumbv7em-none-eabihf", "arm", false), ["vfp", "vfp", "none", "vfp", "software"]);
        assert_eq!(bare("thumbv8m.main-none-eabihf", "arm", true), ["vfp", "vfp", "libm", "vfp", "software"]);
        assert_eq!(
            bare("thumbv7em-none-eabi", "arm", false),
            ["plain", "none", "none", "software", "software"]
        );
        assert_eq!(
            bare("thumbv6m-none-eabi", "arm", true),
            ["plain", "libm", "libm", "software", "software"]
        );
        let riscv = |name| bare(name, "riscv32", false);
        assert_eq!(riscv("riscv32imafc-unknown-none-elf"), ["plain", "riscv", "none", "riscv", "software"]);
        assert_eq!(
            bare("riscv64gc-unknown-none-elf", "riscv64", false),
            ["plain", "riscv", "riscv", "riscv", "riscv"]
        );
        assert_eq!(riscv("riscv32imac-unknown-none-elf"), ["plain", "none", "none", "software", "software"]);
    }

    // x87 and 6888x keep 64 bits of the significand; SSE2 and software round to the type.
    #[test]
    fn targets_that_do_not_round_are_refused() {
        let refused = |name, arch, features| target(name, arch, features, false, false).does_not_round();
        for (name, arch, features, remedy) in [
            ("i586-unknown-linux-gnu", "x86", "", "+sse2"),
            ("i386-apple-ios", "x86", "fxsr,sse", "+sse2"),
            ("m68k-unknown-linux-gnu", "m68k", "", "no other target"),
        ] {
            let why = refused(name, arch, features).expect(name);
            assert!(why.contains(name) && why.contains("80") && why.contains(remedy), "{why}");
        }
        for (name, arch, features) in [
            ("i686-unknown-linux-gnu", "x86", "fxsr,sse,sse2"),
            ("i586-unknown-linux-gnu", "x86", "sse,sse2"),
            ("i686-unknown-uefi", "x86", "fxsr"),
            ("x86_64-unknown-none", "x86_64", "fxsr"),
            ("thumbv6m-none-eabi", "arm", ""),
        ] {
            assert_eq!(refused(name, arch, features), None, "{name}");
        }
    }
}
