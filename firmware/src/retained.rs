//! Memory that a reset does not change.

use core::cell::UnsafeCell;
use core::hint::black_box;
use core::mem::MaybeUninit;

/// Bytes that keep their values when the processor is reset. When the power comes, they have any values.
///
/// It belongs in a section that the start-up code does not initialise: `#[unsafe(link_section = ".uninit.name")]`.
pub struct Retained<const N: usize>(UnsafeCell<MaybeUninit<[u8; N]>>);

// SAFETY: the bytes are only reached by `take`, whose caller promises to be the only one.
unsafe impl<const N: usize> Sync for Retained<N> {}

impl<const N: usize> Retained<N> {
    /// Bytes that are not initialised.
    #[allow(clippy::new_without_default)] // as a static only
    pub const fn new() -> Self {
        Self(UnsafeCell::new(MaybeUninit::uninit()))
    }

    /// The bytes.
    ///
    /// # Safety
    ///
    /// Called once after each reset.
    #[allow(clippy::mut_from_ref)] // only one call gets the reference
    pub unsafe fn take(&'static self) -> &'static mut [u8; N] {
        // The compiler has to assume that somebody has written to the address.
        let bytes = black_box(self.0.get().cast::<[u8; N]>());
        // SAFETY: memory that has some values, all of which are valid bytes; the only reference, as the caller promises.
        unsafe { &mut *bytes }
    }
}
