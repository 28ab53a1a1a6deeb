//! Activations and losses near their limits: relative errors in the tails, against mpmath, and values at infinities,
//! zeros, subnormal numbers and the largest numbers, computed by hand.
//!
//! The table comes from `tools/tails_table.py`. The bounds are the documented ones, in units `u`: half of the unit in
//! the last place of 1, 2^-24 for f32 and 2^-53 for f64.

use stackprop::activation::Elementwise;
use stackprop::math::{Elementary, exp, gelu, ln_1p, sigmoid};
use stackprop::{
    Class, Dense, Elu, Gelu, GeluTanh, HardSigmoid, HardTanh, Identity, LeakyRelu, Loss, Network, Relu,
    Scalar, Selu, Sigmoid, Silu, SoftmaxCrossEntropy, Softplus, Tanh,
};

/// `u` and the smallest subnormal number.
fn units<T: Scalar>() -> (f64, f64) {
    if size_of::<T>() == 4 {
        (f64::powi(2.0, -24), f64::powi(2.0, -149))
    } else {
        (f64::powi(2.0, -53), f64::from_bits(1))
    }
}

/// The error in units of `u scale`, after subtracting `slack` times the smallest subnormal number.
fn error<T: Scalar>(found: T, expected: f64, scale: f64, slack: f64) -> f64 {
    let (u, smallest) = units::<T>();
    ((found.to_f64() - expected).abs() - slack * smallest).max(0.0) / (u * scale)
}

/// Near a zero of a derivative, its error is relative to this instead.
const NEAR_ZERO: f64 = 0.1;

/// `v` of [`GeluTanh`].
fn inner(z: f64) -> f64 {
    2.0 * std::f64::consts::FRAC_2_PI.sqrt() * (z + 0.044715 * z * z * z)
}

/// The error of one line, in units, and its bound.
fn check<T: Scalar>(name: &str, z: f64, expected: f64) -> (f64, f64) {
    let x = T::from_f64(z);
    let bits = size_of::<T>() * 8;
    let ulp = |f32, f64| 2.0 * if bits == 32 { f32 } else { f64 };
    let sigmoid = ulp(sigmoid::SIGMOID_F32_MAX_ULP, sigmoid::SIGMOID_F64_MAX_ULP);
    let relative = expected.abs();
    // The zeros are at -0.75 (both forms of GELU) and -1.28 (SiLU).
    let derivative = if z < 0.0 && z > -2.5 { relative.max(NEAR_ZERO) } else { relative };
    let (found, scale, slack, bound) = match name {
        "gelu" => (Gelu::value(x), relative, 1.0, ulp(gelu::GELU_F32_MAX_ULP, gelu::GELU_F64_MAX_ULP)),
        "gelu_derivative" => {
            let ulp = ulp(gelu::GELU_DERIVATIVE_F32_MAX_ULP, gelu::GELU_DERIVATIVE_F64_MAX_ULP);
            (Gelu::derivative(x), derivative, 1.0, ulp)
        }
        // The logistic function becomes subnormal before the product does.
        "gelu_tanh" => (GeluTanh::value(x), relative, 1.0 + z.abs(), 8.0 + 4.0 * inner(z).abs()),
        "gelu_tanh_derivative" => {
            let slack = 1.0 + 4.0 * inner(z).abs();
            (
                GeluTanh::derivative(x),
                derivative,
                slack,
                16.0 + 8.0 * if z < 0.0 { -inner(z) } else { inner(z).min(50.0) },
            )
        }
        "silu" => (Silu::value(x), relative, 1.0 + z.abs(), sigmoid + 2.0),
        "silu_derivative" => {
            (Silu::derivative(x), derivative, 1.0 + z.abs(), sigmoid + 3.0 + z.clamp(0.0, 40.0))
        }
        "softplus" => {
            let ulp = ulp(
                exp::EXP_F32_MAX_ULP + ln_1p::LN_1P_F32_MAX_ULP,
                exp::EXP_F64_MAX_ULP + ln_1p::LN_1P_F64_MAX_ULP,
            );
            (Softplus::value(x), relative, 1.0, ulp + 1.0)
        }
        "softplus_derivative" => (Softplus::derivative(x), relative, 1.0, sigmoid),
        _ => panic!("{name}: unknown"),
    };
    (error(found, expected, scale, slack), bound)
}

fn table() -> impl Iterator<Item = String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/tails.txt");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().filter(|line| !line.starts_with('#')).map(String::from).collect::<Vec<_>>().into_iter()
}

fn numbers(text: &str) -> Vec<f64> {
    text.split_whitespace().map(|x| x.parse().unwrap()).collect()
}

fn activations<T: Scalar>() {
    let mut worst: Vec<(String, f64, f64, usize)> = Vec::new();
    for line in table().filter(|line| !line.contains('|')) {
        let words: Vec<&str> = line.split(' ').collect();
        let (name, z, expected) = (words[0], words[1].parse().unwrap(), words[2].parse().unwrap());
        let (error, bound) = check::<T>(name, z, expected);
        assert!(error <= bound, "{name} at {z}: {error:.2} u, the bound is {bound:.2}");
        if worst.last().is_none_or(|worst| worst.0 != name) {
            worst.push((name.into(), 0.0, 0.0, 0));
        }
        let last = worst.last_mut().unwrap();
        last.3 += 1;
        if error > last.1 {
            (last.1, last.2) = (error, z);
        }
    }
    assert_eq!(worst.len(), 8);
    for (name, error, z, count) in worst {
        println!("{name}, {} bytes: {error:.2} u at {z}, of {count}", size_of::<T>());
        assert!(count > 100);
    }
}

#[test]
fn tails_of_activations() {
    activations::<f32>();
    activations::<f64>();
}

fn cross_entropies<T: Scalar>() {
    let (mut worst, mut count) = (0.0_f64, 0);
    for line in table().filter(|line| line.contains('|')) {
        let parts: Vec<&str> = line.split('|').collect();
        let head = numbers(parts[0].strip_prefix("softmax_cross_entropy").unwrap());
        let (logits, derivatives) = (numbers(parts[1]), numbers(parts[2]));
        let logits: [f64; 3] = logits.try_into().unwrap();
        let class = Class::<3>::new(head[0] as usize).unwrap();
        let mut gradient = [T::ZERO; 3];
        let loss = SoftmaxCrossEntropy.evaluate(&logits.map(T::from_f64), &class, &mut gradient);
        let apart =
            logits.iter().fold(f64::MIN, |m, z| m.max(*z)) - logits.iter().fold(f64::MAX, |m, z| m.min(*z));
        let bound = 8.0 + 3.0 + apart;
        for (found, expected) in gradient.into_iter().zip(derivatives).chain([(loss, head[1])]) {
            let error = error(found, expected, expected.abs(), 1.0);
            assert!(error <= bound, "{line}: {found} for {expected}, {error:.2} u, the bound is {bound}");
            worst = worst.max(error / bound);
        }
        count += 1;
    }
    println!("softmax_cross_entropy, {} bytes: {worst:.3} of the bound, of {count}", size_of::<T>());
    assert!(count > 100);
}

#[test]
fn tails_of_the_softmax_cross_entropy() {
    cross_entropies::<f32>();
    cross_entropies::<f64>();
}

/// The values of a function and its derivative at an argument. Zeros of both signs are equal.
struct At {
    z: f64,
    value: f64,
    derivative: f64,
}

/// Whether the derivative is a function of `a`.
const A: bool = true;
const Z: bool = false;

fn limits<E: Elementwise + 'static>(name: &str, of_a: bool, cases: &[At]) {
    for &At { z, value, derivative } in cases {
        one::<E, f64>(name, of_a, z, value, derivative);
        one::<E, f32>(name, of_a, z, value, derivative);
        // In vectors, as a layer computes it: the bias is z.
        let z = z as f32;
        let network = Network::new(Dense::<1, 21, E>::from_parameters([[0.0; 21]], [z; 21]));
        for a in network.predict(&[0.0]) {
            assert!(a == E::value(z), "{name} in a layer at {z}: {a}");
        }
    }
    for a in [E::value(f64::NAN), E::value(f32::NAN).into()] {
        assert!(a.is_nan(), "{name}: {a} for NaN");
    }
}

fn one<E: Elementwise, T: Scalar>(name: &str, of_a: bool, z: f64, value: f64, derivative: f64) {
    let z = T::from_f64(z);
    let a = E::value(z);
    assert!(a == T::from_f64(value), "{name}({z}) = {a}, not {value}");
    let d = E::derivative(if of_a { a } else { z });
    assert!(d == T::from_f64(derivative), "{name}'({z}) = {d}, not {derivative}");
}

const INFINITY: f64 = f64::INFINITY;
/// The largest f32; twice its square is beyond f32, its fourth power within f64.
const LARGE: f64 = f32::MAX as f64;
/// A subnormal f32, whose half is subnormal, too.
const SMALL: f64 = 1.0e-40;

/// `(z, value, derivative)` at `-INFINITY`, `-LARGE`, `-SMALL`, 0, `SMALL`, `LARGE` and `INFINITY`.
fn seven(values: [f64; 7], derivatives: [f64; 7]) -> [At; 7] {
    let z = [-INFINITY, -LARGE, -SMALL, 0.0, SMALL, LARGE, INFINITY];
    std::array::from_fn(|i| At { z: z[i], value: values[i], derivative: derivatives[i] })
}

// All computed by hand. If z is so small that its square is negligible, a smooth function is f(0) + f'(0) z.
#[test]
fn limits_by_hand() {
    let halves = [0.0, 0.0, -0.5 * SMALL, 0.0, 0.5 * SMALL, LARGE, INFINITY];
    let step = [0.0, 0.0, 0.5, 0.5, 0.5, 1.0, 1.0];
    limits::<Gelu>("Gelu", Z, &seven(halves, step));
    limits::<GeluTanh>("GeluTanh", Z, &seven(halves, step));
    limits::<Silu>("Silu", Z, &seven(halves, step));
    let ln2 = std::f64::consts::LN_2;
    limits::<Softplus>("Softplus", Z, &seven([0.0, 0.0, ln2, ln2, ln2, LARGE, INFINITY], step));
    let identity = [-INFINITY, -LARGE, -SMALL, 0.0, SMALL, LARGE, INFINITY];
    limits::<Identity>("Identity", A, &seven(identity, [1.0; 7]));
    let sign = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0];
    limits::<Relu>("Relu", A, &seven([0.0, 0.0, 0.0, 0.0, SMALL, LARGE, INFINITY], sign));
    // Products with a slope of 1/4 are exact.
    let leaky = [-INFINITY, -0.25 * LARGE, -0.25 * f64::from(SMALL as f32), 0.0, SMALL, LARGE, INFINITY];
    let leaky = seven(leaky, [0.25, 0.25, 0.25, 0.25, 1.0, 1.0, 1.0]);
    for case in leaky.into_iter().filter(|case| case.z != -SMALL) {
        limits::<LeakyRelu<250>>("LeakyRelu", A, &[case]);
    }
    limits::<Sigmoid>(
        "Sigmoid",
        A,
        &seven([0.0, 0.0, 0.5, 0.5, 0.5, 1.0, 1.0], [0.0, 0.0, 0.25, 0.25, 0.25, 0.0, 0.0]),
    );
    let tanh = [-1.0, -1.0, -SMALL, 0.0, SMALL, 1.0, 1.0];
    limits::<Tanh>("Tanh", A, &seven(tanh, [0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0]));
    limits::<HardTanh>("HardTanh", A, &seven(tanh, [0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0]));
    let sixth = 1.0 / 6.0;
    let hard = [0.0, 0.0, 0.5, 0.5, 0.5, 1.0, 1.0];
    limits::<HardSigmoid>("HardSigmoid", A, &seven(hard, [0.0, 0.0, sixth, sixth, sixth, 0.0, 0.0]));
    limits::<Elu>(
        "Elu",
        A,
        &seven([-1.0, -1.0, -SMALL, 0.0, SMALL, LARGE, INFINITY], [0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0]),
    );
    // Klambauer et al. 2017, equation 14
    let (scale, steep) = (1.050_700_987_355_480_5, 1.050_700_987_355_480_5 * 1.673_263_242_354_377_2);
    for (z, value, derivative) in [(-INFINITY, -steep, 0.0), (0.0, 0.0, steep), (INFINITY, INFINITY, scale)] {
        limits::<Selu>("Selu", A, &[At { z, value, derivative }]);
    }
}

// The slope 1/4 of a subnormal number, rounded once.
#[test]
fn a_leaky_unit_keeps_the_sign_of_the_smallest_numbers() {
    let smallest = f32::from_bits(1);
    assert_eq!(<LeakyRelu<250>>::value(-4.0 * smallest), -smallest);
    // It rounds to -0, whose derivative is still the slope.
    assert_eq!(<LeakyRelu<250>>::derivative(<LeakyRelu<250>>::value(-smallest)), 0.25);
}

// (z + 3) / 6 with a sum that is exact: 2^-22 / 6
#[test]
fn a_hard_sigmoid_is_exact_near_its_ends() {
    let step = f32::EPSILON * 2.0;
    assert_eq!(HardSigmoid::value(-3.0 + step), step / 6.0);
    assert_eq!(HardSigmoid::value(-3.0_f32), 0.0);
    assert_eq!(HardSigmoid::value(3.0_f32), 1.0);
}

// To 6 digits, from mpmath
#[test]
fn values_in_the_lower_tail() {
    let close =
        |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 5e-6, "{found} for {expected}");
    for (z, expected) in [(-5.0, -1.43326e-6), (-5.5, -1.04443e-7), (-6.0, -5.91953e-9)] {
        close(Gelu::value(z as f32).into(), expected);
        close(Gelu::value(z), expected);
    }
    close(Gelu::value(-9.0), -1.01573e-18);
    close(GeluTanh::value(-5.0_f32).into(), -2.29180e-7);
    close(GeluTanh::value(-5.5_f32).into(), -5.92764e-9);
    assert_eq!(Silu::value(f32::NEG_INFINITY), 0.0);
    assert_eq!(Elementary::gelu(f64::NEG_INFINITY), 0.0);
}
