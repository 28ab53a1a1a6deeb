//! One minus the cosine of the angle between output and target.

use super::{Loss, Target};
use crate::arithmetic::MulAdd;
use crate::range::Anything;
use crate::scalar::Scalar;

/// One minus the cosine of the angle between output and target, as vectors: `C_x = 1 - a.y / (|a| |y|)`, from 0 to 2.
///
/// With the unit vectors `u = a / |a|` and `v = y / |y|`, `dC_x/da = (u - v - C_x u) / |a|`, which is perpendicular to
/// the output. The length of the target does not matter. A target without a direction, all 0, is refused. An output
/// of all 0 has no direction either, and no derivative: its loss is 1, that of a right angle, and its gradient 0.
///
/// Averaged over a mini-batch it is PyTorch's `CosineEmbeddingLoss` with the labels 1 (which adds 1e-12 to the squared
/// lengths).
///
/// Computed as `|u - v|^2 / 2`, so that a small angle is not lost: the rounding error of a loss `C_x` is a few
/// `u sqrt(C_x)`, where `u` is 2^-24 for f32 and 2^-53 for f64, and that of the gradient a few `u / |a|`. Vectors of any length are scaled first, so no square
/// overflows or becomes 0.
///
/// ```
/// use stackprop::{CosineEmbedding, Loss};
///
/// let mut gradient = [0.0; 2];
/// assert_eq!(CosineEmbedding.evaluate(&[2.0, 0.0], &[0.0, 5.0], &mut gradient), 1.0);
/// assert_eq!(gradient, [0.0, -0.5]);
/// assert!(!CosineEmbedding.accepts(&[0.0; 2]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CosineEmbedding;

/// A vector that is not 0, as `largest * length * unit`.
struct Direction<T, const N: usize> {
    unit: [T; N],
    /// The largest absolute value.
    largest: T,
    /// The length of the vector divided by `largest`, at least 1.
    length: T,
}

impl<T: Scalar, const N: usize> Direction<T, N> {
    #[inline(always)]
    fn of(mut unit: [T; N]) -> Self {
        let largest = T::largest(&unit);
        let mut square = T::ZERO;
        for x in &mut unit {
            *x = *x / largest;
            square += *x * *x;
        }
        let length = MulAdd::sqrt(square);
        for x in &mut unit {
            *x = *x / length;
        }
        Self { unit, largest, length }
    }
}

impl<T: Scalar, Y: Target<[T; N]>, const N: usize> Loss<[T; N], Y> for CosineEmbedding {
    type Takes = Anything;

    #[inline(always)]
    fn evaluate(&self, output: &[T; N], target: &Y, gradient: &mut [T; N]) -> T {
        if output.iter().fold(true, |zero, &a| zero & (a == T::ZERO)) {
            *gradient = [T::ZERO; N];
            return T::ONE;
        }
        let a = Direction::of(*output);
        let mut values = [T::ZERO; N];
        for (j, value) in (0..N).zip(&mut values) {
            *value = target.value(j);
        }
        let y = Direction::of(values);
        let mut square = T::ZERO;
        for (g, (&u, &v)) in gradient.iter_mut().zip(a.unit.iter().zip(&y.unit)) {
            *g = u - v;
            square += *g * *g;
        }
        let loss = T::from_f64(0.5) * square;
        for (g, &u) in gradient.iter_mut().zip(&a.unit) {
            *g = (*g - loss * u) / a.length / a.largest;
        }
        loss
    }

    /// Accepts finite targets of which not all `y_j` are 0.
    #[inline(always)]
    fn accepts(&self, target: &Y) -> bool {
        target.all(T::is_finite) & !target.all(|y| y == T::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Class;
    use crate::loss::tests::evaluate;
    use approx::assert_abs_diff_eq;

    // a = 5 (3/5, 4/5), y = 2 (1, 0): cos = 3/5; (u - v - 2/5 u) / 5 = ((9/25, 12/25) - (1, 0)) / 5
    #[test]
    fn hand_computed() {
        let (loss, gradient) = evaluate(CosineEmbedding, [3.0, 4.0], [2.0, 0.0]);
        assert_abs_diff_eq!(loss, 0.4, epsilon = 1e-15);
        assert_abs_diff_eq!(gradient[..], [-16.0 / 125.0, 12.0 / 125.0][..], epsilon = 1e-15);
        let of_class = evaluate(CosineEmbedding, [3.0, 4.0], Class::<2>::new(0).unwrap());
        assert_eq!(of_class, (loss, gradient));
        assert_eq!(evaluate(CosineEmbedding, [2.0, 0.0], [7.0, 0.0]), (0.0, [0.0, 0.0]));
        assert_eq!(evaluate(CosineEmbedding, [2.0, 0.0], [-7.0, 0.0]), (2.0, [0.0, 0.0]));
    }

    #[test]
    fn lengths_whose_squares_are_no_numbers() {
        for scale in [1e300, 1e-300, 5e-324] {
            let (loss, gradient) = evaluate(CosineEmbedding, [scale, 0.0], [0.0, scale]);
            assert_eq!(loss, 1.0);
            assert_eq!(gradient, [0.0, -1.0 / scale]);
        }
    }

    // For an angle of 1e-10, the loss is 1e-20 / 2, which 1 - cos would round to 0.
    #[test]
    fn a_small_angle() {
        let (loss, gradient) = evaluate(CosineEmbedding, [1.0, 1e-10], [1.0, 0.0]);
        assert_abs_diff_eq!(loss, 0.5e-20, epsilon = 1e-34);
        assert_abs_diff_eq!(gradient[1], 1e-10, epsilon = 1e-24);
    }

    #[test]
    fn vectors_without_a_direction() {
        assert_eq!(evaluate(CosineEmbedding, [0.0, -0.0], [1.0, 2.0]), (1.0, [0.0, 0.0]));
        let accepts = |y: [f64; 2]| CosineEmbedding.accepts(&y);
        assert!(accepts([0.0, 1e-300]) && !accepts([0.0, -0.0]) && !accepts([f64::NAN, 1.0]));
        for a in [[f64::NAN, 0.0], [0.0, f64::NAN], [f64::INFINITY, 0.0]] {
            assert!(evaluate(CosineEmbedding, a, [1.0, 2.0]).0.is_nan(), "{a:?}");
        }
    }
}
