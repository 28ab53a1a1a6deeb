//! Errors of regression: root mean squared, mean absolute, mean, and largest.

use super::errors::{Absolute, Errors, Largest};
use super::metric::{clone_by_copy, metric};
use super::sum::{Squares, Sum};
use crate::scalar::Scalar;

/// A metric that is one of `Errors` for each output.
macro_rules! error_metric {
    ($(#[$docs:meta])* $name:ident of $errors:ident) => {
        $(#[$docs])*
        #[derive(Debug, PartialEq)]
        pub struct $name<const N: usize, T = f32> {
            samples: u64,
            errors: [$errors<T>; N],
        }

        clone_by_copy! { [const N: usize, T: Copy] $name<N, T> { samples, errors } }
        metric! { [const N: usize, T: Scalar] $name<N, T> { samples, errors } }

        impl<const N: usize, T: Scalar> $name<N, T> {
            /// Adds a sample: its outputs `[N]` and its targets `[N]`.
            pub fn add(&mut self, outputs: &[T; N], targets: &[T; N]) {
                self.samples = self.samples.saturating_add(1);
                for (errors, (&output, &target)) in self.errors.iter_mut().zip(outputs.iter().zip(targets)) {
                    Errors::add(errors, output - target);
                }
            }

            /// Adds the samples of another. A sum in another order may differ in its last bits.
            pub fn merge(&mut self, other: &Self) {
                self.samples = self.samples.saturating_add(other.samples);
                for (errors, other) in self.errors.iter_mut().zip(&other.errors) {
                    Errors::merge(errors, other);
                }
            }

            /// The error of each output, as scikit-learn's `raw_values`; `None` without samples.
            #[must_use]
            pub fn outputs(&self) -> Option<[T; N]> {
                let (n, mut answers) = (T::from_u64(self.samples), [T::ZERO; N]);
                for (answer, errors) in answers.iter_mut().zip(&self.errors) {
                    *answer = errors.answer(n);
                }
                (self.samples > 0).then_some(answers)
            }

            /// The number of samples.
            #[must_use]
            pub fn samples(&self) -> u64 {
                self.samples
            }
        }
    };
}

/// Adds the average over the outputs.
macro_rules! uniform_average {
    ($($name:ident)*) => {$(
        impl<const N: usize, T: Scalar> $name<N, T> {
            /// The mean of the errors of the outputs, as scikit-learn's `uniform_average`; `None` without samples.
            #[must_use]
            pub fn average(&self) -> Option<T> {
                let sum = self.outputs()?.into_iter().fold(T::ZERO, |sum, error| sum + error);
                Some(sum / T::from_usize(N))
            }
        }
    )*};
}

uniform_average! { Rmse Mae MeanError }

error_metric! {
    /// The root mean squared error (RMSE) of each output: `sqrt(1/n sum_i (a_i - y_i)^2)`. As `root_mean_squared_error`.
    ///
    /// Squares are summed in a unit of their own, so they neither overflow nor vanish: errors of 1e30 or 1e-30 have their
    /// right answer in f32. An error that is infinite or NaN makes the answer of its output infinite or NaN.
    ///
    /// ```
    /// use stackprop::metrics::Rmse;
    ///
    /// let mut rmse = Rmse::new();
    /// rmse.add(&[1.0, 2.0], &[4.0, 2.0]); // output, target
    /// rmse.add(&[3.0, 0.0], &[-1.0, 0.0]);
    /// assert_eq!(rmse.outputs(), Some([12.5_f32.sqrt(), 0.0]));
    /// assert_eq!(rmse.average(), Some(12.5_f32.sqrt() / 2.0));
    /// ```
    Rmse of Squares
}

error_metric! {
    /// The mean absolute error (MAE) of each output: `1/n sum_i |a_i - y_i|`. As `mean_absolute_error`.
    ///
    /// The sum is compensated, so that no sample is lost however many there are. An error that is infinite or NaN makes the
    /// answer of its output infinite or NaN.
    ///
    /// ```
    /// use stackprop::metrics::Mae;
    ///
    /// let mut mae = Mae::new();
    /// mae.add(&[1.0, 2.0], &[4.0, 2.0]); // output, target
    /// mae.add(&[3.0, 0.0], &[2.0, 1.0]);
    /// assert_eq!((mae.outputs(), mae.average()), (Some([2.0, 0.5]), Some(1.25)));
    /// ```
    Mae of Absolute
}

error_metric! {
    /// The mean error, or bias, of each output: `1/n sum_i (a_i - y_i)`. Positive if the outputs are too large.
    ///
    /// The sum is compensated. An error that is infinite or NaN makes the answer of its output infinite or NaN.
    ///
    /// ```
    /// use stackprop::metrics::MeanError;
    ///
    /// let mut bias = MeanError::new();
    /// bias.add(&[1.0], &[4.0]); // output, target
    /// bias.add(&[3.0], &[2.0]);
    /// assert_eq!(bias.outputs(), Some([-1.0]));
    /// ```
    MeanError of Sum
}

error_metric! {
    /// The largest absolute error of each output: `max_i |a_i - y_i|`. As `max_error`.
    ///
    /// It is NaN if an error is.
    ///
    /// ```
    /// use stackprop::metrics::MaxError;
    ///
    /// let mut max = MaxError::new();
    /// max.add(&[1.0, 2.0], &[4.0, 2.0]); // output, target
    /// max.add(&[3.0, 0.0], &[2.0, 1.0]);
    /// assert_eq!((max.outputs(), max.largest()), (Some([3.0, 1.0]), Some(3.0)));
    /// ```
    MaxError of Largest
}

impl<const N: usize, T: Scalar> MaxError<N, T> {
    /// The largest error of all outputs; `None` without samples.
    #[must_use]
    pub fn largest(&self) -> Option<T> {
        Some(self.outputs()?.into_iter().fold(T::ZERO, T::max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type All = (Rmse<2>, Mae<2>, MeanError<2>, MaxError<2>);

    fn fill(samples: &[([f32; 2], [f32; 2])]) -> All {
        let mut all = All::default();
        for (output, target) in samples {
            all.0.add(output, target);
            all.1.add(output, target);
            all.2.add(output, target);
            all.3.add(output, target);
        }
        all
    }

    fn answers(all: &All) -> [Option<[f32; 2]>; 4] {
        [all.0.outputs(), all.1.outputs(), all.2.outputs(), all.3.outputs()]
    }

    // errors of the first output -3, 4; of the second 1, -1
    const SAMPLES: [([f32; 2], [f32; 2]); 2] = [([1.0, 3.0], [4.0, 2.0]), ([3.0, 0.0], [-1.0, 1.0])];
    const EXPECTED: [[f32; 2]; 4] = [[3.535_534, 1.0], [3.5, 1.0], [0.5, 0.0], [4.0, 1.0]];

    #[test]
    fn hand_computed() {
        let all = fill(&SAMPLES);
        assert_eq!(answers(&all), EXPECTED.map(Some));
        let averages = (all.1.average(), all.2.average(), all.3.largest(), all.0.samples());
        assert_eq!(averages, (Some(2.25), Some(0.25), Some(4.0), 2));
    }

    #[test]
    fn merged_and_reset() {
        let (mut first, second) = (fill(&SAMPLES[..1]), fill(&SAMPLES[1..]));
        first.0.merge(&second.0);
        first.1.merge(&second.1);
        first.2.merge(&second.2);
        first.3.merge(&second.3);
        assert_eq!(answers(&first), EXPECTED.map(Some));
        first.0.reset();
        assert_eq!(first.0, Rmse::new());
    }

    #[test]
    fn no_samples() {
        assert_eq!(answers(&All::default()), [None; 4]);
        let averages = (All::default().0.average(), All::default().3.largest());
        assert_eq!(averages, (None, None));
    }

    /// A NaN in an output or a target reaches the answer, of its output alone, wherever it comes.
    #[test]
    fn what_is_not_finite_is_seen() {
        for (output, target) in [(f32::NAN, 0.0), (0.0, f32::NAN), (f32::INFINITY, f32::INFINITY)] {
            for place in 0..3 {
                let mut samples = [([1.0, 3.0], [4.0, 2.0]); 3];
                samples[place] = ([output, 3.0], [target, 2.0]);
                let all = fill(&samples);
                for answer in answers(&all) {
                    let [first, second] = answer.unwrap();
                    assert!(first.is_nan() && second == 1.0);
                }
                assert!(all.0.average().unwrap().is_nan() && all.3.largest().unwrap().is_nan());
            }
        }
        let infinite = answers(&fill(&[([f32::INFINITY, 0.0], [0.0; 2]), ([1e30, 0.0], [0.0; 2])]));
        assert_eq!(infinite, [Some([f32::INFINITY, 0.0]); 4]);
    }
}
