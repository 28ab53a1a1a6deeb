//! Activations applied to arrays in vectors, which are [`Lanes`].

use crate::activation::Elementwise;
use crate::math::lanes::Lanes;

/// A vector of `N` numbers that lie side by side in memory.
///
/// Its functions may be called only in code for processors that have it.
pub trait Vector<const N: usize>: Lanes {
    /// From memory.
    fn load(numbers: &[f32; N]) -> Self;
    /// To memory.
    fn store(self, numbers: &mut [f32; N]);
    /// The same numbers, with the bits of `zero`.
    fn veiled(self, zero: f32) -> Self;
}

/// Applies `E` to as many values as fill vectors, and returns the others.
///
/// `zero` is 0. If the compiler does not know that, it cannot see that a function leaves some numbers as they are, for which it
/// would make a masked store: on some processors a small program of its own.
#[inline(always)]
pub fn map_whole<E: Elementwise, V: Vector<N>, const N: usize>(values: &mut [f32], zero: f32) -> &mut [f32] {
    let (chunks, rest) = values.as_chunks_mut();
    for chunk in chunks {
        apply::<E, V>(V::load(chunk).veiled(zero)).store(chunk);
    }
    rest
}

/// Applies `E` to fewer values than a vector has, in one vector.
#[inline(always)]
pub fn map_rest<E: Elementwise, V: Vector<N>, const N: usize>(rest: &mut [f32]) {
    if rest.is_empty() {
        return;
    }
    let mut numbers = [0.0; N];
    for (number, x) in numbers.iter_mut().zip(rest.iter()) {
        *number = *x;
    }
    apply::<E, V>(V::load(&numbers)).store(&mut numbers);
    for (x, result) in rest.iter_mut().zip(numbers) {
        *x = result;
    }
}

/// `E` in each lane; the caller has seen that there is code for it.
#[inline(always)]
pub fn apply<E: Elementwise, V: Lanes>(z: V) -> V {
    E::lanes(z).unwrap_or(z)
}
