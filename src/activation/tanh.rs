//! The hyperbolic tangent, `sigma' = 1 - a^2`.

use super::{Elementwise, KeepA, value_is_the_function};
use crate::math::real::{Function, Real};
use crate::range;
use crate::scalar::Scalar;

/// The hyperbolic tangent: `a = tanh z`, in (-1, 1); `sigma' = 1 - a^2`.
///
/// `sigma'` has a small relative error for the stored `a`. But `a` is rounded: from `|z|` = 9.1 (f32) or 19.1
/// (f64) on, it is 1 or -1, and `sigma'` is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tanh;

impl Function for Tanh {
    #[inline(always)]
    fn of<R: Real>(z: R) -> R {
        z.tanh()
    }
}

impl Elementwise for Tanh {
    type Keeps = KeepA;
    type Range = range::Real;
    const NAME: &'static str = "Tanh";

    value_is_the_function!();

    #[inline(always)]
    fn derivative<T: Scalar>(a: T) -> T {
        // (1 - a)(1 + a) keeps its relative accuracy near a = +-1, where 1 - a * a cancels.
        (T::ONE - a) * (T::ONE + a)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivative() {
        crate::activation::tests::check_derivative::<Tanh>(true, &[]);
    }

    // tanh(ln 2) = (2 - 1/2) / (2 + 1/2) = 3/5
    #[test]
    fn hand_computed() {
        let a = Tanh::value(2_f64.ln());
        approx::assert_abs_diff_eq!(a, 0.6, epsilon = 1e-15);
        approx::assert_abs_diff_eq!(Tanh::derivative(a), 0.64, epsilon = 1e-15);
    }
}
