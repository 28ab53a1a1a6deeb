//! The gradient, with the shape of a network's trained parameters, and its descent.

use core::fmt;

use crate::array::map;
use crate::fault::Fault;
use crate::kernel::Kernel;
use crate::layer::Train;
use crate::network::Model;
use crate::optim::{Adjust, Descent, Stored, updated};
use crate::params::{Block, Parameters};
use crate::rule::Rule;
use crate::zero::{Zero, boxed, zero_struct};

/// The trained parameters of a network `N`, and so the shape of its gradient: the network's own type if all parameters
/// are trained.
pub type TrainedOf<N> = <N as Parameters<<N as Model>::Scalar>>::Trained;

/// dC/d(parameter) for each trained parameter of a network `N`, in the network's own shape.
///
/// It has nothing for a [`Frozen`](crate::Frozen) layer.
///
/// ```
/// use stackprop::{Dense, Gradients, Network};
///
/// type Line = Network<1, Dense<1, 1>>;
/// let gradients = Gradients::<Line>::zeros();
/// assert_eq!(gradients.of.layers.weight, [[0.0]]); // dC/dw
/// assert_eq!(Gradients::<Line>::BYTES, Line::BYTES);
/// ```
pub struct Gradients<N: Model> {
    /// The derivative of the loss by each trained parameter, in the place of that parameter.
    pub of: TrainedOf<N>,
}

zero_struct!([N: Model] Gradients<N> { of });
boxed!([N: Model] Gradients<N>);

impl<N: Model> Gradients<N> {
    /// The memory that the gradients take, in bytes.
    pub const BYTES: usize = size_of::<Self>();

    /// All zero.
    pub const fn zeros() -> Self {
        Self::ZERO
    }

    /// Visits each block of the gradient, in the order of the parameters.
    pub fn visit(&self, visit: impl FnMut(Block, &[N::Scalar])) {
        self.of.visit(visit);
    }
}

impl<N: Model> Clone for Gradients<N> {
    fn clone(&self) -> Self {
        let mut copy = Self::ZERO;
        copy.clone_from(self);
        copy
    }

    /// Copies in place, without a copy on the stack.
    fn clone_from(&mut self, source: &Self) {
        self.of.copy_from(&source.of);
    }
}

impl<N: Model> fmt::Debug for Gradients<N>
where
    TrainedOf<N>: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gradients").field("of", &self.of).finish()
    }
}

impl<N: Model> PartialEq for Gradients<N>
where
    TrainedOf<N>: PartialEq,
{
    fn eq(&self, other: &Self) -> bool {
        self.of == other.of
    }
}

impl<N: Model> Descent<N::Scalar, N> for &Gradients<N> {
    fn descend_by<const S: usize, const W: usize>(
        self,
        parameters: &mut N,
        state: [&mut N::Trained; S],
        rule: impl Rule<N::Scalar, W>,
    ) -> Result<(), Fault> {
        Stored(&self.of).descend_by(parameters, state, rule)
    }

    fn norm(&self, parameters: &mut N, adjust: impl Adjust<N::Scalar>) -> Option<N::Scalar> {
        Stored(&self.of).norm(parameters, adjust)
    }
}

/// A gradient that is not computed yet, of samples whose deltas are known.
pub(super) struct Backward<'w, K, N: Model, const B: usize> {
    pub kernel: K,
    pub inputs: &'w [N::Input],
    pub cache: &'w <N::Layers as Train<N::Input>>::Cache<B>,
}

impl<K: Kernel, N: Model, const B: usize> Descent<N::Scalar, N> for Backward<'_, K, N, B> {
    #[inline]
    fn descend_by<const S: usize, const W: usize>(
        self,
        parameters: &mut N,
        state: [&mut N::Trained; S],
        rule: impl Rule<N::Scalar, W>,
    ) -> Result<(), Fault> {
        let Self { kernel, inputs, cache } = self;
        let (layers, state) = (parameters.layers_mut(), map(state, N::trained_layers_mut));
        updated(N::Layers::descend(kernel, 0, inputs, cache, layers, state, rule))
    }
}
