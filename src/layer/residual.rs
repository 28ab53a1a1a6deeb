//! A shortcut around layers: `y = x + L(x)` (He et al. 2016).
//!
//! Backward, given `dC/dy`: the layers `L` get `dC/dy` for their output, and `dC/dx = dC/dy + dL/dx`, where
//! `dL/dx` is what they return.

use super::scratch::{Both, Outside, Place, Rows, RowsIn, Scratch};
use super::{Cache, Kept, Layer, LayerPass, Pass, SummaryRow, Train, infer_each, output_is_finite};
use crate::array::map;
use crate::kernel::Kernel;
use crate::params::{Block, Parameters};
use crate::range;
use crate::rule::Rule;
use crate::scalar::Scalar;
use crate::schema::Schema;
use crate::vector::Vector;
use crate::weights::compiled::{FromFile, Source};
use crate::zero::{Zero, zero_struct};

/// Layers with a shortcut around them: `y = x + L(x)`. They must produce as many numbers as they take.
///
/// ```
/// use stackprop::{Chain, Dense, Network, Residual, Tanh, layers};
///
/// type Block = Residual<Chain![Dense<2, 8, Tanh>, Dense<8, 2>]>;
///
/// let block = Residual(layers![Dense::new(), Dense::from_parameters([[0.0; 2]; 8], [0.5, 0.0])]);
/// let network: Network<2, Block> = Network::new(block);
/// assert_eq!(network.predict(&[1.0, 2.0]), [1.5, 2.0]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Residual<L>(pub L);

zero_struct!([L: Zero] Residual<L> { 0 });

/// A vector that can be added to an `X`: one of the same type. (It is a separate trait for the sake of the
/// compiler's message.)
#[diagnostic::on_unimplemented(
    message = "shape mismatch: the layers in a `Residual` take `{X}`, but produce `{Self}`",
    label = "the input of this `Residual` is `{X}`; its layers produce `{Self}`, which cannot be added to it",
    note = "the last layer in a `Residual` has as many outputs as the first has inputs"
)]
pub trait AddsTo<X>: Vector {}

impl<X: Vector> AddsTo<X> for X {}

/// `y += x` for each row.
#[inline(always)]
pub(super) fn add<X: Vector, Y: Vector<Scalar = X::Scalar>>(x: &[X], y: &mut [Y]) {
    for (x, y) in x.iter().zip(y) {
        for (x, y) in x.as_slice().iter().zip(y.as_mut_slice()) {
            *y += *x;
        }
    }
}

impl<X: Vector, L: Layer<X>> Layer<X> for Residual<L>
where
    L::Output: AddsTo<X>,
{
    type Output = L::Output;
    type Memory = L::Memory;
    // The inputs must stay until they are added.
    type Scratch<const B: usize, I: Place, O: Place> =
        Both<RowsIn<I, X, B>, Both<RowsIn<O, L::Output, B>, L::Scratch<B, Outside, Outside>>>;
    const MACS: usize = L::MACS;
    const VALID: () = L::VALID;

    #[inline(always)]
    fn infer<K: Kernel>(&self, kernel: K, memory: &mut L::Memory, inputs: &[X], outputs: &mut [L::Output]) {
        infer_each(self, kernel, memory, inputs, outputs);
    }

    #[inline(always)]
    fn infer_from<K: Kernel>(
        &self,
        kernel: K,
        memory: &mut L::Memory,
        inputs: Rows<X>,
        outputs: &mut [L::Output],
        scratch: &mut Scratch<X::Scalar>,
    ) {
        let (x, mut rest) = scratch.read_and_rest(inputs);
        self.0.infer_from(kernel, memory, Rows::Given(x), outputs, &mut rest);
        add(x, outputs);
    }

    #[inline(always)]
    fn infer_within<'x, K: Kernel>(
        &self,
        kernel: K,
        memory: &mut L::Memory,
        inputs: Rows<'x, X>,
        scratch: &mut Scratch<X::Scalar>,
    ) -> Rows<'x, L::Output> {
        let (end, samples) = (inputs.other_end(), inputs.len());
        let (x, y, mut rest) = scratch.split(inputs);
        self.0.infer_from(kernel, memory, Rows::Given(x), y, &mut rest);
        add(x, y);
        Rows::At(end, samples)
    }

    #[inline(always)]
    fn observe<K: Kernel>(&mut self, kernel: K, memory: &mut L::Memory, input: &X) -> L::Output {
        let mut output = self.0.observe(kernel, memory, input);
        add(core::slice::from_ref(input), core::slice::from_mut(&mut output));
        output
    }
}

impl<X: Vector, L: Train<X>> Train<X> for Residual<L>
where
    L::Output: AddsTo<X>,
{
    type Cache<const B: usize> = Kept<L::Output, L::Cache<B>, B>;
    type Range = range::Real;

    fn describe(depth: usize, first_layer: usize, visit: &mut impl FnMut(SummaryRow)) {
        visit(SummaryRow::header::<X, Self>("Residual", depth));
        L::describe(depth.saturating_add(1), first_layer, visit);
    }

    #[inline(always)]
    fn forward<K: Kernel, const B: usize>(
        &self,
        pass: Pass<K>,
        memory: &mut L::Memory,
        inputs: &[X],
        cache: &mut Self::Cache<B>,
    ) {
        self.0.forward(pass, memory, inputs, &mut cache.extra);
        for (y, inner) in cache.outputs.iter_mut().zip(cache.extra.outputs(inputs.len())) {
            *y = *inner;
        }
        add(inputs, &mut cache.outputs);
    }

    #[inline(always)]
    fn deltas<K: Kernel, const B: usize>(
        &self,
        kernel: K,
        inputs: &[X],
        cache: &mut Self::Cache<B>,
        mut input_gradient: Option<&mut [X]>,
    ) {
        if L::Trained::PARAMETERS == 0 && input_gradient.is_none() {
            return;
        }
        let (_, inner) = cache.extra.outputs_and_gradients(inputs.len());
        for (inner, dy) in inner.iter_mut().zip(&cache.output_gradient) {
            *inner = *dy;
        }
        self.0.deltas(kernel, inputs, &mut cache.extra, input_gradient.as_deref_mut());
        if let Some(dx) = input_gradient {
            add(&cache.output_gradient, dx);
        }
    }

    #[inline(always)]
    fn gradients<K: Kernel, const B: usize>(
        kernel: K,
        inputs: &[X],
        cache: &Self::Cache<B>,
        gradients: &mut Self::Trained,
    ) {
        L::gradients(kernel, inputs, &cache.extra, &mut gradients.0);
    }

    #[inline(always)]
    fn descend<K: Kernel, const B: usize, const S: usize, const W: usize>(
        kernel: K,
        first_layer: usize,
        inputs: &[X],
        cache: &Self::Cache<B>,
        parameters: &mut Self,
        state: [&mut Self::Trained; S],
        rule: impl Rule<X::Scalar, W>,
    ) -> Option<usize> {
        let state = map(state, Residual::layer_mut);
        L::descend(kernel, first_layer, inputs, &cache.extra, &mut parameters.0, state, rule)
    }

    #[inline(always)]
    fn gradient_may_overflow<K: Kernel, const B: usize>(
        kernel: K,
        inputs: &[X],
        cache: &Self::Cache<B>,
    ) -> Option<usize> {
        L::gradient_may_overflow(kernel, inputs, &cache.extra)
    }

    fn inspect<const B: usize>(
        first_layer: usize,
        cache: &mut Self::Cache<B>,
        samples: usize,
        visit: &mut impl FnMut(LayerPass<'_, X::Scalar>),
    ) {
        L::inspect(first_layer, &mut cache.extra, samples, visit);
    }

    /// If only the sum is not finite, the result is the last of the layers.
    #[cold]
    fn non_finite<const B: usize>(cache: &Self::Cache<B>, sample: usize) -> Option<usize> {
        let finite = output_is_finite(cache, sample);
        L::non_finite(&cache.extra, sample).or((!finite).then_some(L::LAYERS.saturating_sub(1)))
    }
}

// (Functions, because a closure would be another one for each walk.)
impl<L> Residual<L> {
    #[inline(always)]
    fn layer(&self) -> &L {
        &self.0
    }

    #[inline(always)]
    fn layer_mut(&mut self) -> &mut L {
        &mut self.0
    }
}

impl<T: Scalar, L: Parameters<T>> Parameters<T> for Residual<L> {
    const PARAMETERS: usize = L::PARAMETERS;
    const LAYERS: usize = L::LAYERS;
    const SCHEMA: Schema = Schema::Nested(&L::SCHEMA);
    type Trained = Residual<L::Trained>;

    #[inline]
    fn walk<const R: usize, const W: usize>(
        first_layer: usize,
        read: [&Self; R],
        write: [&mut Self; W],
        visit: &mut impl FnMut(Block, [&[T]; R], [&mut [T]; W]),
    ) {
        L::walk(first_layer, map(read, Residual::layer), map(write, Residual::layer_mut), visit);
    }

    #[inline]
    fn walk_trained<const R: usize, const W: usize>(
        first_layer: usize,
        parameters: &mut Self,
        read: [&Self::Trained; R],
        write: [&mut Self::Trained; W],
        visit: &mut impl FnMut(Block, &mut [T], [&[T]; R], [&mut [T]; W]),
    ) {
        let (read, write) = (map(read, Residual::layer), map(write, Residual::layer_mut));
        L::walk_trained(first_layer, &mut parameters.0, read, write, visit);
    }
}

impl<S: Source, T: Scalar, L: FromFile<S, T>> FromFile<S, T> for Residual<L> {
    const LOADED: Self = Self(L::LOADED);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Dense;
    use crate::network::Network;
    use crate::train::{Gradients, Workspace};

    // y = x + 3 x + 1. At x = 2: y = 9; with dC/dy = 10: dC/dw = 20, dC/db = 10, dC/dx = 10 (1 + 3) = 40.
    #[test]
    fn hand_computed() {
        type Net = Network<1, Residual<Dense<1, 1>>>;
        let network: Net = Network::new(Residual(Dense::from_parameters([[3.0]], [1.0])));
        let (mut workspace, mut gradients) = (Workspace::<Net, 2>::zeros(), Gradients::<Net>::zeros());
        let mut input_gradient = [[0.0]];
        let mut pass = workspace.forward(&network, &[[2.0]]).unwrap();
        assert_eq!(pass.outputs(), [[9.0]]);
        pass.backward(&[[10.0]], &mut gradients, Some(&mut input_gradient)).unwrap();
        assert_eq!(gradients.of.layers.0, Dense::from_parameters([[20.0]], [10.0]));
        assert_eq!(input_gradient, [[40.0]]);
        assert_eq!(network.predict(&[2.0]), [9.0]);
    }
}
