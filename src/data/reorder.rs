//! Data sets in another order: a random one, or one that a list of indices gives.

use super::forward::reordered;
use super::{Dataset, Permutation};

/// A data set in a random order, which is computed, not stored: see [`Permutation`].
///
/// [`MiniBatches::shuffled`](crate::MiniBatches::shuffled) draws a new order for each epoch. This order stays, for example to be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shuffled<D> {
    data: D,
    order: Permutation,
}

impl<D: Dataset> Shuffled<D> {
    pub(super) fn new(data: D, order: Permutation) -> Self {
        Self { data, order }
    }

    #[inline]
    fn position(&self, index: usize) -> Option<usize> {
        self.order.index(index)
    }

    fn run(&self, _: usize, _: usize) -> Option<usize> {
        None
    }
}

reordered!([D: Dataset] Shuffled<D>, len |shuffled| shuffled.order.len());

/// The samples of a data set that a list of indices names, in the order of the list. It is PyTorch's `Subset`.
///
/// An index that the data set lacks is a [`Fault::MissingSample`](crate::Fault::MissingSample) where it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Indexed<'i, D> {
    data: D,
    indices: &'i [u32],
}

impl<'i, D: Dataset> Indexed<'i, D> {
    pub(super) fn new(data: D, indices: &'i [u32]) -> Self {
        Self { data, indices }
    }

    /// The list of indices.
    #[must_use]
    pub const fn indices(&self) -> &'i [u32] {
        self.indices
    }

    #[inline]
    fn position(&self, index: usize) -> Option<usize> {
        self.indices.get(index).map(|&index| index as usize)
    }

    fn run(&self, _: usize, _: usize) -> Option<usize> {
        None
    }
}

reordered!([D: Dataset] Indexed<'_, D>, len |indexed| indexed.indices.len());

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Samples;
    use rand::{SeedableRng, rngs::Xoshiro128PlusPlus};

    #[test]
    fn an_order_that_stays() {
        let data: [([usize; 1], usize); 70] = core::array::from_fn(|i| ([i], i));
        let shuffled = (&data).shuffled(&mut Xoshiro128PlusPlus::seed_from_u64(4));
        let order = Permutation::random(70, &mut Xoshiro128PlusPlus::seed_from_u64(4));
        let mut input = [0];
        for i in 0..70 {
            let source = order.index(i).unwrap();
            assert_eq!((shuffled.sample(i, &mut input), shuffled.source_index(i)), (Some(&source), source));
            assert_eq!(input, [source]);
        }
        assert_eq!((shuffled.len(), shuffled.sample(70, &mut input)), (70, None));
        assert!(shuffled.contiguous(0, 1).is_none());
    }

    #[test]
    fn a_list_of_indices() {
        let data = Samples::from_arrays(&[[10], [11], [12]], &['a', 'b', 'c']);
        let indexed = data.indexed(&[2, 0, 2, 3]);
        let mut input = [0];
        assert_eq!((indexed.sample(2, &mut input), input), (Some(&'c'), [12]));
        assert_eq!(
            (indexed.len(), indexed.sample(3, &mut input), indexed.sample(4, &mut input)),
            (4, None, None)
        );
        assert_eq!((indexed.source_index(1), indexed.source_index(3)), (0, 3));
    }
}
