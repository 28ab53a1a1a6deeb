//! A static that one place in the program can take ownership of.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};

use crate::machine;

/// A value in a `static` that can be taken once, as `&'static mut`. Needs no heap, no copy on the stack and no
/// `static mut`.
///
/// If the value starts as zeros, all of it is in `.bss`.
pub struct Once<T> {
    taken: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: `take` returns the only reference to the value that ever exists, to one context. This is a move, which
// needs `Send`.
unsafe impl<T: Send> Sync for Once<T> {}

impl<T> Once<T> {
    /// Creates a value that has not been taken.
    pub const fn new(value: T) -> Self {
        Self { taken: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// Returns the value at the first call, and `None` afterwards.
    #[allow(clippy::mut_from_ref)] // only the first call gets the reference
    pub fn take(&'static self) -> Option<&'static mut T> {
        // A Cortex-M0 has no atomic swap. These processors have one core, so disabling interrupts is enough.
        let first = machine::without_interrupts(|| {
            let first = !self.taken.load(Ordering::Relaxed);
            self.taken.store(true, Ordering::Relaxed);
            first
        });
        // SAFETY: `first` is true once, so this is the only reference.
        first.then(|| unsafe { &mut *self.value.get() })
    }
}
