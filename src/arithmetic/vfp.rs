//! Cortex-M with a single-precision unit (FPv4-SP, FPv5): `vfma.f32` and `vsqrt.f32`.
//!
//! The operands go through core registers: up to Rust 1.97 the compiler accepts no operand in a register of this
//! unit (class `sreg`) for targets whose unit is single precision only, although it lets such a register be
//! declared overwritten. That costs the elementary functions some moves; the products have a loop of their own, see
//! [`kernel::vfp`](crate::kernel).
#![allow(unsafe_code)]

use core::arch::asm;

/// `a b + c`, rounded once.
#[inline(always)]
pub fn fma_f32(a: f32, b: f32, c: f32) -> f32 {
    let mut result = c.to_bits();
    // SAFETY: register arithmetic on processors that have the instruction (`build.rs`); what it overwrites is named.
    unsafe {
        asm!(
            "vmov s0, s1, {a}, {b}",
            "vmov s2, {c}",
            "vfma.f32 s2, s0, s1",
            "vmov {c}, s2",
            a = in(reg) a.to_bits(),
            b = in(reg) b.to_bits(),
            c = inout(reg) result,
            out("s0") _, out("s1") _, out("s2") _,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    f32::from_bits(result)
}

/// The square root of `x`.
#[inline(always)]
pub fn sqrt_f32(x: f32) -> f32 {
    let mut result = x.to_bits();
    // SAFETY: as above.
    unsafe {
        asm!(
            "vmov s0, {x}",
            "vsqrt.f32 s0, s0",
            "vmov {x}, s0",
            x = inout(reg) result,
            out("s0") _,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    f32::from_bits(result)
}
