//! Numbers of a generic scalar as `f32`s, the only scalar with vectors.
#![allow(unsafe_code)]

use crate::scalar::Scalar;

/// Whether a scalar, `f32` or `f64`, is `f32`.
#[inline(always)]
pub const fn is_f32<T: Scalar>() -> bool {
    size_of::<T>() == size_of::<f32>()
}

/// Where the numbers are. They must be `f32`s.
#[inline(always)]
pub fn pointer<T: Scalar>(numbers: &[T]) -> *const f32 {
    debug_assert!(is_f32::<T>());
    numbers.as_ptr().cast()
}

/// Where the numbers are, to be written. They must be `f32`s.
#[inline(always)]
pub fn pointer_mut<T: Scalar>(numbers: &mut [T]) -> *mut f32 {
    debug_assert!(is_f32::<T>());
    numbers.as_mut_ptr().cast()
}

/// Whether a product of this scalar and shape is one of `f32` and not empty. Code with vectors or in assembly may
/// rely on that; `portable` computes the others.
#[inline(always)]
pub const fn is_for_vectors<T: Scalar, const IN: usize, const OUT: usize>() -> bool {
    is_f32::<T>() && IN > 0 && OUT > 0
}

/// The same numbers, if they are `f32`s.
#[cfg(any(test, blocked))]
#[inline(always)]
pub fn f32s<T: Scalar>(numbers: &[T]) -> Option<&[f32]> {
    if is_f32::<T>() {
        // SAFETY: the same slice: `Scalar` is sealed, and of its two types, only `f32` has this size.
        Some(unsafe { core::slice::from_raw_parts(numbers.as_ptr().cast(), numbers.len()) })
    } else {
        None
    }
}

/// The same numbers, if they are `f32`s.
#[cfg(any(test, blocked))]
#[inline(always)]
pub fn f32s_mut<T: Scalar>(numbers: &mut [T]) -> Option<&mut [f32]> {
    if is_f32::<T>() {
        // SAFETY: as in `f32s`.
        Some(unsafe { core::slice::from_raw_parts_mut(numbers.as_mut_ptr().cast(), numbers.len()) })
    } else {
        None
    }
}
