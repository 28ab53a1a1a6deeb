//! The error bounds of `stackprop::math`, measured.
//!
//! - f32: a quick strided sweep by default. All 2^32 arguments, with two threads per test, by
//!   `cargo test --release --test ulp -- --ignored --nocapture --test-threads=1`. With the environment variable
//!   `ULP_PART=2/5`, every fifth argument of these, from the third on: the parts 0/5 to 4/5 are all of them. The oracle is
//!   the host's f64 function, whose error is about 10^-9 of an f32 ULP.
//! - f64: a table of correctly rounded references from `tools/math_table.py`. The environment variable
//!   `MATH_TABLE=path` selects a larger one.
//!
//! The unit in the last place (ULP) is that of the float nearest to the reference, subnormal
//! numbers included. Each test prints the largest error it met and where.

use stackprop::math::MulAdd;
use stackprop::math::{Elementary, erf, exp, exp_m1, gelu, ln, ln_1p, sigmoid, sin_pi, tanh};

/// `P(x) + x p(x)`. In the tail, the second term is much larger.
fn gelu_derivative_oracle(x: f64) -> f64 {
    if x.abs() > 40.0 {
        return if x > 0.0 { 1.0 } else { 0.0 };
    }
    let density = (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2) + x * density
}

/// Arguments evaluated together: long enough for the vector loop, short enough for the stack.
const BLOCK: usize = 1024;

/// The largest error met so far, in ULP, and its argument.
#[derive(Clone, Copy, Debug)]
struct Worst<T> {
    ulp: f64,
    argument: T,
}

impl<T> Worst<T> {
    fn update(&mut self, ulp: f64, argument: T) {
        // A NaN error replaces everything and stays.
        if (ulp > self.ulp || ulp.is_nan()) && !self.ulp.is_nan() {
            *self = Worst { ulp, argument };
        }
    }
}

/// The error of an f32 result against a reference with more digits, in ULP; NaN where only one of
/// them is NaN. The unit is at least that of `floor`.
fn error_f32(result: f32, reference: f64, floor: f32) -> f64 {
    let nearest = reference as f32;
    if result == nearest || (result.is_nan() && reference.is_nan()) && !reference.is_finite() {
        // Equal infinities, or the usual case of a correctly rounded result below.
        if !nearest.is_finite() || nearest == 0.0 && reference == 0.0 {
            return 0.0;
        }
    }
    let exponent = (nearest.abs().max(floor).min(f32::MAX).to_bits() >> 23).max(1);
    let ulp = f64::from_bits((u64::from(exponent) + 1023 - 127 - 23) << 52);
    // Infinity stands for the number that would follow f32::MAX.
    let end = f64::from(f32::MAX) + f64::from_bits((1023 + 104) << 52);
    (f64::from(result).clamp(-end, end) - reference.clamp(-end, end)).abs() / ulp
}

/// A function under test over a block of arguments, inlined into a loop as in the kernels.
type Block = fn(&[f32; BLOCK], &mut [f32; BLOCK]);

macro_rules! block {
    ($method:ident) => {{
        #[inline(always)]
        fn plain(x: &[f32; BLOCK], y: &mut [f32; BLOCK]) {
            for (x, y) in x.iter().zip(y) {
                *y = Elementary::$method(*x);
            }
        }
        /// # Safety
        ///
        /// The processor must have both features.
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,fma")]
        fn vector(x: &[f32; BLOCK], y: &mut [f32; BLOCK]) {
            plain(x, y);
        }
        #[allow(unsafe_code)]
        fn fastest(x: &[f32; BLOCK], y: &mut [f32; BLOCK]) {
            #[cfg(target_arch = "x86_64")]
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                // SAFETY: the processor has both features, as was just detected.
                return unsafe { vector(x, y) };
            }
            plain(x, y);
        }
        fastest
    }};
}

/// The exact function, and a floor: the error of results below it is relative to the floor.
#[derive(Clone, Copy)]
struct Oracle {
    value: fn(f64) -> f64,
    floor: fn(f32) -> f32,
}

impl Oracle {
    const fn new(value: fn(f64) -> f64) -> Self {
        Self { value, floor: |_| 0.0 }
    }
}

/// The largest error of `block` over the bit patterns `start, start + stride, ...` below `end`.
fn sweep(block: Block, oracle: Oracle, start: u64, end: u64, stride: u64) -> Worst<f32> {
    let Oracle { value, floor } = oracle;
    let (mut x, mut y) = ([0.0; BLOCK], [0.0; BLOCK]);
    let mut worst = Worst { ulp: 0.0, argument: 0.0 };
    let mut bits = start;
    while bits < end {
        for (i, x) in x.iter_mut().enumerate() {
            *x = f32::from_bits((bits + i as u64 * stride).min(end - 1) as u32);
        }
        block(&x, &mut y);
        for (&x, &y) in x.iter().zip(&y) {
            worst.update(error_f32(y, value(f64::from(x)), floor(x)), x);
        }
        bits += BLOCK as u64 * stride;
    }
    worst
}

/// `ULP_PART`, the first argument and the stride of the sweep over every f32.
fn ulp_part() -> (u64, u64) {
    let Ok(part) = std::env::var("ULP_PART") else { return (0, 1) };
    let numbers = part.split_once('/').map(|(first, stride)| (first.parse(), stride.parse()));
    match numbers {
        Some((Ok(first), Ok(stride))) if first < stride => (first, stride),
        _ => panic!("ULP_PART is `{part}`, not two numbers like 2/5, of which the first is smaller"),
    }
}

fn report_f32(name: &str, worst: Worst<f32>, bound: f64) {
    let (ulp, x) = (worst.ulp, worst.argument);
    println!("{name}_f32 (fused: {}): {ulp:.4} ULP at {x:e} (0x{:08x})", f32::FUSED, x.to_bits());
    assert!(ulp <= bound, "{name}_f32: {ulp} ULP at {x:e}, the bound is {bound}");
}

fn sigmoid_oracle(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// `x P(x)`. The relative rounding error of `x / sqrt 2` is multiplied by `x^2`, which is at most 200 if the result
/// is not 0 in f32.
fn gelu_oracle(x: f64) -> f64 {
    if x < -40.0 { -0.0 } else { 0.5 * x * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2) }
}

/// The reduction to `|r| <= 1/2` is exact in f64 for every f32.
fn sin_pi_oracle(x: f64) -> f64 {
    let t = x - 2.0 * (0.5 * x).round();
    let r = if t.abs() > 0.5 { t.signum() - t } else { t };
    (std::f64::consts::PI * r).sin()
}

macro_rules! f32_tests {
    ($($method:ident: $oracle:expr, $bound:expr $(, floor $floor:expr)?;)*) => {
        mod strided {
            use super::*;
            $(
                #[test]
                fn $method() {
                    // The stride is a prime, about 2^32 / 10^6, so all binades and all low bits occur.
                    let oracle = Oracle { $(floor: $floor,)? ..Oracle::new($oracle) };
                    let worst = sweep(block!($method), oracle, 0, 1 << 32, 4297);
                    report_f32(stringify!($method), worst, $bound);
                }
            )*
        }

        mod every_f32 {
            use super::*;
            $(
                #[test]
                #[ignore = "2^32 arguments: in release, about half a minute each"]
                fn $method() {
                    // Two threads take the pieces in turns, because the expensive arguments are close together.
                    let pieces = 64;
                    let (start, stride) = ulp_part();
                    let oracle = Oracle { $(floor: $floor,)? ..Oracle::new($oracle) };
                    let part = |first: u64| {
                        let mut worst = Worst { ulp: 0.0, argument: 0.0 };
                        for piece in (first..pieces).step_by(2) {
                            let length = (1 << 32) / pieces;
                            let (from, to) = (piece * length + start, (piece + 1) * length);
                            let found = sweep(block!($method), oracle, from, to, stride);
                            worst.update(found.ulp, found.argument);
                        }
                        worst
                    };
                    let worst = std::thread::scope(|scope| {
                        let other = scope.spawn(|| part(1));
                        let mut worst = part(0);
                        let other = other.join().unwrap();
                        worst.update(other.ulp, other.argument);
                        worst
                    });
                    report_f32(stringify!($method), worst, $bound);
                }
            )*
        }
    };
}

f32_tests! {
    exp: f64::exp, exp::EXP_F32_MAX_ULP;
    exp_m1: f64::exp_m1, exp_m1::EXP_M1_F32_MAX_ULP;
    ln: f64::ln, ln::LN_F32_MAX_ULP;
    ln_1p: f64::ln_1p, ln_1p::LN_1P_F32_MAX_ULP;
    tanh: f64::tanh, tanh::TANH_F32_MAX_ULP;
    sigmoid: sigmoid_oracle, sigmoid::SIGMOID_F32_MAX_ULP;
    erf: libm::erf, erf::ERF_F32_MAX_ULP;
    gelu: gelu_oracle, gelu::GELU_F32_MAX_ULP;
    gelu_derivative: gelu_derivative_oracle, gelu::GELU_DERIVATIVE_F32_MAX_ULP,
        floor |x| if x < 0.0 && x > -2.5 { 0.1 } else { 0.0 };
    sin_pi: sin_pi_oracle, sin_pi::SIN_PI_F32_MAX_ULP;
}

/// The vectorised loop and the plain call give the same bits.
#[test]
fn vector_and_scalar_bits_agree() {
    fn check(block: Block, scalar: fn(f32) -> f32) {
        let (mut x, mut y) = ([0.0; BLOCK], [0.0; BLOCK]);
        for start in (0..=u32::MAX).step_by(1 << 25) {
            for (i, x) in x.iter_mut().enumerate() {
                *x = f32::from_bits(start.wrapping_add(i as u32 * 32_771));
            }
            block(&x, &mut y);
            for (&x, &y) in x.iter().zip(&y) {
                let alone = scalar(std::hint::black_box(x));
                assert!(alone.to_bits() == y.to_bits() || alone.is_nan() && y.is_nan(), "{x:e}");
            }
        }
    }
    check(block!(exp), Elementary::exp);
    check(block!(exp_m1), Elementary::exp_m1);
    check(block!(ln), Elementary::ln);
    check(block!(ln_1p), Elementary::ln_1p);
    check(block!(tanh), Elementary::tanh);
    check(block!(sigmoid), Elementary::sigmoid);
    check(block!(erf), Elementary::erf);
    check(block!(gelu), Elementary::gelu);
    check(block!(gelu_derivative), Elementary::gelu_derivative);
    check(block!(sin_pi), Elementary::sin_pi);
}

/// The error of an f64 result against `nearest + residual * ulp(nearest)`, in ULP.
fn error_f64(result: f64, nearest: f64, residual: f64) -> f64 {
    if result == nearest && !nearest.is_finite() {
        return 0.0;
    }
    let exponent = (nearest.abs().to_bits() >> 52).max(1);
    // The unit can be subnormal: divide by it in two steps, 2^(exponent - 1023) and 2^-52.
    let unit = f64::from_bits(exponent << 52);
    ((result - nearest) / unit * f64::from_bits((1023 + 52) << 52) - residual).abs()
}

/// The lines of the table: the function, the argument, the reference, and the residual that must be
/// added to the reference, in ULP.
fn table() -> impl Iterator<Item = (String, f64, f64, f64)> {
    let path = std::env::var("MATH_TABLE")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/math_f64.txt").into());
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let mut name = String::new();
    let mut lines = Vec::new();
    for line in text.lines() {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["#", ..] => {}
            [function] => name = function.into(),
            [x, nearest, residual] => {
                let float = |hex| f64::from_bits(u64::from_str_radix(hex, 16).unwrap());
                lines.push((name.clone(), float(x), float(nearest), residual.parse().unwrap()));
            }
            _ => panic!("{path}: {line}"),
        }
    }
    lines.into_iter()
}

/// Name, function, bound.
type Case = (&'static str, fn(f64) -> f64, f64);

#[test]
fn f64_table() {
    let functions: [Case; 9] = [
        ("exp", Elementary::exp, exp::EXP_F64_MAX_ULP),
        ("exp_m1", Elementary::exp_m1, exp_m1::EXP_M1_F64_MAX_ULP),
        ("ln", Elementary::ln, ln::LN_F64_MAX_ULP),
        ("ln_1p", Elementary::ln_1p, ln_1p::LN_1P_F64_MAX_ULP),
        ("tanh", Elementary::tanh, tanh::TANH_F64_MAX_ULP),
        ("sigmoid", Elementary::sigmoid, sigmoid::SIGMOID_F64_MAX_ULP),
        ("erf", Elementary::erf, erf::ERF_F64_MAX_ULP),
        ("gelu", Elementary::gelu, gelu::GELU_F64_MAX_ULP),
        ("sin_pi", Elementary::sin_pi, sin_pi::SIN_PI_F64_MAX_ULP),
    ];
    let mut worst = functions.map(|_| Worst { ulp: 0.0, argument: 0.0 });
    let mut count = [0; 9];
    for (name, x, nearest, residual) in table() {
        let i = functions.iter().position(|f| f.0 == name).unwrap();
        worst[i].update(error_f64(functions[i].1(x), nearest, residual), x);
        count[i] += 1;
    }
    for (((name, _, bound), worst), count) in functions.iter().zip(&worst).zip(count) {
        let (ulp, x) = (worst.ulp, worst.argument);
        println!("{name}_f64 (fused: {}): {ulp:.4} ULP at {x:e} of {count}", f64::FUSED);
        assert!(count >= 300, "{name}: only {count} lines in the table");
        assert!(ulp <= *bound, "{name}_f64: {ulp} ULP at {x:e}, the bound is {bound}");
    }
}
