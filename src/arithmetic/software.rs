//! Correctly rounded square roots in integer arithmetic, for processors without an instruction for them.
//!
//! `x = m 2^e` with `e` even has the root `sqrt(m) 2^(e/2)`. `m` is shifted left until its integer root `s` has one
//! bit more than the significand; that bit decides the rounding. A tie cannot occur: it would need `s` odd and
//! `s * s = m`, but the shift made `m` divisible by a large power of two.

macro_rules! software_sqrt {
    ($name:ident, $t:ident, $int:ident, $wide:ident) => {
        /// The square root of `x`.
        pub fn $name(x: $t) -> $t {
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

#[cfg(any(test, sqrt_f32 = "software"))]
software_sqrt!(sqrt_f32, f32, u32, u64);
#[cfg(any(test, sqrt_f64 = "software"))]
software_sqrt!(sqrt_f64, f64, u64, u128);

#[cfg(test)]
mod tests {
    use super::*;

    // The oracle is the machine's square root, which IEEE 754 requires to be correctly rounded.
    #[test]
    fn correctly_rounded() {
        let mut state = 1_u64;
        for _ in 0..if cfg!(miri) { 200 } else { 200_000 } {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let x = f32::from_bits((state >> 33) as u32);
            assert_eq!(sqrt_f32(x).to_bits(), std::primitive::f32::sqrt(x).to_bits(), "{x:e}");
            let x = f64::from_bits(state >> 1);
            assert_eq!(sqrt_f64(x).to_bits(), std::primitive::f64::sqrt(x).to_bits(), "{x:e}");
        }
        for x in [0.0, -0.0, 1.0, 2.0, 4.0, f32::MIN_POSITIVE, 1e-45, f32::MAX, f32::INFINITY] {
            assert_eq!(sqrt_f32(x).to_bits(), std::primitive::f32::sqrt(x).to_bits(), "{x:e}");
        }
        assert!(sqrt_f32(-1.0).is_nan() && sqrt_f64(-1.0).is_nan() && sqrt_f32(f32::NAN).is_nan());
    }
}
