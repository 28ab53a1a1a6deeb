//! The three losses `factor * sum_j (a_j - y_j)^2`, which differ only in the factor.

use super::elementwise::{ElementwiseLoss, sum_of_terms};
use crate::range::Anything;
use crate::scalar::Scalar;

/// Implements a loss `factor * sum_j (a_j - y_j)^2` with the gradient `2 factor (a_j - y_j)`.
macro_rules! squared_error {
    ($(#[$doc:meta])* $name:ident, $n:ident => $factor:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name;

        impl<T: Scalar> ElementwiseLoss<T> for $name {
            #[inline(always)]
            fn factor(&self, k: usize) -> T {
                let $n = k as f64;
                T::from_f64($factor)
            }

            #[inline(always)]
            fn term(&self, a: T, y: T, factor: T) -> (T, T) {
                let (error, twice) = (a - y, factor + factor);
                (error * error, twice * error)
            }
        }

        sum_of_terms!($name, Anything, |_, y| y.is_finite());
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
