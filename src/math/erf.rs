//! The error function.
//!
//! For small `x`, `erf(x) = x + x q(x^2)`. For large `x`, `erf(x) = 1 - q(x - c)^k` with `k` = 4
//! (f32) or 8 (f64). The `k`-th root of `1 - erf(x)` is much closer to a polynomial than the
//! function itself (degree 8 instead of 13 for f32). The power multiplies its relative error by
//! `k`, but that error is weighted by `1 - erf(x)`, which is small beside 1.
//!
//! Both are computed and one is selected; the sign of `x` is put back at the end.

use super::bits::fma;
use super::horner::{horner_f32, horner_f64};
use super::lanes::Lanes;

/// Largest error of [`erf_f32`] over all arguments, in units in the last place.
pub const ERF_F32_MAX_ULP: f64 = 1.68; // measured over all 2^32: separate, at 1.105; fused 1.37

/// Largest error of [`erf_f64`] measured, in units in the last place.
pub const ERF_F64_MAX_ULP: f64 = 2.0; // measured at 100 000 arguments: separate, at 1.241; fused 1.31

/// Beyond this magnitude, the result is 1 or -1: `1 - erf(LIMIT) < 2^-25`.
const LIMIT_F32: f32 = 3.93;
/// `1 - erf(LIMIT) < 2^-54`.
const LIMIT_F64: f64 = 6.0;

/// Where the tail takes over from the small arguments.
const JOIN_F32: f32 = 1.125;
const JOIN_F64: f64 = 1.25;

/// The middle of the tail's interval.
const CENTRE_F32: f32 = 2.5;
const CENTRE_F64: f64 = 3.5;

/// `q` for f32 on `0 <= x <= 1.125`: relative error 2^-27.0.
pub(super) const SMALL_F32: [f32; 7] =
    [0.12837917, -0.37612605, 0.112832904, -0.02684048, 0.0051622605, -0.00077802275, 7.102175e-05];

/// `q` for f64 on `0 <= x <= 1.25`: relative error 2^-56.3.
pub(super) const SMALL_F64: [f64; 15] = [
    0.1283791670955126,
    -0.37612638903183865,
    0.11283791670958122,
    -0.02686617064550328,
    0.005223977628051589,
    -0.0008548327138182562,
    0.00012055336344265868,
    -1.4925718490399248e-05,
    1.6463087492174635e-06,
    -1.6375689611959692e-07,
    1.4876983627371623e-08,
    -1.2625978062054282e-09,
    1.0434869125854556e-10,
    -8.257351658210033e-12,
    4.4713805575523486e-13,
];

/// `q` for f32 on `1.125 <= x <= 3.9375`: absolute error 2^-27.5 of its fourth power.
pub(super) const TAIL_F32: [f32; 9] = [
    0.1420321,
    -0.19006425,
    0.09363871,
    -0.012277591,
    -0.0064487145,
    0.0027303526,
    2.226583e-05,
    -0.00023149265,
    -1.2132063e-05,
];

/// `q` for f64 on `1.25 <= x <= 6`: absolute error 2^-62.9 of its eighth power.
pub(super) const TAIL_F64: [f64; 20] = [
    0.1713486901015985,
    -0.1556295808267273,
    0.04996976837632286,
    -0.0027025332153607627,
    -0.002310667354501348,
    0.0005140361468211115,
    2.2694626756157404e-05,
    -2.1361637965015597e-05,
    1.7116379252992962e-06,
    4.0830926980775114e-07,
    -7.67971500903266e-08,
    -3.1620853856431182e-09,
    1.8071454230411595e-09,
    -4.690843473616877e-11,
    -2.4918237613527427e-11,
    3.1214323516417383e-12,
    -6.241996322480342e-13,
    -4.818312829232384e-13,
    -9.746979239452466e-14,
    -7.956474818414903e-15,
];

/// The error function, for every `x`: -1 and 1 at the infinities, odd to the bit (-0 for -0), NaN
/// for NaN.
///
/// The error is at most [`ERF_F32_MAX_ULP`].
#[inline(always)]
pub fn erf_f32(x: f32) -> f32 {
    erf_lanes(x)
}

/// [`erf_f32`] in each lane.
#[inline(always)]
pub fn erf_lanes<V: Lanes>(x: V) -> V {
    let c = V::splat;
    let a = x.abs().at_most(LIMIT_F32);
    let small = a.mul_add(horner_f32(a * a, &SMALL_F32), a);
    let q = horner_f32(a - c(CENTRE_F32), &TAIL_F32);
    let q2 = q * q;
    let tail = (-q2).mul_add(q2, c(1.0));
    V::select_at_most(c(JOIN_F32), a, tail, small).copysign(x)
}

/// The error function, for every `x`: -1 and 1 at the infinities, odd to the bit (-0 for -0), NaN
/// for NaN.
///
/// The error measured is at most [`ERF_F64_MAX_ULP`].
#[inline(always)]
pub fn erf_f64(x: f64) -> f64 {
    let a = x.abs();
    let a = if a > LIMIT_F64 { LIMIT_F64 } else { a };
    let small = fma(a, horner_f64(a * a, &SMALL_F64), a);
    let q = horner_f64(a - CENTRE_F64, &TAIL_F64);
    let q2 = q * q;
    let q4 = q2 * q2;
    let tail = fma(-q4, q4, 1.0);
    (if a < JOIN_F64 { small } else { tail }).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_values() {
        assert_eq!(erf_f32(f32::INFINITY), 1.0);
        assert_eq!(erf_f32(f32::NEG_INFINITY), -1.0);
        assert_eq!(erf_f32(0.0).to_bits(), 0);
        assert_eq!(erf_f32(-0.0).to_bits(), (-0.0_f32).to_bits());
        assert!(erf_f32(f32::NAN).is_nan());
        assert_eq!(erf_f64(f64::INFINITY), 1.0);
        assert_eq!(erf_f64(f64::NEG_INFINITY), -1.0);
        assert_eq!(erf_f64(-0.0).to_bits(), (-0.0_f64).to_bits());
        assert!(erf_f64(f64::NAN).is_nan());
    }

    #[test]
    fn odd_to_the_bit_and_at_most_one() {
        for i in 0..20_000 {
            let x = i as f32 / 997.0;
            let y = erf_f32(x);
            assert!(y <= 1.0 && erf_f32(-x).to_bits() == (-y).to_bits(), "{x}");
            let x = f64::from(x);
            let y = erf_f64(x);
            assert!(y <= 1.0 && erf_f64(-x).to_bits() == (-y).to_bits(), "{x}");
        }
        assert_eq!(erf_f32(4.0), 1.0);
        assert_eq!(erf_f64(20.0), 1.0);
    }
}
