//! A part of a data set.

use super::Dataset;
use super::forward::reordered;

/// Some samples of a data set in its order: all from one to another, or all but those.
///
/// [`take`](Dataset::take), [`skip`](Dataset::skip), the splits and [`KFold`](super::KFold) make parts. Samples that are contiguous in
/// memory are read in place, as in the data set itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<D> {
    data: D,
    first: usize,
    len: usize,
    /// Left out: `gap` samples before sample `gap_at` of this part.
    gap_at: usize,
    gap: usize,
}

impl<D: Dataset> Part<D> {
    /// The `len` samples from `first` on, or as many as there are.
    pub(super) fn new(data: D, first: usize, len: usize) -> Self {
        let len = len.min(data.len().saturating_sub(first));
        Self { data, first, len, gap_at: len, gap: 0 }
    }

    /// All samples but the `gap` samples from `gap_at` on.
    pub(super) fn without(data: D, gap_at: usize, gap: usize) -> Self {
        let len = data.len().saturating_sub(gap);
        Self { data, first: 0, len, gap_at, gap }
    }

    #[inline]
    fn position(&self, index: usize) -> Option<usize> {
        if index >= self.len {
            return None;
        }
        let skipped = if index < self.gap_at { 0 } else { self.gap };
        Some(self.first.saturating_add(index).saturating_add(skipped))
    }

    #[inline]
    fn run(&self, first: usize, samples: usize) -> Option<usize> {
        let end = first.checked_add(samples)?;
        if end > self.len || (first < self.gap_at && self.gap_at < end) {
            return None;
        }
        self.position(first)
    }
}

reordered!([D: Dataset] Part<D>, len |part| part.len);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Samples;
    use std::vec::Vec;

    fn inputs(data: &impl Dataset<Input = [i32; 1]>) -> Vec<i32> {
        let mut input = [0];
        (0..data.len()).map(|i| data.sample(i, &mut input).map(|_| input[0]).unwrap()).collect()
    }

    const X: [[i32; 1]; 6] = [[0], [1], [2], [3], [4], [5]];
    const Y: [u8; 6] = [0, 1, 2, 3, 4, 5];

    #[test]
    fn takes_and_skips() {
        let data = Samples::from_arrays(&X, &Y);
        assert_eq!(inputs(&data.take(2)), [0, 1]);
        assert_eq!(inputs(&data.skip(4)), [4, 5]);
        assert_eq!(inputs(&data.skip(1).take(3).skip(1)), [2, 3]);
        assert_eq!(
            (data.take(9).len(), data.skip(9).len(), data.skip(usize::MAX).take(usize::MAX).len()),
            (6, 0, 0)
        );
        let middle = data.skip(1).take(3);
        assert_eq!((middle.sample(3, &mut [0]), middle.source_index(2)), (None, 3));
        assert_eq!(middle.contiguous(1, 2).unwrap().inputs(), [[2], [3]]);
        assert!(middle.contiguous(1, 3).is_none() && middle.contiguous(usize::MAX, 1).is_none());
    }

    #[test]
    fn a_gap_is_left_out() {
        let part = Part::without(Samples::from_arrays(&X, &Y), 2, 3);
        assert_eq!(inputs(&part), [0, 1, 5]);
        assert_eq!((part.source_index(1), part.source_index(2)), (1, 5));
        assert_eq!(part.contiguous(0, 2).unwrap().inputs(), [[0], [1]]);
        assert_eq!(part.contiguous(2, 1).unwrap().inputs(), [[5]]);
        assert!(part.contiguous(1, 2).is_none() && part.contiguous(2, 2).is_none());
    }
}
