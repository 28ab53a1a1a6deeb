//! Penalties for large parameters: L2 (weight decay), L1, and decoupled weight decay.

use super::{Adjust, Adjusted, Descent, LearningRate, Optimizer, allow, inner_learning_rate, is_amount};
use crate::fault::Fault;
use crate::params::{Block, Parameters};
use crate::scalar::Scalar;
use crate::schema::Roles;
use crate::zero::Zero;

/// L2 regularisation, coupled weight decay: the loss plus `lambda/2 sum w^2`, so `g <- g + lambda w`.
///
/// PyTorch's `weight_decay` of `SGD` and `Adam`, but for the weights of products alone, unless [`on`](L2::on) says otherwise
/// (PyTorch decays all parameters: [`Roles::ALL`]). In adaptive optimisers such as [`Adam`](crate::Adam), [`DecoupledDecay`] is usually better.
///
/// The loss that a step returns is that without the penalty. A `lambda` that is negative or not finite fails with [`Fault::Update`].
///
/// ```
/// use stackprop::{L2, Momentum};
///
/// let momentum = Momentum { learning_rate: 0.5, ..Momentum::default() };
/// // Nielsen, chapter 3: lambda = 5 and 50,000 images.
/// let optimizer = L2::per_sample(5.0, 50_000, momentum);
/// assert_eq!(optimizer.lambda, 1e-4);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct L2<O, T = f32> {
    /// lambda, at least 0
    pub lambda: T,
    /// The parameters that decay.
    pub decays: Roles,
    /// The optimiser that is given the gradient of loss and penalty.
    pub optimizer: O,
}

/// L1 regularisation: the loss plus `lambda sum |w|`, so `g <- g + lambda sign(w)`, where the sign of 0 is 0.
///
/// It makes many weights small, but not exactly 0: a step may carry a weight past 0. As in [`L2`], it is for the weights
/// of products, unless [`on`](L1::on) says otherwise.
///
/// A `lambda` that is negative or not finite fails with [`Fault::Update`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct L1<O, T = f32> {
    /// lambda, at least 0
    pub lambda: T,
    /// The parameters that decay.
    pub decays: Roles,
    /// The optimiser that is given the gradient of loss and penalty.
    pub optimizer: O,
}

/// `$slope` is the derivative of the penalty by a parameter `w`.
macro_rules! penalty {
    ($name:ident, $adjust:ident, |$lambda:ident, $w:ident| $slope:expr) => {
        impl<O, T> $name<O, T> {
            /// `optimizer` with a penalty for the weights of products.
            pub const fn new(lambda: T, optimizer: O) -> Self {
                Self { lambda, decays: Roles::WEIGHTS, optimizer }
            }

            /// The same with a penalty for these parameters.
            #[must_use]
            pub const fn on(mut self, decays: Roles) -> Self {
                self.decays = decays;
                self
            }
        }

        impl<O, T: Scalar> $name<O, T> {
            /// `optimizer` with the penalty `lambda / n`, for a data set of `n` samples: the form in which Nielsen's book writes lambda
            /// (chapter 3, equations 87 and 95).
            ///
            /// There, a step multiplies the weights by `1 - eta lambda / n`.
            pub fn per_sample(lambda: T, samples: usize, optimizer: O) -> Self {
                Self::new(lambda / T::from_usize(samples), optimizer)
            }
        }

        impl<T: Scalar, O: Optimizer<T>> Optimizer<T> for $name<O, T> {
            const NAME: &'static str = O::NAME;
            const WHOLE_GRADIENT: bool = O::WHOLE_GRADIENT;
            type State<G: Zero> = O::State<G>;

            fn step<N: Parameters<T>>(
                &self,
                parameters: &mut N,
                gradient: impl Descent<T, N>,
                state: &mut Self::State<N::Trained>,
            ) -> Result<(), Fault> {
                allow(is_amount(self.lambda))?;
                let adjust = $adjust { lambda: self.lambda, decays: self.decays };
                self.optimizer.step(parameters, Adjusted { gradient, adjust }, state)
            }
        }

        inner_learning_rate!([T: Scalar, O: Optimizer<T>] $name<O, T>, T, O);

        /// Adds the derivative of the penalty to the gradient.
        #[derive(Clone, Copy)]
        struct $adjust<T> {
            lambda: T,
            decays: Roles,
        }

        impl<T: Scalar> Adjust<T> for $adjust<T> {
            #[inline(always)]
            fn of(self, block: &Block) -> Self {
                Self { lambda: if self.decays.contains(block.role) { self.lambda } else { T::ZERO }, ..self }
            }

            #[inline(always)]
            fn before(self, gradient: T, parameter: T) -> (T, T) {
                let ($lambda, $w) = (self.lambda, parameter);
                (gradient + $slope, parameter)
            }
        }
    };
}

penalty!(L2, AddMultiple, |lambda, w| lambda * w);
penalty!(L1, AddSign, |lambda, w| if w > T::ZERO {
    lambda
} else if w < T::ZERO {
    -lambda
} else {
    T::ZERO
});

/// Decoupled weight decay (Loshchilov, Hutter 2019): `theta <- (1 - alpha lambda) theta`, with the learning rate `alpha` of `optimizer`, then its
/// step, whose state does not see the decay.
///
/// [`AdamW`](crate::AdamW) is this with [`Adam`](crate::Adam). As in [`L2`], it is for the weights of products, unless [`on`](DecoupledDecay::on) says otherwise.
/// For [`Sgd`](crate::Sgd), it is the same as [`L2`], but for rounding.
///
/// A weight decay that is negative or not finite fails with [`Fault::Update`].
///
/// ```
/// use stackprop::{DecoupledDecay, Lion};
///
/// let optimizer: DecoupledDecay<Lion> = DecoupledDecay::new(0.1, Lion::default());
/// assert_eq!(optimizer.optimizer.learning_rate, 1e-4);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DecoupledDecay<O, T = f32> {
    /// lambda, at least 0
    pub weight_decay: T,
    /// The parameters that decay.
    pub decays: Roles,
    /// The optimiser.
    pub optimizer: O,
}

impl<O, T> DecoupledDecay<O, T> {
    /// `optimizer` with a decay of the weights of products.
    pub const fn new(weight_decay: T, optimizer: O) -> Self {
        Self { weight_decay, decays: Roles::WEIGHTS, optimizer }
    }

    /// The same with a decay of these parameters.
    #[must_use]
    pub const fn on(mut self, decays: Roles) -> Self {
        self.decays = decays;
        self
    }
}

#[derive(Clone, Copy)]
struct Shrink<T> {
    factor: T,
    decays: Roles,
}

impl<T: Scalar> Adjust<T> for Shrink<T> {
    #[inline(always)]
    fn of(self, block: &Block) -> Self {
        Self { factor: if self.decays.contains(block.role) { self.factor } else { T::ONE }, ..self }
    }

    #[inline(always)]
    fn before(self, gradient: T, parameter: T) -> (T, T) {
        (gradient, self.factor * parameter)
    }
}

impl<T: Scalar, O: LearningRate<T>> Optimizer<T> for DecoupledDecay<O, T> {
    const NAME: &'static str = O::NAME;
    const WHOLE_GRADIENT: bool = O::WHOLE_GRADIENT;
    type State<G: Zero> = O::State<G>;

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        state: &mut Self::State<N::Trained>,
    ) -> Result<(), Fault> {
        allow(is_amount(self.weight_decay))?;
        let factor = T::ONE - self.optimizer.next_rate(state) * self.weight_decay;
        let adjust = Shrink { factor, decays: self.decays };
        self.optimizer.step(parameters, Adjusted { gradient, adjust }, state)
    }
}

inner_learning_rate!([T: Scalar, O: LearningRate<T>] DecoupledDecay<O, T>, T, O);
