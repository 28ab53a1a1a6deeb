//! From outputs to a predicted class. An output that is NaN predicts nothing.

use super::metric::is_nan;
use crate::loss::Class;
use crate::scalar::{Scalar, argmax};

/// The class with the largest output; `None` if an output is NaN.
///
/// If several are equal, it is the one with the smallest index, as with [`argmax`]. But `argmax` answers the index of a
/// NaN, which may be the right class by chance; here, it is no class. As softmax preserves the order, the outputs can
/// be logits or probabilities.
///
/// ```
/// use stackprop::Class;
/// use stackprop::metrics::argmax_class;
///
/// assert_eq!(argmax_class(&[0.1, 0.7, 0.2]), Class::new(1));
/// assert_eq!(argmax_class(&[1.0, 3.0, 3.0]), Class::new(1));
/// assert_eq!(argmax_class(&[3.0, f32::NAN, 2.0]), None);
/// ```
#[must_use]
pub fn argmax_class<T: Scalar, const N: usize>(outputs: &[T; N]) -> Option<Class<N>> {
    // `argmax` answers the first NaN if there is one.
    let index = argmax(outputs);
    outputs.get(index).filter(|&&largest| !is_nan(largest)).and_then(|_| Class::new(index))
}

/// Whether a score is above a threshold; `None` if either is NaN.
///
/// For a network with one output that was trained with [`SigmoidCrossEntropy`](crate::SigmoidCrossEntropy), a logit
/// above 0 is a probability above 1/2. A score that is equal to the threshold is not above it.
///
/// ```
/// use stackprop::metrics::above;
///
/// assert_eq!(above(1.5, 0.0), Some(true));
/// assert_eq!(above(0.0, 0.0), Some(false));
/// assert_eq!(above(f32::NAN, 0.0), None);
/// ```
#[must_use]
pub fn above<T: Scalar>(score: T, threshold: T) -> Option<bool> {
    score.partial_cmp(&threshold).map(|order| order.is_gt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nan_is_no_class() {
        const NAN: f64 = f64::NAN;
        const INFINITY: f64 = f64::INFINITY;
        for outputs in [[NAN, 1.0], [1.0, NAN], [-NAN, INFINITY], [NAN, NAN]] {
            assert_eq!(argmax_class(&outputs), None);
        }
        assert_eq!(argmax_class(&[-INFINITY, -INFINITY]), Class::new(0));
        assert_eq!(argmax_class(&[0.0, INFINITY]), Class::new(1));
    }

    #[test]
    fn infinite_scores_are_above_or_not() {
        assert_eq!(above(f32::INFINITY, f32::MAX), Some(true));
        assert_eq!(above(-f32::INFINITY, f32::MIN), Some(false));
        assert_eq!(above(-0.0_f32, 0.0), Some(false));
        assert_eq!(above(1.0, f32::NAN), None);
    }
}
