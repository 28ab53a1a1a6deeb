//! The Euclidean norm of a whole gradient.

use super::Adjust;
use crate::arithmetic::MulAdd;
use crate::params::Parameters;
use crate::scalar::Scalar;

/// The number of sums that run beside each other, so that the loop is vectorised with the same bits at every level.
const LANES: usize = 16;

/// `sqrt(sum g^2)` over all trained parameters, where `g` is the gradient after [`Adjust::before`].
///
/// If the sum overflows, or is so small that squares may have underflowed, it is computed again with each `g` divided by the largest of them.
pub(super) fn of_gradient<T: Scalar, N: Parameters<T>>(
    parameters: &mut N,
    gradient: &N::Trained,
    adjust: impl Adjust<T>,
) -> T {
    let sum = sum_of_squares(parameters, gradient, adjust, |g| g);
    // Squares of numbers below 1e-19 are subnormal or 0 in f32.
    if sum.is_finite() && sum > MulAdd::sqrt(T::MIN_POSITIVE) {
        return MulAdd::sqrt(sum);
    }
    let mut largest = T::ZERO;
    N::walk_trained(0, parameters, [gradient], [], &mut |block, parameters, [gradient], []| {
        let adjust = adjust.of(&block);
        for (&g, &p) in gradient.iter().zip(parameters.iter()) {
            largest = largest.max(adjust.before(g, p).0.abs());
        }
    });
    if largest > T::ZERO && largest.is_finite() {
        largest * MulAdd::sqrt(sum_of_squares(parameters, gradient, adjust, |g| g / largest))
    } else {
        largest // 0, infinite or NaN
    }
}

/// `sum scaled(g)^2`: for each block [`LANES`] sums, then their sum, in ascending order.
fn sum_of_squares<T: Scalar, N: Parameters<T>>(
    parameters: &mut N,
    gradient: &N::Trained,
    adjust: impl Adjust<T>,
    scaled: impl Fn(T) -> T,
) -> T {
    let mut total = T::ZERO;
    N::walk_trained(0, parameters, [gradient], [], &mut |block, parameters, [gradient], []| {
        let adjust = adjust.of(&block);
        let square = |g, p| {
            let g = scaled(adjust.before(g, p).0);
            g * g
        };
        let mut sums = [T::ZERO; LANES];
        let ((gradient, rest), (parameters, other)) =
            (gradient.as_chunks::<LANES>(), parameters.as_chunks::<LANES>());
        for (gradient, parameters) in gradient.iter().zip(parameters) {
            for (sum, (&g, &p)) in sums.iter_mut().zip(gradient.iter().zip(parameters)) {
                *sum += square(g, p);
            }
        }
        for (sum, (&g, &p)) in sums.iter_mut().zip(rest.iter().zip(other)) {
            *sum += square(g, p);
        }
        for sum in sums {
            total += sum;
        }
    });
    total
}
