//! [`Lanes`] in the registers of x86-64, and activations applied to whole arrays of them.

use core::arch::x86_64::*;
use core::hint::black_box;
use core::ops::{Add, Div, Mul, Neg, Sub};

use super::{Avx2, Avx512};
use crate::kernel::map::{Vector, map_rest, map_whole};
use crate::kernel::simd::{Activated, Finish, Simd};
use crate::math::bits::ROUND_F32;
use crate::math::lanes::Lanes;
use crate::math::ln::ROOT_HALF_F32;
use crate::math::real::Function;

/// Rounds to the nearest integer, ties to even, without setting flags.
const TO_NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;

/// Defines a vector of `f32`, and implements [`Lanes`] for it.
///
/// The types are private to this module. Code with them starts only in [`map_avx512`], [`map_avx2`] and `finish`,
/// which are `unsafe` and demand a processor with the instructions; every `unsafe` block below relies on this.
macro_rules! lanes {
    (
        $(#[$doc:meta])*
        $name:ident, $register:ident, $integers:ident,
        $splat:ident, $splat_integer:ident,
        $add:ident, $sub:ident, $mul:ident, $div:ident, $fma:ident, $min:ident, $max:ident,
        $as_integers:ident, $as_floats:ident, $and:ident, $andnot:ident, $or:ident,
        $add_integers:ident, $sub_integers:ident, $min_integers:ident, $shift_left:ident, $shift_right:ident,
        $to_floats:ident, $select:ident, $nearest:ident
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        struct $name($register);

        lanes!(@operators $name, Add add $add, Sub sub $sub, Mul mul $mul, Div div $div);

        impl Neg for $name {
            type Output = Self;

            #[inline(always)]
            fn neg(self) -> Self {
                // SAFETY: a vector exists, so the processor has it. (A subtraction, because the compiler folds it
                // into multiply-adds.)
                unsafe { Self($sub($splat(-0.0), self.0)) }
            }
        }

        // SAFETY: the type is private, and code with it starts only in `unsafe` functions.
        unsafe impl Lanes for $name {
            type Int = $integers;

            #[inline(always)]
            fn splat(x: f32) -> Self {
                // SAFETY: the processor has the type, see `lanes`.
                unsafe { Self($splat(x)) }
            }

            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                // SAFETY: the processor has the type, see `lanes`.
                unsafe { Self($fma(self.0, b.0, c.0)) }
            }

            #[inline(always)]
            fn abs(self) -> Self {
                // SAFETY: the processor has the type, see `lanes`.
                unsafe { Self($as_floats($and($as_integers(self.0), $splat_integer(i32::MAX)))) }
            }

            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                // SAFETY: the processor has the type, see `lanes`.
                unsafe {
                    let mask = $splat_integer(i32::MIN);
                    let (sign, number) = ($and(mask, $as_integers(sign.0)), $andnot(mask, $as_integers(self.0)));
                    Self($as_floats($or(sign, number)))
                }
            }

            #[inline(always)]
            fn at_most(self, limit: f32) -> Self {
                // If either operand is NaN, the result is the second one.
                // SAFETY: the processor has the type, see `lanes`.
                unsafe { Self($min($splat(limit), self.0)) }
            }

            #[inline(always)]
            fn at_least(self, limit: f32) -> Self {
                // SAFETY: the processor has the type, see `lanes`.
                unsafe { Self($max($splat(limit), self.0)) }
            }

            #[inline(always)]
            fn select_at_most(a: Self, b: Self, then: Self, otherwise: Self) -> Self {
                // SAFETY: the processor has the type, see `lanes`.
                unsafe { Self($select(a.0, b.0, then.0, otherwise.0)) }
            }

            #[inline(always)]
            fn nearest(self, round: f32) -> (Self, Self) {
                // A rounding instruction gives `n` sooner than a second addition.
                // SAFETY: the processor has the type, see `lanes`.
                unsafe { (self + Self::splat(round), Self($nearest::<TO_NEAREST>(self.0))) }
            }

            #[inline(always)]
            fn rounded(self) -> $integers {
                // SAFETY: the processor has the type, see `lanes`.
                unsafe { $sub_integers($as_integers(self.0), $splat_integer(ROUND_F32.to_bits() as i32)) }
            }

            #[inline(always)]
            fn power(self) -> Self {
                // SAFETY: the processor has the type, see `lanes`.
                unsafe { Self($as_floats($shift_left::<23>($as_integers(self.0)))) }
            }

            #[inline(always)]
            fn exponent(self) -> $integers {
                // SAFETY: the processor has the type, see `lanes`.
                unsafe {
                    let root_half = $splat_integer(ROOT_HALF_F32 as i32);
                    $shift_right::<23>($sub_integers($as_integers(self.0), root_half))
                }
            }

            #[inline(always)]
            fn scale_down(self, k: $integers) -> Self {
                // SAFETY: the processor has the type, see `lanes`.
                unsafe { Self($as_floats($sub_integers($as_integers(self.0), $shift_left::<23>(k)))) }
            }

            #[inline(always)]
            fn float(n: $integers) -> Self {
                // SAFETY: the processor has the type, see `lanes`.
                unsafe { Self($to_floats(n)) }
            }

            #[inline(always)]
            fn min_int(n: $integers, limit: i32) -> $integers {
                // SAFETY: the processor has the type, see `lanes`.
                unsafe { $min_integers(n, $splat_integer(limit)) }
            }

            #[inline(always)]
            fn sub_int(a: $integers, b: $integers) -> $integers {
                // SAFETY: the processor has the type, see `lanes`.
                unsafe { $sub_integers(a, b) }
            }

            #[inline(always)]
            fn neg_int(n: $integers) -> $integers {
                // SAFETY: the processor has the type, see `lanes`.
                unsafe { $sub_integers($splat_integer(0), n) }
            }

            #[inline(always)]
            fn halve_int(n: $integers) -> $integers {
                // SAFETY: the processor has the type, see `lanes`.
                unsafe { $shift_right::<1>(n) }
            }

            #[inline(always)]
            fn pow2(n: $integers) -> Self {
                // SAFETY: the processor has the type, see `lanes`.
                unsafe { Self($as_floats($shift_left::<23>($add_integers(n, $splat_integer(127))))) }
            }
        }
    };
    (@operators $name:ident, $($operator:ident $method:ident $instruction:ident),*) => {$(
        impl $operator for $name {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: a vector exists, so the processor has it.
                unsafe { Self($instruction(self.0, other.0)) }
            }
        }
    )*};
}

lanes!(
    /// Four lanes.
    Four, __m128, __m128i, _mm_set1_ps, _mm_set1_epi32,
    _mm_add_ps, _mm_sub_ps, _mm_mul_ps, _mm_div_ps, _mm_fmadd_ps, _mm_min_ps, _mm_max_ps,
    _mm_castps_si128, _mm_castsi128_ps, _mm_and_si128, _mm_andnot_si128, _mm_or_si128,
    _mm_add_epi32, _mm_sub_epi32, _mm_min_epi32, _mm_slli_epi32, _mm_srai_epi32,
    _mm_cvtepi32_ps, select_4, _mm_round_ps
);
lanes!(
    /// Eight lanes.
    Eight, __m256, __m256i, _mm256_set1_ps, _mm256_set1_epi32,
    _mm256_add_ps, _mm256_sub_ps, _mm256_mul_ps, _mm256_div_ps, _mm256_fmadd_ps, _mm256_min_ps, _mm256_max_ps,
    _mm256_castps_si256, _mm256_castsi256_ps,
    _mm256_and_si256, _mm256_andnot_si256, _mm256_or_si256,
    _mm256_add_epi32, _mm256_sub_epi32, _mm256_min_epi32, _mm256_slli_epi32, _mm256_srai_epi32,
    _mm256_cvtepi32_ps, select_8, _mm256_round_ps
);
lanes!(
    /// Sixteen lanes.
    Sixteen, __m512, __m512i, _mm512_set1_ps, _mm512_set1_epi32,
    _mm512_add_ps, _mm512_sub_ps, _mm512_mul_ps, _mm512_div_ps, _mm512_fmadd_ps, _mm512_min_ps, _mm512_max_ps,
    _mm512_castps_si512, _mm512_castsi512_ps,
    _mm512_and_si512, _mm512_andnot_si512, _mm512_or_si512,
    _mm512_add_epi32, _mm512_sub_epi32, _mm512_min_epi32, _mm512_slli_epi32, _mm512_srai_epi32,
    _mm512_cvtepi32_ps, select_16, _mm512_roundscale_ps
);

/// See [`Lanes::select_at_most`].
///
/// # Safety
///
/// The processor must have AVX.
#[inline(always)]
unsafe fn select_4(a: __m128, b: __m128, then: __m128, otherwise: __m128) -> __m128 {
    // SAFETY: the caller vouches for the processor.
    unsafe { _mm_blendv_ps(otherwise, then, _mm_cmp_ps::<_CMP_LE_OQ>(a, b)) }
}

/// See [`Lanes::select_at_most`].
///
/// # Safety
///
/// The processor must have AVX.
#[inline(always)]
unsafe fn select_8(a: __m256, b: __m256, then: __m256, otherwise: __m256) -> __m256 {
    // SAFETY: the caller vouches for the processor.
    unsafe { _mm256_blendv_ps(otherwise, then, _mm256_cmp_ps::<_CMP_LE_OQ>(a, b)) }
}

/// See [`Lanes::select_at_most`].
///
/// # Safety
///
/// The processor must have AVX-512F.
#[inline(always)]
unsafe fn select_16(a: __m512, b: __m512, then: __m512, otherwise: __m512) -> __m512 {
    // SAFETY: the caller vouches for the processor.
    unsafe { _mm512_mask_blend_ps(_mm512_cmp_ps_mask::<_CMP_LE_OQ>(a, b), otherwise, then) }
}

/// Implements [`Vector`], how a vector is laid out in memory, and [`Finish`] for `$level`.
macro_rules! vector {
    ($name:ident, $lanes:literal, $load:ident, $store:ident, $or:ident $(, $level:ident)?) => {$(
        // SAFETY: instructions of the level only.
        unsafe impl<F: Function> Finish<$level> for Activated<F> {
            #[inline(always)]
            unsafe fn finish(sums: <$level as Simd>::V) -> <$level as Simd>::V {
                F::of($name(sums)).0 // the caller vouches for the processor
            }
        }
        )?

        // SAFETY: as for `Lanes`.
        unsafe impl Vector<$lanes> for $name {
            #[inline(always)]
            unsafe fn load(numbers: &[f32; $lanes]) -> Self {
                // SAFETY: the caller vouches for the processor; the reference is to that many numbers.
                unsafe { Self($load(numbers.as_ptr())) }
            }

            #[inline(always)]
            fn store(self, numbers: &mut [f32; $lanes]) {
                // SAFETY: a vector exists, so the processor has it; the reference is to that many numbers.
                unsafe { $store(numbers.as_mut_ptr(), self.0) }
            }

            #[inline(always)]
            fn veiled(self, zero: f32) -> Self {
                // SAFETY: a vector exists, so the processor has it.
                unsafe { Self($or(self.0, Self::splat(zero).0)) }
            }
        }
    };
}

vector!(Four, 4, _mm_loadu_ps, _mm_storeu_ps, _mm_or_ps);
vector!(Eight, 8, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_or_ps, Avx2);
vector!(Sixteen, 16, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_or_ps, Avx512);

/// Applies `F` to each value.
///
/// # Safety
///
/// The processor must have AVX-512F, AVX2 and FMA.
#[inline(always)]
pub unsafe fn map_avx512<F: Function>(values: &mut [f32]) {
    // SAFETY: the caller vouches for the processor.
    unsafe {
        let rest = map_whole::<F, Sixteen, 16>(values, 0.0);
        map_avx2::<F>(rest)
    }
}

/// Applies `F` to each value.
///
/// # Safety
///
/// The processor must have AVX2 and FMA.
#[inline(always)]
pub unsafe fn map_avx2<F: Function>(values: &mut [f32]) {
    // SAFETY: the caller vouches for the processor.
    unsafe {
        let rest = map_whole::<F, Eight, 8>(values, black_box(0.0));
        let rest = map_whole::<F, Four, 4>(rest, black_box(0.0));
        // One, two or three numbers as four: this is faster even for a single one, as its integers need not move to
        // other registers.
        map_rest::<F, Four, 4>(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// # Safety
    ///
    /// As for [`map_avx512`].
    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
    unsafe fn sixteens<F: Function>(values: &mut [f32]) {
        // SAFETY: the caller vouches for the same.
        unsafe { map_avx512::<F>(values) }
    }

    /// # Safety
    ///
    /// As for [`map_avx2`].
    #[target_feature(enable = "avx2,fma")]
    unsafe fn eights<F: Function>(values: &mut [f32]) {
        // SAFETY: the caller vouches for the same.
        unsafe { map_avx2::<F>(values) }
    }

    mod lanes_are_numbers {
        use super::*;
        use crate::kernel::oracle::all_lanes;

        all_lanes!(sixteens if Avx512::detect().is_some(), eights if Avx2::detect().is_some());
    }
}
