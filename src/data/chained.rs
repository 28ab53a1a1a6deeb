//! Two data sets, one after the other.

use core::borrow::Borrow;

use super::{Dataset, Samples};
use crate::zero::Zero;

/// The samples of a data set, then those of another: see [`Dataset::chain`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chained<D, E> {
    pub(super) first: D,
    pub(super) second: E,
}

#[diagnostic::do_not_recommend]
impl<D, E> Dataset for Chained<D, E>
where
    D: Dataset<Target: Clone>,
    E: Dataset<Input = D::Input, Target = D::Target>,
{
    const BY_EPOCH: bool = D::BY_EPOCH || E::BY_EPOCH;
    type Input = D::Input;
    type Target = D::Target;
    // The references of both data sets can differ in type, so the target is cloned.
    type TargetRef<'a>
        = D::Target
    where
        Self: 'a;

    fn len(&self) -> usize {
        self.first.len().saturating_add(self.second.len())
    }

    fn sample(&self, index: usize, input: &mut D::Input) -> Option<D::Target> {
        match index.checked_sub(self.first.len()) {
            None => self.first.sample(index, input).map(|target| target.borrow().clone()),
            Some(index) => self.second.sample(index, input).map(|target| target.borrow().clone()),
        }
    }

    fn target(&self, index: usize) -> Option<D::Target>
    where
        D::Input: Zero,
    {
        match index.checked_sub(self.first.len()) {
            None => self.first.target(index).map(|target| target.borrow().clone()),
            Some(index) => self.second.target(index).map(|target| target.borrow().clone()),
        }
    }

    fn contiguous(&self, first: usize, samples: usize) -> Option<Samples<'_, D::Input, D::Target>> {
        match first.checked_sub(self.first.len()) {
            None if first.checked_add(samples)? <= self.first.len() => self.first.contiguous(first, samples),
            None => None,
            Some(first) => self.second.contiguous(first, samples),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_after_the_other() {
        let samples = Samples::from_arrays(&[[0], [1]], &['a', 'b']);
        let chained = samples.chain([([2], 'c')]).chain(samples);
        let mut input = [9];
        for (index, expected) in ['a', 'b', 'c', 'a', 'b'].into_iter().enumerate() {
            assert_eq!(chained.sample(index, &mut input), Some(expected));
            assert_eq!((input, chained.source_index(index)), ([index as i32 % 3], index));
        }
        assert_eq!((chained.len(), chained.sample(5, &mut input)), (5, None));
        assert_eq!(chained.contiguous(0, 2).unwrap().inputs(), [[0], [1]]);
        assert_eq!(chained.contiguous(4, 1).unwrap().targets(), ['b']);
        assert!(chained.contiguous(1, 2).is_none() && chained.contiguous(2, 1).is_none());
        assert!(chained.contiguous(0, usize::MAX).is_none() && chained.contiguous(4, 2).is_none());
    }
}
