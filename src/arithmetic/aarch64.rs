//! aarch64 without `std`.
#![allow(unsafe_code)]

use core::arch::aarch64::*;

// SAFETY of every block here: NEON is part of the targets' ABI; the intrinsics touch no memory.

/// The square root of `x`.
#[inline(always)]
pub fn sqrt_f32(x: f32) -> f32 {
    // SAFETY: see above.
    unsafe { vget_lane_f32::<0>(vsqrt_f32(vdup_n_f32(x))) }
}

/// The square root of `x`.
#[inline(always)]
pub fn sqrt_f64(x: f64) -> f64 {
    // SAFETY: see above.
    unsafe { vget_lane_f64::<0>(vsqrt_f64(vdup_n_f64(x))) }
}

/// `a b + c`, rounded once.
#[inline(always)]
pub fn fma_f32(a: f32, b: f32, c: f32) -> f32 {
    // SAFETY: see above.
    unsafe { vget_lane_f32::<0>(vfma_f32(vdup_n_f32(c), vdup_n_f32(a), vdup_n_f32(b))) }
}

/// `a b + c`, rounded once.
#[inline(always)]
pub fn fma_f64(a: f64, b: f64, c: f64) -> f64 {
    // SAFETY: see above.
    unsafe { vget_lane_f64::<0>(vfma_f64(vdup_n_f64(c), vdup_n_f64(a), vdup_n_f64(b))) }
}
