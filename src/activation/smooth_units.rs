//! Smooth relatives of the rectified linear unit.

use super::sigmoid::LIMIT;
use super::{Elementwise, KeepA, KeepZ, value_is_the_function};
use crate::math::Elementary;
use crate::math::real::{Function, Real};
use crate::range;
use crate::scalar::Scalar;
use crate::text::Text;

/// The exponential linear unit: `a = z` for `z > 0`, else `alpha (e^z - 1)`, with `alpha = PERMILLE / 1000`.
///
/// The default `alpha` is PyTorch's, 1. `sigma' = 1` for `z > 0`, else `a + alpha`, which is exact for the stored
/// `a`. But `a` is rounded: from `z` = -17 (f32) or -37 (f64) down, it is `-alpha`, and `sigma'` is 0. (Clevert,
/// Unterthiner, Hochreiter 2015.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Elu<const PERMILLE: u32 = 1000>;

impl<const PERMILLE: u32> Elu<PERMILLE> {
    const TEXT: &'static Text<24> = &Text::EMPTY.with("Elu<").with_number(PERMILLE as u64).with(">");

    const ALPHA: f64 = {
        assert!(PERMILLE > 0, "an Elu with alpha 0 is a Relu");
        PERMILLE as f64 / 1000.0
    };
}

/// `alpha (e^z - 1)`
struct Saturating<const PERMILLE: u32>;

impl<const PERMILLE: u32> Function for Saturating<PERMILLE> {
    #[inline(always)]
    fn of<R: Real>(z: R) -> R {
        R::constant(Elu::<PERMILLE>::ALPHA) * z.exp_m1()
    }
}

impl<const PERMILLE: u32> Function for Elu<PERMILLE> {
    #[inline(always)]
    fn of<R: Real>(z: R) -> R {
        z.if_positive::<Saturating<PERMILLE>>(z)
    }
}

impl<const PERMILLE: u32> Elementwise for Elu<PERMILLE> {
    type Keeps = KeepA;
    type Range = range::Real;
    const NAME: &'static str = Self::TEXT.as_str();

    value_is_the_function!(Self::ALPHA);

    #[inline(always)]
    fn derivative<T: Scalar>(a: T) -> T {
        if a > T::ZERO { T::ONE } else { a + T::from_f64(Self::ALPHA) }
    }
}

/// The scaled exponential linear unit: `a = scale z` for `z > 0`, else `scale alpha (e^z - 1)`.
///
/// `scale` and `alpha` make a deep network keep mean 0 and variance 1 when its weights are
/// [`LecunNormal`](crate::init::LecunNormal). `sigma' = scale` for `z > 0`, else `a + scale alpha`, as in [`Elu`].
/// (Klambauer, Unterthiner, Mayr, Hochreiter 2017, whose equation 14 gives the two constants.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selu;

impl Selu {
    const SCALE: f64 = 1.050_700_987_355_480_5;
    const ALPHA: f64 = 1.673_263_242_354_377_2;
}

/// `scale alpha (e^z - 1)`
struct ScaledSaturating;

impl Function for ScaledSaturating {
    #[inline(always)]
    fn of<R: Real>(z: R) -> R {
        R::constant(Selu::SCALE * Selu::ALPHA) * z.exp_m1()
    }
}

impl Function for Selu {
    #[inline(always)]
    fn of<R: Real>(z: R) -> R {
        z.if_positive::<ScaledSaturating>(R::constant(Self::SCALE) * z)
    }
}

impl Elementwise for Selu {
    type Keeps = KeepA;
    type Range = range::Real;
    const NAME: &'static str = "Selu";

    value_is_the_function!();

    #[inline(always)]
    fn derivative<T: Scalar>(a: T) -> T {
        if a > T::ZERO { T::from_f64(Self::SCALE) } else { a + T::from_f64(Self::SCALE * Self::ALPHA) }
    }
}

/// The term `ln(1 + e^-|z|)` that [`Softplus`] adds to `max(z, 0)`. Its exponential cannot overflow.
pub(crate) struct SoftplusRest;

impl Function for SoftplusRest {
    #[inline(always)]
    fn of<R: Real>(z: R) -> R {
        (-z.abs()).exp().ln_1p()
    }
}

impl Elementwise for SoftplusRest {
    type Keeps = KeepZ;
    type Range = range::Real;

    value_is_the_function!();

    #[inline(always)]
    fn derivative<T: Scalar>(z: T) -> T {
        let s = Elementary::sigmoid(-z.abs());
        if z > T::ZERO { -s } else { s }
    }
}

/// `a = ln(1 + e^z)`, a smooth `max(z, 0)`; `sigma'` is the logistic function of `z`.
///
/// Both have a small relative error for every `z`. That of `a` is at most the sum of
/// [`EXP_F32_MAX_ULP`](crate::math::exp::EXP_F32_MAX_ULP),
/// [`LN_1P_F32_MAX_ULP`](crate::math::ln_1p::LN_1P_F32_MAX_ULP) and a half, in units in the last place, or the
/// same with the bounds for f64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Softplus;

impl Function for Softplus {
    #[inline(always)]
    fn of<R: Real>(z: R) -> R {
        z.at_least(0.0) + SoftplusRest::of(z)
    }
}

impl Elementwise for Softplus {
    type Keeps = KeepZ;
    type Range = range::Real;
    const NAME: &'static str = "Softplus";

    value_is_the_function!();

    #[inline(always)]
    fn derivative<T: Scalar>(z: T) -> T {
        Elementary::sigmoid(z)
    }
}

/// The sigmoid linear unit (swish): `a = z s`, with `s = 1 / (1 + e^-z)`; `sigma' = s (1 + z (1 - s))`.
///
/// `a` has a small relative error for every `z`: at most
/// [`SIGMOID_F32_MAX_ULP`](crate::math::sigmoid::SIGMOID_F32_MAX_ULP) and one unit in the last place more, or the
/// same for f64, plus `|z|` times the smallest number, because `s` becomes subnormal before `a` does. So does
/// `sigma'`, except near its zero at -1.28 and for large `z`, where the rounding error of `1 - s` is multiplied
/// by `z`: the relative error there is at most `(8 + z) u`, where `u` is 2^-24 for f32 and 2^-53 for f64.
///
/// (Elfwing, Uchibe, Doya 2017; Ramachandran, Zoph, Le 2017.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Silu;

impl Function for Silu {
    #[inline(always)]
    fn of<R: Real>(z: R) -> R {
        let z = z.at_least(-LIMIT);
        z * z.sigmoid()
    }
}

impl Elementwise for Silu {
    type Keeps = KeepZ;
    type Range = range::Real;
    const NAME: &'static str = "Silu";

    value_is_the_function!();

    #[inline(always)]
    fn derivative<T: Scalar>(z: T) -> T {
        let z = z.clamp(T::from_f64(-LIMIT), T::from_f64(LIMIT));
        let s = Elementary::sigmoid(z);
        s * (T::ONE + z * (T::ONE - s))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation::tests::check_derivative;

    #[test]
    fn derivatives() {
        check_derivative::<Elu>(true, &[0.0]);
        check_derivative::<Elu<300>>(true, &[0.0]);
        check_derivative::<Selu>(true, &[0.0]);
        check_derivative::<Softplus>(false, &[]);
        check_derivative::<SoftplusRest>(false, &[0.0]);
        check_derivative::<Silu>(false, &[]);
    }

    // With e^z = 1/2: e^z - 1 = -1/2, ln(1 + e^z) = ln 3/2, sigmoid(z) = 1/3.
    #[test]
    fn hand_computed() {
        let z = -(2_f64.ln());
        approx::assert_abs_diff_eq!(<Elu>::value(z), -0.5, epsilon = 1e-15);
        approx::assert_abs_diff_eq!(Selu::value(z), -0.5 * 1.758_099_340_847_376_8, epsilon = 1e-15);
        approx::assert_abs_diff_eq!(Softplus::value(z), 1.5_f64.ln(), epsilon = 1e-15);
        approx::assert_abs_diff_eq!(Silu::value(z), z / 3.0, epsilon = 1e-15);
    }

    #[test]
    fn extremes_stay_finite() {
        for z in [1e4_f32, -1e4] {
            assert_eq!(Softplus::value(z), if z > 0.0 { z } else { 0.0 });
            assert_eq!(Silu::value(z), if z > 0.0 { z } else { 0.0 });
            assert!(<Elu>::value(z).is_finite() && Selu::value(z).is_finite());
        }
    }
}
