//! [`Lanes`] in a register of NEON, and activations applied to whole arrays of them.

use core::arch::aarch64::*;
use core::ops::{Add, Div, Mul, Neg, Sub};

use super::Neon;
use crate::activation::Elementwise;
use crate::kernel::map::{Vector, apply, map_rest, map_whole};
use crate::kernel::simd::{Activated, Finish};
use crate::math::bits::ROUND_F32;
use crate::math::lanes::Lanes;
use crate::math::ln::ROOT_HALF_F32;

// SAFETY, of every block here: the target has NEON; references are to as many numbers as a vector has.

/// Four lanes.
#[derive(Clone, Copy)]
struct Four(float32x4_t);

macro_rules! operators {
    ($($operator:ident $method:ident $instruction:ident),*) => {$(
        impl $operator for Four {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: see above.
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
        // SAFETY: see above.
        unsafe { Self(vnegq_f32(self.0)) }
    }
}

// SAFETY of all: see above.
impl Lanes for Four {
    type Int = int32x4_t;

    #[inline(always)]
    fn splat(x: f32) -> Self {
        unsafe { Self(vdupq_n_f32(x)) }
    }

    #[inline(always)]
    fn mul_add(self, b: Self, c: Self) -> Self {
        unsafe { Self(vfmaq_f32(c.0, self.0, b.0)) }
    }

    #[inline(always)]
    fn abs(self) -> Self {
        unsafe { Self(vabsq_f32(self.0)) }
    }

    #[inline(always)]
    fn copysign(self, sign: Self) -> Self {
        unsafe { Self(vbslq_f32(vdupq_n_u32(1 << 31), sign.0, self.0)) }
    }

    // A comparison and a choice, not `fmin` and `fmax`: of `-0` and `0` these take one by its sign, where a number stays
    // that is neither more nor less than the limit.
    #[inline(always)]
    fn at_most(self, limit: f32) -> Self {
        unsafe {
            let limit = vdupq_n_f32(limit);
            Self(vbslq_f32(vcgtq_f32(self.0, limit), limit, self.0))
        }
    }

    #[inline(always)]
    fn at_least(self, limit: f32) -> Self {
        unsafe {
            let limit = vdupq_n_f32(limit);
            Self(vbslq_f32(vcltq_f32(self.0, limit), limit, self.0))
        }
    }

    #[inline(always)]
    fn select_at_most(a: Self, b: Self, then: Self, otherwise: Self) -> Self {
        unsafe { Self(vbslq_f32(vcleq_f32(a.0, b.0), then.0, otherwise.0)) }
    }

    #[inline(always)]
    fn rounded(self) -> int32x4_t {
        unsafe { vsubq_s32(vreinterpretq_s32_f32(self.0), vdupq_n_s32(ROUND_F32.to_bits() as i32)) }
    }

    #[inline(always)]
    fn power(self) -> Self {
        unsafe { Self(vreinterpretq_f32_s32(vshlq_n_s32::<23>(vreinterpretq_s32_f32(self.0)))) }
    }

    #[inline(always)]
    fn exponent(self) -> int32x4_t {
        unsafe {
            let root_half = vdupq_n_s32(ROOT_HALF_F32 as i32);
            vshrq_n_s32::<23>(vsubq_s32(vreinterpretq_s32_f32(self.0), root_half))
        }
    }

    #[inline(always)]
    fn lower(self, k: int32x4_t) -> Self {
        unsafe {
            let bits = vsubq_s32(vreinterpretq_s32_f32(self.0), vshlq_n_s32::<23>(k));
            Self(vreinterpretq_f32_s32(bits))
        }
    }

    #[inline(always)]
    fn float(n: int32x4_t) -> Self {
        unsafe { Self(vcvtq_f32_s32(n)) }
    }

    #[inline(always)]
    fn no_more(n: int32x4_t, limit: i32) -> int32x4_t {
        unsafe { vminq_s32(n, vdupq_n_s32(limit)) }
    }

    #[inline(always)]
    fn difference(a: int32x4_t, b: int32x4_t) -> int32x4_t {
        unsafe { vsubq_s32(a, b) }
    }

    #[inline(always)]
    fn negative(n: int32x4_t) -> int32x4_t {
        unsafe { vnegq_s32(n) }
    }

    #[inline(always)]
    fn half(n: int32x4_t) -> int32x4_t {
        unsafe { vshrq_n_s32::<1>(n) }
    }

    #[inline(always)]
    fn pow2(n: int32x4_t) -> Self {
        unsafe { Self(vreinterpretq_f32_s32(vshlq_n_s32::<23>(vaddq_s32(n, vdupq_n_s32(127))))) }
    }
}

impl Vector<4> for Four {
    #[inline(always)]
    fn load(numbers: &[f32; 4]) -> Self {
        // SAFETY: see above.
        unsafe { Self(vld1q_f32(numbers.as_ptr())) }
    }

    #[inline(always)]
    fn store(self, numbers: &mut [f32; 4]) {
        // SAFETY: see above.
        unsafe { vst1q_f32(numbers.as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn veiled(self, _: f32) -> Self {
        self // there are no masked stores
    }
}

// SAFETY: as above.
unsafe impl<E: Elementwise> Finish<Neon> for Activated<E> {
    #[inline(always)]
    unsafe fn finish(sums: float32x4_t) -> float32x4_t {
        apply::<E, _>(Four(sums)).0
    }
}

/// Applies `E` to each value.
#[inline(always)]
pub fn map_neon<E: Elementwise>(values: &mut [f32]) {
    let rest = map_whole::<E, Four, 4>(values, 0.0);
    map_rest::<E, Four, 4>(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::oracle::all_lanes;

    all_lanes!(map_neon);
}
