//! The error function.
//!
//! Up to 1, `erf(x) = x + x q(x^2)`. From 1 on, `erf(x) = 1 - q(x - c)^8`: the eighth root of `1 - erf(x)` is much
//! closer to a polynomial than the function itself, and its relative error, although eightfold, counts only as far as
//! `1 - erf(x) <= 0.16` counts beside 1. Both are computed and one is selected; the sign of `x` is put back at the end.

use super::bits::fma;

/// Largest error of [`erf_f32`] over all arguments, in units in the last place.
pub const ERF_F32_MAX_ULP: f64 = 2.0;

/// Largest error of [`erf_f64`] measured, in units in the last place.
pub const ERF_F64_MAX_ULP: f64 = 2.0;

/// Beyond this in magnitude the result is 1: `1 - erf(LIMIT) < 2^-25`.
const LIMIT_F32: f32 = 3.93;
/// `1 - erf(LIMIT) < 2^-54`.
const LIMIT_F64: f64 = 6.0;

/// The middle of the tail's interval.
const CENTRE_F32: f32 = 2.5;
const CENTRE_F64: f64 = 3.5;

/// `q` for f32 on `0 <= x <= 1`: relative error 2^-29.2.
const SMALL_F32: [f32; 7] = [
    0.12837917,
    -0.3761263,
    0.11283619,
    -0.026855174,
    0.0051908446,
    -0.0008031836,
    7.9241305e-05,
];

/// `q` for f64 on `0 <= x <= 1`: relative error 2^-56.3.
const SMALL_F64: [f64; 13] = [
    0.1283791670955126,
    -0.37612638903183876,
    0.11283791670958783,
    -0.02686617064563193,
    0.005223977629246368,
    -0.0008548327199419399,
    0.00012055338164247337,
    -1.4925748260975606e-05,
    1.6463248766611732e-06,
    -1.6372388793014335e-07,
    1.4798478798892824e-08,
    -1.1877050412463726e-09,
    6.763673052651332e-11,
];

/// `q` for f32 on `1 <= x <= 4`: absolute error 2^-26.8 of its eighth power.
const TAIL_F32: [f32; 10] = [
    0.37687117,
    -0.25215888,
    0.039891917,
    0.010425764,
    -0.0037380715,
    -9.886749e-05,
    0.00017223202,
    -1.3388766e-05,
    -3.7283464e-06,
    5.460312e-07,
];

/// `q` for f64 on `1 <= x <= 6`: absolute error 2^-58.1 of its eighth power.
const TAIL_F64: [f64; 26] = [
    0.17134869010159695,
    -0.15562958082676603,
    0.04996976837620107,
    -0.0027025332149044454,
    -0.0023106673517141276,
    0.00051403615026613,
    2.269462152411061e-05,
    -2.1361656043452426e-05,
    1.7116239836500977e-06,
    4.083192312992859e-07,
    -7.67719697124105e-08,
    -3.147462556223539e-09,
    1.8033593899315707e-09,
    -5.647897194205121e-11,
    -2.9704834656221615e-11,
    2.946000917413291e-12,
    2.4789288026531536e-13,
    -4.75955264548766e-14,
    -2.031677399005485e-15,
    7.633993769916504e-16,
    -1.4252029396043147e-17,
    -8.629918417859245e-18,
    2.5931023104151988e-18,
    -5.966419524781989e-19,
    3.2129297721170746e-20,
    4.5562587384633155e-21,
];

/// `c[0] + c[1] x + c[2] x^2 + ...` by Horner's rule; `N` is a constant, so the loop is unrolled.
#[inline(always)]
fn horner<T: crate::kernel::arithmetic::MulAdd + Copy, const N: usize>(x: T, c: &[T; N]) -> T {
    let mut coefficients = c.iter().rev();
    let mut sum = match coefficients.next() {
        Some(&last) => last,
        None => x,
    };
    for &c in coefficients {
        sum = fma(sum, x, c);
    }
    sum
}

/// The error function, for every `x`: -1 and 1 at the infinities, odd to the bit (-0 for -0), NaN for NaN.
///
/// The error is at most [`ERF_F32_MAX_ULP`].
#[inline(always)]
pub fn erf_f32(x: f32) -> f32 {
    let a = x.abs();
    let a = if a > LIMIT_F32 { LIMIT_F32 } else { a };
    let small = fma(a, horner(a * a, &SMALL_F32), a);
    let q = horner(a - CENTRE_F32, &TAIL_F32);
    let q2 = q * q;
    let q4 = q2 * q2;
    let tail = fma(-q4, q4, 1.0);
    (if a < 1.0 { small } else { tail }).copysign(x)
}

/// The error function, for every `x`: -1 and 1 at the infinities, odd to the bit (-0 for -0), NaN for NaN.
///
/// The error measured is at most [`ERF_F64_MAX_ULP`].
#[inline(always)]
pub fn erf_f64(x: f64) -> f64 {
    let a = x.abs();
    let a = if a > LIMIT_F64 { LIMIT_F64 } else { a };
    let small = fma(a, horner(a * a, &SMALL_F64), a);
    let q = horner(a - CENTRE_F64, &TAIL_F64);
    let q2 = q * q;
    let q4 = q2 * q2;
    let tail = fma(-q4, q4, 1.0);
    (if a < 1.0 { small } else { tail }).copysign(x)
}
