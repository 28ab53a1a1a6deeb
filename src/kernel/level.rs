//! Which code the kernels run as: decided once, for the processor at hand.
//!
//! | build | levels |
//! |---|---|
//! | x86-64 with `std` | `avx512` (AVX-512F), else `avx2` (AVX2 and FMA), else `portable` |
//! | any other | `portable`, compiled for the features of the target |
//!
//! For tests, the environment variable `STACKPROP_LEVEL` forces a level; one that the processor does not have is
//! not taken. [`level`] tells which it is.

/// How products are rounded: the numerics class of this program on this processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numerics {
    /// One rounding for each multiply-add. Everything in this class computes the same bits.
    Fused,
    /// One rounding for the product and one for the sum: the hardware has no fused instruction, and feature
    /// `exact` is off.
    Separate,
}

/// The code that the kernels run as on this processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Compiled for the features that the whole program is compiled for.
    Portable,
    /// Compiled for AVX2 and FMA.
    #[cfg(all(feature = "std", target_arch = "x86_64"))]
    Avx2,
    /// Products compiled for AVX-512F, the rest for AVX2 and FMA.
    #[cfg(all(feature = "std", target_arch = "x86_64"))]
    Avx512,
}

impl Level {
    /// The name by which `STACKPROP_LEVEL` forces it.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Portable => "portable",
            #[cfg(all(feature = "std", target_arch = "x86_64"))]
            Level::Avx2 => "avx2",
            #[cfg(all(feature = "std", target_arch = "x86_64"))]
            Level::Avx512 => "avx512",
        }
    }
}

/// The numerics class of this program on this processor.
pub fn numerics() -> Numerics {
    let fused = match level() {
        Level::Portable => PORTABLE_IS_FUSED,
        #[cfg(all(feature = "std", target_arch = "x86_64"))]
        Level::Avx2 | Level::Avx512 => true,
    };
    if fused { Numerics::Fused } else { Numerics::Separate }
}

#[cfg(not(all(feature = "std", target_arch = "x86_64")))]
pub(super) use any::*;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
pub(super) use x86_64::*;

/// Builds with one level.
#[cfg(not(all(feature = "std", target_arch = "x86_64")))]
mod any {
    use super::Level;

    pub const PORTABLE_IS_FUSED: bool = <f32 as crate::MulAdd>::FUSED;
    pub type PortableMultiply = crate::kernel::portable::ByClass;

    /// The code that the kernels run as on this processor.
    pub fn level() -> Level {
        Level::Portable
    }

    #[inline(always)]
    pub fn vectorised<R>(f: impl FnOnce() -> R) -> R {
        f()
    }
}

/// Builds that look at the processor.
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod x86_64 {
    use super::Level;
    use std::sync::OnceLock;

    /// Outside the kernels a fused multiply-add is a call to the system's library, which is far too slow for a
    /// product: the portable level multiplies separately, unless it was asked to be `exact` or the whole program is
    /// compiled for processors with the instruction.
    pub const PORTABLE_IS_FUSED: bool = cfg!(any(feature = "exact", target_feature = "fma"));

    #[cfg(any(feature = "exact", target_feature = "fma"))]
    pub type PortableMultiply = crate::kernel::portable::ByClass;
    #[cfg(not(any(feature = "exact", target_feature = "fma")))]
    pub type PortableMultiply = crate::kernel::portable::Separate;

    /// The code that the kernels run as on this processor.
    #[inline]
    pub fn level() -> Level {
        static LEVEL: OnceLock<Level> = OnceLock::new();
        *LEVEL.get_or_init(|| {
            let avx2 = std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma");
            let avx512 = avx2 && std::is_x86_feature_detected!("avx512f");
            let best_first = [(avx512, Level::Avx512), (avx2, Level::Avx2), (true, Level::Portable)];
            let has = best_first.into_iter().filter_map(|(has, level)| has.then_some(level));
            let forced = std::env::var("STACKPROP_LEVEL").ok();
            has.clone()
                .find(|level| forced.as_deref() == Some(level.name()))
                .or(has.clone().next())
                .unwrap_or(Level::Portable)
        })
    }

    /// Runs `f` as code for the level at hand, into which it is inlined.
    #[inline(always)]
    #[allow(unsafe_code)]
    pub fn vectorised<R>(f: impl FnOnce() -> R) -> R {
        match level() {
            // SAFETY: `level` is one of these only on a processor with AVX2 and FMA.
            Level::Avx2 | Level::Avx512 => unsafe { avx2(f) },
            Level::Portable => f(),
        }
    }

    #[target_feature(enable = "avx2,fma")]
    fn avx2<R>(f: impl FnOnce() -> R) -> R {
        f()
    }
}
