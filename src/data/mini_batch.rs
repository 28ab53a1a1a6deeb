//! One pass over a data set in mini-batches.

use core::fmt;

use super::forward::reordered;
use super::{Dataset, Permutation};
use crate::generator::Generator;

/// One pass over a data set in mini-batches of `size` samples, the last of which may be smaller.
///
/// Any iterator over data sets will do in its place, such as `slice.chunks(size)`.
///
/// ```
/// use stackprop::{Dataset, MiniBatches};
///
/// let data = [([0.0], [1.0]), ([1.0], [2.0]), ([2.0], [3.0])];
/// let sizes: Vec<usize> = MiniBatches::in_order(&data, 2).map(|batch| batch.len()).collect();
/// assert_eq!(sizes, [2, 1]);
/// ```
pub struct MiniBatches<'a, D: ?Sized> {
    data: &'a D,
    order: Permutation,
    size: usize,
    next: usize,
    /// The number of samples at the start. If the data set has become shorter since, a mini-batch lacks samples,
    /// which is an error where it is used.
    end: usize,
}

impl<D: ?Sized> fmt::Debug for MiniBatches<'_, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { data: _, order, size, next, end } = self;
        f.debug_struct("MiniBatches")
            .field("order", order)
            .field("size", size)
            .field("next", next)
            .field("end", end)
            .finish_non_exhaustive()
    }
}

impl<'a, D: Dataset + ?Sized> MiniBatches<'a, D> {
    /// Mini-batches in the order of the data set. A `size` of 0 is taken as 1.
    #[must_use]
    pub fn in_order(data: &'a D, size: usize) -> Self {
        let samples = data.len();
        Self::with_order(data, size, samples, Permutation::identity(samples))
    }

    /// Mini-batches in a random order, each sample once. A `size` of 0 is taken as 1.
    #[must_use]
    pub fn shuffled<R: Generator + ?Sized>(data: &'a D, size: usize, rng: &mut R) -> Self {
        let samples = data.len();
        Self::with_order(data, size, samples, Permutation::random(samples, rng))
    }

    fn with_order(data: &'a D, size: usize, samples: usize, order: Permutation) -> Self {
        Self { data, order, size: size.max(1), next: 0, end: samples }
    }
}

impl<'a, D: Dataset + ?Sized> Iterator for MiniBatches<'a, D> {
    type Item = MiniBatch<'a, D>;

    fn next(&mut self) -> Option<MiniBatch<'a, D>> {
        let len = self.size.min(self.end.saturating_sub(self.next));
        if len == 0 {
            return None;
        }
        let first = self.next;
        self.next = self.next.saturating_add(len);
        Some(MiniBatch { data: self.data, order: self.order, first, len })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let batches = self.end.saturating_sub(self.next).div_ceil(self.size.max(1));
        (batches, Some(batches))
    }
}

impl<D: Dataset + ?Sized> ExactSizeIterator for MiniBatches<'_, D> {}

/// The mini-batches of an epoch: an iterator over data sets, such as [`MiniBatches`].
///
/// It is implemented for every such iterator. It exists so that the compiler's error for an epoch over the
/// samples themselves can name [`MiniBatches`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an iterator over mini-batches",
    label = "expected mini-batches",
    note = "an epoch over a data set takes `MiniBatches::in_order(&data, size)` or `MiniBatches::shuffled(&data, size, &mut rng)`, by value"
)]
pub trait Batches: IntoIterator<Item: Dataset<Input = Self::Input, Target = Self::Target>> {
    /// [`Dataset::Input`] of each mini-batch.
    type Input;

    /// [`Dataset::Target`] of each mini-batch.
    type Target;
}

// Without the attribute, the message would be that a sample is not a data set.
#[diagnostic::do_not_recommend]
impl<I: IntoIterator<Item = D>, D: Dataset> Batches for I {
    type Input = D::Input;
    type Target = D::Target;
}

/// Some samples of a data set, which are themselves a data set.
pub struct MiniBatch<'a, D: ?Sized> {
    data: &'a D,
    order: Permutation,
    first: usize,
    len: usize,
}

impl<D: ?Sized> fmt::Debug for MiniBatch<'_, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { data: _, order, first, len } = self;
        f.debug_struct("MiniBatch")
            .field("order", order)
            .field("first", first)
            .field("len", len)
            .finish_non_exhaustive()
    }
}

impl<D: Dataset + ?Sized> MiniBatch<'_, D> {
    #[inline]
    fn position(&self, index: usize) -> Option<usize> {
        if index < self.len { self.order.index(self.first.saturating_add(index)) } else { None }
    }

    #[inline]
    fn run(&self, first: usize, samples: usize) -> Option<usize> {
        if self.order.is_identity() && samples <= self.len.checked_sub(first)? {
            self.first.checked_add(first)
        } else {
            None
        }
    }
}

reordered!([D: Dataset + ?Sized] MiniBatch<'_, D>, len |batch| batch.len);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mini_batches_partition_the_samples() {
        let data: [(usize, usize); 23] = core::array::from_fn(|i| (i, 100 + i));
        let mut rng = rand::rngs::Xoshiro128PlusPlus::from_seed([7; 16]);
        use rand::SeedableRng;
        for batches in [MiniBatches::in_order(&data, 5), MiniBatches::shuffled(&data, 5, &mut rng)] {
            assert_eq!(batches.len(), 5);
            let mut seen = [0; 23];
            for batch in batches {
                for index in 0..batch.len() {
                    let mut input = 0_usize;
                    let target = *batch.sample(index, &mut input).unwrap();
                    assert_eq!(target, 100 + input);
                    seen[input] += 1;
                }
                assert_eq!(batch.sample(batch.len(), &mut 0), None);
            }
            assert_eq!(seen, [1; 23]);
        }
    }
}
