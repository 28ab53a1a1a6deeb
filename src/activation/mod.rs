//! Activation functions, each with its derivative.
//!
//! To add your own, implement one small trait: [`Elementwise`] if each neuron's activation depends only on
//! its own weighted input, [`Activation`] if the neurons of a layer mix, as in [`Softmax`], or differ.
//!
//! ```
//! use stackprop::activation::{Elementwise, KeepZ};
//! use stackprop::range::Real;
//! use stackprop::{Dense, Network, Scalar};
//!
//! /// sigma(z) = z^2
//! struct Square;
//!
//! impl Elementwise for Square {
//!     type Keeps = KeepZ; // the derivative is a function of z
//!     type Range = Real;  // losses on logits accept it
//!     fn value<T: Scalar>(z: T) -> T {
//!         z * z
//!     }
//!     fn derivative<T: Scalar>(z: T) -> T {
//!         z + z
//!     }
//! }
//!
//! let layer = Dense::<1, 1, Square>::from_parameters([[2.0]], [1.0]);
//! assert_eq!(Network::new(layer).predict(&[1.0]), [9.0]);
//! ```

mod gelu;
mod linear_units;
mod sigmoid;
mod smooth_units;
mod softmax;
mod tanh;

pub use gelu::{Gelu, GeluTanh};
pub use linear_units::{HardSigmoid, HardTanh, Identity, LeakyRelu, Relu};
pub use sigmoid::{Sigmoid, sigmoid};
pub(crate) use smooth_units::SoftplusRest;
pub use smooth_units::{Elu, Selu, Silu, Softplus};
pub use softmax::{Softmax, softmax};
pub use tanh::Tanh;

use crate::kernel::Kernel;
use crate::scalar::{Scalar, head, head_mut};
use crate::vector::flattened_mut;
use crate::zero::Zero;

/// What the forward pass keeps for the derivative: [`KeepA`] or [`KeepZ`].
pub trait Keep {
    /// The memory that this takes in addition to the activations: none, or as much again.
    type Buffer<S: Zero>: Zero;

    /// Stores the weighted inputs before they become activations.
    fn store<R: Zero + Copy, const B: usize>(buffer: &mut Self::Buffer<[R; B]>, z: &[R]);

    /// The argument of the derivative, for the first `samples` samples.
    fn load<'c, R: Zero, const B: usize>(
        buffer: &'c Self::Buffer<[R; B]>,
        a: &'c [R; B],
        samples: usize,
    ) -> &'c [R];
}

/// The derivative is a function of the activation `a`, which is kept anyway, so nothing more is stored.
#[derive(Clone, Copy, Debug)]
pub struct KeepA;

impl Keep for KeepA {
    type Buffer<S: Zero> = ();

    #[inline(always)]
    fn store<R: Zero + Copy, const B: usize>((): &mut (), _: &[R]) {}

    #[inline(always)]
    fn load<'c, R: Zero, const B: usize>((): &'c (), a: &'c [R; B], samples: usize) -> &'c [R] {
        head(a, samples)
    }
}

/// The derivative is a function of the weighted input `z`, which is stored in addition to the activation.
#[derive(Clone, Copy, Debug)]
pub struct KeepZ;

impl Keep for KeepZ {
    type Buffer<S: Zero> = S;

    #[inline(always)]
    fn store<R: Zero + Copy, const B: usize>(buffer: &mut [R; B], z: &[R]) {
        for (kept, z) in head_mut(buffer, z.len()).iter_mut().zip(z) {
            *kept = *z;
        }
    }

    #[inline(always)]
    fn load<'c, R: Zero, const B: usize>(buffer: &'c [R; B], _: &'c [R; B], samples: usize) -> &'c [R] {
        head(buffer, samples)
    }
}

/// An activation function of a whole layer: neurons may mix or differ.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an activation function",
    note = "implement `Elementwise` for it if each neuron stands alone, `Activation` otherwise"
)]
pub trait Activation {
    /// Whether [`backward`](Activation::backward) is given `a` or `z`.
    type Keeps: Keep;

    /// The [range](crate::range) of the activations, which determines the losses that accept them.
    type Range;

    /// The minimum number of neurons.
    const MIN_NEURONS: usize = 1;

    /// The name, by which a [checkpoint](crate::Schema::fingerprint) tells activations apart.
    const NAME: &'static str = "unnamed";

    /// The number of PyTorch modules that it is in an `nn.Sequential`: none, if it is the identity.
    #[doc(hidden)]
    const MODULES: usize = 1;

    /// Turns weighted inputs into activations in place: `z -> a`, one row of `N` neurons per sample.
    fn forward<T: Scalar, const N: usize>(rows: &mut [[T; N]]);

    /// [`forward`](Activation::forward) with the level's own code, if it has any.
    #[doc(hidden)]
    #[inline(always)]
    fn forward_on<K: Kernel, T: Scalar, const N: usize>(kernel: K, rows: &mut [[T; N]]) {
        let _ = kernel;
        Self::forward(rows);
    }

    /// Computes a layer's outputs, `a = sigma(x W + b)` for each row.
    #[doc(hidden)]
    #[inline(always)]
    fn layer_on<K: Kernel, T: Scalar, const IN: usize, const OUT: usize>(
        kernel: K,
        x: &[[T; IN]],
        w: &[[T; OUT]; IN],
        b: &[T; OUT],
        a: &mut [[T; OUT]],
    ) {
        kernel.affine(x, w, b, a);
        Self::forward_on(kernel, a);
    }

    /// Turns dC/da into `delta = dC/dz` in place; `kept` holds `a` or `z`, as [`Keeps`](Activation::Keeps) says.
    ///
    /// In general `delta_k = sum_j dC/da_j da_j/dz_k`.
    fn backward<T: Scalar, const N: usize>(kept: &[[T; N]], delta: &mut [[T; N]]);
}

/// An activation function that acts on each neuron alone: `a = sigma(z)`.
///
/// It is generic over [`Scalar`]. That also keeps its bits the same on every platform: `z.exp()` and the like are
/// then this crate's functions, not those of the system's mathematics library.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an activation function",
    note = "implement `Elementwise` for it if each neuron stands alone, `Activation` otherwise"
)]
pub trait Elementwise {
    /// Whether [`derivative`](Elementwise::derivative) is a function of `a` or `z`.
    type Keeps: Keep;

    /// The [range](crate::range) of the activations, which determines the losses that accept them.
    type Range;

    /// The name, by which a [checkpoint](crate::Schema::fingerprint) tells activations apart.
    const NAME: &'static str = "unnamed";

    /// See [`Activation::MODULES`].
    #[doc(hidden)]
    const MODULES: usize = 1;

    /// `sigma(z)`.
    fn value<T: Scalar>(z: T) -> T;

    /// `sigma'`, as a function of `a` ([`KeepA`]) or `z` ([`KeepZ`]).
    fn derivative<T: Scalar>(kept: T) -> T;

    /// Applies [`value`](Elementwise::value) to each number in place, with the level's own code, if it has any.
    #[doc(hidden)]
    #[inline(always)]
    fn values_on<K: Kernel, T: Scalar>(kernel: K, numbers: &mut [T]) {
        let _ = kernel;
        for z in numbers {
            *z = Self::value(*z);
        }
    }

    /// See [`Kernel::activated_row`].
    #[doc(hidden)]
    #[inline(always)]
    fn row_on<K: Kernel, T: Scalar, const IN: usize, const OUT: usize>(
        kernel: K,
        x: &[T; IN],
        w: &[[T; OUT]; IN],
        b: &[T; OUT],
        a: &mut [T; OUT],
    ) -> bool {
        let _ = (kernel, x, w, b, a);
        false
    }
}

/// Defines all methods of an [`Elementwise`] that is a [`Function`](crate::math::real::Function), except the
/// derivative. The optional argument is a constant that asserts something: its error then points to where the
/// user's code names the activation.
macro_rules! value_is_the_function {
    ($($asserts:expr)?) => {
        #[inline(always)]
        fn value<T: Scalar>(z: T) -> T {
            $(let _ = $asserts;)?
            T::apply::<Self>(z)
        }

        #[inline(always)]
        fn values_on<K: $crate::kernel::Kernel, T: Scalar>(kernel: K, numbers: &mut [T]) {
            kernel.map::<Self, T>(numbers);
        }

        #[inline(always)]
        fn row_on<K: $crate::kernel::Kernel, T: Scalar, const IN: usize, const OUT: usize>(
            kernel: K,
            x: &[T; IN],
            w: &[[T; OUT]; IN],
            b: &[T; OUT],
            a: &mut [T; OUT],
        ) -> bool {
            kernel.activated_row::<Self, T, IN, OUT>(x, w, b, a)
        }
    };
}
use value_is_the_function;

impl<E: Elementwise> Activation for E {
    type Keeps = E::Keeps;
    type Range = E::Range;
    const NAME: &'static str = E::NAME;
    const MODULES: usize = E::MODULES;

    #[inline(always)]
    fn forward<T: Scalar, const N: usize>(rows: &mut [[T; N]]) {
        for z in rows.as_flattened_mut() {
            *z = E::value(*z);
        }
    }

    #[inline(always)]
    fn forward_on<K: Kernel, T: Scalar, const N: usize>(kernel: K, rows: &mut [[T; N]]) {
        E::values_on(kernel, flattened_mut(rows));
    }

    #[inline(always)]
    fn layer_on<K: Kernel, T: Scalar, const IN: usize, const OUT: usize>(
        kernel: K,
        x: &[[T; IN]],
        w: &[[T; OUT]; IN],
        b: &[T; OUT],
        a: &mut [[T; OUT]],
    ) {
        if let ([x], [a]) = (x, &mut *a)
            && E::row_on(kernel, x, w, b, a)
        {
            return;
        }
        kernel.affine(x, w, b, a);
        Self::forward_on(kernel, a);
    }

    #[inline(always)]
    fn backward<T: Scalar, const N: usize>(kept: &[[T; N]], delta: &mut [[T; N]]) {
        for (delta, kept) in delta.as_flattened_mut().iter_mut().zip(kept.as_flattened()) {
            *delta *= E::derivative(*kept);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::vec::Vec;

    /// Checks `derivative` against the central difference of `value` at points that avoid the given kinks.
    pub(crate) fn check_derivative<E: Elementwise>(keeps_a: bool, kinks: &[f64]) {
        let step = 1e-6;
        let points: Vec<f64> = (-80..=80).map(|i| f64::from(i) * 0.0937).collect();
        for z in points.into_iter().filter(|z| kinks.iter().all(|k| (z - k).abs() > 2.0 * step)) {
            let difference = (E::value(z + step) - E::value(z - step)) / (2.0 * step);
            let derivative = E::derivative(if keeps_a { E::value(z) } else { z });
            approx::assert_abs_diff_eq!(derivative, difference, epsilon = 2e-9);
        }
    }
}
