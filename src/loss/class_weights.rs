//! Weights of classes.

use super::weights::{is_weight, weighted};
use super::{Class, Loss, NegativeLogLikelihood, SoftmaxCrossEntropy, Target};
use crate::kernel::Kernel;
use crate::scalar::Scalar;
use crate::vector::Vector;

/// A loss that is linear in its target, `L(a, y) = sum_j y_j l_j(a)`: the cross-entropy and the likelihood.
///
/// [`ClassWeights`] can then weight the probability of each class, `y_j w_j`, where the target is a vector of them.
#[diagnostic::on_unimplemented(
    message = "class weights of `{Self}` are not defined for a target that is a vector of probabilities",
    label = "this loss is not known to be linear in its target",
    note = "for targets that are a `Class`, `ClassWeights` takes every loss",
    note = "a loss of your own with `L(a, y) = sum_j y_j l_j(a)` can implement `LinearInTarget`"
)]
pub trait LinearInTarget {}

impl LinearInTarget for SoftmaxCrossEntropy {}
impl LinearInTarget for NegativeLogLikelihood {}

/// A loss whose classes have weights: `C_x = w_c L_x` for a sample of the class `c`, with the loss `L`.
///
/// The target is a [`Class`], and then the loss is any loss for classes; or a vector of probabilities, and then it is a
/// loss that is [linear in its target](LinearInTarget), and `C_x = L(a, y')` with `y'_j = w_j y_j`. For a class, both
/// are the same.
///
/// The average over a mini-batch is `1/n sum_x w_c L_x`. PyTorch's `CrossEntropyLoss(weight=w)` and
/// `NLLLoss(weight=w)` divide by the sum of the `w_c` instead of `n` (if the targets are classes). With
/// [`LabelSmoothing`](crate::LabelSmoothing) outside,
/// `LabelSmoothing { smoothing, loss: ClassWeights { weights, loss: SoftmaxCrossEntropy } }`, each class of the smoothed
/// target has its weight, as in PyTorch; with `LabelSmoothing` inside, the whole loss of a sample has the weight of its
/// class, as in Keras.
///
/// Unless all weights are finite and at least 0, the loss accepts no target.
///
/// ```
/// use stackprop::{Class, ClassWeights, Loss, SoftmaxCrossEntropy};
///
/// let mut gradient = [0.0; 2];
/// let loss = ClassWeights { weights: [1.0, 4.0], loss: SoftmaxCrossEntropy };
/// assert_eq!(loss.evaluate(&[0.0, 0.0], &Class::<2>::new(1).unwrap(), &mut gradient), 4.0 * 2_f32.ln());
/// assert_eq!(gradient, [2.0, -2.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassWeights<L, const N: usize, T = f32> {
    /// The weight of each class.
    pub weights: [T; N],
    /// The loss of a sample of weight 1.
    pub loss: L,
}

impl<L, T: Scalar, const N: usize> ClassWeights<L, N, T> {
    #[inline(always)]
    fn weight(&self, class: Class<N>) -> T {
        self.weights.get(class.index()).copied().unwrap_or(T::ZERO)
    }
}

impl<A: Vector, L: Loss<A, Class<N>>, const N: usize> Loss<A, Class<N>> for ClassWeights<L, N, A::Scalar> {
    type Takes = L::Takes;

    #[inline(always)]
    fn evaluate(&self, output: &A, target: &Class<N>, gradient: &mut A) -> A::Scalar {
        weighted(self.weight(*target), output, gradient, |g| self.loss.evaluate(output, target, g))
    }

    #[inline(always)]
    fn evaluate_on<K: Kernel>(
        &self,
        kernel: K,
        output: &A,
        target: &Class<N>,
        gradient: &mut A,
    ) -> A::Scalar {
        let weight = self.weight(*target);
        weighted(weight, output, gradient, |g| self.loss.evaluate_on(kernel, output, target, g))
    }

    #[inline(always)]
    fn accepts(&self, target: &Class<N>) -> bool {
        self.weights.all(is_weight) && self.loss.accepts(target)
    }
}

impl<T, L, const N: usize> Loss<[T; N], [T; N]> for ClassWeights<L, N, T>
where
    T: Scalar,
    L: Loss<[T; N], [T; N]> + LinearInTarget,
{
    type Takes = L::Takes;

    #[inline(always)]
    fn evaluate(&self, output: &[T; N], target: &[T; N], gradient: &mut [T; N]) -> T {
        let mut weighted = *target;
        for (y, &weight) in weighted.iter_mut().zip(&self.weights) {
            *y *= weight;
        }
        self.loss.evaluate(output, &weighted, gradient)
    }

    #[inline(always)]
    fn accepts(&self, target: &[T; N]) -> bool {
        self.weights.all(is_weight) && self.loss.accepts(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::tests::evaluate;
    use crate::{LabelSmoothing, Quadratic};
    use approx::assert_abs_diff_eq;

    // logits (ln 1, ln 3): softmax (1/4, 3/4)
    #[test]
    fn hand_computed() {
        let z = [0.0, 3_f64.ln()];
        let loss = ClassWeights { weights: [2.0, 0.5], loss: SoftmaxCrossEntropy };
        let (of_first, gradient) = evaluate(loss, z, Class::<2>::new(0).unwrap());
        assert_abs_diff_eq!(of_first, 2.0 * 4_f64.ln(), epsilon = 1e-15);
        assert_abs_diff_eq!(gradient[..], [-1.5, 1.5][..], epsilon = 1e-15);
        // y' = (1, 1/4): ln 4 + 1/4 ln(4/3), and 5/4 (1/4, 3/4) - (1, 1/4)
        let (of_vector, gradient) = evaluate(loss, z, [0.5, 0.5]);
        assert_abs_diff_eq!(of_vector, 4_f64.ln() + 0.25 * (4.0_f64 / 3.0).ln(), epsilon = 1e-15);
        assert_abs_diff_eq!(gradient[..], [-0.6875, 0.6875][..], epsilon = 1e-15);
    }

    #[test]
    fn a_class_is_a_vector_of_one_1() {
        let z = [0.3, -1.5];
        let loss = ClassWeights { weights: [2.0, 0.0], loss: SoftmaxCrossEntropy };
        for (index, vector) in [[1.0, 0.0], [0.0, 1.0]].into_iter().enumerate() {
            assert_eq!(evaluate(loss, z, Class::<2>::new(index).unwrap()), evaluate(loss, z, vector));
        }
    }

    /// Smoothing inside weights the whole loss of a sample, smoothing outside each class of the smoothed target.
    #[test]
    fn smoothing_inside_and_outside() {
        let (z, class) = ([0.0, 3_f64.ln()], Class::<2>::new(0).unwrap());
        let (first, second) = (4_f64.ln(), (4.0_f64 / 3.0).ln());
        let smoothed = LabelSmoothing { smoothing: 0.5, loss: SoftmaxCrossEntropy };
        let inside = evaluate(ClassWeights { weights: [2.0, 8.0], loss: smoothed }, z, class);
        assert_abs_diff_eq!(inside.0, 2.0 * (0.75 * first + 0.25 * second), epsilon = 4e-15);
        let weighted = ClassWeights { weights: [2.0, 8.0], loss: SoftmaxCrossEntropy };
        let outside = evaluate(LabelSmoothing { smoothing: 0.5, loss: weighted }, z, class);
        assert_abs_diff_eq!(outside.0, 1.5 * first + 2.0 * second, epsilon = 4e-15);
    }

    #[test]
    fn all_weights_are_checked() {
        for bad in [-1.0, f64::NAN, f64::INFINITY] {
            for weights in [[1.0, bad], [bad, 1.0]] {
                let loss = ClassWeights { weights, loss: Quadratic };
                assert!(!Loss::<[f64; 2], _>::accepts(&loss, &Class::<2>::new(0).unwrap()));
                assert!(!ClassWeights { weights, loss: SoftmaxCrossEntropy }.accepts(&[1.0, 0.0]));
            }
        }
        let loss = ClassWeights { weights: [0.0, 3.0], loss: SoftmaxCrossEntropy };
        assert!(loss.accepts(&[1.0, 0.0]) && !loss.accepts(&[f64::NAN, 0.0]));
    }
}
