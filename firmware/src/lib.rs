//! The code that the images share: output, exit, statics that are taken once, memory that survives a reset, an
//! instruction counter, a measure of the stack.
//!
//! An image is one function that returns whether all its checks have passed:
//!
//! ```ignore
//! firmware::entry!(main);
//!
//! fn main() -> bool {
//!     say!("the answer is {}", 42);
//!     true // QEMU's exit code is 0
//! }
//! ```
#![no_std]
#![warn(missing_docs)]

pub mod machine;
mod measure;
mod once;
mod retained;

pub use measure::{instructions, peak_stack};
pub use once::Once;
pub use retained::Retained;

/// Whether this build is of the fused numerics class, which is the host's.
pub const FUSED: bool = <f32 as stackprop::math::MulAdd>::FUSED;
/// The name of the numerics class in the files of committed hashes.
pub const CLASS: &str = if FUSED { "fused" } else { "separate" };

/// Prints a line. With feature `silent`, only computes what would be printed, so that nothing the image shows is
/// optimised away and nothing that formats is linked. (Hence all values are arguments, none in the braces.)
#[cfg(not(feature = "silent"))]
#[macro_export]
macro_rules! say {
    ($($argument:tt)*) => { $crate::machine::print(format_args!($($argument)*)) };
}

/// Prints a line. With feature `silent`, only computes what would be printed, so that nothing the image shows is
/// optimised away and nothing that formats is linked. (Hence all values are arguments, none in the braces.)
#[cfg(feature = "silent")]
#[macro_export]
macro_rules! say {
    ($format:literal $(, $value:expr)* $(,)?) => {{ $( core::hint::black_box(&$value); )* }};
}

#[panic_handler]
fn panic(_info: &core::panic::PanicInfo) -> ! {
    #[cfg(not(feature = "silent"))]
    machine::print(format_args!("{_info}"));
    machine::exit(false)
}
