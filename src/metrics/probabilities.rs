//! Which outputs are probabilities.

use super::metric::{Refusal, is_probability};
use crate::scalar::Scalar;

/// Why these are no probabilities of classes: each must be in [0, 1], and their sum within 1e-3 of 1.
///
/// The sum of a rounded softmax of a thousand classes is far closer, and logits are far off.
pub(super) fn refusal<T: Scalar, const N: usize>(probabilities: &[T; N]) -> Option<Refusal> {
    let sum = probabilities.iter().fold(T::ZERO, |sum, &p| sum + p);
    let each = probabilities.iter().all(|&p| is_probability(p));
    let valid = each && (sum - T::ONE).abs() <= T::from_f64(1e-3);
    (!valid).then_some(Refusal::NotAProbability)
}
