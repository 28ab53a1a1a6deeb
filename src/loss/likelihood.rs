//! Negative log-likelihoods of distributions of numbers: counts, and values with an uncertainty.

use super::elementwise::{ElementwiseLoss, one_of, sum_of_terms};
use super::{Loss, Target};
use crate::math::Elementary;
use crate::range::Anything;
use crate::scalar::Scalar;
use crate::vector::Joined;

/// The negative log-likelihood of counts with Poisson's distribution: `C_x = 1/k sum_j [e^(z_j) - y_j z_j]`,
/// `dC_x/dz_j = (e^(z_j) - y_j) / k`, with `k` outputs.
///
/// The outputs `z_j` are the logarithms of the expected counts. The targets `y_j` are at least 0, and need not be
/// integers. The term `ln(y_j!)`, which does not depend on the outputs, is left out, so the loss may be negative. If
/// `y_j` is 0, an output of negative infinity has a loss of 0.
///
/// Averaged over a mini-batch it is PyTorch's `PoissonNLLLoss` (with its defaults `log_input=True`, `full=False`).
///
/// ```
/// use stackprop::{Loss, PoissonNegativeLogLikelihood};
///
/// let mut gradient = [0.0; 2];
/// let loss = PoissonNegativeLogLikelihood.evaluate(&[0.0, 0.0], &[3.0, 0.0], &mut gradient);
/// assert_eq!((loss, gradient), (1.0, [-1.0, 0.5]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoissonNegativeLogLikelihood;

impl<T: Scalar> ElementwiseLoss<T> for PoissonNegativeLogLikelihood {
    #[inline(always)]
    fn factor(&self, k: usize) -> T {
        one_of(k)
    }

    #[inline(always)]
    fn term(&self, z: T, y: T, factor: T) -> (T, T) {
        let rate = Elementary::exp(z);
        (if y == T::ZERO { rate } else { rate - y * z }, factor * (rate - y))
    }
}

sum_of_terms!(PoissonNegativeLogLikelihood, Anything, |_, y| y.is_finite() & (y >= T::ZERO));

/// The negative log-likelihood of values with a normal distribution, whose mean and variance are both outputs:
/// `C_x = 1/k sum_j 1/2 [s_j + (a_j - y_j)^2 e^(-s_j)]`, with `k` values.
///
/// The output is `Joined(a, s)`, as [`Parallel`](crate::Parallel) heads have it: the means `a: [k]`, and the *logarithms*
/// of the variances, `s: [k]`. So every real output is a variance above 0, and neither head needs an activation.
///
/// `dC_x/da_j = (a_j - y_j) e^(-s_j) / k`, `dC_x/ds_j = [1 - (a_j - y_j)^2 e^(-s_j)] / (2 k)`. (Nix, Weigend 1994;
/// Kendall, Gal 2017, equation 8.) The term `ln(2 pi) / 2` is left out, so the loss may be negative.
///
/// Averaged over a mini-batch it is PyTorch's `GaussianNLLLoss` with `var = e^s` (and its default `full=False`), without
/// its limit `eps` for the variance: a network that is sure and wrong has the loss that it deserves.
///
/// Computed with `r = (a - y) e^(-s/2)` as `(s + r^2) / 2` and `(1 - r) (1 + r) / 2`, so that nothing overflows unless
/// the result does. An error of 0 has `r = 0` for every `s`.
///
/// ```
/// use stackprop::{Dense, GaussianNegativeLogLikelihood, Network, Parallel, Sgd, Trainer};
///
/// /// A value for each input, and how uncertain it is.
/// type Net = Network<2, Parallel<Dense<2, 1>, Dense<2, 1>>>;
/// let (mut network, mut trainer) = (Net::zeros(), Trainer::<Net, Sgd, 1>::zeros());
/// let data = [([0.0, 0.0], [3.0])];
/// let loss = trainer.step(&mut network, &Sgd { learning_rate: 0.5 }, &GaussianNegativeLogLikelihood, &data)?;
/// assert_eq!(loss, 4.5); // the variance is e^0
/// assert_eq!(network.layers.0.bias, [1.5]); // dC/da = -3
/// assert_eq!(network.layers.1.bias, [2.0]); // dC/ds = (1 - 9) / 2
/// # Ok::<(), stackprop::StepError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GaussianNegativeLogLikelihood;

impl<T: Scalar, Y: Target<[T; N]>, const N: usize> Loss<Joined<[T; N], [T; N]>, Y>
    for GaussianNegativeLogLikelihood
{
    type Takes = Anything;

    #[inline(always)]
    fn evaluate(
        &self,
        Joined(mean, log_variance): &Joined<[T; N], [T; N]>,
        target: &Y,
        gradient: &mut Joined<[T; N], [T; N]>,
    ) -> T {
        let (factor, half) = (one_of::<T>(N), T::from_f64(0.5));
        let outputs = mean.iter().zip(log_variance);
        let derivatives = gradient.0.iter_mut().zip(&mut gradient.1);
        let mut sum = T::ZERO;
        for ((j, (&a, &s)), (da, ds)) in (0..N).zip(outputs).zip(derivatives) {
            let (error, root) = (a - target.value(j), Elementary::exp(-half * s));
            // (0 times infinity is NaN.)
            let (r, slope) =
                if error == T::ZERO { (T::ZERO, T::ZERO) } else { (error * root, error * root * root) };
            sum += half * (s + r * r);
            *da = factor * slope;
            *ds = factor * half * ((T::ONE - r) * (T::ONE + r));
        }
        factor * sum
    }

    #[inline(always)]
    fn accepts(&self, target: &Y) -> bool {
        target.all(T::is_finite)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Class;
    use crate::loss::tests::evaluate;
    use approx::assert_abs_diff_eq;

    fn gaussian(a: [f64; 2], s: [f64; 2], y: [f64; 2]) -> (f64, [f64; 2], [f64; 2]) {
        let mut gradient = Joined([f64::NAN; 2], [f64::NAN; 2]);
        let loss = GaussianNegativeLogLikelihood.evaluate(&Joined(a, s), &y, &mut gradient);
        (loss, gradient.0, gradient.1)
    }

    // e^(ln 3) = 3 and e^0 = 1: (3 - 2 ln 3 + 1 - 0) / 2
    #[test]
    fn poisson() {
        let z = [3_f64.ln(), 0.0];
        let (loss, gradient) = evaluate(PoissonNegativeLogLikelihood, z, [2.0, 5.0]);
        assert_abs_diff_eq!(loss, (4.0 - 2.0 * 3_f64.ln()) / 2.0, epsilon = 1e-15);
        assert_abs_diff_eq!(gradient[..], [0.5, -2.0][..], epsilon = 1e-15);
        let of_class = evaluate(PoissonNegativeLogLikelihood, z, Class::<2>::new(1).unwrap());
        assert_eq!(of_class, evaluate(PoissonNegativeLogLikelihood, z, [0.0, 1.0]));
        let never = [f64::NEG_INFINITY; 2];
        assert_eq!(evaluate(PoissonNegativeLogLikelihood, never, [0.0, 0.0]), (0.0, [0.0, 0.0]));
    }

    // Errors 2 and -3 with variances 4 and 1: 1/2 (ln 4 + 1) and 1/2 (0 + 9), k = 2.
    #[test]
    fn gauss() {
        let (loss, means, log_variances) = gaussian([3.0, 0.0], [4_f64.ln(), 0.0], [1.0, 3.0]);
        assert_abs_diff_eq!(loss, (4_f64.ln() + 10.0) / 4.0, epsilon = 1e-15);
        assert_abs_diff_eq!(means[..], [0.25, -1.5][..], epsilon = 1e-15);
        assert_abs_diff_eq!(log_variances[..], [0.0, -2.0][..], epsilon = 1e-15);
    }

    /// e^(-s) is beyond f64, or 0.
    #[test]
    fn variances_without_limits() {
        let (loss, means, log_variances) = gaussian([1.0, 2.0], [-2000.0, 3000.0], [1.0, 5.0]);
        assert_eq!((loss, means, log_variances), (250.0, [0.0; 2], [0.25; 2]));
        // e^1000 is beyond f64, 1e-300^2 e^1000 is 2e-166.
        assert_eq!(gaussian([1e-300, 0.0], [-1000.0, 0.0], [0.0; 2]).0, -250.0);
        assert_eq!(gaussian([1.0, 0.0], [-2000.0, 0.0], [0.0; 2]).0, f64::INFINITY);
    }

    #[test]
    fn what_is_not_a_number_is_not_hidden() {
        for z in [[f64::NAN, 0.0], [0.0, f64::NAN]] {
            assert!(evaluate(PoissonNegativeLogLikelihood, z, [0.0, 1.0]).0.is_nan());
            assert!(gaussian(z, [0.0; 2], [0.0; 2]).0.is_nan() && gaussian([0.0; 2], z, [0.0; 2]).0.is_nan());
        }
    }

    #[test]
    fn targets() {
        for (y, count, value) in [(0.0, true, true), (2.5, true, true), (-1.0, false, true)] {
            assert_eq!(PoissonNegativeLogLikelihood.accepts(&[y]), count, "{y}");
            let accepts = Loss::<Joined<[f64; 1], [f64; 1]>, _>::accepts;
            assert_eq!(accepts(&GaussianNegativeLogLikelihood, &[y]), value, "{y}");
            assert!(!accepts(&GaussianNegativeLogLikelihood, &[f64::INFINITY]));
            assert!(!PoissonNegativeLogLikelihood.accepts(&[f64::NAN]));
        }
    }
}
