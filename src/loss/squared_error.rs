//! The three losses `factor * sum_j (a_j - y_j)^2`, which differ only in the factor.

use super::{Loss, Target, sum_over_outputs};
use crate::range::Anything;
use crate::scalar::Scalar;

/// Implements a loss `factor * sum_j (a_j - y_j)^2` with the gradient `2 factor (a_j - y_j)`.
macro_rules! squared_error {
    ($(#[$doc:meta])* $name:ident, $n:ident => $factor:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name;

        impl<T: Scalar, Y: Target<[T; N]>, const N: usize> Loss<[T; N], Y> for $name {
            type Takes = Anything;

            #[inline(always)]
            fn evaluate(&self, output: &[T; N], target: &Y, gradient: &mut [T; N]) -> T {
                let $n = N as f64;
                let (factor, twice) = (T::from_f64($factor), T::from_f64(2.0 * $factor));
                factor * sum_over_outputs(output, target, gradient, |a, y| {
                    let error = a - y;
                    (error * error, twice * error)
                })
            }

            #[inline(always)]
            fn accepts(&self, target: &Y) -> bool {
                target.all(T::is_finite)
            }
        }
    };
}

squared_error! {
    /// The quadratic loss: `C_x = 1/2 ||a - y||^2`, `dC_x/da_j = a_j - y_j`.
    ///
    /// Averaged over `n` samples it is the `1/(2n) sum_x ||a - y||^2` of Nielsen, chapter 1, equation 6.
    ///
    /// ```
    /// use stackprop::{Loss, Quadratic};
    ///
    /// let mut gradient = [0.0; 2];
    /// assert_eq!(Quadratic.evaluate(&[3.0, 5.0], &[1.0, 6.0], &mut gradient), 2.5);
    /// assert_eq!(gradient, [2.0, -1.0]);
    /// ```
    Quadratic, k => { let _ = k; 0.5 }
}

squared_error! {
    /// Half the mean squared error: `C_x = 1/(2k) sum_j (a_j - y_j)^2`,
    /// `dC_x/da_j = (a_j - y_j) / k`, with `k` outputs.
    HalfMeanSquaredError, k => 0.5 / k
}

squared_error! {
    /// The mean squared error: `C_x = 1/k sum_j (a_j - y_j)^2`, `dC_x/da_j = 2 (a_j - y_j) / k`, with `k` outputs.
    ///
    /// Averaged over a mini-batch it is PyTorch's `MSELoss`: the mean over all elements, without a 1/2.
    MeanSquaredError, k => 1.0 / k
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Class;
    use crate::loss::tests::evaluate;

    // errors (2, -1): sum of squares 5, k = 2
    #[test]
    fn squared_errors() {
        let (a, y) = ([3.0, 5.0], [1.0, 6.0]);
        assert_eq!(evaluate(Quadratic, a, y), (2.5, [2.0, -1.0]));
        assert_eq!(evaluate(HalfMeanSquaredError, a, y), (1.25, [1.0, -0.5]));
        assert_eq!(evaluate(MeanSquaredError, a, y), (2.5, [2.0, -1.0]));
        assert_eq!(evaluate(Quadratic, a, Class::<2>::new(1).unwrap()), (0.5 * (9.0 + 16.0), [3.0, 4.0]));
    }
}
