//! RISC-V with the extensions F (`f32`) and D (`f64`): `fmadd` and `fsqrt`.
#![allow(unsafe_code)]

use core::arch::asm;

/// Defines the two operations of one scalar.
macro_rules! instructions {
    ($t:ident, $fma:ident = $fmadd:literal, $sqrt:ident = $fsqrt:literal) => {
        /// `a b + c`, rounded once.
        #[inline(always)]
        pub fn $fma(a: $t, b: $t, c: $t) -> $t {
            let result;
            // SAFETY: register arithmetic on processors that have the instruction (`build.rs`).
            unsafe {
                asm!(
                    $fmadd,
                    r = lateout(freg) result, a = in(freg) a, b = in(freg) b, c = in(freg) c,
                    options(pure, nomem, nostack, preserves_flags),
                );
            }
            result
        }

        /// The square root of `x`.
        #[inline(always)]
        pub fn $sqrt(x: $t) -> $t {
            let result;
            // SAFETY: as above.
            unsafe {
                asm!(
                    $fsqrt,
                    r = lateout(freg) result, x = in(freg) x,
                    options(pure, nomem, nostack, preserves_flags),
                );
            }
            result
        }
    };
}

#[cfg(fma_f32 = "riscv")]
instructions!(f32, fma_f32 = "fmadd.s {r}, {a}, {b}, {c}", sqrt_f32 = "fsqrt.s {r}, {x}");
#[cfg(fma_f64 = "riscv")]
instructions!(f64, fma_f64 = "fmadd.d {r}, {a}, {b}, {c}", sqrt_f64 = "fsqrt.d {r}, {x}");
