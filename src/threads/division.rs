//! Rows divided into parts, one for each thread.
#![allow(unsafe_code)]

use core::marker::PhantomData;
use core::ops::Range;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::{LEAST_WORK, count, pool};

/// Work on some rows, divided into parts.
#[derive(Clone, Copy)]
pub(crate) struct Division {
    rows: usize,
    /// How many rows a part has, but for the last.
    step: usize,
}

impl Division {
    /// Work on so many rows, each of which takes so many multiply-accumulates: `None` if it is not worth dividing.
    #[inline]
    pub(crate) fn of(rows: usize, work: usize) -> Option<Self> {
        let most = rows.saturating_mul(work) / LEAST_WORK;
        if most < 2 { None } else { Self::into(rows, most.min(count())) }
    }

    /// Into so many parts, or fewer.
    fn into(rows: usize, parts: usize) -> Option<Self> {
        // (Whole blocks of a product.)
        let step = rows.div_ceil(parts).next_multiple_of(8);
        (step < rows).then_some(Self { rows, step })
    }

    /// Calls `each` for each part, on several threads, with its range of rows, and with its rows of the `values`.
    pub(crate) fn share<X: Send, const W: usize>(
        self,
        values: [&mut [X]; W],
        each: impl Fn(Range<usize>, [&mut [X]; W]) + Sync,
    ) {
        let Self { rows, step } = self;
        let values = values.map(Divided::new);
        pool::share(rows.div_ceil(step), &|part| {
            let range = part * step..rows.min((part + 1) * step);
            // SAFETY: the ranges of two parts do not overlap, and each part runs once.
            let values = values.each_ref().map(|values| unsafe { values.part(&range) });
            each(range, values);
        });
    }

    /// [`share`](Division::share), and whether `each` has returned `true` for all parts. Each part runs in any case.
    pub(crate) fn share_all<X: Send, const W: usize>(
        self,
        values: [&mut [X]; W],
        each: impl Fn(Range<usize>, [&mut [X]; W]) -> bool + Sync,
    ) -> bool {
        let all = AtomicBool::new(true);
        self.share(values, |range, values| {
            if !each(range, values) {
                all.store(false, Relaxed);
            }
        });
        all.into_inner()
    }
}

/// A slice of which several threads change different parts.
struct Divided<'a, X> {
    first: *mut X,
    length: usize,
    borrowed: PhantomData<&'a mut [X]>,
}

// SAFETY: a thread reaches only a part of its own, as if it had been sent that.
unsafe impl<X: Send> Sync for Divided<'_, X> {}

impl<'a, X> Divided<'a, X> {
    fn new(values: &'a mut [X]) -> Self {
        Self { first: values.as_mut_ptr(), length: values.len(), borrowed: PhantomData }
    }

    /// The values in a range, as far as there are any.
    ///
    /// # Safety
    ///
    /// No two parts that exist at the same time may overlap.
    #[expect(clippy::mut_from_ref, reason = "the caller vouches that nothing else refers to the part")]
    unsafe fn part(&self, range: &Range<usize>) -> &mut [X] {
        let end = range.end.min(self.length);
        let start = range.start.min(end);
        // SAFETY: `start <= end <= length`, and the values are borrowed mutably; the caller vouches for the rest.
        unsafe { core::slice::from_raw_parts_mut(self.first.add(start), end - start) }
    }
}

#[cfg(test)]
mod tests {
    use std::vec;

    use super::*;

    #[test]
    fn each_row_is_in_one_part() {
        for rows in [2, 7, 8, 9, 16, 17, 100, 129, 784] {
            for parts in 2..=9 {
                let Some(division) = Division::into(rows, parts) else { continue };
                let (mut first, mut second) = (vec![0; rows], vec![0; rows]);
                division.share([&mut first, &mut second], |range, [first, second]| {
                    assert_eq!((first.len(), second.len()), (range.len(), range.len()));
                    for ((i, first), second) in range.zip(first).zip(second) {
                        (*first, *second) = (*first + i + 1, *second + 1);
                    }
                });
                assert!(first.into_iter().eq(1..=rows) && second.iter().all(|&second| second == 1));
            }
        }
    }

    #[test]
    fn parts_are_whole_blocks() {
        assert!(Division::into(8, 2).is_none());
        assert_eq!(Division::into(9, 2).map(|division| division.step), Some(8));
        assert_eq!(Division::into(256, 2).map(|division| division.step), Some(128));
        assert_eq!(Division::into(784, 3).map(|division| division.step), Some(264));
    }

    #[test]
    fn little_work_is_not_divided() {
        assert!(Division::of(2 * LEAST_WORK - 1, 1).is_none());
        assert!(Division::of(0, usize::MAX).is_none());
        assert!(Division::of(usize::MAX, 0).is_none());
        assert_eq!(Division::of(usize::MAX / 16, usize::MAX).is_some(), count() > 1);
    }
}
