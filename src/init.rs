//! Initial weights and biases.
//!
//! With `n` = fan-in (inputs of the layer), `m` = fan-out (its neurons):
//!
//! | initialiser | weights | biases | source |
//! |---|---|---|---|
//! | [`Zeros`] | 0 | 0 | |
//! | [`Constant`] | c | c | |
//! | [`Uniform`] | U(low, high) | U(low, high) | |
//! | [`Normal`] | N(mean, deviation) | N(mean, deviation) | N(0, 1): Nielsen, chapter 1 |
//! | [`NielsenNormal`] | N(0, 1/sqrt n) | N(0, 1) | Nielsen, chapter 3 |
//! | [`XavierUniform`] | U(-b, b), b = sqrt(6 / (n + m)) | 0 | Glorot, Bengio 2010, eq. 16 |
//! | [`XavierNormal`] | N(0, sqrt(2 / (n + m))) | 0 | Glorot, Bengio 2010, eq. 12 |
//! | [`KaimingUniform`] | U(-b, b), b = sqrt(6 / n) | 0 | He et al. 2015, eq. 10 |
//! | [`KaimingNormal`] | N(0, sqrt(2 / n)) | 0 | He et al. 2015, eq. 10 |
//! | [`LecunNormal`] | N(0, 1/sqrt n) | 0 | LeCun et al. 1998, section 4.6 |
//! | [`PytorchLinear`] | U(-b, b), b = 1/sqrt n | U(-b, b) | PyTorch, `nn.Linear` |
//!
//! N(mean, deviation) has the standard deviation, not the variance, as its second parameter.
//!
//! Random numbers are drawn layer by layer: first for the weights, row by row (input-major), then for the biases. With
//! a generator whose output is specified, the weights are the same on every target and in every release; `rand`'s own
//! `StdRng` and `SmallRng` promise less.
//!
//! ```
//! use stackprop::rand::{SeedableRng, rngs::Xoshiro128PlusPlus};
//! use stackprop::{Dense, Network, init};
//!
//! let mut network = Network::<64, Dense<64, 10>>::zeros();
//! network.init(&init::XavierUniform, &mut Xoshiro128PlusPlus::seed_from_u64(1));
//! let bound = (6.0 / (64.0 + 10.0_f32)).sqrt();
//! assert!(network.layers.weight.as_flattened().iter().all(|w| w.abs() <= bound));
//! assert_eq!(network.layers.bias, [0.0; 10]);
//! ```

use rand::Rng;

use crate::arithmetic::MulAdd;
use crate::generator::Generator;
use crate::math::Elementary;
use crate::params::{Block, Parameters};
use crate::scalar::Scalar;
use crate::schema::Role;

/// How to fill a layer's weights and biases.
pub trait Initializer<T: Scalar> {
    /// Fills one block of weights or biases; `block` has the layer's fan-in and fan-out.
    ///
    /// Parameters of any other [`Role`] are not drawn: they start at [`Role::start`].
    fn fill<R: Rng + ?Sized>(&self, block: Block, values: &mut [T], rng: &mut R);
}

/// Fills weights and biases by `initializer`, and all other parameters with the start value of their role.
pub(crate) fn fill_all<T: Scalar, P: Parameters<T>, I: Initializer<T>, R: Generator + ?Sized>(
    parameters: &mut P,
    initializer: &I,
    rng: &mut R,
) {
    parameters.visit_mut(|block, values| match block.role.start() {
        Some(start) => values.fill(T::from_f64(start)),
        None => initializer.fill(block, values, rng),
    });
}

fn fill_uniform<T: Scalar, R: Rng + ?Sized>(values: &mut [T], low: T, high: T, rng: &mut R) {
    let (low, high) = if high < low { (high, low) } else { (low, high) };
    // An interval wider than the largest number is computed at half its size. (Halving is exact for such large ends;
    // multiplying by 1 and by 2 is also exact.)
    let (shrink, grow) =
        if (high - low).is_finite() { (T::ONE, T::ONE) } else { (T::from_f64(0.5), T::from_f64(2.0)) };
    let (start, width) = (shrink * low, shrink * high - shrink * low);
    for value in values {
        let x = grow * (start + width * T::random(rng));
        // The sum may round up to `high`, which the interval excludes.
        *value = if x < high { x } else { low };
    }
}

/// Marsaglia's polar method (Marsaglia, Bray 1964).
///
/// A point `(u, v)`, uniform in the unit disc, gives two independent normal numbers `u f` and `v f`, with
/// `s = u^2 + v^2` and `f = sqrt(-2 ln s / s)`.
pub(crate) fn fill_normal<T: Scalar, R: Rng + ?Sized>(values: &mut [T], mean: T, deviation: T, rng: &mut R) {
    let two = T::from_f64(2.0);
    for pair in values.chunks_mut(2) {
        let (u, v, s) = loop {
            let (u, v) = (two * T::random(rng) - T::ONE, two * T::random(rng) - T::ONE);
            let s = u * u + v * v;
            if s > T::ZERO && s < T::ONE {
                break (u, v, s);
            }
        };
        let factor = MulAdd::sqrt(-two * Elementary::ln(s) / s);
        for (value, normal) in pair.iter_mut().zip([u * factor, v * factor]) {
            *value = mean + deviation * normal;
        }
    }
}

/// All zero.
///
/// For the last layer, or for a network whose parameters are loaded afterwards: neurons of a hidden layer that start
/// equal stay equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Zeros;

impl<T: Scalar> Initializer<T> for Zeros {
    fn fill<R: Rng + ?Sized>(&self, _: Block, values: &mut [T], _: &mut R) {
        values.fill(T::ZERO);
    }
}

/// All equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constant<T>(pub T);

impl<T: Scalar> Initializer<T> for Constant<T> {
    fn fill<R: Rng + ?Sized>(&self, _: Block, values: &mut [T], _: &mut R) {
        values.fill(self.0);
    }
}

/// Weights and biases uniform in `[low, high)`.
///
/// If `high < low`, the interval is `[high, low)`. If both ends are equal, all numbers are equal to them. Both ends
/// must be finite; the interval may be as wide as from `-T::MAX` to `T::MAX`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Uniform<T> {
    /// The lower end, included.
    pub low: T,
    /// The upper end, excluded.
    pub high: T,
}

impl<T: Scalar> Initializer<T> for Uniform<T> {
    fn fill<R: Rng + ?Sized>(&self, _: Block, values: &mut [T], rng: &mut R) {
        fill_uniform(values, self.low, self.high, rng);
    }
}

/// Normally distributed weights and biases. The default, N(0, 1), is that of Nielsen's first chapter.
///
/// A deviation of 0 makes all numbers equal to the mean. A negative deviation gives the same distribution as its
/// absolute value. No number is more than 8 deviations from the mean with `f32`, 13 with `f64`; numbers that far from
/// the mean must be finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normal<T> {
    /// The mean.
    pub mean: T,
    /// The standard deviation.
    pub deviation: T,
}

impl<T: Scalar> Default for Normal<T> {
    fn default() -> Self {
        Self { mean: T::ZERO, deviation: T::ONE }
    }
}

impl<T: Scalar> Initializer<T> for Normal<T> {
    fn fill<R: Rng + ?Sized>(&self, _: Block, values: &mut [T], rng: &mut R) {
        fill_normal(values, self.mean, self.deviation, rng);
    }
}

/// Initialisers whose weights and biases have mean 0 and a spread that depends on fan-in and fan-out: `Some(x)` is the
/// bound or the deviation, `None` fills with zeros.
macro_rules! scaled {
    ($($(#[$doc:meta])* $name:ident: $fill:ident, ($n:ident, $m:ident) => weight $weight:expr, bias $bias:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name;

        impl<T: Scalar> Initializer<T> for $name {
            fn fill<R: Rng + ?Sized>(&self, block: Block, values: &mut [T], rng: &mut R) {
                let ($n, $m) = (T::from_usize(block.fan_in), T::from_usize(block.fan_out));
                let _ = $m;
                let scale: Option<T> = match block.role {
                    Role::Weight => $weight,
                    _ => $bias,
                };
                match scale {
                    Some(scale) => $fill(values, scale, rng),
                    None => values.fill(T::ZERO),
                }
            }
        }
    )*};
}

fn symmetric<T: Scalar, R: Rng + ?Sized>(values: &mut [T], bound: T, rng: &mut R) {
    fill_uniform(values, -bound, bound, rng);
}

fn centred<T: Scalar, R: Rng + ?Sized>(values: &mut [T], deviation: T, rng: &mut R) {
    fill_normal(values, T::ZERO, deviation, rng);
}

/// `sqrt(numerator / denominator)`
fn root<T: Scalar>(numerator: f64, denominator: T) -> Option<T> {
    Some(MulAdd::sqrt(T::from_f64(numerator) / denominator))
}

scaled! {
    /// Nielsen's improved initialisation (chapter 3): weights N(0, 1/sqrt n), biases N(0, 1).
    NielsenNormal: centred, (n, m) => weight root(1.0, n), bias Some(T::ONE);

    /// Glorot's uniform initialisation, for tanh and sigmoid: weights U(-b, b) with `b = sqrt(6 / (n + m))`.
    XavierUniform: symmetric, (n, m) => weight root(6.0, n + m), bias None;

    /// Glorot's normal initialisation, for tanh and sigmoid: weights N(0, sqrt(2 / (n + m))).
    XavierNormal: centred, (n, m) => weight root(2.0, n + m), bias None;

    /// He's uniform initialisation, for rectifiers: weights U(-b, b) with `b = sqrt(6 / n)`.
    KaimingUniform: symmetric, (n, m) => weight root(6.0, n), bias None;

    /// He's normal initialisation, for rectifiers: weights N(0, sqrt(2 / n)).
    KaimingNormal: centred, (n, m) => weight root(2.0, n), bias None;

    /// LeCun's initialisation, for [`Selu`](crate::Selu): weights N(0, 1/sqrt n).
    LecunNormal: centred, (n, m) => weight root(1.0, n), bias None;

    /// PyTorch's default for `nn.Linear`: weights and biases U(-b, b) with `b = 1/sqrt n`.
    PytorchLinear: symmetric, (n, m) => weight root(1.0, n), bias root(1.0, n);
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::Xoshiro128PlusPlus};

    fn filled<T: Scalar>(initializer: &impl Initializer<T>) -> [T; 1000] {
        let mut values = [T::ZERO; 1000];
        let block = Block { layer: 0, role: Role::Weight, fan_in: 10, fan_out: 100 };
        initializer.fill(block, &mut values, &mut Xoshiro128PlusPlus::seed_from_u64(1));
        values
    }

    #[test]
    fn uniform_takes_its_ends_in_either_order() {
        let expected = filled(&Uniform { low: -0.5_f32, high: 1.5 });
        assert_eq!(filled(&Uniform { low: 1.5_f32, high: -0.5 }), expected);
        assert!(expected.iter().any(|&x| x < 0.0) && expected.iter().any(|&x| x > 1.0));
        assert!(expected.iter().all(|x| (-0.5..1.5).contains(x)));
        // -0.5 + 2 u, the formula without special cases.
        let rng = &mut Xoshiro128PlusPlus::seed_from_u64(1);
        assert_eq!(expected, core::array::from_fn(|_| -0.5 + 2.0 * f32::random(rng)));
    }

    #[test]
    fn uniform_between_equal_ends() {
        assert_eq!(filled(&Uniform { low: 0.25_f64, high: 0.25 }), [0.25; 1000]);
        assert_eq!(filled(&Uniform { low: f32::MAX, high: f32::MAX }), [f32::MAX; 1000]);
    }

    // The result is (2 u - 1) MAX, where u is the generator's number. The sum is rounded once, by at most half an ULP
    // of numbers below MAX / 2; the product with u is rounded once more.
    #[test]
    fn uniform_over_all_numbers() {
        fn check<T: Scalar>(most: T, epsilon: f64) {
            let rng = &mut Xoshiro128PlusPlus::seed_from_u64(1);
            let values = filled(&Uniform { low: -most, high: most });
            for x in values {
                let expected = 2.0 * T::random(rng).to_f64() - 1.0;
                let found = x.to_f64() / most.to_f64();
                assert!((found - expected).abs() <= epsilon, "{found} for {expected}");
            }
            assert_eq!(filled(&Uniform { low: most, high: -most }), values);
        }
        check(f32::MAX, f32::EPSILON.into());
        check(f64::MAX, f64::EPSILON);
    }

    // The largest number of the polar method is sqrt(-2 ln s) with s = u^2 (v = 0) and the smallest u, which is twice
    // the spacing of `Scalar::random`: 2^-23 and 2^-52, so 7.99 and 12.01.
    #[test]
    fn normal_deviations() {
        assert_eq!(filled(&Normal { mean: 0.5_f32, deviation: 0.0 }), [0.5; 1000]);
        let [positive, negative] = [2.0, -2.0].map(|deviation| filled(&Normal { mean: 0.0_f64, deviation }));
        assert_eq!(negative, positive.map(|x| -x));
        assert!(filled(&Normal { mean: 0.0, deviation: f32::MAX / 8.0 }).iter().all(|x| x.is_finite()));
    }
}
