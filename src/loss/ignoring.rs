//! Samples without a target, which do not count.

use super::Loss;
use super::weights::nothing;
use crate::kernel::Kernel;
use crate::vector::Vector;

/// A loss for targets that may be missing: that of `Some(y)` is the loss for `y`, that of `None` is 0, and so is its
/// gradient.
///
/// An output that is NaN is not hidden: its loss is NaN. A sample without a target still counts in the average over a
/// mini-batch, `1/n sum_x C_x`. PyTorch's `CrossEntropyLoss(ignore_index=i)` divides by the number of the other samples
/// instead; leave such samples out of the data if you can.
///
/// ```
/// use stackprop::{Class, Ignoring, Loss, SoftmaxCrossEntropy};
///
/// let (loss, mut gradient) = (Ignoring(SoftmaxCrossEntropy), [0.0; 2]);
/// assert_eq!(loss.evaluate(&[0.0, 0.0], &Class::<2>::new(1), &mut gradient), 2_f32.ln());
/// assert_eq!(gradient, [0.5, -0.5]);
/// assert_eq!(loss.evaluate(&[0.0, 0.0], &None::<Class<2>>, &mut gradient), 0.0);
/// assert_eq!(gradient, [0.0, 0.0]);
/// ```
///
/// It composes with the other losses around a loss. Classes with weights, smoothed, some of them unknown:
///
/// ```
/// use stackprop::{Class, ClassWeights, Ignoring, LabelSmoothing, Loss, SoftmaxCrossEntropy};
///
/// let weighted = ClassWeights { weights: [1.0, 2.0], loss: SoftmaxCrossEntropy };
/// let loss = Ignoring(LabelSmoothing { smoothing: 0.1, loss: weighted });
/// assert!(loss.evaluate(&[0.0, 0.0], &Class::<2>::new(1), &mut [0.0; 2]) > 0.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ignoring<L>(pub L);

impl<A: Vector, Y, L: Loss<A, Y>> Loss<A, Option<Y>> for Ignoring<L> {
    type Takes = L::Takes;

    #[inline(always)]
    fn evaluate(&self, output: &A, target: &Option<Y>, gradient: &mut A) -> A::Scalar {
        match target {
            Some(target) => self.0.evaluate(output, target, gradient),
            None => nothing(output, gradient),
        }
    }

    #[inline(always)]
    fn evaluate_on<K: Kernel>(
        &self,
        kernel: K,
        output: &A,
        target: &Option<Y>,
        gradient: &mut A,
    ) -> A::Scalar {
        match target {
            Some(target) => self.0.evaluate_on(kernel, output, target, gradient),
            None => nothing(output, gradient),
        }
    }

    #[inline(always)]
    fn accepts(&self, target: &Option<Y>) -> bool {
        target.as_ref().is_none_or(|target| self.0.accepts(target))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::tests::evaluate as evaluate_array;
    use crate::{
        Class, ClassWeights, Quadratic, SampleWeights, SigmoidCrossEntropy, SoftmaxCrossEntropy, Weighted,
    };

    fn evaluate<Y>(loss: impl Loss<[f64; 2], Y>, a: [f64; 2], y: Y) -> (f64, [f64; 2]) {
        let mut gradient = [f64::NAN; 2];
        (loss.evaluate(&a, &y, &mut gradient), gradient)
    }

    // errors (2, -1)
    #[test]
    fn hand_computed() {
        let a = [3.0, 5.0];
        assert_eq!(evaluate(Ignoring(Quadratic), a, Some([1.0, 6.0])), (2.5, [2.0, -1.0]));
        assert_eq!(evaluate(Ignoring(Quadratic), a, None::<[f64; 2]>), (0.0, [0.0, 0.0]));
        assert!(evaluate(Ignoring(Quadratic), [3.0, f64::NAN], None::<[f64; 2]>).0.is_nan());
        // A masked logit is no error.
        let masked = [f64::NEG_INFINITY, 0.0];
        assert_eq!(evaluate(Ignoring(SoftmaxCrossEntropy), masked, None::<Class<2>>), (0.0, [0.0, 0.0]));
    }

    #[test]
    fn inside_and_outside_of_others() {
        let (z, class) = ([0.5, -0.25], Class::<2>::new(1).unwrap());
        let weighted = ClassWeights { weights: [1.0, 4.0], loss: SoftmaxCrossEntropy };
        let expected = evaluate_array(weighted, z, class);
        assert_eq!(evaluate(Ignoring(weighted), z, Some(class)), expected);
        let of_sample = SampleWeights(Ignoring(weighted));
        assert_eq!(evaluate(of_sample, z, Weighted { target: Some(class), weight: 1.0 }), expected);
        let of_sample = Ignoring(SampleWeights(weighted));
        assert_eq!(evaluate(of_sample, z, Some(Weighted { target: class, weight: 1.0 })), expected);
    }

    #[test]
    fn targets() {
        let accepts = |y| Loss::<[f64; 1], _>::accepts(&Ignoring(SigmoidCrossEntropy), &y);
        assert!(accepts(None::<[f64; 1]>) && accepts(Some([0.5])) && !accepts(Some([2.0])));
    }
}
