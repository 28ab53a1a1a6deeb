//! The two operations that stable `core` does not offer: fused multiply-add and square root.
//!
//! Everything else in the crate is written with `+ - * /`, comparisons and these two, all of which IEEE 754
//! rounds correctly, so one sequence of them has one result on every machine.
//!
//! `build.rs` decides where they come from, for each scalar:
//!
//! | build | multiply-add | square root |
//! |---|---|---|
//! | x86-64 with `std` | `f32::mul_add`: an instruction inside the kernels, a correctly rounded call outside | `std` |
//! | x86-64 with `target-feature=+fma`, aarch64 with NEON | an instruction | an instruction |
//! | Cortex-M with hardware floats, RISC-V with F or D: the scalars that the unit computes | an instruction | an instruction |
//! | anything else with feature `exact` | software (`libm`), correctly rounded | by integers |
//! | anything else | `a * b + c`: the separate class | by integers (x86-64: an instruction) |

#[cfg(any(fma_f32 = "aarch64", fma_f64 = "aarch64"))]
mod aarch64;
#[cfg(any(fma_f32 = "riscv", fma_f64 = "riscv"))]
mod riscv;
#[cfg(any(test, sqrt_f32 = "software", sqrt_f64 = "software"))]
mod software;
#[cfg(fma_f32 = "vfp")]
mod vfp;
#[cfg(any(fma_f32 = "x86_64", sqrt_f32 = "x86_64"))]
mod x86_64;

/// Multiply-add and square root for the two scalars.
pub trait MulAdd: Sized {
    /// Whether [`mul_add`](MulAdd::mul_add), and with it every [elementary function](crate::math), rounds once in
    /// this build (the fused class) or twice (the separate class).
    ///
    /// The products may be in the other class where that is decided at run time, see
    /// [`numerics`](crate::numerics).
    const FUSED: bool;

    /// `self * b + c`: rounded once if [`FUSED`](MulAdd::FUSED), twice otherwise.
    fn mul_add(self, b: Self, c: Self) -> Self;

    /// The square root, correctly rounded on every target; NaN below zero.
    fn sqrt(self) -> Self;
}

impl MulAdd for f32 {
    const FUSED: bool = cfg!(not(fma_f32 = "none"));

    #[inline(always)]
    fn mul_add(self, b: f32, c: f32) -> f32 {
        #[cfg(fma_f32 = "std")]
        return f32::mul_add(self, b, c);
        #[cfg(fma_f32 = "x86_64")]
        return x86_64::fma_f32(self, b, c);
        #[cfg(fma_f32 = "aarch64")]
        return aarch64::fma_f32(self, b, c);
        #[cfg(fma_f32 = "vfp")]
        return vfp::fma_f32(self, b, c);
        #[cfg(fma_f32 = "riscv")]
        return riscv::fma_f32(self, b, c);
        #[cfg(fma_f32 = "libm")]
        return libm::fmaf(self, b, c);
        #[cfg(fma_f32 = "none")]
        return self * b + c;
    }

    #[inline(always)]
    fn sqrt(self) -> f32 {
        #[cfg(sqrt_f32 = "std")]
        return f32::sqrt(self);
        #[cfg(sqrt_f32 = "x86_64")]
        return x86_64::sqrt_f32(self);
        #[cfg(sqrt_f32 = "aarch64")]
        return aarch64::sqrt_f32(self);
        #[cfg(sqrt_f32 = "vfp")]
        return vfp::sqrt_f32(self);
        #[cfg(sqrt_f32 = "riscv")]
        return riscv::sqrt_f32(self);
        #[cfg(sqrt_f32 = "software")]
        return software::sqrt_f32(self);
    }
}

impl MulAdd for f64 {
    const FUSED: bool = cfg!(not(fma_f64 = "none"));

    #[inline(always)]
    fn mul_add(self, b: f64, c: f64) -> f64 {
        #[cfg(fma_f64 = "std")]
        return f64::mul_add(self, b, c);
        #[cfg(fma_f64 = "x86_64")]
        return x86_64::fma_f64(self, b, c);
        #[cfg(fma_f64 = "aarch64")]
        return aarch64::fma_f64(self, b, c);
        #[cfg(fma_f64 = "riscv")]
        return riscv::fma_f64(self, b, c);
        #[cfg(fma_f64 = "libm")]
        return libm::fma(self, b, c);
        #[cfg(fma_f64 = "none")]
        return self * b + c;
    }

    #[inline(always)]
    fn sqrt(self) -> f64 {
        #[cfg(sqrt_f64 = "std")]
        return f64::sqrt(self);
        #[cfg(sqrt_f64 = "x86_64")]
        return x86_64::sqrt_f64(self);
        #[cfg(sqrt_f64 = "aarch64")]
        return aarch64::sqrt_f64(self);
        #[cfg(sqrt_f64 = "riscv")]
        return riscv::sqrt_f64(self);
        #[cfg(sqrt_f64 = "software")]
        return software::sqrt_f64(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // (1 + u)^2 = 1 + 2u + u^2 with u^2 below half an ULP: one rounding keeps u^2 when 1 + 2u is subtracted, two lose it.
    #[test]
    fn the_class_is_what_the_build_says() {
        let u = f32::EPSILON;
        let (x, c) = (core::hint::black_box(1.0 + u), -(1.0 + 2.0 * u));
        assert_eq!(MulAdd::mul_add(x, x, c), if f32::FUSED { u * u } else { 0.0 });
        let u = f64::EPSILON;
        let (x, c) = (core::hint::black_box(1.0 + u), -(1.0 + 2.0 * u));
        assert_eq!(MulAdd::mul_add(x, x, c), if f64::FUSED { u * u } else { 0.0 });
    }

    // 3^2 = 9; a root that is not a number.
    #[test]
    fn square_roots() {
        assert_eq!(MulAdd::sqrt(core::hint::black_box(9.0_f32)), 3.0);
        assert_eq!(MulAdd::sqrt(core::hint::black_box(9.0_f64)), 3.0);
        assert!(MulAdd::sqrt(core::hint::black_box(-1.0_f32)).is_nan());
    }
}
