//! Losses of scores, which are 0 once the score of what is right leads by a margin: those of support vector machines.

use super::elementwise::{ElementwiseLoss, one_of, sum_of_terms};
use super::{Class, Loss};
use crate::range::Logits;
use crate::scalar::Scalar;

/// The sign of a binary label: `-1` for -1 and 0, `1` for 1.
#[inline(always)]
fn sign<T: Scalar>(y: T) -> T {
    if y == T::ONE { T::ONE } else { -T::ONE }
}

#[inline(always)]
fn is_label<T: Scalar>(y: T) -> bool {
    (y.abs() == T::ONE) | (y == T::ZERO)
}

/// The hinge loss of binary targets: `C_x = 1/k sum_j max(0, 1 - y_j a_j)`, with `k` outputs.
///
/// `dC_x/da_j = -y_j / k` where the maximum is above 0, else 0. The targets `y_j` are -1 or 1; a target of 0 counts as
/// -1, so a [`Class`] is `k` independent targets, of which one is 1. The network's last layer has no activation, or
/// one with both signs. (Keras has it as `Hinge`, with the same mean and the same targets. PyTorch has only the
/// losses of several classes: [`MultiMargin`].)
///
/// ```
/// use stackprop::{Hinge, Loss};
///
/// let mut gradient = [0.0; 2];
/// assert_eq!(Hinge.evaluate(&[0.5, 3.0], &[1.0, -1.0], &mut gradient), 2.25); // (0.5 + 4) / 2
/// assert_eq!(gradient, [-0.5, 0.5]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hinge;

impl<T: Scalar> ElementwiseLoss<T> for Hinge {
    #[inline(always)]
    fn factor(&self, k: usize) -> T {
        one_of(k)
    }

    #[inline(always)]
    fn term(&self, a: T, y: T, factor: T) -> (T, T) {
        let missing = T::ONE - sign(y) * a;
        let slope = if missing > T::ZERO { -sign(y) * factor } else { T::ZERO };
        (Scalar::max(T::ZERO, missing), slope)
    }
}

sum_of_terms!(Hinge, Logits, |_, y| is_label(y));

/// The squared hinge loss of binary targets: `C_x = 1/k sum_j max(0, 1 - y_j a_j)^2`, with `k` outputs.
///
/// `dC_x/da_j = -2 y_j max(0, 1 - y_j a_j) / k`. Targets and outputs are those of [`Hinge`]. (Keras has it as
/// `SquaredHinge`.)
///
/// ```
/// use stackprop::{Loss, SquaredHinge};
///
/// let mut gradient = [0.0; 2];
/// assert_eq!(SquaredHinge.evaluate(&[0.5, 3.0], &[1.0, -1.0], &mut gradient), 8.125); // (0.25 + 16) / 2
/// assert_eq!(gradient, [-0.5, 4.0]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SquaredHinge;

impl<T: Scalar> ElementwiseLoss<T> for SquaredHinge {
    #[inline(always)]
    fn factor(&self, k: usize) -> T {
        one_of(k)
    }

    #[inline(always)]
    fn term(&self, a: T, y: T, factor: T) -> (T, T) {
        let missing = Scalar::max(T::ZERO, T::ONE - sign(y) * a);
        (missing * missing, -sign(y) * (factor + factor) * missing)
    }
}

sum_of_terms!(SquaredHinge, Logits, |_, y| is_label(y));

/// The margin loss of one of `N` classes: `C_x = 1/N sum_{i != c} max(0, margin - a_c + a_i)^p`, for the class `c`.
///
/// `p` is 1, or 2 if `squared`. With `m_i = max(0, margin - a_c + a_i)`, `dC_x/da_i = p m_i^(p-1) / N` for `i != c`
/// where `m_i` is above 0, and `dC_x/da_c` is minus the sum of these. The target is a [`Class`]; the network's last
/// layer has no activation. (Weston, Watkins 1999.) Averaged over a mini-batch it is PyTorch's `MultiMarginLoss`, whose
/// `weight` is [`ClassWeights`](crate::ClassWeights).
///
/// With a `margin` that is negative, infinite or NaN, the loss accepts no target.
///
/// ```
/// use stackprop::{Class, Loss, MultiMargin};
///
/// let mut gradient = [0.0; 4];
/// let class = Class::<4>::new(1).unwrap();
/// let loss = MultiMargin::default().evaluate(&[2.0, 2.0, 1.5, -3.0], &class, &mut gradient);
/// assert_eq!(loss, 0.375); // (1 + 0.5 + 0) / 4
/// assert_eq!(gradient, [0.25, -0.5, 0.25, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MultiMargin<T = f32> {
    /// By how much the score of the class must be above all others; at least 0.
    pub margin: T,
    /// Whether what is missing is squared: PyTorch's `p=2`.
    pub squared: bool,
}

impl<T: Scalar> Default for MultiMargin<T> {
    /// A margin of 1, not squared, as in PyTorch.
    fn default() -> Self {
        Self { margin: T::ONE, squared: false }
    }
}

impl<T: Scalar, const N: usize> Loss<[T; N], Class<N>> for MultiMargin<T> {
    type Takes = Logits;

    #[inline(always)]
    fn evaluate(&self, output: &[T; N], target: &Class<N>, gradient: &mut [T; N]) -> T {
        let (class, factor) = (target.index(), one_of::<T>(N));
        let right = output.get(class).copied().unwrap_or(T::ZERO);
        let (mut sum, mut slopes) = (T::ZERO, T::ZERO);
        for (i, (&a, g)) in (0..N).zip(output.iter().zip(&mut *gradient)) {
            // For the class itself this is the margin, or NaN if its output is infinite.
            let missing = Scalar::max(T::ZERO, self.margin + (a - right));
            let (value, slope) = match self.squared {
                true => (missing * missing, (factor + factor) * missing),
                false => (missing, if missing > T::ZERO { factor } else { T::ZERO }),
            };
            *g = slope;
            if i != class {
                sum += value;
                slopes += slope;
            }
        }
        if let Some(g) = gradient.get_mut(class) {
            *g = -slopes;
        }
        factor * sum
    }

    #[inline(always)]
    fn accepts(&self, _: &Class<N>) -> bool {
        self.margin.is_finite() & (self.margin >= T::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::tests::evaluate;

    // 1 - 0.5 and 1 + 3, k = 2
    #[test]
    fn hand_computed() {
        let (a, y) = ([0.5, 3.0], [1.0, -1.0]);
        assert_eq!(evaluate(Hinge, a, y), (2.25, [-0.5, 0.5]));
        assert_eq!(evaluate(SquaredHinge, a, y), (8.125, [-0.5, 4.0]));
        // A 0 is a -1, and a class is one 1 among them.
        assert_eq!(evaluate(Hinge, a, [1.0, 0.0]), (2.25, [-0.5, 0.5]));
        assert_eq!(evaluate(SquaredHinge, a, Class::<2>::new(0).unwrap()), (8.125, [-0.5, 4.0]));
        // A lead of the margin has no loss and no derivative.
        assert_eq!(evaluate(Hinge, [1.0, -1.5], y), (0.0, [0.0; 2]));
        assert_eq!(evaluate(SquaredHinge, [1.0, -1.5], y), (0.0, [0.0; 2]));
    }

    // class 1 of (2, 2, 1.5, -3) with a margin of 1: 1, 1/2 and 0 are missing
    #[test]
    fn multi_margin() {
        let (a, class) = ([2.0, 2.0, 1.5, -3.0], Class::<4>::new(1).unwrap());
        let mut gradient = [f64::NAN; 4];
        let loss = MultiMargin { margin: 1.0, squared: false };
        assert_eq!(loss.evaluate(&a, &class, &mut gradient), 0.375);
        assert_eq!(gradient, [0.25, -0.5, 0.25, 0.0]);
        let loss = MultiMargin { margin: 1.0, squared: true };
        assert_eq!(loss.evaluate(&a, &class, &mut gradient), 1.25 / 4.0);
        assert_eq!(gradient, [0.5, -0.75, 0.25, 0.0]);
    }

    #[test]
    fn what_is_not_a_number_is_not_hidden() {
        for a in [[f64::NAN, 0.0], [0.0, f64::NAN]] {
            assert!(evaluate(Hinge, a, [1.0, -1.0]).0.is_nan());
            assert!(evaluate(SquaredHinge, a, [1.0, -1.0]).0.is_nan());
            for (index, squared) in [(0, false), (1, false), (0, true), (1, true)] {
                let (class, mut gradient) = (Class::<2>::new(index).unwrap(), [0.0; 2]);
                let loss = MultiMargin { margin: 1.0, squared };
                assert!(loss.evaluate(&a, &class, &mut gradient).is_nan());
            }
        }
    }

    #[test]
    fn targets_and_settings() {
        for (y, accepted) in [(-1.0, true), (0.0, true), (1.0, true), (0.5, false), (f64::NAN, false)] {
            assert_eq!(Hinge.accepts(&[y]), accepted, "{y}");
            assert_eq!(SquaredHinge.accepts(&[y]), accepted, "{y}");
        }
        let class = Class::<2>::new(0).unwrap();
        for (margin, accepted) in [(1.0, true), (0.0, true), (-1.0, false), (f64::NAN, false)] {
            let loss = MultiMargin { margin, squared: false };
            assert_eq!(Loss::<[f64; 2], _>::accepts(&loss, &class), accepted, "{margin}");
        }
    }
}
