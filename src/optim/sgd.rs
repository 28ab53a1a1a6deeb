//! Gradient descent: `theta <- theta - alpha dJ/dtheta`.

use super::{Descent, Optimizer};
use crate::fault::Fault;
use crate::params::Parameters;
use crate::scalar::Scalar;
use crate::zero::Zero;

/// Plain gradient descent, stochastic if the gradient is that of a mini-batch: `theta <- theta - alpha dJ/dtheta`.
///
/// It has no state. It is PyTorch's `SGD` with `momentum=0`.
///
/// ```
/// use stackprop::{Dense, Gradients, Network, Optimizer, Sgd};
///
/// let mut line = Network::new(Dense::<1, 1>::from_parameters([[2.0]], [1.0]));
/// let gradients = Gradients { of: line.clone() };
/// Sgd { learning_rate: 0.5 }.step(&mut line, &gradients, &mut ())?;
/// assert_eq!(line.layers.weight, [[1.0]]);
/// # Ok::<(), stackprop::Fault>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd<T = f32> {
    /// alpha
    pub learning_rate: T,
}

impl<T: Scalar> Default for Sgd<T> {
    /// PyTorch's: learning rate 1e-3.
    fn default() -> Self {
        Self { learning_rate: T::from_f64(1e-3) }
    }
}

impl<T: Scalar> Optimizer<T> for Sgd<T> {
    const NAME: &'static str = "Sgd";
    type State<G: Zero> = ();

    fn step<N: Parameters<T>>(
        &self,
        parameters: &mut N,
        gradient: impl Descent<T, N>,
        (): &mut (),
    ) -> Result<(), Fault> {
        gradient.descend(parameters, [], rule(*self))
    }
}

/// The rule for one parameter. (Not a closure in `step`: each network would have its own, and its own copy of all
/// code that is generic over the closure.)
#[inline]
fn rule<T: Scalar>(Sgd { learning_rate }: Sgd<T>) -> impl Fn(T, [T; 1]) -> [T; 1] + Copy {
    move |g, [p]| [p - learning_rate * g]
}

#[cfg(test)]
mod tests {
    use super::*;

    // 3 - 0.5 * 4
    #[test]
    fn hand_computed() {
        assert_eq!(rule(Sgd { learning_rate: 0.5 })(4.0, [3.0]), [1.0]);
    }
}
