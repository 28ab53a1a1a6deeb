//! Applies functions to arrays, one vector of [`Lanes`] at a time.
#![allow(unsafe_code)]

use crate::math::lanes::Lanes;
use crate::math::real::Function;

/// A vector of `N` numbers that are contiguous in memory.
///
/// # Safety
///
/// As for [`Lanes`].
pub unsafe trait Vector<const N: usize>: Lanes {
    /// Loads from memory.
    ///
    /// # Safety
    ///
    /// The processor must have the vector. The other operations need a loaded vector, and so rely on this.
    unsafe fn load(numbers: &[f32; N]) -> Self;
    /// Stores to memory.
    fn store(self, numbers: &mut [f32; N]);
    /// The same numbers, OR-ed with `zero`, which is 0: see [`map_whole`].
    fn veiled(self, zero: f32) -> Self;
}

/// Applies `F` to the values that fill whole vectors, and returns the rest.
///
/// `zero` must be 0. If the compiler does not know that it is, it cannot see that a function leaves some numbers as
/// they are. If it saw that, it would make a masked store, which is microcode on some processors.
///
/// # Safety
///
/// The processor must have `V`.
#[inline(always)]
pub unsafe fn map_whole<F: Function, V: Vector<N>, const N: usize>(
    values: &mut [f32],
    zero: f32,
) -> &mut [f32] {
    let (chunks, rest) = values.as_chunks_mut();
    for chunk in chunks {
        // SAFETY: the caller vouches for the processor.
        unsafe { F::of(V::load(chunk).veiled(zero)).store(chunk) }
    }
    rest
}

/// Applies `F` to fewer values than a vector has, in one vector.
///
/// # Safety
///
/// The processor must have `V`.
#[inline(always)]
pub unsafe fn map_rest<F: Function, V: Vector<N>, const N: usize>(rest: &mut [f32]) {
    debug_assert!(rest.len() < N);
    if rest.is_empty() {
        return;
    }
    let mut numbers = [0.0; N];
    let (to, from, length) = (numbers.as_mut_ptr(), rest.as_mut_ptr(), rest.len().min(N));
    // SAFETY: the caller vouches for the processor; `i` is below the lengths of both. (With `lto = "off"`, `zip` would be a call.)
    unsafe {
        for i in 0..length {
            *to.add(i) = *from.add(i);
        }
        F::of(V::load(&numbers)).store(&mut numbers);
        for i in 0..length {
            *from.add(i) = *numbers.as_ptr().add(i);
        }
    }
}
