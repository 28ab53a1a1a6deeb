//! The errors of one output, summed up in different ways.

use super::sum::{Squares, Sum};
use crate::scalar::Scalar;
use crate::zero::{Zero, zero_struct};

/// What is known of the errors of one output.
pub(super) trait Errors<T: Scalar>: Zero {
    /// Adds the error of a sample: output minus target.
    fn add(&mut self, error: T);
    /// Adds the errors of another.
    fn merge(&mut self, other: &Self);
    /// The metric, for `n` samples.
    fn answer(&self, n: T) -> T;
}

impl<T: Scalar> Errors<T> for Squares<T> {
    fn add(&mut self, error: T) {
        self.add(error, T::ONE);
    }

    fn merge(&mut self, other: &Self) {
        self.merge(other);
    }

    fn answer(&self, n: T) -> T {
        self.root_mean(n)
    }
}

/// The sum of the errors.
impl<T: Scalar> Errors<T> for Sum<T> {
    fn add(&mut self, error: T) {
        self.add(error);
    }

    fn merge(&mut self, other: &Self) {
        self.merge(other);
    }

    fn answer(&self, n: T) -> T {
        self.value() / n
    }
}

/// The sum of the absolute errors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Absolute<T>(Sum<T>);

zero_struct!([T: Scalar] Absolute<T> { 0 });

impl<T: Scalar> Errors<T> for Absolute<T> {
    fn add(&mut self, error: T) {
        self.0.add(error.abs());
    }

    fn merge(&mut self, other: &Self) {
        self.0.merge(&other.0);
    }

    fn answer(&self, n: T) -> T {
        self.0.value() / n
    }
}

/// The largest absolute error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Largest<T>(T);

zero_struct!([T: Scalar] Largest<T> { 0 });

impl<T: Scalar> Errors<T> for Largest<T> {
    fn add(&mut self, error: T) {
        self.0 = self.0.max(error.abs());
    }

    fn merge(&mut self, other: &Self) {
        self.0 = self.0.max(other.0);
    }

    fn answer(&self, _n: T) -> T {
        self.0
    }
}
