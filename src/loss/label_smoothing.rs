//! Label smoothing: a part of the target is spread over all classes.

use super::{Loss, Target};
use crate::range::IsLogitsOf;
use crate::scalar::Scalar;

/// A loss of one of `N` classes, for a smoothed target: `C_x(z, y')`, with
/// `y'_j = (1 - smoothing) y_j + smoothing / N`.
///
/// The gradient is that of the loss for `y'`. The target `y` is a [`Class`](crate::Class) or a vector of probabilities.
/// The loss takes logits of `N` classes and vectors of probabilities: [`SoftmaxCrossEntropy`](crate::SoftmaxCrossEntropy)
/// or [`KlDivergence`](crate::KlDivergence). (Szegedy et al. 2016, "Rethinking the Inception Architecture", section 7.)
/// Averaged over a mini-batch, that of the cross-entropy is PyTorch's `CrossEntropyLoss(label_smoothing=smoothing)`. A
/// masked logit, of negative infinity, has an infinite loss, because its smoothed target is not 0.
///
/// With a `smoothing` outside [0, 1], the loss accepts no target.
///
/// ```
/// use stackprop::{Class, LabelSmoothing, Loss, SoftmaxCrossEntropy};
///
/// let mut gradient = [0.0; 2];
/// let loss = LabelSmoothing { smoothing: 0.5, loss: SoftmaxCrossEntropy };
/// loss.evaluate(&[0.0, 0.0], &Class::<2>::new(0).unwrap(), &mut gradient);
/// assert_eq!(gradient, [-0.25, 0.25]); // softmax (1/2, 1/2), y' = (3/4, 1/4)
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LabelSmoothing<L, T = f32> {
    /// The part of the target that is spread over all classes, from 0 to 1.
    pub smoothing: T,
    /// The loss for the smoothed target.
    pub loss: L,
}

impl<L, T: Scalar> LabelSmoothing<L, T> {
    /// `y'`
    #[inline(always)]
    fn smoothed<const N: usize>(&self, target: &impl Target<[T; N]>) -> [T; N] {
        let share = self.smoothing / T::from_usize(N);
        let mut smoothed = [T::ZERO; N];
        for (j, y) in (0..N).zip(&mut smoothed) {
            *y = (T::ONE - self.smoothing) * target.value(j) + share;
        }
        smoothed
    }
}

impl<T, Y, L, const N: usize> Loss<[T; N], Y> for LabelSmoothing<L, T>
where
    T: Scalar,
    Y: Target<[T; N]>,
    L: Loss<[T; N], [T; N]>,
    L::Takes: IsLogitsOf<N>,
{
    type Takes = L::Takes;

    #[inline(always)]
    fn evaluate(&self, logits: &[T; N], target: &Y, gradient: &mut [T; N]) -> T {
        self.loss.evaluate(logits, &self.smoothed(target), gradient)
    }

    #[inline(always)]
    fn accepts(&self, target: &Y) -> bool {
        T::ZERO <= self.smoothing
            && self.smoothing <= T::ONE
            && target.all(T::is_finite)
            && self.loss.accepts(&self.smoothed(target))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::tests::evaluate;
    use crate::{Class, KlDivergence, SoftmaxCrossEntropy};
    use approx::assert_abs_diff_eq;

    // softmax (1/4, 3/4), class 0 smoothed by 1/2: (3/4, 1/4)
    #[test]
    fn hand_computed() {
        let (z, class) = ([0.0, 3_f64.ln()], Class::<2>::new(0).unwrap());
        let (loss, gradient) =
            evaluate(LabelSmoothing { smoothing: 0.5, loss: SoftmaxCrossEntropy }, z, class);
        assert_abs_diff_eq!(loss, 0.75 * 4_f64.ln() + 0.25 * (4.0_f64 / 3.0).ln(), epsilon = 1e-15);
        assert_abs_diff_eq!(gradient[..], [-0.5, 0.5][..], epsilon = 1e-15);
        let divergence = evaluate(LabelSmoothing { smoothing: 0.5, loss: KlDivergence }, z, class);
        assert_abs_diff_eq!(divergence.0, 0.75 * 3_f64.ln() + 0.25 * (1.0_f64 / 3.0).ln(), epsilon = 1e-15);
        assert_eq!(divergence.1, gradient);
    }

    #[test]
    fn without_smoothing_nothing_changes() {
        for target in [[1.0, 0.0], [0.25, 0.75], [3.0, 0.5]] {
            let loss = LabelSmoothing { smoothing: 0.0, loss: SoftmaxCrossEntropy };
            let z = [0.3, -2.0];
            assert_eq!(evaluate(loss, z, target), evaluate(SoftmaxCrossEntropy, z, target));
        }
    }

    #[test]
    fn targets_and_settings() {
        let accepts = |smoothing, y| LabelSmoothing { smoothing, loss: KlDivergence }.accepts(&[y, 0.5_f64]);
        assert!(accepts(0.0, 0.0) && accepts(0.1, 0.5) && accepts(1.0, 0.5));
        assert!(!accepts(-0.1, 0.5) && !accepts(1.1, 0.5) && !accepts(f64::NAN, 0.5));
        assert!(!accepts(0.1, f64::NAN) && !accepts(1.0, f64::INFINITY) && !accepts(0.1, -1.0));
    }
}
