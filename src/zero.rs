//! Values that start as zero: as a constant for a `static`, in place, or on the heap.
//!
//! Networks, gradients, optimiser states and workspaces all start as zero and are large. [`Zero`] makes them without a
//! copy on the stack: the compiler evaluates `ZERO` (a `static` initialised with it lies in `.bss` and takes no flash),
//! [`set_zero`](Zero::set_zero) overwrites a value in place, and [`boxed`](Zero::boxed) makes one directly on the heap.
//!
//! Structs whose fields are all `Zero` implement it by [`zero!`](crate::zero), beside their definition; layers by
//! [`parameters!`](crate::parameters). Both macros prove what `unsafe impl Zero` claims, so that users write no
//! `unsafe`.
#![allow(unsafe_code)]

use core::marker::PhantomData;

/// A type with a zero value whose bytes are all zero.
///
/// # Safety
///
/// A value whose bytes are all zero must be valid, and must be `ZERO`.
pub unsafe trait Zero: Sized {
    /// The zero value.
    const ZERO: Self;

    /// Overwrites this value with zero, in place.
    #[inline]
    fn set_zero(&mut self) {
        // SAFETY: the pointer comes from a reference; all-zero bytes are a valid `Self` (the trait's contract).
        unsafe { core::ptr::write_bytes(self, 0, 1) }
    }

    /// Makes a zero directly on the heap, never on the stack, even in a debug build.
    #[cfg(feature = "alloc")]
    fn boxed() -> alloc::boxed::Box<Self> {
        // `ZERO` asserts the invariants of the type, so the compiler has to evaluate it here, too.
        const { core::mem::forget(Self::ZERO) }
        let mut memory = alloc::boxed::Box::<Self>::new_uninit();
        // SAFETY: the box owns memory for one `Self`, and all-zero bytes are a valid one (the trait's contract).
        unsafe {
            memory.as_mut_ptr().write_bytes(0, 1);
            memory.assume_init()
        }
    }

    /// Makes a copy directly on the heap, never on the stack, even in a debug build.
    ///
    /// `clone()` of a `Box` makes the copy on the stack first, where a large network does not fit.
    #[cfg(feature = "alloc")]
    fn boxed_clone(&self) -> alloc::boxed::Box<Self>
    where
        Self: Clone,
    {
        let mut copy = Self::boxed();
        Self::clone_from(&mut copy, self);
        copy
    }
}

// SAFETY: the bits of +0.0 are zero.
unsafe impl Zero for f32 {
    const ZERO: f32 = 0.0;
}

// SAFETY: the bits of +0.0 are zero.
unsafe impl Zero for f64 {
    const ZERO: f64 = 0.0;
}

macro_rules! integers {
    ($($t:ty),*) => {$(
        // SAFETY: an integer.
        unsafe impl Zero for $t {
            const ZERO: $t = 0;
        }
    )*};
}

integers!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

// SAFETY: no bytes at all.
unsafe impl Zero for () {
    const ZERO: () = ();
}

// SAFETY: an array is its elements, without padding.
unsafe impl<T: Zero, const N: usize> Zero for [T; N] {
    const ZERO: Self = [const { T::ZERO }; N];
}

// SAFETY: a pair is its fields and padding, which may hold any bytes.
unsafe impl<A: Zero, B: Zero> Zero for (A, B) {
    const ZERO: Self = (A::ZERO, B::ZERO);
}

// SAFETY: no bytes at all.
unsafe impl<T: ?Sized> Zero for PhantomData<T> {
    const ZERO: Self = PhantomData;
}

/// Implements [`Zero`] for a struct whose fields are all `Zero`. Every field must be listed.
///
/// First come the generic parameters and the type. Use it for a [`Cache`](crate::layer::Cache) of your own, which has no
/// parameters; a layer gets [`Zero`] from [`parameters!`](crate::parameters). It needs no `unsafe`, and compiles where
/// `unsafe` is forbidden.
///
/// ```
/// #![forbid(unsafe_code)]
///
/// use stackprop::{Scalar, Zero, zero};
///
/// struct Norms<T, const B: usize> {
///     norms: [T; B],
///     count: u32,
/// }
///
/// zero! {
///     [T: Scalar, const B: usize] Norms<T, B> { norms, count }
/// }
///
/// assert_eq!(Norms::<f32, 3>::ZERO.norms, [0.0; 3]);
/// ```
#[macro_export]
macro_rules! zero {
    ($(#[$attribute:meta])* [$($generics:tt)*] $name:ty { $($field:tt),* $(,)? } $(asserts $invariant:ident)?) => {
        $(#[$attribute])*
        // SAFETY: a struct is its fields and padding; each field's type is `Zero` (the constant below would not compile
        // with another type, nor if a field were missing), so all-zero bytes are the fields' zeros.
        unsafe impl<$($generics)*> $crate::Zero for $name {
            const ZERO: Self = {
                $(let () = Self::$invariant;)?
                Self { $($field: $crate::Zero::ZERO),* }
            };
        }
    };
}

/// [`zero!`](crate::zero) for this crate. `asserts NAME` names a constant that asserts an invariant of the type. It is
/// evaluated with `ZERO`, and so wherever a value of the type is made.
macro_rules! zero_struct {
    ([$($generics:tt)*] $($rest:tt)*) => {
        $crate::zero! { #[allow(unsafe_code)] [$($generics)*] $($rest)* }
    };
}
pub(crate) use zero_struct;

/// Gives a type inherent methods `boxed` and `boxed_clone`, which need no import of the trait.
macro_rules! boxed {
    ([$($generics:tt)*] $name:ty $(, asserts $valid:expr)?) => {
        #[cfg(feature = "alloc")]
        impl<$($generics)*> $name {
            /// Makes a zero directly on the heap, never on the stack, even in a debug build.
            pub fn boxed() -> alloc::boxed::Box<Self> {
                // Also evaluated here, so that the compiler shows the caller of this function if an assertion fails.
                const { core::mem::forget(<Self as $crate::zero::Zero>::ZERO) }
                $(let () = $valid;)?
                $crate::zero::Zero::boxed()
            }

            /// Makes a copy directly on the heap, never on the stack, even in a debug build.
            ///
            /// `clone()` of a `Box` makes the copy on the stack first.
            pub fn boxed_clone(&self) -> alloc::boxed::Box<Self>
            where
                Self: Clone,
            {
                $crate::zero::Zero::boxed_clone(self)
            }
        }
    };
}
pub(crate) use boxed;
