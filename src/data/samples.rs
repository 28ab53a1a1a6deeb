//! Inputs and targets in two slices.

use core::fmt;

use super::Dataset;

/// Inputs and targets in two slices of equal length.
pub struct Samples<'a, X, Y> {
    inputs: &'a [X],
    targets: &'a [Y],
}

impl<X, Y> fmt::Debug for Samples<'_, X, Y> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Samples").field("len", &self.inputs.len()).finish_non_exhaustive()
    }
}

impl<X, Y> Clone for Samples<'_, X, Y> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<X, Y> Copy for Samples<'_, X, Y> {}

impl<'a, X, Y> Samples<'a, X, Y> {
    /// Makes a data set whose sample `i` is `inputs[i]` with `targets[i]`.
    ///
    /// # Errors
    ///
    /// [`LengthMismatch`] if the slices differ in length.
    pub const fn new(inputs: &'a [X], targets: &'a [Y]) -> Result<Self, LengthMismatch> {
        if inputs.len() == targets.len() {
            Ok(Self { inputs, targets })
        } else {
            Err(LengthMismatch { inputs: inputs.len(), targets: targets.len() })
        }
    }

    /// From slices that have been found to be of equal length.
    pub(super) const fn of_equal_length(inputs: &'a [X], targets: &'a [Y]) -> Self {
        Self { inputs, targets }
    }

    /// The same from arrays, whose equal length the compiler checks.
    #[must_use]
    pub const fn from_arrays<const N: usize>(inputs: &'a [X; N], targets: &'a [Y; N]) -> Self {
        Self { inputs, targets }
    }

    /// The inputs.
    #[must_use]
    pub const fn inputs(&self) -> &'a [X] {
        self.inputs
    }

    /// The targets, as many as inputs.
    #[must_use]
    pub const fn targets(&self) -> &'a [Y] {
        self.targets
    }
}

impl<X: Copy, Y> Dataset for Samples<'_, X, Y> {
    type Input = X;
    type Target = Y;
    type TargetRef<'a>
        = &'a Y
    where
        Self: 'a;

    fn len(&self) -> usize {
        self.inputs.len()
    }

    #[inline]
    fn sample(&self, index: usize, input: &mut X) -> Option<&Y> {
        let (x, target) = (self.inputs.get(index)?, self.targets.get(index)?);
        *input = *x;
        Some(target)
    }

    #[inline]
    fn target(&self, index: usize) -> Option<&Y> {
        self.targets.get(index)
    }

    #[inline]
    fn contiguous(&self, first: usize, samples: usize) -> Option<Samples<'_, X, Y>> {
        let range = first..first.checked_add(samples)?;
        Some(Samples { inputs: self.inputs.get(range.clone())?, targets: self.targets.get(range)? })
    }
}

/// The number of inputs differs from the number of targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LengthMismatch {
    /// The number of inputs.
    pub inputs: usize,
    /// The number of targets.
    pub targets: usize,
}

impl fmt::Display for LengthMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} inputs, but {} targets", self.inputs, self.targets)
    }
}

impl core::error::Error for LengthMismatch {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_must_agree() {
        let error = Samples::new(&[[0.0]; 3], &[1; 2]).unwrap_err();
        assert_eq!(error, LengthMismatch { inputs: 3, targets: 2 });
        assert_eq!(std::format!("{error}"), "3 inputs, but 2 targets");
    }
}
