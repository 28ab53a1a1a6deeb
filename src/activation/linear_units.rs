//! The piecewise linear functions.
//!
//! Where two pieces meet, the derivative is PyTorch's: that of the left piece for [`Relu`] and
//! [`LeakyRelu`], and 0 for [`HardSigmoid`] and [`HardTanh`].

use super::{Elementwise, KeepA, value_is_the_function};
use crate::math::real::{Function, Real};
use crate::range;
use crate::scalar::Scalar;
use crate::text::Text;

/// `1` where the condition holds, else `0`, as a scalar.
#[inline(always)]
fn indicator<T: Scalar>(condition: bool) -> T {
    if condition { T::ONE } else { T::ZERO }
}

/// A linear neuron: `a = z`, `sigma' = 1`. The layer is affine: use it before a loss on logits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Identity;

impl Elementwise for Identity {
    type Keeps = KeepA; // not a `Function`: there is nothing to compute
    type Range = range::Real;
    const NAME: &'static str = "Identity";
    const MODULES: usize = 0;

    #[inline(always)]
    fn value<T: Scalar>(z: T) -> T {
        z
    }

    #[inline(always)]
    fn derivative<T: Scalar>(_: T) -> T {
        T::ONE
    }
}

/// The rectified linear unit: `a = max(z, 0)`; `sigma' = 1` for `z > 0`, else 0. A NaN stays a NaN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relu;

impl Function for Relu {
    #[inline(always)]
    fn of<R: Real>(z: R) -> R {
        z.at_least(0.0)
    }
}

impl Elementwise for Relu {
    type Keeps = KeepA;
    type Range = range::Real;
    const NAME: &'static str = "Relu";

    value_is_the_function!();

    #[inline(always)]
    fn derivative<T: Scalar>(a: T) -> T {
        indicator(a > T::ZERO)
    }
}

/// The leaky rectified linear unit: `a = z` for `z > 0`, else `s z`, with the slope `s = PERMILLE / 1000`.
///
/// The default slope is PyTorch's, 0.01. `sigma' = 1` for `z > 0`, else `s`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeakyRelu<const PERMILLE: u32 = 10>;

impl<const PERMILLE: u32> LeakyRelu<PERMILLE> {
    const TEXT: &'static Text<24> = &Text::EMPTY.with("LeakyRelu<").with_number(PERMILLE as u64).with(">");

    const SLOPE: f64 = {
        assert!(PERMILLE > 0, "a LeakyRelu with slope 0 is a Relu");
        PERMILLE as f64 / 1000.0
    };
}

/// `s z`
struct Scaled<const PERMILLE: u32>;

impl<const PERMILLE: u32> Function for Scaled<PERMILLE> {
    #[inline(always)]
    fn of<R: Real>(z: R) -> R {
        z * R::constant(LeakyRelu::<PERMILLE>::SLOPE)
    }
}

impl<const PERMILLE: u32> Function for LeakyRelu<PERMILLE> {
    #[inline(always)]
    fn of<R: Real>(z: R) -> R {
        z.if_positive::<Scaled<PERMILLE>>(z)
    }
}

impl<const PERMILLE: u32> Elementwise for LeakyRelu<PERMILLE> {
    type Keeps = KeepA; // the slope is positive, so a has the sign of z
    type Range = range::Real;
    const NAME: &'static str = Self::TEXT.as_str();

    value_is_the_function!(Self::SLOPE);

    #[inline(always)]
    fn derivative<T: Scalar>(a: T) -> T {
        if a > T::ZERO { T::ONE } else { T::from_f64(Self::SLOPE) }
    }
}

/// The piecewise linear sigmoid: `a = min(max(z + 3, 0), 6) / 6`, as in PyTorch; `sigma' = 1/6` inside, else 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HardSigmoid;

impl Function for HardSigmoid {
    #[inline(always)]
    fn of<R: Real>(z: R) -> R {
        // Not z / 6 + 1/2: near -3, only the rounding error of the quotient would be left.
        (z + R::constant(3.0)).at_least(0.0).at_most(6.0) / R::constant(6.0)
    }
}

impl Elementwise for HardSigmoid {
    type Keeps = KeepA;
    type Range = range::Probability;
    const NAME: &'static str = "HardSigmoid";

    value_is_the_function!();

    #[inline(always)]
    fn derivative<T: Scalar>(a: T) -> T {
        indicator::<T>(a > T::ZERO && a < T::ONE) / T::from_f64(6.0)
    }
}

/// The piecewise linear tanh: `a = min(max(z, -1), 1)`; `sigma' = 1` inside, else 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HardTanh;

impl Function for HardTanh {
    #[inline(always)]
    fn of<R: Real>(z: R) -> R {
        z.at_least(-1.0).at_most(1.0)
    }
}

impl Elementwise for HardTanh {
    type Keeps = KeepA;
    type Range = range::Real;
    const NAME: &'static str = "HardTanh";

    value_is_the_function!();

    #[inline(always)]
    fn derivative<T: Scalar>(a: T) -> T {
        indicator(a > -T::ONE && a < T::ONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation::tests::check_derivative;

    #[test]
    fn derivatives() {
        check_derivative::<Identity>(true, &[]);
        check_derivative::<Relu>(true, &[0.0]);
        check_derivative::<LeakyRelu>(true, &[0.0]);
        check_derivative::<LeakyRelu<200>>(true, &[0.0]);
        check_derivative::<HardSigmoid>(true, &[-3.0, 3.0]);
        check_derivative::<HardTanh>(true, &[-1.0, 1.0]);
    }

    #[test]
    fn hand_computed() {
        assert_eq!(Relu::value(-2.0), 0.0);
        assert_eq!(<LeakyRelu<250>>::value(-2.0), -0.5);
        assert_eq!(HardSigmoid::value(1.5), 0.75);
        assert_eq!(HardTanh::value(-7.0), -1.0);
    }

    #[test]
    fn nan_passes_through() {
        assert!(Relu::value(f32::NAN).is_nan());
        assert!(<LeakyRelu>::value(f32::NAN).is_nan());
        assert!(HardSigmoid::value(f32::NAN).is_nan());
        assert!(HardTanh::value(f32::NAN).is_nan());
    }
}
