//! `map` for short arrays of references, the layers of a few networks or their parameters.
//!
//! Without optimisation, `<[A; N]>::map` is eight functions for each closure, 350 lines of LLVM's code. A closure in a
//! generic function is another one for each set of its parameters, so these were two thirds of a debug build of
//! `tests/layers.rs`. [`map`] is one function of 120 lines. Walks call it with functions, not closures, so that all of them
//! share one copy.
#![allow(unsafe_code)]

use core::mem::{ManuallyDrop, MaybeUninit};

/// The results of `f` for each element, in order.
#[inline(always)]
pub fn map<A, B, const N: usize>(array: [A; N], mut f: impl FnMut(A) -> B) -> [B; N] {
    // (If `f` panics, the other elements and the results so far are not dropped. They are references.)
    let array = ManuallyDrop::new(array);
    let mut results = MaybeUninit::<[B; N]>::uninit();
    let from: *const A = (&raw const array).cast();
    let to: *mut B = results.as_mut_ptr().cast();
    let mut i = 0;
    while i < N {
        // SAFETY: `i < N`. A `ManuallyDrop` is what it contains, whose elements are read once each and not dropped.
        unsafe { to.add(i).write(f(from.add(i).read())) };
        i += 1;
    }
    // SAFETY: all `N` results have been written.
    unsafe { results.assume_init() }
}

/// The same references, for a shorter time.
#[inline(always)]
pub fn reborrow<'a, A: ?Sized, const N: usize>(array: &'a mut [&mut A; N]) -> [&'a mut A; N] {
    map(array.each_mut(), |element| &mut **element)
}

#[cfg(test)]
mod tests {
    use super::map;

    #[test]
    fn results_are_in_order() {
        assert_eq!(map([1, 2, 3], |n: u8| u32::from(n) * 10), [10, 20, 30]);
        assert_eq!(map([0_u8; 0], u32::from), [0; 0]);
        let (mut a, mut b) = ((1, 2), (3, 4));
        for second in map([&mut a, &mut b], |pair| &mut pair.1) {
            *second += 5;
        }
        assert_eq!((a, b), ((1, 7), (3, 9)));
    }

    /// Elements that own memory move into the results.
    #[test]
    fn each_element_is_dropped_once() {
        let owner = std::rc::Rc::new(());
        let results = map([owner.clone(), owner.clone()], |element| (element, 0));
        assert_eq!(std::rc::Rc::strong_count(&owner), 3);
        drop(results);
        assert_eq!(std::rc::Rc::strong_count(&owner), 1);
    }
}
