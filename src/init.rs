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
//! Random numbers are drawn for the layers in order, in each for the weights row by row (input-major), then for
//! the biases. With a generator of specified output the weights are the same on every target and with every
//! release; `rand`'s own `StdRng` and `SmallRng` promise less.
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

use crate::generator::Generator;
use crate::kernel::arithmetic::MulAdd;
use crate::math::Elementary;
use crate::params::{Block, Parameters, Role};
use crate::{Network, Scalar};

/// How to fill a layer's weights and biases.
pub trait Initializer<T: Scalar> {
    /// Fills one block of parameters; `block` tells the layer's fan-in and fan-out.
    fn fill<R: Rng + ?Sized>(&self, block: Block, values: &mut [T], rng: &mut R);
}

impl<const IN: usize, L: Parameters<T>, T: Scalar> Network<IN, L, T> {
    /// Initialises all parameters in place. The generator is one of [`stackprop::rand`](crate::rand), `rand` 0.10.
    pub fn init<I: Initializer<T>, R: Generator + ?Sized>(&mut self, initializer: &I, rng: &mut R) {
        self.visit_mut(|block, values| initializer.fill(block, values, rng));
    }
}

fn fill_uniform<T: Scalar, R: Rng + ?Sized>(values: &mut [T], low: T, high: T, rng: &mut R) {
    for value in values {
        let x = low + (high - low) * T::random(rng);
        // The sum may round up to `high`, which the interval excludes.
        *value = if x < high { x } else { low };
    }
}

/// Marsaglia's polar method: a point `(u, v)` uniform in the unit disc, `s = u^2 + v^2`, gives the two independent
/// normal numbers `u f` and `v f` with `f = sqrt(-2 ln s / s)`. (Marsaglia, Bray 1964.)
fn fill_normal<T: Scalar, R: Rng + ?Sized>(values: &mut [T], mean: T, deviation: T, rng: &mut R) {
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

/// All zero. (Neurons of a layer that start equal stay equal: for the last layer, or for loading.)
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
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Uniform<T> {
    /// The lower end.
    pub low: T,
    /// The upper end.
    pub high: T,
}

impl<T: Scalar> Initializer<T> for Uniform<T> {
    fn fill<R: Rng + ?Sized>(&self, _: Block, values: &mut [T], rng: &mut R) {
        fill_uniform(values, self.low, self.high, rng);
    }
}

/// Weights and biases normal. The default, N(0, 1), is that of Nielsen's first chapter.
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

/// An initialiser whose weights and biases each have mean 0 and a distribution that depends on the fan:
/// `Some(x)` is the bound or the deviation, `None` is zero.
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
                    Role::Bias => $bias,
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
    /// Nielsen's better start (chapter 3): weights N(0, 1/sqrt n), biases N(0, 1).
    NielsenNormal: centred, (n, m) => weight root(1.0, n), bias Some(T::ONE);

    /// Glorot's uniform start, for tanh and sigmoid: weights U(-b, b) with `b = sqrt(6 / (n + m))`.
    XavierUniform: symmetric, (n, m) => weight root(6.0, n + m), bias None;

    /// Glorot's normal start, for tanh and sigmoid: weights N(0, sqrt(2 / (n + m))).
    XavierNormal: centred, (n, m) => weight root(2.0, n + m), bias None;

    /// He's uniform start, for rectifiers: weights U(-b, b) with `b = sqrt(6 / n)`.
    KaimingUniform: symmetric, (n, m) => weight root(6.0, n), bias None;

    /// He's normal start, for rectifiers: weights N(0, sqrt(2 / n)).
    KaimingNormal: centred, (n, m) => weight root(2.0, n), bias None;

    /// LeCun's start, for [`Selu`](crate::Selu): weights N(0, 1/sqrt n).
    LecunNormal: centred, (n, m) => weight root(1.0, n), bias None;

    /// What PyTorch gives to `nn.Linear`: weights and biases U(-b, b) with `b = 1/sqrt n`.
    PytorchLinear: symmetric, (n, m) => weight root(1.0, n), bias root(1.0, n);
}
