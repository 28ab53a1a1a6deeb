//! What acts on gradients and parameters beside the optimiser: number by number, in the same pass.

use super::Descent;
use crate::fault::Fault;
use crate::params::{Block, Parameters};
use crate::rule::Rule;
use crate::scalar::Scalar;

/// A change of what an optimiser is given, and of what it gives, for each parameter: weight decay, clipping, a learning rate
/// for each layer.
///
/// [`Adjusted`] applies it to a gradient. An optimiser that wraps another passes the adjusted gradient to it:
///
/// ```
/// use stackprop::{Adjust, Adjusted, Descent, Fault, Optimizer, Parameters, Sgd, Zero};
///
/// /// Divides the gradient by `1 + |g|`.
/// #[derive(Clone, Copy)]
/// struct Softsign;
///
/// impl Adjust<f32> for Softsign {
///     fn before(self, gradient: f32, parameter: f32) -> (f32, f32) {
///         (gradient / (1.0 + gradient.abs()), parameter)
///     }
/// }
///
/// struct Softened<O>(O);
///
/// impl<O: Optimizer<f32>> Optimizer<f32> for Softened<O> {
///     const NAME: &'static str = O::NAME;
///     const WHOLE_GRADIENT: bool = O::WHOLE_GRADIENT;
///     type State<G: Zero> = O::State<G>;
///
///     fn step<N: Parameters<f32>>(
///         &self,
///         parameters: &mut N,
///         gradient: impl Descent<f32, N>,
///         state: &mut Self::State<N::Trained>,
///     ) -> Result<(), Fault> {
///         self.0.step(parameters, Adjusted { gradient, adjust: Softsign }, state)
///     }
/// }
///
/// use stackprop::{Dense, Network, Quadratic, Trainer};
///
/// type Line = Network<1, Dense<1, 1>>;
/// let (mut network, mut trainer) = (Line::zeros(), Trainer::<Line, Softened<Sgd>, 1>::zeros());
/// let optimizer = Softened(Sgd { learning_rate: 1.0 });
/// trainer.step(&mut network, &optimizer, &Quadratic, &[([1.0], [3.0])])?;
/// assert_eq!(network.layers.bias, [0.75]); // dC/db = -3
/// # Ok::<(), stackprop::StepError>(())
/// ```
pub trait Adjust<T: Scalar>: Copy + Sync {
    /// The change for the parameters of a block. By default it is the same for all.
    #[inline(always)]
    #[must_use]
    fn of(self, block: &Block) -> Self {
        let _ = block;
        self
    }

    /// The gradient and the parameter that the optimiser is given, from the gradient and the parameter.
    #[inline(always)]
    fn before(self, gradient: T, parameter: T) -> (T, T) {
        (gradient, parameter)
    }

    /// The new parameter, from the old one and the one that the optimiser gives.
    #[inline(always)]
    fn after(self, old: T, new: T) -> T {
        let _ = old;
        new
    }
}

/// No change.
impl<T: Scalar> Adjust<T> for () {}

/// One change after the other: first `.0`, then `.1`.
impl<T: Scalar, A: Adjust<T>, B: Adjust<T>> Adjust<T> for (A, B) {
    #[inline(always)]
    fn of(self, block: &Block) -> Self {
        (self.0.of(block), self.1.of(block))
    }

    #[inline(always)]
    fn before(self, gradient: T, parameter: T) -> (T, T) {
        let (gradient, parameter) = self.0.before(gradient, parameter);
        self.1.before(gradient, parameter)
    }

    #[inline(always)]
    fn after(self, old: T, new: T) -> T {
        self.0.after(old, self.1.after(old, new))
    }
}

/// A gradient whose descent is changed by an [`Adjust`].
#[derive(Clone, Copy, Debug)]
pub struct Adjusted<D, A> {
    /// The gradient.
    pub gradient: D,
    /// The change.
    pub adjust: A,
}

impl<T: Scalar, N: Parameters<T>, D: Descent<T, N>, A: Adjust<T>> Descent<T, N> for Adjusted<D, A> {
    #[inline]
    fn descend_by<const S: usize, const W: usize>(
        self,
        parameters: &mut N,
        state: [&mut N::Trained; S],
        rule: impl Rule<T, W>,
    ) -> Result<(), Fault> {
        self.gradient.descend_by(parameters, state, AdjustedRule { rule, adjust: self.adjust })
    }

    fn norm(&self, parameters: &mut N, adjust: impl Adjust<T>) -> Option<T> {
        self.gradient.norm(parameters, (self.adjust, adjust))
    }
}

/// A rule with the change of an [`Adjust`].
#[derive(Clone, Copy)]
struct AdjustedRule<R, A> {
    rule: R,
    adjust: A,
}

impl<T: Scalar, R: Rule<T, W>, A: Adjust<T>, const W: usize> Rule<T, W> for AdjustedRule<R, A> {
    #[inline(always)]
    fn of(self, block: &Block) -> Self {
        Self { rule: self.rule.of(block), adjust: self.adjust.of(block) }
    }

    #[inline(always)]
    fn apply(self, gradient: T, mut numbers: [T; W]) -> [T; W] {
        let Some(&old) = numbers.first() else { return numbers };
        let (gradient, parameter) = self.adjust.before(gradient, old);
        if let Some(first) = numbers.first_mut() {
            *first = parameter;
        }
        let mut numbers = self.rule.apply(gradient, numbers);
        if let Some(first) = numbers.first_mut() {
            *first = self.adjust.after(old, *first);
        }
        numbers
    }
}
