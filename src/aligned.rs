//! Values that begin at a cache line.

use core::ops::{Deref, DerefMut};

/// A value that begins at a cache line of 64 bytes.
///
/// On processors with wide vectors the inference of a small network takes up to a quarter less time when no vector of
/// weights lies across two lines. A network itself is aligned as its scalars are, so that its size is the same on every
/// target; put it in here where that quarter counts.
///
/// ```
/// use stackprop::{Aligned, Dense, Network, Tanh, Zero};
///
/// type Controller = Network<16, (Dense<16, 32, Tanh>, Dense<32, 4>)>;
/// static ON_THE_STACK_OR_STATIC: Aligned<Controller> = Aligned(Controller::zeros());
/// let on_the_heap = Aligned::<Controller>::boxed();
/// assert_eq!(on_the_heap.predict(&[1.0; 16]), ON_THE_STACK_OR_STATIC.predict(&[1.0; 16]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(align(64))]
pub struct Aligned<T>(pub T);

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
