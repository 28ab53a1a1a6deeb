//! Optimisers: how a gradient becomes a step.
//!
//! An optimiser is its settings (`&self`); what it remembers between steps is a value of the network's own shape
//! that the caller owns ([`Optimizer::State`]). The learning rate may change from step to step.

mod adam;
mod momentum;
mod sgd;

pub use adam::{Adam, AdamState};
pub use momentum::{Momentum, MomentumState};
pub use sgd::Sgd;

use crate::non_finite::{NonFinite, Quantity};
use crate::params::Block;
use crate::{Gradients, Parameters, Scalar, Zero, kernel};

/// A rule that steps from the parameters along a gradient.
pub trait Optimizer<T: Scalar> {
    /// What it remembers between the steps of a network `N`. It starts as zero.
    type State<N: Zero>: Zero;

    /// Changes the parameters by one step.
    ///
    /// # Errors
    ///
    /// [`NonFinite`] if a parameter or the state would become infinite or NaN; then nothing at all was changed.
    fn step<N: Parameters<T> + Zero>(
        &self,
        parameters: &mut N,
        gradients: &Gradients<N>,
        state: &mut Self::State<N>,
    ) -> Result<(), NonFinite>;
}

/// Walks over the gradients and `W` writable values in lockstep with `update(commit, gradients, values)`, a pass over
/// one block that says whether all its results are finite and writes them if told to: once to see, then to write.
fn all_or_nothing<T: Scalar, N: Parameters<T>, const W: usize>(
    gradients: &Gradients<N>,
    mut values: [&mut N; W],
    update: impl Fn(bool, &[T], [&mut [T]; W]) -> bool,
) -> Result<(), NonFinite> {
    let mut diverged = None;
    N::walk(0, [&gradients.of], values.each_mut().map(|v| &mut **v), &mut |block: Block, [g], values| {
        if diverged.is_none() && !kernel::vectorised(|| update(false, g, values)) {
            diverged = Some(NonFinite { layer: block.layer, quantity: Quantity::Update });
        }
    });
    if let Some(error) = diverged {
        return Err(error);
    }
    N::walk(0, [&gradients.of], values, &mut |_, [g], values| {
        kernel::vectorised(|| update(true, g, values));
    });
    Ok(())
}
