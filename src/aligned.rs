//! Values aligned to a cache line.

use core::ops::{Deref, DerefMut};

use crate::zero::{Zero, zero_struct};

/// A value aligned to a 64-byte cache line.
///
/// On processors with wide vectors, inference of a small network takes up to a quarter less time if no vector of
/// weights crosses a cache line. A network itself has the alignment of its scalars, so that its size is the same on
/// every target; wrap it in `Aligned` where that quarter counts.
///
/// ```
/// use stackprop::{Aligned, Dense, Network, Tanh};
///
/// type Controller = Network<16, (Dense<16, 32, Tanh>, Dense<32, 4>)>;
/// static CONTROLLER: Aligned<Controller> = Aligned(Controller::zeros());
/// assert_eq!(CONTROLLER.predict(&[1.0; 16]), [0.0; 4]);
/// ```
///
/// To make one on the heap, call `Aligned::<Controller>::boxed()` of the trait [`Zero`](crate::Zero).
#[derive(Copy, Debug, Default, PartialEq, Eq)]
#[repr(align(64))]
pub struct Aligned<T>(pub T);

zero_struct!([T: Zero] Aligned<T> { 0 });

// Not derived: a derived `clone_from` would make the copy on the stack first.
impl<T: Clone> Clone for Aligned<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }

    /// Copies in place if `T::clone_from` does.
    fn clone_from(&mut self, source: &Self) {
        self.0.clone_from(&source.0);
    }
}

impl<T> Deref for Aligned<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Aligned<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}
