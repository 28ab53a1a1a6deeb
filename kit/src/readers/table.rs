//! Samples in memory, all of the same length.

use std::fmt;

use stackprop::{Dataset, Samples};

/// Samples that were read from a file: inputs and targets, each contiguous in memory.
///
/// A `Table<4, Class<3>>` is for a network with 4 inputs and 3 classes. It is a [`Dataset`] whose samples are not copied;
/// [`inputs`](Table::inputs) and [`targets`](Table::targets) are slices.
#[derive(Clone, PartialEq)]
pub struct Table<const IN: usize, Y, T = f32> {
    /// `IN` for each target.
    inputs: Vec<T>,
    targets: Vec<Y>,
    /// The names of the inputs, if the file has names for them.
    names: Vec<String>,
}

impl<const IN: usize, Y, T> Default for Table<IN, Y, T> {
    fn default() -> Self {
        Self { inputs: vec![], targets: vec![], names: vec![] }
    }
}

impl<const IN: usize, Y, T> Table<IN, Y, T> {
    /// A table without samples, whose inputs have these names.
    pub(super) fn named(names: Vec<String>) -> Self {
        Self { names, ..Self::default() }
    }

    /// The inputs.
    #[must_use]
    pub fn inputs(&self) -> &[[T; IN]] {
        self.inputs.as_chunks().0
    }

    /// The targets, as many as inputs.
    #[must_use]
    pub fn targets(&self) -> &[Y] {
        &self.targets
    }

    /// The name of an input: that of its column in the header; `None` without a header.
    #[must_use]
    pub fn name(&self, input: usize) -> Option<&str> {
        self.names.get(input).map(String::as_str)
    }

    /// The inputs to which the next row is added, before its target.
    pub(super) fn inputs_mut(&mut self) -> &mut Vec<T> {
        &mut self.inputs
    }

    /// The target of the row whose inputs were added.
    pub(super) fn push_target(&mut self, target: Y) {
        self.targets.push(target);
    }
}

impl<const IN: usize, Y, T> fmt::Debug for Table<IN, Y, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("len", &self.targets.len()).finish_non_exhaustive()
    }
}

impl<const IN: usize, Y, T: Copy> Dataset for Table<IN, Y, T> {
    type Input = [T; IN];
    type Target = Y;
    type TargetRef<'a>
        = &'a Y
    where
        Self: 'a;

    fn len(&self) -> usize {
        self.targets.len()
    }

    fn sample(&self, index: usize, input: &mut [T; IN]) -> Option<&Y> {
        let (x, target) = (self.inputs().get(index)?, self.targets.get(index)?);
        *input = *x;
        Some(target)
    }

    fn target(&self, index: usize) -> Option<&Y> {
        self.targets.get(index)
    }

    fn contiguous(&self, first: usize, samples: usize) -> Option<Samples<'_, [T; IN], Y>> {
        let range = first..first.checked_add(samples)?;
        Samples::new(self.inputs().get(range.clone())?, self.targets.get(range)?).ok()
    }
}
