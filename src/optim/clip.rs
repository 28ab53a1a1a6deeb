//! Limits of the gradient: by value, and by its norm.

use super::{Adjust, Adjusted, Descent, Optimizer, allow, inner_learning_rate};
use crate::fault::Fault;
use crate::params::Parameters;
use crate::scalar::Scalar;
use crate::zero::Zero;

/// Limits each element of the gradient to `[-limit, limit]`, before `optimizer` sees it.
///
/// PyTorch's `clip_grad_value_`. A `limit` that is negative or NaN allows no step: it fails with [`Fault::Update`].
///
/// ```
/// use stackprop::{ClipValue, Sgd};
///
/// const OPTIMIZER: ClipValue<Sgd> = ClipValue::new(0.5, Sgd { learning_rate: 0.1 });
/// assert_eq!(OPTIMIZER.limit, 0.5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClipValue<O, T = f32> {
    /// The largest element, at least 0.
    pub limit: T,
    /// The optimiser that is given the limited gradient.
    pub optimizer: O,
}

impl<O, T> ClipValue<O, T> {
    /// `optimizer` with gradients limited to `[-limit, limit]`.
    pub const fn new(limit: T, optimizer: O) -> Self {
        Self { limit, optimizer }
    }
}

/// Limits each element of the gradient.
#[derive(Clone, Copy)]
struct Limit<T>(T);

impl<T: Scalar> Adjust<T> for Limit<T> {
    #[inline(always)]
    fn before(self, gradient: T, parameter: T) -> (T, T) {
        (gradient.clamp(-self.0, self.0), parameter)
    }
}

impl<T: Scalar, O: Optimizer<T>> Optimizer<T> for ClipValue<O, T> {
    const NAME: &'static str = O::NAME;
    const WHOLE_GRADIENT: bool = O::WHOLE_GRADIENT;
    type State<G: Zero> = O::State<G>;

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        state: &mut Self::State<N::Trained>,
    ) -> Result<(), Fault> {
        allow(self.limit >= T::ZERO)?;
        self.optimizer.step(parameters, Adjusted { gradient, adjust: Limit(self.limit) }, state)
    }
}

inner_learning_rate!([T: Scalar, O: Optimizer<T>] ClipValue<O, T>, T, O);

/// Scales the gradient down if its norm, over all trained parameters, is above `limit`:
/// `g <- g limit / (norm + 1e-6)` with `norm = sqrt(sum g^2)`.
///
/// PyTorch's `clip_grad_norm_` (which adds the 1e-6). What is inside sees the scaled gradient, and what is outside changes the
/// gradient whose norm is limited: `ClipNorm::new(1.0, L2::new(1e-4, sgd))` limits the gradient of the loss, as is usual in PyTorch, and
/// `L2::new(1e-4, ClipNorm::new(1.0, sgd))` that of loss and penalty.
///
/// The norm needs the whole gradient before the first parameter changes. A [`Trainer`](crate::Trainer) has memory for it. An
/// [`InPlaceTrainer`](crate::InPlaceTrainer) has none and does not compile with it, unless [`Accumulated`](crate::Accumulated) is around it, whose state is
/// a gradient.
///
/// A `limit` that is not above 0 allows no step: it fails with [`Fault::Update`].
///
/// ```
/// use stackprop::{AdamW, ClipNorm, Dense, Network, Quadratic, Sgd, Trainer};
///
/// type Line = Network<1, Dense<1, 1>>;
/// let (mut network, mut trainer) = (Line::zeros(), Trainer::<Line, ClipNorm<Sgd>, 1>::zeros());
/// let optimizer = ClipNorm::new(5.0, Sgd { learning_rate: 1.0 });
/// trainer.step(&mut network, &optimizer, &Quadratic, &[([0.75], [16.0])])?;
/// // dC/dw = -12 and dC/db = -16 have the norm 20.
/// assert!((network.layers.weight[0][0] - 3.0).abs() < 1e-5);
/// assert!((network.layers.bias[0] - 4.0).abs() < 1e-5);
/// # Ok::<(), stackprop::StepError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClipNorm<O, T = f32> {
    /// The largest norm, above 0.
    pub limit: T,
    /// The optimiser that is given the scaled gradient.
    pub optimizer: O,
}

impl<O, T> ClipNorm<O, T> {
    /// `optimizer` with gradients of a norm of at most `limit`.
    pub const fn new(limit: T, optimizer: O) -> Self {
        Self { limit, optimizer }
    }
}

/// Multiplies the gradient.
#[derive(Clone, Copy)]
pub(super) struct Scale<T>(pub T);

impl<T: Scalar> Adjust<T> for Scale<T> {
    #[inline(always)]
    fn before(self, gradient: T, parameter: T) -> (T, T) {
        (gradient * self.0, parameter)
    }
}

impl<T: Scalar, O: Optimizer<T>> Optimizer<T> for ClipNorm<O, T> {
    const NAME: &'static str = O::NAME;
    const WHOLE_GRADIENT: bool = true;
    type State<G: Zero> = O::State<G>;

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        state: &mut Self::State<N::Trained>,
    ) -> Result<(), Fault> {
        allow(self.limit > T::ZERO)?;
        let norm = gradient.norm(parameters, ()).ok_or(Fault::NoGradient)?;
        let scale = self.limit / (norm + T::from_f64(1e-6));
        let scale = if scale < T::ONE { scale } else { T::ONE };
        self.optimizer.step(parameters, Adjusted { gradient, adjust: Scale(scale) }, state)
    }
}

inner_learning_rate!([T: Scalar, O: Optimizer<T>] ClipNorm<O, T>, T, O);
