//! Samples, and mini-batches of them, in order or shuffled, without a heap.

use core::borrow::Borrow;

mod mini_batch;
mod samples;
mod shuffle;

pub use mini_batch::{Batches, MiniBatch, MiniBatches};
pub use samples::{LengthMismatch, Samples};
pub use shuffle::Permutation;

/// Samples: inputs, and the targets that the outputs are compared with.
///
/// Slices and arrays of pairs `(input, target)` are data sets, and so is [`Samples`], two slices of equal length.
/// Your own data set can decode its source (bytes in flash, a file) into the buffer that the caller provides.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a data set",
    label = "not a data set",
    note = "a data set is a slice or an array of pairs `(input, target)`, or `Samples` of two slices",
    note = "`step` takes one data set; `epoch` takes many, such as `MiniBatches::in_order(&data, size)`"
)]
pub trait Dataset {
    /// The input of the network it is for, `[T; IN]`.
    type Input;

    /// What the output for a sample is compared with.
    type Target;

    /// What [`sample`](Dataset::sample) returns of a target: `&'a Target` if it is in memory, `Target` if it is computed.
    ///
    /// Trainers keep one for each sample of a tile on the stack, and only then borrow the targets from them.
    type TargetRef<'a>: Borrow<Self::Target>
    where
        Self: 'a;

    /// The number of samples.
    fn len(&self) -> usize;

    /// Writes the input of sample `index` to `input` and returns its target; `None` unless `index < len()`.
    ///
    /// If it returns `None` for an index below `len()`, gradients, losses and steps end with
    /// [`Fault::MissingSample`](crate::Fault::MissingSample).
    fn sample(&self, index: usize, input: &mut Self::Input) -> Option<Self::TargetRef<'_>>;

    /// The index under which a [`Fault`](crate::Fault) reports sample `index`: for a part of another data set,
    /// the index in that data set.
    fn source_index(&self, index: usize) -> usize {
        index
    }

    /// The `samples` samples from `first` on, if inputs and targets are contiguous in memory, so that inputs need
    /// not be copied. Otherwise `None`.
    #[inline]
    fn contiguous(&self, first: usize, samples: usize) -> Option<Samples<'_, Self::Input, Self::Target>> {
        let _ = (first, samples);
        None
    }

    /// Returns whether there are no samples.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<X: Copy, Y> Dataset for [(X, Y)] {
    type Input = X;
    type Target = Y;
    type TargetRef<'a>
        = &'a Y
    where
        Self: 'a;

    fn len(&self) -> usize {
        <[_]>::len(self)
    }

    #[inline]
    fn sample(&self, index: usize, input: &mut X) -> Option<&Y> {
        let (x, target) = self.get(index)?;
        *input = *x;
        Some(target)
    }
}

impl<X: Copy, Y, const N: usize> Dataset for [(X, Y); N] {
    type Input = X;
    type Target = Y;
    type TargetRef<'a>
        = &'a Y
    where
        Self: 'a;

    fn len(&self) -> usize {
        N
    }

    #[inline]
    fn sample(&self, index: usize, input: &mut X) -> Option<&Y> {
        self.as_slice().sample(index, input)
    }
}

impl<D: Dataset + ?Sized> Dataset for &D {
    type Input = D::Input;
    type Target = D::Target;
    type TargetRef<'a>
        = D::TargetRef<'a>
    where
        Self: 'a;

    fn len(&self) -> usize {
        D::len(self)
    }

    #[inline]
    fn sample(&self, index: usize, input: &mut D::Input) -> Option<D::TargetRef<'_>> {
        D::sample(self, index, input)
    }

    #[inline]
    fn contiguous(&self, first: usize, samples: usize) -> Option<Samples<'_, D::Input, D::Target>> {
        D::contiguous(self, first, samples)
    }

    fn source_index(&self, index: usize) -> usize {
        D::source_index(self, index)
    }
}

#[cfg(feature = "alloc")]
impl<X: Copy, Y> Dataset for alloc::vec::Vec<(X, Y)> {
    type Input = X;
    type Target = Y;
    type TargetRef<'a>
        = &'a Y
    where
        Self: 'a;

    fn len(&self) -> usize {
        Self::len(self)
    }

    #[inline]
    fn sample(&self, index: usize, input: &mut X) -> Option<&Y> {
        self.as_slice().sample(index, input)
    }
}
