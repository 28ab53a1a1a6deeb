//! x86-64 without `std`.
#![allow(unsafe_code)]

use core::arch::x86_64::*;

/// The square root of `x`.
#[inline(always)]
pub fn sqrt_f32(x: f32) -> f32 {
    // SAFETY: SSE is part of every x86-64 processor.
    unsafe { _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(x))) }
}

/// The square root of `x`.
#[inline(always)]
pub fn sqrt_f64(x: f64) -> f64 {
    // SAFETY: SSE2 is part of every x86-64 processor.
    unsafe { _mm_cvtsd_f64(_mm_sqrt_pd(_mm_set_sd(x))) }
}

/// `a b + c`, rounded once.
#[cfg(fma_f32 = "x86_64")]
#[inline(always)]
pub fn fma_f32(a: f32, b: f32, c: f32) -> f32 {
    // SAFETY: `build.rs` names this file only if the whole build is for processors with FMA.
    unsafe { _mm_cvtss_f32(_mm_fmadd_ss(_mm_set_ss(a), _mm_set_ss(b), _mm_set_ss(c))) }
}

/// `a b + c`, rounded once.
#[cfg(fma_f64 = "x86_64")]
#[inline(always)]
pub fn fma_f64(a: f64, b: f64, c: f64) -> f64 {
    // SAFETY: `build.rs` names this file only if the whole build is for processors with FMA.
    unsafe { _mm_cvtsd_f64(_mm_fmadd_sd(_mm_set_sd(a), _mm_set_sd(b), _mm_set_sd(c))) }
}
