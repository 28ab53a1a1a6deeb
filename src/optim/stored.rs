//! The descent of a gradient that is in memory.

use super::{Adjust, Descent, norm};
use crate::fault::Fault;
use crate::kernel::{Kernel, dispatch, join, on_all_cores};
use crate::params::Parameters;
use crate::rule::{Rule, function_of};
use crate::scalar::Scalar;

/// A gradient in memory, of the shape of the trained parameters.
pub(crate) struct Stored<'a, G>(pub &'a G);

impl<T: Scalar, N: Parameters<T>> Descent<T, N> for Stored<'_, N::Trained> {
    fn descend_by<const S: usize, const W: usize>(
        self,
        parameters: &mut N,
        state: [&mut N::Trained; S],
        rule: impl Rule<T, W>,
    ) -> Result<(), Fault> {
        let (mut failed, mut unequal) = (None, None);
        dispatch!(|kernel| {
            let kernel = on_all_cores(kernel);
            N::walk_trained(0, parameters, [self.0], state, &mut |block, parameter, [gradient], state| {
                let values = join::<_, S, W>(parameter, state);
                let rule = function_of(rule, block);
                if values.iter().any(|values| values.len() != gradient.len()) {
                    unequal = first(unequal, block.layer);
                } else if !kernel.update(gradient, values, rule) {
                    failed = first(failed, block.layer);
                }
            });
        });
        match unequal {
            Some(layer) => Err(Fault::Lengths { layer }),
            None => updated(failed),
        }
    }

    fn norm(&self, parameters: &mut N, adjust: impl Adjust<T>) -> Option<T> {
        Some(norm::of_gradient(parameters, self.0, adjust))
    }
}

/// The lower of the two layers.
fn first(failed: Option<usize>, layer: usize) -> Option<usize> {
    Some(failed.map_or(layer, |failed| failed.min(layer)))
}

/// The result of a descent whose first result that was not finite was in the layer `failed`.
pub(crate) fn updated(failed: Option<usize>) -> Result<(), Fault> {
    match failed {
        Some(layer) => Err(Fault::Update { layer }),
        None => Ok(()),
    }
}
