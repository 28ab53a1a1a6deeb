//! Data sets with changed inputs or targets.

use core::borrow::Borrow;

use super::Dataset;
use super::forward::types_of;
use crate::zero::Zero;

/// A data set whose inputs a function computes: see [`Dataset::map_inputs`].
#[derive(Clone, Copy, Debug)]
pub struct MapInputs<D, F, X> {
    pub(super) data: D,
    pub(super) function: F,
    pub(super) input: core::marker::PhantomData<fn() -> X>,
}

#[diagnostic::do_not_recommend]
impl<D: Dataset<Input: Zero>, X, F: Fn(&D::Input, &mut X)> Dataset for MapInputs<D, F, X> {
    const BY_EPOCH: bool = D::BY_EPOCH;
    type Input = X;
    type Target = D::Target;
    type TargetRef<'a>
        = D::TargetRef<'a>
    where
        Self: 'a;

    fn len(&self) -> usize {
        self.data.len()
    }

    #[inline]
    fn sample(&self, index: usize, input: &mut X) -> Option<D::TargetRef<'_>> {
        let mut source = D::Input::ZERO;
        let target = self.data.sample(index, &mut source)?;
        (self.function)(&source, input);
        Some(target)
    }

    fn target(&self, index: usize) -> Option<D::TargetRef<'_>> {
        self.data.target(index)
    }

    fn source_index(&self, index: usize) -> usize {
        self.data.source_index(index)
    }
}

/// A data set whose inputs a function changes in place: see [`Dataset::modify_inputs`].
#[derive(Clone, Copy, Debug)]
pub struct ModifyInputs<D, F> {
    pub(super) data: D,
    pub(super) function: F,
}

#[diagnostic::do_not_recommend]
impl<D: Dataset, F: Fn(&mut D::Input)> Dataset for ModifyInputs<D, F> {
    types_of!(D);

    fn len(&self) -> usize {
        self.data.len()
    }

    #[inline]
    fn sample(&self, index: usize, input: &mut D::Input) -> Option<D::TargetRef<'_>> {
        let target = self.data.sample(index, input)?;
        (self.function)(input);
        Some(target)
    }

    fn target(&self, index: usize) -> Option<D::TargetRef<'_>>
    where
        D::Input: Zero,
    {
        self.data.target(index)
    }

    fn source_index(&self, index: usize) -> usize {
        self.data.source_index(index)
    }
}

/// A data set whose targets a function computes: see [`Dataset::map_targets`].
#[derive(Clone, Copy, Debug)]
pub struct MapTargets<D, F> {
    pub(super) data: D,
    pub(super) function: F,
}

#[diagnostic::do_not_recommend]
impl<D: Dataset, Y, F: Fn(&D::Target) -> Y> Dataset for MapTargets<D, F> {
    const BY_EPOCH: bool = D::BY_EPOCH;
    type Input = D::Input;
    type Target = Y;
    type TargetRef<'a>
        = Y
    where
        Self: 'a;

    fn len(&self) -> usize {
        self.data.len()
    }

    #[inline]
    fn sample(&self, index: usize, input: &mut D::Input) -> Option<Y> {
        Some((self.function)(self.data.sample(index, input)?.borrow()))
    }

    fn target(&self, index: usize) -> Option<Y>
    where
        D::Input: Zero,
    {
        Some((self.function)(self.data.target(index)?.borrow()))
    }

    fn source_index(&self, index: usize) -> usize {
        self.data.source_index(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Samples;

    #[test]
    fn inputs_and_targets_are_mapped() {
        let data = Samples::from_arrays(&[[1.0], [2.0], [3.0]], &[10, 20, 30]);
        let mapped = data
            .skip(1)
            .map_inputs(|x: &[f32; 1], y: &mut [f64; 2]| *y = [x[0].into(), -1.0])
            .modify_inputs(|y| y[1] *= 4.0)
            .map_targets(|target| target + 1);
        let mut input = [0.0; 2];
        assert_eq!((mapped.sample(1, &mut input), input), (Some(31), [3.0, -4.0]));
        assert_eq!((mapped.sample(2, &mut input), mapped.target(0), mapped.len()), (None, Some(21), 2));
        assert_eq!(mapped.source_index(1), 2);
        assert!(mapped.contiguous(0, 1).is_none());
    }
}
