//! The update: applies a rule to each parameter and its state.
#![allow(unsafe_code)]

use core::hint::black_box;

use super::each::each;
use super::{Kernel, Task};
use crate::scalar::Scalar;

/// See [`Kernel::update`].
pub struct Update<'a, K, T, R, const W: usize> {
    pub kernel: K,
    pub gradient: &'a [T],
    pub values: [&'a mut [T]; W],
    pub rule: R,
}

impl<K: Kernel, T: Scalar, const W: usize, R> Task for Update<'_, K, T, R, W>
where
    R: Fn(T, [T; W]) -> [T; W] + Copy,
{
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Self { kernel, gradient, values, rule } = self;
        update(kernel, gradient, values, rule)
    }
}

/// `[first, rest...]`, of `W = S + 1` elements: a parameter and its state in an optimiser.
#[inline(always)]
pub fn join<X, const S: usize, const W: usize>(first: X, rest: [X; S]) -> [X; W] {
    const {
        assert!(
            W == S + 1,
            "the rule of an optimiser takes a parameter and one number for each value in the state"
        )
    }
    #[repr(C)]
    struct Joined<X, const S: usize>(X, [X; S]);
    let joined = core::mem::ManuallyDrop::new(Joined(first, rest));
    // SAFETY: `repr(C)` lays out the `S + 1` values one after the other, like the array; `W` is `S + 1`. They are
    // moved: the original is not dropped.
    unsafe { core::mem::transmute_copy(&joined) }
}

/// See [`Update`].
#[inline(always)]
fn update<K: Kernel, T: Scalar, const W: usize>(
    _: K,
    gradient: &[T],
    values: [&mut [T]; W],
    rule: impl Fn(T, [T; W]) -> [T; W] + Copy,
) -> bool {
    if values.iter().any(|v| v.len() != gradient.len()) {
        return false;
    }
    // Pointers, because a bounds check for each slice and step would keep the compiler from using vectors.
    let mut first = [core::ptr::null_mut(); W];
    each!(w < W, few => first[w] = values[w].as_mut_ptr());
    // SAFETY: each of `first` is the beginning of a slice as long as the gradient; it is `&mut`, so nothing else
    // refers to it.
    unsafe {
        let done = match K::UPDATE_BLOCK {
            16 => blocks::<16, _, _>(gradient, first, rule),
            32 => blocks::<32, _, _>(gradient, first, rule),
            _ => 0,
        };
        one_by_one(gradient, first, rule, done, K::UPDATE_BLOCK > 0)
    }
}

/// Updates the numbers from `done` on one by one; `masks` if the level has masked stores. Returns whether all
/// results were finite.
///
/// # Safety
///
/// Each of `first` must be the beginning of as many numbers as `gradient` has, to which nothing else refers.
#[inline(always)]
pub unsafe fn one_by_one<T: Scalar, const W: usize>(
    gradient: &[T],
    first: [*mut T; W],
    rule: impl Fn(T, [T; W]) -> [T; W] + Copy,
    done: usize,
    masks: bool,
) -> bool {
    debug_assert!(done <= gradient.len());
    // The rest, number by number: what fills no whole block, or everything from the block on that had a result that
    // was not finite. If the compiler knew that `one` is 1, it would make a masked store of "the new number or the
    // old one", which is microcode on some processors.
    let one = if masks { black_box(T::ONE) } else { T::ONE };
    let mut largest = T::Magnitude::default();
    for i in done..gradient.len() {
        let mut old = [T::ZERO; W];
        // SAFETY: `i < gradient.len()`. (Indexing the slice would leave a bounds check at some opt-levels; its
        // iterator would leave an addition that may overflow.)
        let g = unsafe { *gradient.as_ptr().add(i) };
        // SAFETY: `i < gradient.len()`, and the caller vouches for that many numbers.
        each!(w < W, few => old[w] = unsafe { *first[w].add(i) });
        let new = rule(g, old);
        let mut magnitude = T::Magnitude::default();
        each!(w < W, few => magnitude = magnitude.max(new[w].magnitude()));
        let finite = magnitude < T::INFINITE;
        // SAFETY: as above.
        each!(w < W, few => unsafe { *first[w].add(i) = if finite { new[w] } else { old[w] } * one });
        largest = largest.max(magnitude);
    }
    largest < T::INFINITE
}

/// Updates `N` numbers at a time, as long as all results are finite. Returns how many it updated. The results stay
/// in registers until they are known to be finite, and are stored as whole vectors.
///
/// # Safety
///
/// As for [`one_by_one`].
#[inline(always)]
unsafe fn blocks<const N: usize, T: Scalar, const W: usize>(
    gradient: &[T],
    first: [*mut T; W],
    rule: impl Fn(T, [T; W]) -> [T; W] + Copy,
) -> usize {
    let mut done = 0;
    for block in gradient.as_chunks::<N>().0 {
        // SAFETY: `done + N` is at most the gradient's length, and the caller vouches for that many numbers.
        if !unsafe { self::block(block, first, done, rule) } {
            break;
        }
        done += N;
    }
    done
}

/// Updates the `N` numbers from `done` on if all results are finite, and returns whether they are.
///
/// # Safety
///
/// From each of `first` on there must be `done + N` numbers, to which nothing else refers.
#[inline(always)]
pub unsafe fn block<const N: usize, T: Scalar, const W: usize>(
    gradient: &[T; N],
    first: [*mut T; W],
    done: usize,
    rule: impl Fn(T, [T; W]) -> [T; W] + Copy,
) -> bool {
    let mut new = [[T::ZERO; N]; W];
    let mut finite = true;
    for i in 0..N {
        let mut numbers = [T::ZERO; W];
        // SAFETY: `i < N`, and the caller vouches for `done + N` numbers.
        each!(w < W, few => numbers[w] = unsafe { *first[w].add(done + i) });
        let numbers = rule(gradient[i], numbers);
        each!(w < W, few => new[w][i] = numbers[w]);
        // If the union of their bits is less than the bits of infinity, each number is finite.
        let mut union = T::Magnitude::default();
        each!(w < W, few => union = union | numbers[w].magnitude());
        finite &= union < T::INFINITE;
    }
    // Otherwise each number is checked, because the union of finite numbers, such as 2 and 1.5, may be a NaN.
    if W > 1 && !finite {
        finite = true;
        #[allow(clippy::needless_range_loop, reason = "an iterator for each w would put them in memory")]
        for i in 0..N {
            each!(w < W, few => finite &= new[w][i].magnitude() < T::INFINITE);
        }
    }
    if finite {
        // SAFETY: the caller vouches for `done + N` numbers; an array needs no more alignment than its numbers.
        each!(w < W, few => unsafe { first[w].add(done).cast::<[T; N]>().write(new[w]) });
    }
    finite
}
