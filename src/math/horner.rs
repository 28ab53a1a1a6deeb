//! Polynomials.

use super::bits::fma;
use super::lanes::Lanes;

/// `c[0] + c[1] x + c[2] x^2 + ...` by Horner's rule; `N` is a constant, so the loop is unrolled. (No closures: see
/// [`Task`](crate::kernel::Task).)
#[inline(always)]
pub(super) fn horner_f32<V: Lanes, const N: usize>(x: V, c: &[f32; N]) -> V {
    let mut coefficients = c.iter().rev();
    let mut sum = match coefficients.next() {
        Some(&last) => V::splat(last),
        None => x,
    };
    for &c in coefficients {
        sum = sum.mul_add(x, V::splat(c));
    }
    sum
}

/// [`horner_f32`] for `f64`.
#[inline(always)]
pub(super) fn horner_f64<const N: usize>(x: f64, c: &[f64; N]) -> f64 {
    let mut coefficients = c.iter().rev();
    let mut sum = match coefficients.next() {
        Some(&last) => last,
        None => x,
    };
    for &c in coefficients {
        sum = fma(sum, x, c);
    }
    sum
}

/// The polynomial of [`horner_f32`] as `even(x^2) + x odd(x^2)`: each chain has half the roundings and half the
/// latency, for one more multiplication.
#[inline(always)]
pub(super) fn two_chains_f32<V: Lanes, const N: usize>(x: V, c: &[f32; N]) -> V {
    let square = x * x;
    let (mut even, mut odd) = (None::<V>, None::<V>);
    for (i, &c) in c.iter().enumerate().rev() {
        let chain = if i % 2 == 0 { &mut even } else { &mut odd };
        *chain = Some(match *chain {
            Some(sum) => sum.mul_add(square, V::splat(c)),
            None => V::splat(c),
        });
    }
    match (even, odd) {
        (Some(even), Some(odd)) => odd.mul_add(x, even),
        _ => even.unwrap_or(x),
    }
}

/// [`two_chains_f32`] for `f64`.
#[inline(always)]
pub(super) fn two_chains_f64<const N: usize>(x: f64, c: &[f64; N]) -> f64 {
    let square = x * x;
    let (mut even, mut odd) = (None, None);
    for (i, &c) in c.iter().enumerate().rev() {
        let chain = if i % 2 == 0 { &mut even } else { &mut odd };
        *chain = Some(match *chain {
            Some(sum) => fma(sum, square, c),
            None => c,
        });
    }
    match (even, odd) {
        (Some(even), Some(odd)) => fma(odd, x, even),
        _ => even.unwrap_or(x),
    }
}
