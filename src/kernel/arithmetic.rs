//! The two operations that stable `core` does not offer: fused multiply-add and square root.
//!
//! Everything else in the crate is written with `+ - * /`, comparisons and these two, all of which IEEE 754
//! rounds correctly, so one sequence of them has one result on every machine.
//!
//! Which build is in which numerics class ([`FUSED`]):
//!
//! | build | `mul_add` is | class |
//! |---|---|---|
//! | x86-64 with `std` | `f32::mul_add`: an instruction inside the kernels, a correctly rounded call outside | fused |
//! | x86-64 with `target-feature=+fma`; aarch64 | an instruction | fused |
//! | any other target with feature `exact` | software, correctly rounded | fused |
//! | any other target | `a * b + c` | separate |

/// Whether [`MulAdd::mul_add`] rounds once (the fused class) or twice (the separate class).
#[allow(dead_code, reason = "builds that choose a level at run time do not ask it")]
pub const FUSED: bool = cfg!(any(
    all(feature = "std", target_arch = "x86_64"),
    all(target_arch = "x86_64", target_feature = "fma"),
    target_arch = "aarch64",
    feature = "exact",
));

/// Multiply-add and square root for the two scalars.
pub trait MulAdd: Sized {
    /// `self * b + c`: rounded once if [`FUSED`], twice otherwise.
    fn mul_add(self, b: Self, c: Self) -> Self;

    /// The square root, correctly rounded on every target; NaN below zero.
    fn sqrt(self) -> Self;
}

macro_rules! arithmetic {
    ($t:ident, $fma:ident, $software_sqrt:ident) => {
        impl MulAdd for $t {
            #[inline(always)]
            fn mul_add(self, b: $t, c: $t) -> $t {
                #[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
                return $t::mul_add(self, b, c);

                #[cfg(all(
                    not(feature = "std"),
                    any(all(target_arch = "x86_64", target_feature = "fma"), target_arch = "aarch64")
                ))]
                return instruction::$fma(self, b, c);

                #[cfg(not(any(
                    all(feature = "std", target_arch = "x86_64"),
                    all(target_arch = "x86_64", target_feature = "fma"),
                    target_arch = "aarch64"
                )))]
                {
                    #[cfg(feature = "exact")]
                    return libm::$fma(self, b, c);
                    #[cfg(not(feature = "exact"))]
                    return self * b + c;
                }
            }

            #[inline(always)]
            fn sqrt(self) -> $t {
                #[cfg(feature = "std")]
                return $t::sqrt(self);
                #[cfg(all(not(feature = "std"), target_arch = "x86_64"))]
                return instruction::$software_sqrt(self);
                #[cfg(all(not(feature = "std"), not(target_arch = "x86_64")))]
                return $software_sqrt(self);
            }
        }
    };
}

arithmetic!(f32, fmaf, sqrtf);
arithmetic!(f64, fma, sqrt);

/// The instructions themselves, for builds without `std`.
#[cfg(all(not(feature = "std"), target_arch = "x86_64"))]
#[allow(unsafe_code)]
mod instruction {
    use core::arch::x86_64::*;

    #[inline(always)]
    pub fn sqrtf(x: f32) -> f32 {
        // SAFETY: SSE is part of every x86-64 processor.
        unsafe { _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(x))) }
    }

    #[inline(always)]
    pub fn sqrt(x: f64) -> f64 {
        // SAFETY: SSE2 is part of every x86-64 processor.
        unsafe { _mm_cvtsd_f64(_mm_sqrt_pd(_mm_set_sd(x))) }
    }

    #[cfg(target_feature = "fma")]
    #[inline(always)]
    pub fn fmaf(a: f32, b: f32, c: f32) -> f32 {
        // SAFETY: this build is for processors with FMA only (`target_feature = "fma"`).
        unsafe { _mm_cvtss_f32(_mm_fmadd_ss(_mm_set_ss(a), _mm_set_ss(b), _mm_set_ss(c))) }
    }

    #[cfg(target_feature = "fma")]
    #[inline(always)]
    pub fn fma(a: f64, b: f64, c: f64) -> f64 {
        // SAFETY: this build is for processors with FMA only (`target_feature = "fma"`).
        unsafe { _mm_cvtsd_f64(_mm_fmadd_sd(_mm_set_sd(a), _mm_set_sd(b), _mm_set_sd(c))) }
    }
}

/// The instructions themselves, for builds without `std`.
#[cfg(all(not(feature = "std"), target_arch = "aarch64"))]
#[allow(unsafe_code)]
mod instruction {
    use core::arch::aarch64::*;

    #[inline(always)]
    pub fn fmaf(a: f32, b: f32, c: f32) -> f32 {
        // SAFETY: NEON is part of every aarch64 processor with hardware floating point, which this ABI demands.
        unsafe { vget_lane_f32::<0>(vfma_f32(vdup_n_f32(c), vdup_n_f32(a), vdup_n_f32(b))) }
    }

    #[inline(always)]
    pub fn fma(a: f64, b: f64, c: f64) -> f64 {
        // SAFETY: as above.
        unsafe { vget_lane_f64::<0>(vfma_f64(vdup_n_f64(c), vdup_n_f64(a), vdup_n_f64(b))) }
    }
}

/// Correctly rounded square root by integers.
///
/// `x = m 2^e` with `e` even has the root `sqrt(m) 2^(e/2)`. `m` is shifted left until its integer root `s` has
/// one bit more than the significand; that bit rounds. A tie cannot occur: it would need `s` odd and
/// `s * s = m`, but the shift made `m` divisible by a large power of two.
#[cfg(any(test, all(not(feature = "std"), not(target_arch = "x86_64"))))]
macro_rules! software_sqrt {
    ($name:ident, $t:ident, $int:ident, $wide:ident) => {
        fn $name(x: $t) -> $t {
            const FRACTION: u32 = $t::MANTISSA_DIGITS - 1;
            const BIAS: i32 = $t::MAX_EXP - 1;
            if x.is_nan() || x == 0.0 || x == $t::INFINITY {
                return x + x;
            }
            if x < 0.0 {
                return $t::NAN;
            }
            let bits = x.to_bits();
            let (mut m, mut e) = match bits >> FRACTION {
                0 => (bits, 1 - BIAS),
                biased => (bits & ((1 << FRACTION) - 1) | (1 << FRACTION), biased as i32 - BIAS),
            };
            // Normalise subnormals, then make the exponent even.
            let shift = m.leading_zeros() - ($int::BITS - 1 - FRACTION);
            m <<= shift;
            e -= shift as i32;
            if e & 1 != 0 {
                m <<= 1;
                e -= 1;
            }
            let s = ((m as $wide) << (FRACTION + 2)).isqrt() as $int;
            let rounded = (s + 1) >> 1;
            // `rounded` is in [2^FRACTION, 2^(FRACTION + 1)): its leading one adds one to the exponent field.
            $t::from_bits((((e / 2 + BIAS - 1) as $int) << FRACTION) + rounded)
        }
    };
}

#[cfg(any(test, all(not(feature = "std"), not(target_arch = "x86_64"))))]
software_sqrt!(sqrtf, f32, u32, u64);
#[cfg(any(test, all(not(feature = "std"), not(target_arch = "x86_64"))))]
software_sqrt!(sqrt, f64, u64, u128);

#[cfg(test)]
mod tests {
    use super::*;

    // The oracle is the machine's square root, which IEEE 754 demands to be correctly rounded.
    #[test]
    fn software_square_root_is_correctly_rounded() {
        let mut state = 1_u64;
        for _ in 0..200_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let x = f32::from_bits((state >> 33) as u32);
            assert_eq!(sqrtf(x).to_bits(), std::primitive::f32::sqrt(x).to_bits(), "{x:e}");
            let x = f64::from_bits(state >> 1);
            assert_eq!(sqrt(x).to_bits(), std::primitive::f64::sqrt(x).to_bits(), "{x:e}");
        }
        for x in [0.0, -0.0, 1.0, 2.0, 4.0, f32::MIN_POSITIVE, 1e-45, f32::MAX, f32::INFINITY] {
            assert_eq!(sqrtf(x).to_bits(), std::primitive::f32::sqrt(x).to_bits(), "{x:e}");
        }
        assert!(sqrtf(-1.0).is_nan() && sqrt(-1.0).is_nan() && sqrtf(f32::NAN).is_nan());
    }

    // (1 + u)^2 = 1 + 2u + u^2 with u^2 below half an ULP: one rounding keeps u^2 when 1 + 2u is subtracted, two lose it.
    #[test]
    fn the_class_is_what_the_build_says() {
        let u = f32::EPSILON;
        let (x, c) = (core::hint::black_box(1.0 + u), -(1.0 + 2.0 * u));
        assert_eq!(MulAdd::mul_add(x, x, c), if FUSED { u * u } else { 0.0 });
        let u = f64::EPSILON;
        let (x, c) = (core::hint::black_box(1.0 + u), -(1.0 + 2.0 * u));
        assert_eq!(MulAdd::mul_add(x, x, c), if FUSED { u * u } else { 0.0 });
    }
}
