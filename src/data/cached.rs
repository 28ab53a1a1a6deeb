//! A data set whose samples were computed once.

use core::borrow::Borrow;

use super::{DataError, Dataset, Samples};
use crate::scalar::head_mut;
use crate::zero::Zero;

/// A data set whose samples lie in memory that the caller provides: see [`Dataset::cached`].
#[derive(Clone, Copy, Debug)]
pub struct Cached<'b, D: Dataset> {
    data: D,
    samples: Samples<'b, D::Input, D::Target>,
}

impl<'b, D: Dataset<Target: Clone>> Cached<'b, D> {
    pub(super) fn new(
        data: D,
        inputs: &'b mut [D::Input],
        targets: &'b mut [D::Target],
    ) -> Result<Self, DataError> {
        let (samples, len) = (data.len(), inputs.len().min(targets.len()));
        if len < samples {
            return Err(DataError::Buffer { len, samples });
        }
        let (inputs, targets) = (head_mut(inputs, samples), head_mut(targets, samples));
        for ((index, input), slot) in (0..samples).zip(&mut *inputs).zip(&mut *targets) {
            let missing = || DataError::Missing { sample: data.source_index(index) };
            let target = data.sample(index, input).ok_or_else(missing)?;
            *slot = target.borrow().clone();
        }
        Ok(Self { data, samples: Samples::of_equal_length(inputs, targets) })
    }

    /// The samples as two slices.
    #[must_use]
    pub const fn samples(&self) -> Samples<'b, D::Input, D::Target> {
        self.samples
    }
}

#[diagnostic::do_not_recommend]
impl<D: Dataset<Input: Copy>> Dataset for Cached<'_, D> {
    const BY_EPOCH: bool = D::BY_EPOCH;
    type Input = D::Input;
    type Target = D::Target;
    type TargetRef<'a>
        = &'a D::Target
    where
        Self: 'a;

    fn len(&self) -> usize {
        self.samples.len()
    }

    #[inline]
    fn sample(&self, index: usize, input: &mut D::Input) -> Option<&D::Target> {
        self.samples.sample(index, input)
    }

    #[inline]
    fn target(&self, index: usize) -> Option<&D::Target>
    where
        D::Input: Zero,
    {
        self.samples.target(index)
    }

    #[inline]
    fn contiguous(&self, first: usize, samples: usize) -> Option<Samples<'_, D::Input, D::Target>> {
        self.samples.contiguous(first, samples)
    }

    fn source_index(&self, index: usize) -> usize {
        self.data.source_index(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::cell::Cell;

    #[test]
    fn each_sample_is_computed_once() {
        let computed = Cell::new(0);
        let data = Samples::from_arrays(&[[1.0], [2.0], [3.0]], &[10, 20, 30]).skip(1).map_inputs(
            |x: &[f32; 1], y| {
                computed.set(computed.get() + 1);
                *y = [2.0 * x[0]];
            },
        );
        let (mut inputs, mut targets) = ([[0.0_f32]; 3], [0; 2]);
        let cached = data.cached(&mut inputs, &mut targets).unwrap();
        let mut input = [0.0];
        for _ in 0..3 {
            assert_eq!((cached.sample(1, &mut input), input), (Some(&30), [6.0]));
        }
        assert_eq!((computed.get(), cached.len(), cached.source_index(1)), (2, 2, 2));
        assert_eq!(cached.contiguous(0, 2).unwrap().inputs(), [[4.0], [6.0]]);
        assert!(cached.contiguous(1, 2).is_none() && cached.sample(2, &mut input).is_none());
    }

    #[test]
    fn a_buffer_that_is_too_short_is_refused() {
        let data = [([0.0], 1); 3];
        let error = (&data).cached(&mut [[0.0]; 3], &mut [0; 2]).unwrap_err();
        assert_eq!(error, DataError::Buffer { len: 2, samples: 3 });
    }
}
