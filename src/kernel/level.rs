//! Which code the kernels run as: decided once, for the processor at hand.
//!
//! | build | levels |
//! |---|---|
//! | x86-64 with `std` | `avx512` (AVX-512 F, VL, DQ, BW), else `avx2` (AVX2 and FMA), else `portable` |
//! | aarch64 | `portable`, which is NEON |
//! | any other | `portable`, compiled for the features of the target |
//!
//! For tests, the environment variable `STACKPROP_LEVEL` forces a level; one that the processor does not have is
//! not taken. [`level`] tells which it is.

use super::Kernel;
use super::portable::{Multiply, Portable};
#[cfg(all(feature = "std", target_arch = "x86_64"))]
use super::x86_64::{Avx2, Avx512};
#[cfg(all(feature = "std", target_arch = "x86_64"))]
use core::sync::atomic::{AtomicU8, Ordering::Relaxed};

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
    /// Compiled for AVX-512 (F, VL, DQ and BW).
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
        Level::Portable => <Portable as Kernel>::Multiply::FUSED,
        #[cfg(all(feature = "std", target_arch = "x86_64"))]
        Level::Avx2 | Level::Avx512 => true,
    };
    if fused { Numerics::Fused } else { Numerics::Separate }
}

/// The [`Kernel`](super::Kernel) of each level.
#[derive(Clone, Copy)]
pub enum Code {
    Portable(Portable),
    #[cfg(all(feature = "std", target_arch = "x86_64"))]
    Avx2(Avx2),
    #[cfg(all(feature = "std", target_arch = "x86_64"))]
    Avx512(Avx512),
}

impl Code {
    fn level(self) -> Level {
        match self {
            Code::Portable(_) => Level::Portable,
            #[cfg(all(feature = "std", target_arch = "x86_64"))]
            Code::Avx2(_) => Level::Avx2,
            #[cfg(all(feature = "std", target_arch = "x86_64"))]
            Code::Avx512(_) => Level::Avx512,
        }
    }
}

/// The code that the kernels run as on this processor.
pub fn level() -> Level {
    code().level()
}

/// The same, as code.
#[cfg(not(all(feature = "std", target_arch = "x86_64")))]
#[inline(always)]
pub fn code() -> Code {
    Code::Portable(Portable)
}

/// The same, as code. (A plain number, because that costs a small network less than a `OnceLock`.)
#[cfg(all(feature = "std", target_arch = "x86_64"))]
#[inline]
#[allow(unsafe_code)]
pub fn code() -> Code {
    match LEVEL.load(Relaxed) {
        // SAFETY: `detect` stores this number only if the processor has the level.
        AVX512 => Code::Avx512(unsafe { Avx512::assume() }),
        // SAFETY: as above.
        AVX2 => Code::Avx2(unsafe { Avx2::assume() }),
        PORTABLE => Code::Portable(Portable),
        _ => detect(),
    }
}

/// The level, or 0 as long as it is not known.
#[cfg(all(feature = "std", target_arch = "x86_64"))]
static LEVEL: AtomicU8 = AtomicU8::new(0);
#[cfg(all(feature = "std", target_arch = "x86_64"))]
const PORTABLE: u8 = 3;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
const AVX2: u8 = 2;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
const AVX512: u8 = 1;

/// Asks the processor and the environment. Whoever asks at the same time finds the same.
#[cfg(all(feature = "std", target_arch = "x86_64"))]
#[cold]
#[inline(never)]
fn detect() -> Code {
    let has = [Avx512::detect().map(Code::Avx512), Avx2::detect().map(Code::Avx2)];
    let has = has.into_iter().flatten().chain([Code::Portable(Portable)]);
    let forced = std::env::var("STACKPROP_LEVEL").ok();
    let is_forced = |code: &Code| forced.as_deref() == Some(code.level().name());
    let code = has.clone().find(is_forced).or(has.clone().next()).unwrap_or(Code::Portable(Portable));
    let number = match code {
        Code::Avx512(_) => AVX512,
        Code::Avx2(_) => AVX2,
        Code::Portable(_) => PORTABLE,
    };
    LEVEL.store(number, Relaxed);
    code
}
