//! The rule of an optimiser: how one parameter changes.

use crate::params::Block;
use crate::scalar::Scalar;

/// How one parameter, and the numbers that an optimiser remembers for it, change in a step. `W` is 1 for the parameter, plus the
/// number of numbers that are remembered.
///
/// Where the rule is the same for all parameters, a closure will do: see [`Descent::descend`](crate::Descent::descend). A type can also depend on the block
/// that a parameter belongs to:
///
/// ```
/// use stackprop::{Block, Descent, Fault, Optimizer, Parameters, Role, Rule, Zero};
///
/// /// Gradient descent that leaves biases as they are.
/// #[derive(Clone, Copy)]
/// struct WeightsOnly {
///     learning_rate: f32,
/// }
///
/// impl Rule<f32, 1> for WeightsOnly {
///     fn of(self, block: &Block) -> Self {
///         if block.role == Role::Weight { self } else { Self { learning_rate: 0.0 } }
///     }
///
///     fn apply(self, gradient: f32, [parameter]: [f32; 1]) -> [f32; 1] {
///         [parameter - self.learning_rate * gradient]
///     }
/// }
///
/// impl Optimizer<f32> for WeightsOnly {
///     type State<G: Zero> = ();
///
///     fn step<N: Parameters<f32>>(
///         &self,
///         parameters: &mut N,
///         gradient: impl Descent<f32, N>,
///         (): &mut (),
///     ) -> Result<(), Fault> {
///         gradient.descend_by(parameters, [], *self)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the rule of an optimiser for {W} numbers of type `{T}`",
    note = "a closure is a rule for `descend`, not for `descend_by`"
)]
pub trait Rule<T: Scalar, const W: usize>: Copy + Sync {
    /// The rule for the parameters of a block. By default it is the same for all.
    #[inline(always)]
    #[must_use]
    fn of(self, block: &Block) -> Self {
        let _ = block;
        self
    }

    /// The new parameter and the new remembered numbers, given `dC/d(parameter)` and the old ones.
    fn apply(self, gradient: T, numbers: [T; W]) -> [T; W];
}

/// A function, which is the same for all parameters.
#[derive(Clone, Copy)]
pub(crate) struct Uniform<F>(pub F);

impl<T: Scalar, F: Fn(T, [T; W]) -> [T; W] + Copy + Sync, const W: usize> Rule<T, W> for Uniform<F> {
    #[inline(always)]
    fn apply(self, gradient: T, numbers: [T; W]) -> [T; W] {
        (self.0)(gradient, numbers)
    }
}

/// The function that a kernel applies to the numbers of a block. (Not a closure where it is used: each layer would have its own
/// copy of all code that is generic over the closure.)
#[inline(always)]
pub(crate) fn function_of<T: Scalar, const W: usize>(
    rule: impl Rule<T, W>,
    block: Block,
) -> impl Fn(T, [T; W]) -> [T; W] + Copy + Sync {
    let rule = rule.of(&block);
    move |gradient, numbers| rule.apply(gradient, numbers)
}
