//! A static that one place of the program gets to own.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};

use crate::machine;

/// A value in a `static` that can be taken once, as `&'static mut`: no heap, no copy on the stack, no `static mut`.
///
/// If the value starts as zeros, all of it lies in `.bss`.
pub struct Once<T> {
    taken: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: `take` gives out the only reference to the value there ever is, to one context: that is a move.
unsafe impl<T: Send> Sync for Once<T> {}

impl<T> Once<T> {
    /// A value that nobody has taken.
    pub const fn new(value: T) -> Self {
        Self { taken: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// The value, the first time; afterwards `None`.
    #[allow(clippy::mut_from_ref)] // only the first call gets the reference
    pub fn take(&'static self) -> Option<&'static mut T> {
        // A Cortex-M0 has no atomic swap; these are processors with one core, so that no interrupt is enough.
        let first = machine::without_interrupts(|| {
            let first = !self.taken.load(Ordering::Relaxed);
            self.taken.store(true, Ordering::Relaxed);
            first
        });
        // SAFETY: `first` is true once, so this is the only reference.
        first.then(|| unsafe { &mut *self.value.get() })
    }
}
