//! What all metrics share: a start at zero, ratios of counts, and the first sample that was refused.

use core::fmt;

use crate::scalar::Scalar;
use crate::zero::zero_struct;

/// Makes a struct of `Zero` fields a metric: `Zero`, `Default`, `new` (only for the type after `new`, if there is one)
/// and `reset`.
macro_rules! metric {
    ([$($generics:tt)*] $name:ty { $($field:tt),* } $(asserts $invariant:ident)?) => {
        $crate::metrics::metric::metric! { [$($generics)*] $name { $($field),* } $(asserts $invariant)? new [$($generics)*] $name }
    };
    (
        [$($generics:tt)*] $name:ty { $($field:tt),* } $(asserts $invariant:ident)?
        new $(#[$docs:meta])* [$($own:tt)*] $made:ty
    ) => {
        $crate::zero::zero_struct! { [$($generics)*] $name { $($field),* } $(asserts $invariant)? }

        impl<$($generics)*> Default for $name {
            fn default() -> Self {
                $crate::zero::Zero::ZERO
            }
        }

        impl<$($own)*> $made {
            /// No samples.
            $(#[$docs])*
            #[must_use]
            pub const fn new() -> Self {
                <Self as $crate::zero::Zero>::ZERO
            }
        }

        impl<$($generics)*> $name {
            /// Forgets all samples.
            pub fn reset(&mut self) {
                $crate::zero::Zero::set_zero(self);
            }
        }
    };
}
pub(super) use metric;

/// Implements `Clone` for a struct of `Copy` fields. The derived `Clone` of an array of generic structs goes element by
/// element, and links a panic.
macro_rules! clone_by_copy {
    ([$($generics:tt)*] $name:ty { $($field:ident),* }) => {
        impl<$($generics)*> Clone for $name {
            #[inline]
            fn clone(&self) -> Self {
                Self { $($field: self.$field),* }
            }
        }
    };
}
pub(super) use clone_by_copy;

/// `part / whole`; `None` if `whole` is 0.
#[inline]
pub(super) fn ratio<T: Scalar>(part: u64, whole: u64) -> Option<T> {
    (whole != 0).then(|| T::from_u64(part) / T::from_u64(whole))
}

/// Whether a number is NaN.
#[inline(always)]
pub(super) fn is_nan<T: Scalar>(x: T) -> bool {
    x.partial_cmp(&x).is_none()
}

/// Whether a number is a probability, in [0, 1].
#[inline(always)]
pub(super) fn is_probability<T: Scalar>(p: T) -> bool {
    T::ZERO <= p && p <= T::ONE
}

/// Why a metric has no answer although it has samples: the first sample that it could not take.
///
/// The method that adds a sample does not fail, so that it can be called from
/// [`Workspace::evaluate`](crate::Workspace::evaluate). The metric remembers the first sample that it refused, and its
/// answer is this error until [`reset`](super::Scores::reset). Samples are counted from 0 in the order in which they
/// were added; those of a metric that was merged come after all before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetricError {
    /// The score was NaN, which has no rank.
    NotANumber {
        /// The sample.
        sample: u64,
    },
    /// A probability was NaN or outside [0, 1], or the probabilities of the classes did not add up to 1 within 1e-3.
    NotAProbability {
        /// The sample.
        sample: u64,
    },
    /// More samples than the metric has room for.
    Capacity {
        /// The number of samples that were added.
        samples: u64,
        /// The number of samples that there is room for.
        capacity: u64,
    },
}

impl fmt::Display for MetricError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            MetricError::NotANumber { sample } => write!(
                f,
                "the score of sample {sample} is NaN (a NaN or an infinity in the data? a network that diverged?)"
            ),
            MetricError::NotAProbability { sample } => write!(
                f,
                "sample {sample} has no probabilities in [0, 1] that add up to 1 \
                 (logits without `softmax` or `sigmoid`? a NaN?)"
            ),
            MetricError::Capacity { samples, capacity } => {
                write!(f, "{samples} samples were added to a metric with room for {capacity}")
            }
        }
    }
}

impl core::error::Error for MetricError {}

/// Why a sample is refused.
#[derive(Clone, Copy)]
pub(super) enum Refusal {
    NotANumber = 1,
    NotAProbability = 2,
    Capacity = 3,
}

/// How many samples were added, and the first that was refused. Counts of up to `MOST` samples fit in a `u32`, and
/// products of two of them in a `u64`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Intake {
    samples: u64,
    /// 0 if no sample was refused, or the `Refusal`.
    refusal: u32,
    /// The sample that was refused.
    refused: u64,
}

zero_struct!([] Intake { samples, refusal, refused });

impl Intake {
    /// The number of samples whose counts do not saturate.
    const MOST: u64 = u32::MAX as u64 - 1;

    /// Counts a sample, and remembers the first one that is refused. Returns whether this one is accepted.
    #[inline]
    pub fn take(&mut self, refusal: Option<Refusal>) -> bool {
        let refusal = if self.samples >= Self::MOST { refusal.or(Some(Refusal::Capacity)) } else { refusal };
        if let (0, Some(refusal)) = (self.refusal, refusal) {
            (self.refusal, self.refused) = (refusal as u32, self.samples);
        }
        self.samples = self.samples.saturating_add(1);
        refusal.is_none()
    }

    /// Counts the samples of another metric after those of this one. `fits` is false if this one had no room for them.
    pub fn merge(&mut self, other: &Self, fits: bool) {
        let samples = self.samples.saturating_add(other.samples);
        if self.refusal == 0 && other.refusal != 0 {
            (self.refusal, self.refused) = (other.refusal, self.samples.saturating_add(other.refused));
        }
        if self.refusal == 0 && (!fits || samples > Self::MOST) {
            self.refusal = Refusal::Capacity as u32;
        }
        self.samples = samples;
    }

    /// The number of samples.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// An error if a sample was refused. `capacity` is that of the metric.
    pub fn check(&self, capacity: u64) -> Result<(), MetricError> {
        let sample = self.refused;
        match self.refusal {
            0 => Ok(()),
            n if n == Refusal::NotANumber as u32 => Err(MetricError::NotANumber { sample }),
            n if n == Refusal::NotAProbability as u32 => Err(MetricError::NotAProbability { sample }),
            _ => Err(MetricError::Capacity { samples: self.samples, capacity: capacity.min(Self::MOST) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zero::Zero;
    use std::string::ToString;

    #[test]
    fn the_first_refusal_is_kept() {
        let mut intake = Intake::ZERO;
        assert!(intake.take(None));
        assert!(!intake.take(Some(Refusal::NotANumber)));
        assert!(!intake.take(Some(Refusal::NotAProbability)));
        assert!(intake.take(None));
        assert_eq!(intake.check(9), Err(MetricError::NotANumber { sample: 1 }));
        assert_eq!(intake.samples(), 4);
    }

    #[test]
    fn merged_samples_come_after_those_before_them() {
        let (mut first, mut second) = (Intake::ZERO, Intake::ZERO);
        (0..3).for_each(|_| assert!(first.take(None)));
        assert!(second.take(None) && !second.take(Some(Refusal::NotAProbability)));
        first.merge(&second, true);
        assert_eq!(first.check(9), Err(MetricError::NotAProbability { sample: 4 }));
        let mut full = Intake { samples: 3, ..Intake::ZERO };
        full.merge(&Intake { samples: 2, ..Intake::ZERO }, false);
        assert_eq!(full.check(4), Err(MetricError::Capacity { samples: 5, capacity: 4 }));
    }

    /// No count saturates without an error.
    #[test]
    fn counts_of_32_bits_are_enough() {
        let mut intake = Intake { samples: Intake::MOST - 1, ..Intake::ZERO };
        assert!(intake.take(None) && intake.check(u64::MAX).is_ok());
        assert!(!intake.take(None));
        let error = MetricError::Capacity { samples: u32::MAX.into(), capacity: Intake::MOST };
        assert_eq!(intake.check(u64::MAX), Err(error));
        let mut merged = Intake { samples: Intake::MOST, ..Intake::ZERO };
        merged.merge(&Intake { samples: 1, ..Intake::ZERO }, true);
        assert_eq!(merged.check(u64::MAX), Err(error));
    }

    #[test]
    fn messages() {
        let text = MetricError::Capacity { samples: 5, capacity: 4 }.to_string();
        assert_eq!(text, "5 samples were added to a metric with room for 4");
        assert!(MetricError::NotANumber { sample: 7 }.to_string().contains("sample 7 is NaN"));
        assert!(MetricError::NotAProbability { sample: 7 }.to_string().contains("sample 7 has"));
    }
}
