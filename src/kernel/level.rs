//! Which code the kernels run: decided once, for the processor at hand.
//!
//! | build | levels |
//! |---|---|
//! | x86-64 with `std` | `avx512` (AVX-512 F, VL, DQ, BW), else `avx2` (AVX2 and FMA), else `portable` |
//! | aarch64 | `portable`, which is NEON |
//! | any other | `portable`, compiled for the features of the target |
//!
//! For tests, the environment variable `STACKPROP_LEVEL` forces a level; a level that the processor does not have
//! is ignored. [`level`] returns the level in use.

use super::Kernel;
use super::portable::{Multiply, Portable};

/// How products are rounded: the numerics class of this program on this processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numerics {
    /// One rounding for each multiply-add. Everything in this class computes the same bits.
    Fused,
    /// One rounding for the product and one for the sum: the hardware has no fused instruction, and feature
    /// `exact` is off.
    Separate,
}

/// The level at which the kernels run on this processor. The enum is the same in every build, although not every
/// build has every level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Level {
    /// Compiled for the features that the whole program is compiled for.
    Portable,
    /// Compiled for AVX2 and FMA.
    Avx2,
    /// Compiled for AVX-512 (F, VL, DQ and BW).
    Avx512,
}

impl Level {
    /// The name with which `STACKPROP_LEVEL` forces this level.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Level::Portable => "portable",
            Level::Avx2 => "avx2",
            Level::Avx512 => "avx512",
        }
    }
}

/// Calls `$then!`, a macro of this module, with the levels that this build chooses from at run time, the best
/// first, and then the arguments. Each name is that of a [`Level`] and of a kernel. All code that names every level
/// is generated from this list.
#[cfg(all(feature = "std", target_arch = "x86_64"))]
macro_rules! with_levels {
    ($then:ident $($arguments:tt)*) => { $crate::kernel::level::$then! { [Avx512 Avx2] $($arguments)* } };
}
#[cfg(not(all(feature = "std", target_arch = "x86_64")))]
macro_rules! with_levels {
    ($then:ident $($arguments:tt)*) => { $crate::kernel::level::$then! { [] $($arguments)* } };
}
pub(crate) use with_levels;

macro_rules! define_code {
    ([$($level:ident)*]) => {
        $(use super::x86_64::$level;)*

        /// The [`Kernel`](super::Kernel) of each level.
        #[derive(Clone, Copy)]
        pub enum Code {
            Portable(Portable),
            $($level($level),)*
        }

        impl Code {
            fn level(self) -> Level {
                match self {
                    Code::Portable(_) => Level::Portable,
                    $(Code::$level(_) => Level::$level,)*
                }
            }
        }
    };
}
use define_code;

with_levels!(define_code);

/// Evaluates an expression with the [`Kernel`] of the level at hand: `dispatch!(|kernel| ...)`.
macro_rules! dispatch {
    (|$kernel:ident| $body:expr) => {
        $crate::kernel::level::with_levels!(dispatch_to $kernel, $body)
    };
}
pub(crate) use dispatch;

macro_rules! dispatch_to {
    ([$($level:ident)*] $kernel:ident, $body:expr) => {
        match $crate::kernel::level::code() {
            $crate::kernel::level::Code::Portable($kernel) => $body,
            $($crate::kernel::level::Code::$level($kernel) => {
                let $kernel = $kernel.of_this_build();
                $body
            })*
        }
    };
}
pub(crate) use dispatch_to;

/// The numerics class of this program on this processor.
#[must_use]
pub fn numerics() -> Numerics {
    fn is_fused<K: Kernel>(_: K) -> bool {
        K::Multiply::FUSED
    }
    if dispatch!(|kernel| is_fused(kernel)) { Numerics::Fused } else { Numerics::Separate }
}

/// The level at which the kernels run on this processor.
#[must_use]
pub fn level() -> Level {
    code().level()
}

/// The level at which the kernels run, as [`Code`].
#[cfg(not(all(feature = "std", target_arch = "x86_64")))]
#[inline(always)]
pub fn code() -> Code {
    Code::Portable(Portable)
}

#[cfg(all(feature = "std", target_arch = "x86_64"))]
pub use detected::code;

#[cfg(all(feature = "std", target_arch = "x86_64"))]
macro_rules! define_choice {
    ([$($level:ident)*]) => {
        /// The level at which the kernels run, as [`Code`].
        #[inline]
        #[allow(unsafe_code)]
        pub fn code() -> Code {
            match LEVEL.load(Relaxed) {
                // SAFETY: `detect` stores this number only if the processor has the level.
                $(number if number == Level::$level as u8 => Code::$level(unsafe { $level::assume() }),)*
                PORTABLE => Code::Portable(Portable),
                _ => detect(),
            }
        }

        /// The levels that the processor has, the best first.
        fn found() -> impl Iterator<Item = Code> + Clone {
            let vectors = [$($level::detect().map(Code::$level)),*];
            vectors.into_iter().flatten().chain([Code::Portable(Portable)])
        }
    };
}
#[cfg(all(feature = "std", target_arch = "x86_64"))]
use define_choice;

#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod detected {
    use core::sync::atomic::{AtomicU8, Ordering::Relaxed};

    use super::*;

    /// The number of the level, or [`UNKNOWN`]. (A plain number, because that costs a small network less than a
    /// `OnceLock`.)
    static LEVEL: AtomicU8 = AtomicU8::new(UNKNOWN);
    const UNKNOWN: u8 = u8::MAX;
    const PORTABLE: u8 = Level::Portable as u8;

    with_levels!(define_choice);

    /// Asks the processor and the environment. Threads that do so at the same time find the same level.
    #[cold]
    #[inline(never)]
    fn detect() -> Code {
        let forced = std::env::var("STACKPROP_LEVEL").ok();
        let is_forced = |code: &Code| forced.as_deref() == Some(code.level().name());
        let code = found().find(is_forced).or(found().next()).unwrap_or(Code::Portable(Portable));
        LEVEL.store(code.level() as u8, Relaxed);
        code
    }
}
