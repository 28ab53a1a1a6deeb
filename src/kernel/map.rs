//! Functions applied to arrays in vectors, which are [`Lanes`].
#![allow(unsafe_code)]

use crate::math::lanes::Lanes;
use crate::math::real::Function;

/// A vector of `N` numbers that lie side by side in memory.
///
/// # Safety
///
/// As for [`Lanes`].
pub unsafe trait Vector<const N: usize>: Lanes {
    /// From memory.
    ///
    /// # Safety
    ///
    /// The processor must have the vector: with the first one begins all that is done with them.
    unsafe fn load(numbers: &[f32; N]) -> Self;
    /// To memory.
    fn store(self, numbers: &mut [f32; N]);
    /// The same numbers, with the bits of `zero`.
    fn veiled(self, zero: f32) -> Self;
}

/// Applies `F` to as many values as fill vectors, and returns the others.
///
/// `zero` is 0. If the compiler does not know that, it cannot see that a function leaves some numbers as they are, for which it
/// would make a masked store: on some processors a small program of its own.
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
    for (number, x) in numbers.iter_mut().zip(rest.iter()) {
        *number = *x;
    }
    // SAFETY: the caller vouches for the processor.
    unsafe { F::of(V::load(&numbers)).store(&mut numbers) }
    for (x, result) in rest.iter_mut().zip(numbers) {
        *x = result;
    }
}
