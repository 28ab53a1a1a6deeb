//! Elementary functions with the same bits on every target.
//!
//! Each function is a fixed sequence of correctly rounded operations (`+ - * /` and the
//! [multiply-add](MulAdd) of the build's numerics class) without
//! branches, tables or loops, so one argument has one result everywhere and a plain loop over a
//! slice becomes vector instructions. One file per function: derivation, coefficients (from
//! `tools/math_coefficients.sollya`), code, error bound. The bounds `*_MAX_ULP` hold in both
//! numerics classes; `tests/ulp.rs` sweeps every f32 and a table of f64.

pub(crate) mod bits;
pub mod erf;
pub mod exp;
pub mod exp_m1;
pub mod gelu;
mod horner;
pub(crate) mod lanes;
pub mod ln;
pub mod ln_1p;
pub(crate) mod real;
pub mod sigmoid;
pub mod sin_pi;
pub mod tanh;

pub use crate::arithmetic::MulAdd;

/// The elementary functions that activations, losses, initialisers and learning-rate schedules need.
///
/// Implemented for `f32` and `f64`. With `std` a method call on a concrete type finds the inherent
/// `f32::exp`, whose bits depend on the platform: call `Elementary::exp(x)`, or be generic over
/// `T: Elementary`.
pub trait Elementary: MulAdd {
    /// `e^x`: see [`exp`](mod@exp).
    fn exp(self) -> Self;

    /// `e^x - 1`, accurate near zero: see [`exp_m1`](mod@exp_m1).
    fn exp_m1(self) -> Self;

    /// The natural logarithm: see [`ln`](mod@ln).
    fn ln(self) -> Self;

    /// `ln(1 + x)`, accurate near zero: see [`ln_1p`](mod@ln_1p).
    fn ln_1p(self) -> Self;

    /// The hyperbolic tangent: see [`tanh`](mod@tanh).
    fn tanh(self) -> Self;

    /// The logistic function `1 / (1 + e^-x)`: see [`sigmoid`](mod@sigmoid).
    fn sigmoid(self) -> Self;

    /// The error function: see [`erf`](mod@erf).
    fn erf(self) -> Self;

    /// `x P(x)`, where `P` is the normal distribution function: see [`gelu`](mod@gelu).
    fn gelu(self) -> Self;

    /// The derivative of [`gelu`](Elementary::gelu).
    fn gelu_derivative(self) -> Self;

    /// `sin(pi x)`: see [`sin_pi`](mod@sin_pi).
    fn sin_pi(self) -> Self;
}

macro_rules! elementary {
    ($t:ident: $($method:ident = $module:ident::$function:ident),*) => {
        impl Elementary for $t {
            $(
                #[inline(always)]
                fn $method(self) -> $t {
                    $module::$function(self)
                }
            )*
        }
    };
}

elementary!(f32: exp = exp::exp_f32, exp_m1 = exp_m1::exp_m1_f32, ln = ln::ln_f32, ln_1p = ln_1p::ln_1p_f32,
    tanh = tanh::tanh_f32, sigmoid = sigmoid::sigmoid_f32, erf = erf::erf_f32, gelu = gelu::gelu_f32,
    gelu_derivative = gelu::gelu_derivative_f32, sin_pi = sin_pi::sin_pi_f32);
elementary!(f64: exp = exp::exp_f64, exp_m1 = exp_m1::exp_m1_f64, ln = ln::ln_f64, ln_1p = ln_1p::ln_1p_f64,
    tanh = tanh::tanh_f64, sigmoid = sigmoid::sigmoid_f64, erf = erf::erf_f64, gelu = gelu::gelu_f64,
    gelu_derivative = gelu::gelu_derivative_f64, sin_pi = sin_pi::sin_pi_f64);

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    /// Each coefficient has the bits that its tool derived: accuracy tests do not notice a wrong last digit.
    #[test]
    fn coefficients_are_those_of_the_tools() {
        let f32 = |c: &[f32]| c.iter().map(|c| c.to_bits().into()).collect::<Vec<u64>>();
        let f64 = |c: &[f64]| c.iter().map(|c| c.to_bits()).collect::<Vec<u64>>();
        let constants = [
            ("EXP_F32", f32(&exp::Q_F32)),
            ("EXP_F64", f64(&exp::Q_F64)),
            ("TANH_F32", f32(&tanh::Q_F32)),
            ("TANH_F64", f64(&tanh::Q_F64)),
            ("LN_F32", f32(&ln::Q_F32)),
            ("LN_F64", f64(&ln::Q_F64)),
            ("ERF_SMALL_F32", f32(&erf::SMALL_F32)),
            ("ERF_SMALL_F64", f64(&erf::SMALL_F64)),
            ("ERF_TAIL_F32", f32(&erf::TAIL_F32)),
            ("ERF_TAIL_F64", f64(&erf::TAIL_F64)),
            ("SIN_PI_F32", f32(&sin_pi::SINE_F32)),
            ("COS_PI_F32", f32(&sin_pi::COSINE_F32)),
            ("SIN_PI_F64", f64(&sin_pi::SINE_F64)),
            ("COS_PI_F64", f64(&sin_pi::COSINE_F64)),
            ("GELU_N_F32", f32(&gelu::N_F32)),
            ("GELU_D_F32", f32(&gelu::D_F32)),
            ("GELU_N_F64", f64(&gelu::N_F64)),
            ("GELU_D_F64", f64(&gelu::D_F64)),
        ];
        let table = include_str!("../../tests/data/math_coefficients.txt");
        let derived: Vec<(&str, Vec<u64>)> = table
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| {
                let (name, bits) = line.split_once(' ').unwrap();
                (name, bits.split(' ').map(|bits| u64::from_str_radix(bits, 16).unwrap()).collect())
            })
            .collect();
        assert_eq!(derived, constants);
    }
}
