//! [`Lanes`] in NEON registers, and activations applied to whole arrays of them.

use core::arch::aarch64::*;
use core::ops::{Add, Div, Mul, Neg, Sub};

use super::Neon;
use crate::kernel::map::{Vector, map_rest, map_whole};
use crate::kernel::simd::{Activated, Finish};
use crate::math::bits::ROUND_F32;
use crate::math::lanes::Lanes;
use crate::math::ln::ROOT_HALF_F32;
use crate::math::real::Function;

/// Four lanes. Every processor of the target has NEON (`build.rs`), and the whole program is compiled for it; every
/// `unsafe` block below relies on this.
#[derive(Clone, Copy)]
struct Four(float32x4_t);

macro_rules! operators {
    ($($operator:ident $method:ident $instruction:ident),*) => {$(
        impl $operator for Four {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: the target has NEON.
                unsafe { Self($instruction(self.0, other.0)) }
            }
        }
    )*};
}

operators!(Add add vaddq_f32, Sub sub vsubq_f32, Mul mul vmulq_f32, Div div vdivq_f32);

impl Neg for Four {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        // SAFETY: the target has NEON.
        unsafe { Self(vnegq_f32(self.0)) }
    }
}

// SAFETY: every processor of the target has NEON.
unsafe impl Lanes for Four {
    type Int = int32x4_t;

    #[inline(always)]
    fn splat(x: f32) -> Self {
        // SAFETY: the target has NEON.
        unsafe { Self(vdupq_n_f32(x)) }
    }

    #[inline(always)]
    fn mul_add(self, b: Self, c: Self) -> Self {
        // SAFETY: the target has NEON.
        unsafe { Self(vfmaq_f32(c.0, self.0, b.0)) }
    }

    #[inline(always)]
    fn abs(self) -> Self {
        // SAFETY: the target has NEON.
        unsafe { Self(vabsq_f32(self.0)) }
    }

    #[inline(always)]
    fn copysign(self, sign: Self) -> Self {
        // SAFETY: the target has NEON.
        unsafe { Self(vbslq_f32(vdupq_n_u32(1 << 31), sign.0, self.0)) }
    }

    // A comparison and a selection, not `fmin` and `fmax`, which choose between `-0` and `0` by sign: a number that
    // is neither more nor less than the limit must stay.
    #[inline(always)]
    fn at_most(self, limit: f32) -> Self {
        // SAFETY: the target has NEON.
        unsafe {
            let limit = vdupq_n_f32(limit);
            Self(vbslq_f32(vcgtq_f32(self.0, limit), limit, self.0))
        }
    }

    #[inline(always)]
    fn at_least(self, limit: f32) -> Self {
        // SAFETY: the target has NEON.
        unsafe {
            let limit = vdupq_n_f32(limit);
            Self(vbslq_f32(vcltq_f32(self.0, limit), limit, self.0))
        }
    }

    #[inline(always)]
    fn select_at_most(a: Self, b: Self, then: Self, otherwise: Self) -> Self {
        // SAFETY: the target has NEON.
        unsafe { Self(vbslq_f32(vcleq_f32(a.0, b.0), then.0, otherwise.0)) }
    }

    #[inline(always)]
    fn rounded(self) -> int32x4_t {
        // SAFETY: the target has NEON.
        unsafe { vsubq_s32(vreinterpretq_s32_f32(self.0), vdupq_n_s32(ROUND_F32.to_bits() as i32)) }
    }

    #[inline(always)]
    fn power(self) -> Self {
        // SAFETY: the target has NEON.
        unsafe { Self(vreinterpretq_f32_s32(vshlq_n_s32::<23>(vreinterpretq_s32_f32(self.0)))) }
    }

    #[inline(always)]
    fn exponent(self) -> int32x4_t {
        // SAFETY: the target has NEON.
        unsafe {
            let root_half = vdupq_n_s32(ROOT_HALF_F32 as i32);
            vshrq_n_s32::<23>(vsubq_s32(vreinterpretq_s32_f32(self.0), root_half))
        }
    }

    #[inline(always)]
    fn scale_down(self, k: int32x4_t) -> Self {
        // SAFETY: the target has NEON.
        unsafe {
            let bits = vsubq_s32(vreinterpretq_s32_f32(self.0), vshlq_n_s32::<23>(k));
            Self(vreinterpretq_f32_s32(bits))
        }
    }

    #[inline(always)]
    fn float(n: int32x4_t) -> Self {
        // SAFETY: the target has NEON.
        unsafe { Self(vcvtq_f32_s32(n)) }
    }

    #[inline(always)]
    fn min_int(n: int32x4_t, limit: i32) -> int32x4_t {
        // SAFETY: the target has NEON.
        unsafe { vminq_s32(n, vdupq_n_s32(limit)) }
    }

    #[inline(always)]
    fn sub_int(a: int32x4_t, b: int32x4_t) -> int32x4_t {
        // SAFETY: the target has NEON.
        unsafe { vsubq_s32(a, b) }
    }

    #[inline(always)]
    fn neg_int(n: int32x4_t) -> int32x4_t {
        // SAFETY: the target has NEON.
        unsafe { vnegq_s32(n) }
    }

    #[inline(always)]
    fn halve_int(n: int32x4_t) -> int32x4_t {
        // SAFETY: the target has NEON.
        unsafe { vshrq_n_s32::<1>(n) }
    }

    #[inline(always)]
    fn pow2(n: int32x4_t) -> Self {
        // SAFETY: the target has NEON.
        unsafe { Self(vreinterpretq_f32_s32(vshlq_n_s32::<23>(vaddq_s32(n, vdupq_n_s32(127))))) }
    }
}

// SAFETY: as for `Lanes`.
unsafe impl Vector<4> for Four {
    #[inline(always)]
    unsafe fn load(numbers: &[f32; 4]) -> Self {
        // SAFETY: the target has NEON; the reference is to four numbers.
        unsafe { Self(vld1q_f32(numbers.as_ptr())) }
    }

    #[inline(always)]
    fn store(self, numbers: &mut [f32; 4]) {
        // SAFETY: the target has NEON; the reference is to four numbers.
        unsafe { vst1q_f32(numbers.as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn veiled(self, _: f32) -> Self {
        self // there are no masked stores
    }
}

// SAFETY: every processor of the target has NEON.
unsafe impl<F: Function> Finish<Neon> for Activated<F> {
    #[inline(always)]
    unsafe fn finish(sums: float32x4_t) -> float32x4_t {
        F::of(Four(sums)).0
    }
}

/// Applies `F` to each value.
#[inline(always)]
pub fn map_neon<F: Function>(values: &mut [f32]) {
    // SAFETY: the target has NEON.
    unsafe {
        let rest = map_whole::<F, Four, 4>(values, 0.0);
        map_rest::<F, Four, 4>(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::oracle::all_lanes;

    all_lanes!(map_neon);
}
